"""Requests that schemathesis makes up from the API's own description, on a real server."""

from collections import Counter
from contextlib import suppress

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

pytestmark = pytest.mark.long

#: Requests at most for each operation, as described and against its description.
EACH = 190


def fuzz(operation, mode):
    """Make requests, and return how often each status was answered."""
    statuses = Counter()

    @settings(
        max_examples=EACH,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode))
    def ask(case):
        answer = case.call(timeout=60)
        statuses[answer.status_code] += 1
        assert answer.status_code < 500, case.as_curl_command()
        if answer.status_code >= 400:
            (kind,) = answer.headers["content-type"]
            assert kind == "application/problem+json", case.as_curl_command()

    with suppress(Unsatisfiable):  # nothing can be said against an operation without parameters
        ask()
    return statuses


def test_two_thousand_requests_are_never_the_servers_fault(address):
    schema = schemathesis.openapi.from_url(f"{address}/sweep/api/v1/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert "POST /sweep/api/v1/recommend" in {operation.label for operation in operations}
    answered = {
        (operation.label, mode.name): fuzz(operation, mode)
        for operation in operations
        for mode in GenerationMode
    }
    assert sum(map(Counter.total, answered.values())) >= 2000, answered
