"""``sweeper fit``: evaluates recommendations and chooses the surrogate that makes them."""

import argparse
from typing import Any

from sweeper.commands.options import add_storage, listed
from sweeper.registry.objectives import OBJECTIVES


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "fit",
        help="evaluate the recommendations, and choose how to predict",
        description="Leaves out each source of the repository in turn, and each regime of "
        "training, makes recommendations for the tasks left out from all others, and shows the "
        "regret of the recommendation and of every other method after one, three and five tries: "
        "how far each falls short of the best known setting. What predicts best is stored in the "
        "database, and `sweeper recommend` uses it. Likewise for λ of terms.",
    )
    parser.add_argument("--objective", metavar="NAME", help=f"{listed(OBJECTIVES)} (default: all)")
    parser.add_argument(
        "--format", choices=("table", "json"), default="table", help="(default: %(default)s)"
    )
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    import json

    from sweeper.commands.known_database import known_database
    from sweeper.console import say
    from sweeper.errors import unknown
    from sweeper.report.evaluation import print_evaluation, print_refusal, print_terms
    from sweeper.repository.evaluation.regret import evaluate
    from sweeper.repository.gains import TooLittleError
    from sweeper.repository.sources import all_results, shipped_measures
    from sweeper.repository.surrogates.knowledge import learned
    from sweeper.repository.terms.evaluation import evaluate_terms
    from sweeper.store import record_choice

    if options.objective not in (None, *OBJECTIVES):
        raise unknown("objective", options.objective, OBJECTIVES)
    with known_database(options) as database:
        repository = all_results(database)
        found: dict[str, dict[str, Any]] = {}
        for objective in OBJECTIVES if options.objective is None else (options.objective,):
            try:
                choice = evaluate(repository, objective).choice
            except TooLittleError as error:
                if options.format == "table":
                    print_refusal(objective, str(error))
                else:
                    found[objective] = {"refused": str(error)}
                continue
            knowledge = learned(repository, objective, choice.smooth, choice.share)
            terms = evaluate_terms(knowledge, shipped_measures(), objective)
            found[objective] = json.loads(choice.to_json())
            found[objective]["terms"] = [each.to_dict() for each in terms]
            if options.format == "table":
                print_evaluation(choice)
                print_terms(objective, terms)
            if database is not None:
                record_choice(database, objective, choice.to_json())
        if options.format == "json":
            print(json.dumps(found, indent=2))
        if database is None:
            say("evaluated on the built-in repository; not stored, since there is no database yet")
