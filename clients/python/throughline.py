"""A client of a Throughline service, on the standard library alone.

    client = Client("http://127.0.0.1:7300")
    data = client.request("{ thread { watermark } }")
    for unit in client.pages(MEMBERS, {"design": "design/BRG-7-C"}, lambda data: data["thread"]["designRevision"]["population"]["members"]):
        print(unit["path"])
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]


class ThroughlineError(Exception):
    """A request that was refused, or an answer of which a part failed."""

    def __init__(self, message: str, status: int, errors: list[Json], data: Json | None) -> None:
        super().__init__(message)
        self.status = status
        self.errors = errors
        #: The parts that did not fail.
        self.data = data

    @property
    def code(self) -> str | None:
        """The stable code of the first error, such as NOT_FOUND."""
        return self.errors[0].get("extensions", {}).get("code") if self.errors else None


class RefusedError(Exception):
    """A mutation that the state of the thread does not allow: a conflict, or data that breaks shapes or rules."""

    def __init__(self, errors: list[Json]) -> None:
        super().__init__("\n".join(error["message"] for error in errors))
        self.errors = errors


class Client:
    """A client of one service."""

    def __init__(self, url: str, headers: dict[str, str] | None = None, timeout: float = 60.0) -> None:
        self._endpoint = url.rstrip("/") + "/graphql"
        self._headers = dict(headers or {})
        self._timeout = timeout

    def ask(self, document: str, variables: Json | None = None) -> tuple[int, Json]:
        """Asks, and returns the HTTP status and the response as it comes."""
        body = json.dumps({"query": document, "variables": variables or {}}).encode()
        headers = self._headers | {
            "content-type": "application/json",
            "accept": "application/graphql-response+json",
        }
        request = urllib.request.Request(self._endpoint, body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=self._timeout) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            try:
                return refused.code, json.load(refused)
            except ValueError:
                raise ThroughlineError(f"the service answered {refused.code} without JSON", refused.code, [], None) from None

    def request(self, document: str, variables: Json | None = None) -> Json:
        """Asks, and returns the data; raises a ThroughlineError where any of it failed."""
        status, response = self.ask(document, variables)
        data, errors = response.get("data"), response.get("errors", [])
        if errors or data is None:
            message = errors[0]["message"] if errors else f"the service answered {status}"
            raise ThroughlineError(message, status, errors, data)
        return data

    def pages(self, document: str, variables: Json, pick: Callable[[Json], Json | None]) -> Iterator[Json]:
        """Reads all items of a connection, page by page; `pick` finds the connection in the data."""
        after = variables.get("after")
        while True:
            page = pick(self.request(document, variables | {"after": after}))
            if page is None:
                return
            yield from page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


def made(payload: Json | None) -> Json:
    """Returns the payload of a mutation that changed something; raises a RefusedError where it changed nothing."""
    if payload is None:
        raise ValueError("the answer has no such payload")
    if payload["errors"]:
        raise RefusedError(payload["errors"])
    return payload
