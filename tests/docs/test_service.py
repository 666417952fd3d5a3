"""What docs/service.md says of the service is so."""

import json
import re
import shlex
from pathlib import Path

import pytest

from sweeper.cli import make_parser
from sweeper.repository import sources
from sweeper.repository.recommendation.by_numbers import recommend_by_numbers
from sweeper.serve.app import LOCAL
from sweeper.serve.guard import access, bodies, connections
from sweeper.serve.known import Known
from sweeper.serve.pages.answers import ANSWERS
from sweeper.serve.pages.ask import ASK
from sweeper.serve.pages.imports import IMPORTS
from sweeper.serve.pages.repository import REPOSITORY
from sweeper.serve.pages.studies import STUDIES, WORKERS
from sweeper.serve.question import Asked
from sweeper.serve.server import MOST_CONNECTIONS
from sweeper.serve.service import make_service
from sweeper.serve.uploads import limits
from sweeper.serve.uploads.receive import KINDS

PAGE = Path(__file__).parents[2] / "docs" / "service.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_the_tables_name_what_there_is(sqlite_database):
    known = Known(sqlite_database)
    described = make_service(sqlite_database, known, LOCAL).openapi()["paths"]
    methods = {(verb.upper(), path) for path, verbs in described.items() for verb in verbs}
    named = re.findall(r"^\| `(GET|POST) (\S+)` \|", TEXT, re.MULTILINE)
    named = {(m, re.sub("[A-Z]+", lambda at: f"{{{at[0].lower()}}}", p)) for m, p in named}
    assert named == methods
    pages = set(re.findall(r"^\| `(/sweep\S*)` \|", TEXT, re.MULTILINE))
    assert pages == {
        *(ASK, f"{ANSWERS}/KEY", REPOSITORY, f"{IMPORTS}/DIGEST"),
        *(STUDIES, f"{STUDIES}/NAME", WORKERS),
    }


def test_the_example_is_a_question_that_can_be_answered():
    content = re.search(r"--json '(.*?)'", TEXT, re.DOTALL)[1]
    asked = Asked.model_validate(json.loads(content)).question()
    choice = sources.stored_choice(asked.objective, None)
    known = sources.shipped()
    answer = recommend_by_numbers(known, asked.numbers, asked.objective, asked.loss, choice=choice)
    assert json.loads(answer.to_json())["known"] is True
    plan = answer.plan
    words = re.search(r"client\.recommend\((.*?)\)", TEXT, re.DOTALL)[1]
    assert words.split() == [
        *(f"{plan.num_classes},", f"{plan.per_class:g},", f'net="{plan.net}",'),
        *(f"epochs={plan.epochs},", f'objective="{asked.objective}",', f'loss="{asked.loss}"'),
    ]


def test_the_limits_are_those_of_the_code():
    text = " ".join(TEXT.split())
    assert f"above {bodies.MOST_BYTES >> 10} KiB" in text
    assert f"more than {bodies.SECONDS:g} seconds to arrive" in text
    assert (connections.SECONDS, "more than ten," in text) == (10, True)
    assert f"more than {MOST_CONNECTIONS} connections" in text
    assert access.VARIABLE in text


def test_the_limits_of_files_are_those_of_the_code():
    text = " ".join(TEXT.split())
    for said in (
        f"{limits.MOST_BYTES >> 20} MiB",
        f"{limits.MOST_UNPACKED >> 20} MiB unpacked",
        f"{limits.LARGEST_RATIO} times",
        f"{limits.MOST_SAMPLES:,} samples",
        f"{limits.MOST_PIXELS // 10**6} million pixels",
        f"{limits.MEMORY >> 30} GiB of memory",
        f"{limits.CPU_SECONDS} seconds of processors",
        f"{limits.WALL_SECONDS:g} seconds by the clock",
        f"{limits.MOST_WAITING} more wait",
        f"within {limits.SECONDS:g} seconds",
        f"{limits.STALLED:g} without any",
        f"{limits.MOST_ARRIVING >> 20} MiB of all",
        f"last {limits.MOST_KEPT} answers",
    ):
        assert said in text
    assert (limits.KEPT_SECONDS, "for an hour" in text) == (3600, True)
    for kind in KINDS:
        assert f"`{kind}`" in text


@pytest.mark.parametrize(
    "command", re.findall(r"^    (?:\S+=\S+ )?(sweeper .*)$", TEXT, re.MULTILINE)
)
def test_commands_are_understood(command):
    _, *words = shlex.split(command.partition(" # ")[0])
    assert callable(make_parser().parse_args(words).execute)


@pytest.mark.parametrize("target", re.findall(r"\]\((?!http)([^)#]*)\)", TEXT))
def test_links_lead_somewhere(target):
    assert (PAGE.parent / target).exists()
