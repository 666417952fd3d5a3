"""Who changed what, as lines of the log."""

import logging

from starlette.types import Scope

#: The key of a request's scope that says by what right its sender changes anything.
RIGHT = "sweeper.right"

_log = logging.getLogger(__name__)


def visitor(scope: Scope) -> str:
    """Return who sent a request, as far as a server knows: by what right, and from where.

    Behind a proxy everybody comes from there.
    """
    client = scope.get("client")
    return f"{scope.get(RIGHT, 'nobody')} from {client[0] if client else 'an unknown address'}"


def audit(scope: Scope, action: str, name: str, more: str = "", kind: str = "study") -> None:
    """Log that somebody has changed a study, or what was imported.

    Args:
        scope: of the request.
        action: what was done: pause, resume, stop, rename, delete, remove.
        name: its name before.
        more: what else there is to say.
        kind: what it is: study, import.
    """
    who = visitor(scope)
    fields = {"action": action, kind: name, "visitor": who}
    _log.info("%s %s %r%s, by %s", action, kind, name, more, who, extra=fields)


def audit_request(scope: Scope) -> None:
    """Log that somebody has the dashboard change something: what, only its address says."""
    who = visitor(scope)
    action = f"{scope['method']} {scope['path']}"
    _log.info("%s, by %s", action, who, extra={"action": action, "visitor": who})
