"""The page where an imported file is taken out of the repository again."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sweeper.errors import UsageError
from sweeper.repository.imports import ImportedFile, find_imported
from sweeper.serve.audit import audit
from sweeper.serve.lookup import reading
from sweeper.serve.pages.repository import REPOSITORY
from sweeper.serve.problem import Problem
from sweeper.serve.templating import page
from sweeper.store import Database, remove_repository

#: Where one is asked; not below `REPOSITORY`, whose other addresses are tasks.
IMPORTS = "/sweep/imports"


def import_pages(database: Database) -> APIRouter:
    """Return the page, and what its form is sent to."""
    router = APIRouter(include_in_schema=False, prefix=IMPORTS)

    def find(digest: str) -> ImportedFile:
        with reading(database):
            try:
                return find_imported(database, digest)
            except UsageError:
                raise Problem(
                    404, "no such file is imported", f"See what there is on {REPOSITORY}."
                ) from None

    @router.get("/{digest}")
    def ask_whether(request: Request, digest: str) -> Response:
        return page(request.scope, "remove_import.html", file=find(digest))

    @router.post("/{digest}")
    def remove(request: Request, digest: str) -> Response:
        found = find(digest)
        with reading(database):
            remove_repository(database, found.digest)
        audit(request.scope, "remove", found.name, f" with {found.holds}", kind="import")
        return RedirectResponse(f"{REPOSITORY}#imports", 303)

    return router
