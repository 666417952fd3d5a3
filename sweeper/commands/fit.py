"""``sweeper fit``: how good recommendations are, and the predictor that makes them."""

import argparse

from sweeper.commands.options import add_storage, listed
from sweeper.registry.objectives import OBJECTIVES


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "fit",
        help="evaluate the predictors, and choose one",
        description="Leaves out each source of the repository in turn, recommends for its tasks "
        "from all others, and shows by how much the recommendation and every baseline miss the "
        "best known setting. The predictor that misses least is kept in the database, and "
        "`sweeper recommend` uses it.",
    )
    parser.add_argument("--objective", metavar="NAME", help=f"{listed(OBJECTIVES)} (default: all)")
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from sweeper.commands.known_database import known_database
    from sweeper.console import say
    from sweeper.errors import unknown
    from sweeper.report.evaluation import print_evaluation, print_refusal
    from sweeper.repository.evaluation.regret import evaluate
    from sweeper.repository.gains import TooLittleError
    from sweeper.repository.sources import everything_known
    from sweeper.store import record_choice

    if options.objective not in (None, *OBJECTIVES):
        raise unknown("objective", options.objective, OBJECTIVES)
    with known_database(options) as database:
        repository = everything_known(database)
        for objective in OBJECTIVES if options.objective is None else (options.objective,):
            try:
                evaluation = evaluate(repository, objective)
            except TooLittleError as error:
                print_refusal(objective, str(error))
                continue
            print_evaluation(evaluation)
            if database is not None:
                record_choice(database, objective, evaluation.choice.to_json())
        if database is None:
            say("of the repository that came with sweeper; there is no database yet to keep it in")
