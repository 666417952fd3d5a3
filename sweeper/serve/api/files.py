"""The endpoints that answer what is asked about a file."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from sweeper.serve.api.tagged import tagged
from sweeper.serve.problem import Problem
from sweeper.serve.question import AskedOfFile
from sweeper.serve.uploads.desk import Desk
from sweeper.serve.uploads.receive import FIELD, KINDS

#: Where files are sent to; below it is an address for each answer.
FILES = "/sweep/api/v1/recommend/file"

#: Seconds after which to look again for an answer.
_AGAIN = {"Retry-After": "1", "Cache-Control": "no-store"}


def file_answers(desk: Desk) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix=FILES)

    @router.post("", status_code=202, openapi_extra=_described())
    async def recommend_file(request: Request) -> Response:
        """Recommend margins and a scale for the data in a file, measured as the command does.

        The answer is at the address in the header Location, once there is one.
        """
        desk.require_place()
        async with desk.receiving(request) as sent:
            if sent.file is None:
                raise Problem(422, "there is no file", f"Send it as the field {FIELD!r}.")
            try:
                asked = AskedOfFile.model_validate(sent.fields)
            except ValidationError as error:
                raise _invalid(error) from None
            key = await desk.submit(sent, asked)
        return _waiting(f"{FILES}/{key}")

    @router.get("/{answer}", responses={202: {"description": "It is being measured."}})
    def file_answer(request: Request, answer: str) -> Response:
        """Return the object of ``sweeper recommend --format json`` once it is there, see 202."""
        found = desk.find(answer).answer
        if found is None:
            return _waiting(f"{FILES}/{answer}")
        return tagged(request, found.to_json())

    return router


def _waiting(address: str) -> Response:
    return JSONResponse({"state": "measuring"}, 202, headers={**_AGAIN, "Location": address})


def _invalid(error: ValidationError) -> Problem:
    first = error.errors()[0]
    name, fields = str(first["loc"][0]), AskedOfFile.model_fields
    if name not in fields:
        known = ", ".join((FIELD, *fields))
        return Problem(422, f"{name[:100]}: there is no such field", f"There are {known}.")
    about = fields[name].description
    what = f"{name} ({about})" if about else name
    return Problem(422, f"{name}: {first['msg']}", f"Correct {what}, or leave it out.")


def _described() -> dict[str, Any]:
    """Return what OpenAPI says of the form, which is read within bounds of its own."""
    schema = AskedOfFile.model_json_schema()
    file = {
        "type": "string",
        "contentMediaType": "application/octet-stream",
        "description": f"its name ends in {', '.join(KINDS)}",
    }
    form = {**schema, "properties": {FIELD: file, **schema["properties"]}, "required": [FIELD]}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": form}}}}
