"""``sweeper serve``: the service in the browser and by API."""

import argparse
import os

from sweeper.commands.options import add_logs, add_storage, positive


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "serve",
        help="serve recommendations and studies in the browser and by API",
        description="Serves pages under /sweep that recommend margins and show the repository, "
        "studies and workers; an API under /sweep/api/v1; and optuna-dashboard at /dashboard, with "
        "a note and figures on the effect of margin and scale for each study. On 127.0.0.1 "
        "everybody on this machine is let in. If the environment variable SWEEPER_TOKEN is set, "
        "visitors have to bring it; other addresses are not served without it. With the token in "
        "SWEEPER_READ_TOKEN, beside it, they read and ask and change nothing.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=positive, default=8080, help="port (%(default)s)")
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="HOST",
        help="another name that the server is reached by; may be repeated",
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        help="show and answer, and let nobody pause, resume or stop a study",
    )
    parser.add_argument(
        "--dashboard-writes",
        action="store_true",
        help="let optuna-dashboard change and delete studies, which sweeper's own tables do not "
        "follow",
    )
    add_logs(parser, "text")
    add_storage(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> None:
    """Run the command."""
    from sweeper.logs import Logs
    from sweeper.serve.guard.access import READING_VARIABLE, VARIABLE, Access
    from sweeper.serve.server import serve

    access = Access.of(
        options.host,
        options.allowed_host,
        os.environ.get(VARIABLE),
        os.environ.get(READING_VARIABLE),
        options.read_only,
        options.dashboard_writes,
    )
    logs = Logs(options.log_format, options.log_level)
    serve(options.storage, options.host, options.port, access, logs)
