"""``sweeper fit``: evaluates recommendations and chooses the surrogate that makes them."""

import argparse

from sweeper.commands.options import add_storage, listed
from sweeper.registry.objectives import OBJECTIVES


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "fit",
        help="evaluate the surrogates and choose one",
        description="Leaves out each source of the repository in turn, makes recommendations for "
        "its tasks from all other sources, and shows the regret of the recommendation and of every "
        "baseline: how far each falls short of the best known setting. The surrogate with the "
        "least regret is stored in the database, and `sweeper recommend` uses it.",
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
    from sweeper.repository.sources import all_results
    from sweeper.store import record_choice

    if options.objective not in (None, *OBJECTIVES):
        raise unknown("objective", options.objective, OBJECTIVES)
    with known_database(options) as database:
        repository = all_results(database)
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
            say("evaluated on the built-in repository; not stored, since there is no database yet")
