"""A client of the service's API: what `sweeper serve` answers, from Python, on any machine."""

import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx

from sweeper.errors import SweeperError, UsageError

_PREFIX = "/sweep/api/v1"

#: Seconds between two looks for an answer about a file.
_SECONDS = 0.5


class Client:
    """Asks a server for recommendations, looks at its studies, and steers them.

    What comes back are the objects of the API as plain values, see docs/service.md. To be closed
    after use, or used in a ``with`` statement.

    Args:
        url: of the server, without a path.
        token: what it asks for; that of the environment variable SWEEPER_TOKEN unless given.
        timeout: seconds to wait for an answer.

    Raises:
        UsageError: the address or the token cannot be one.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        token: str | None = None,
        timeout: float = 60.0,
    ) -> None:
        token = token or os.environ.get("SWEEPER_TOKEN")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._url = url.rstrip("/")
        try:
            self._http = httpx.Client(
                base_url=self._url + _PREFIX, headers=headers, timeout=timeout
            )
        except httpx.InvalidURL as error:
            raise UsageError(f"{url!r} is no address of a server: {error}") from None
        except UnicodeEncodeError:
            raise UsageError(
                "the token has characters that are not ASCII; no server's has"
            ) from None

    def recommend(
        self,
        num_classes: int,
        per_class: float,
        *,
        objective: str | None = None,
        loss: str | None = None,
        beside: str | Iterable[str] = (),
        meta_features: Mapping[str, float] | None = None,
        **plan: str | float | None,
    ) -> dict[str, Any]:
        """Return what ``sweeper recommend --format json`` prints, by numbers alone.

        Args:
            num_classes: classes trained on.
            per_class: mean number of images of a class.
            objective: accuracy unless given.
            loss: combined unless given.
            beside: terms whose λ to recommend, or the name of one.
            meta_features: those that were measured, by name.
            plan: what else is known of the training: net, start, epochs, samples, batch_size, lr,
                embedding.

        Raises:
            UsageError: a value is out of range, or a name is unknown.
            SweeperError: there is no server, it asks for a token, or it cannot answer now.
        """
        given = {name: value for name, value in plan.items() if value is not None}
        content: dict[str, Any] = {
            "plan": {"num_classes": num_classes, "per_class": per_class, **given},
            "objective": objective,
            "loss": loss,
            "beside": [beside] if isinstance(beside, str) else list(beside),
            "meta_features": dict(meta_features or {}),
        }
        content = {name: value for name, value in content.items() if value}
        found: dict[str, Any] = self._ask("POST", "/recommend", content)
        return found

    def recommend_file(
        self,
        path: str | Path,
        *,
        objective: str | None = None,
        loss: str | None = None,
        beside: str | Iterable[str] = (),
        wait: float = 900.0,
        **plan: str | float | None,
    ) -> dict[str, Any]:
        """Return what ``sweeper recommend PATH --format json`` prints, measured by the server.

        Args:
            path: a .zip of a folder for each class, an .npz of images or embeddings, or a .csv of
                meta-features.
            objective: accuracy unless given.
            loss: combined unless given.
            beside: terms whose λ to recommend, or the name of one.
            wait: seconds to wait for the answer, behind those who asked before.
            plan: what else is known of the training: net, start, epochs, batch_size, lr,
                embedding.

        Raises:
            UsageError: the file cannot be measured, a value is out of range, or a name is unknown.
            SweeperError: it cannot be read, there is no server, it asks for a token, it is busy, or
                there is no answer in this time.
        """
        terms = beside if isinstance(beside, str) else ",".join(beside)
        given = {"objective": objective, "loss": loss, "beside": terms or None, **plan}
        fields = {name: str(value) for name, value in given.items() if value is not None}
        path = Path(path)
        try:
            with path.open("rb") as file:
                files = {"file": (path.name, file)}
                answer = self._request("POST", "/recommend/file", files=files, data=fields)
        except OSError as error:
            raise SweeperError(f"{path} cannot be read: {error.strerror or error}") from None
        address = answer.headers.get("location", "").removeprefix(_PREFIX)
        until = time.monotonic() + wait
        while answer.status_code == 202:
            if time.monotonic() > until:
                raise SweeperError(
                    f"no answer within {wait:g} seconds; wait longer, or ask by numbers"
                )
            time.sleep(_SECONDS)
            answer = self._request("GET", address)
        found: dict[str, Any] = answer.json()
        return found

    def tasks(self) -> list[dict[str, Any]]:
        """Return the tasks of the repository."""
        found: list[dict[str, Any]] = self._ask("GET", "/tasks")
        return found

    def task(self, name: str) -> dict[str, Any]:
        """Return a task with its meta-features and best settings."""
        found: dict[str, Any] = self._ask("GET", f"/tasks/{quote(name)}")
        return found

    def studies(self) -> list[dict[str, Any]]:
        """Return the studies with their trials by state."""
        found: list[dict[str, Any]] = self._ask("GET", "/studies")
        return found

    def study(self, name: str) -> dict[str, Any]:
        """Return a study with its trials by state and cause."""
        found: dict[str, Any] = self._ask("GET", f"/studies/{quote(name)}")
        return found

    def results(self, name: str) -> dict[str, Any]:
        """Return what ``sweeper results --format json`` prints."""
        found: dict[str, Any] = self._ask("GET", f"/studies/{quote(name)}/results")
        return found

    def workers(self) -> list[dict[str, Any]]:
        """Return the workers that train now."""
        found: list[dict[str, Any]] = self._ask("GET", "/workers")
        return found

    def pause(self, name: str) -> dict[str, Any]:
        """Let the workers of a study finish their epoch and wait; return the study."""
        return self._steer(name, "pause")

    def resume(self, name: str) -> dict[str, Any]:
        """Go on with a study that was paused or stopped; return it."""
        return self._steer(name, "resume")

    def stop(self, name: str) -> dict[str, Any]:
        """Let the workers of a study finish their epoch and leave; return the study."""
        return self._steer(name, "stop")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _steer(self, name: str, action: str) -> dict[str, Any]:
        found: dict[str, Any] = self._ask("POST", f"/studies/{quote(name)}/{action}")
        return found

    def _ask(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        return self._request(method, path, json=content).json()

    def _request(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            answer = self._http.request(method, path, **content)
        except httpx.HTTPError as error:
            raise SweeperError(
                f"no answer from {self._url} ({error or type(error).__name__}); start a server "
                "there with `sweeper serve`, or name another address"
            ) from error
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if answer.is_success and kind == "application/json":
            return answer
        if kind == "application/problem+json":
            raise _problem(answer)
        raise SweeperError(f"what answers at {self._url} is no sweeper; name its address")


def _problem(answer: httpx.Response) -> SweeperError:
    """Return the error that an answer tells, in one line with what to do."""
    said = answer.json()
    text = f"{said['detail']}: {said['remedy']}"
    return UsageError(text) if answer.status_code in (400, 404, 422) else SweeperError(text)
