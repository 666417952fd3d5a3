"""``sweeper serve``: shows studies in the browser."""

import argparse

from sweeper.commands.options import add_storage, positive


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "serve",
        help="show studies in the browser",
        description="Serves optuna-dashboard for the studies of a database, and adds a note and "
        "figures on the effect of margin and scale to each study. There is no login: anyone who "
        "can reach it can change and delete studies.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=positive, default=8080, help="port (%(default)s)")
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from sweeper.serve.server import serve

    serve(options.storage, options.host, options.port)
