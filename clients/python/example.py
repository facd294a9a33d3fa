"""Asks the demo's common questions: `throughline demo`, then `python3 example.py http://127.0.0.1:7300`."""

from __future__ import annotations

import sys

from throughline import Client, RefusedError, ThroughlineError, made

WINDOW = {"from": "2024-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}

MARGINS = """
query Margins($design: ID!, $window: WindowInput!) {
  thread {
    designRevision(id: $design) {
      margins(window: $window) { requirement { identifier } verdict observed limit unit { symbol } violators { totalCount } }
    }
  }
}
"""

MEMBERS = """
query Members($design: ID!, $window: WindowInput!, $first: Int, $after: String) {
  thread {
    designRevision(id: $design) {
      population(window: $window) {
        members(first: $first, after: $after) {
          totalCount
          pageInfo { hasNextPage endCursor }
          nodes { unit { ... on TwinInstance { identifier } } path from to }
        }
      }
    }
  }
}
"""

BRANCH = """
mutation Branch($input: CreateBranchInput!) {
  createBranch(input: $input) { branch { name } errors { __typename code message } }
}
"""

COMMIT = """
mutation Commit($input: CommitInput!) {
  commit(input: $input) { changed resources { iri } errors { __typename code message } }
}
"""


def main(url: str) -> None:
    client = Client(url)
    design = "design/BRG-7-B"
    for margin in client.request(MARGINS, {"design": design, "window": WINDOW})["thread"]["designRevision"]["margins"]:
        unit = (margin["unit"] or {}).get("symbol", "")
        requirement = (margin["requirement"] or {}).get("identifier")
        print(f"{requirement}: {margin['verdict']}, observed {margin['observed']} of {margin['limit']} {unit}, violators {margin['violators']['totalCount']}")

    variables = {"design": design, "window": WINDOW, "first": 20}
    members = list(client.pages(MEMBERS, variables, lambda data: data["thread"]["designRevision"]["population"]["members"]))
    print(f"{len(members)} stretches of service, read in pages of 20")

    change = {"putPart": {"id": "part/example", "identifier": "EXAMPLE", "title": "A part of the example"}}
    branch = {"name": "python-example", "idempotencyKey": "python-example/branch"}
    made(client.request(BRANCH, {"input": branch})["createBranch"])
    commit = {"branch": "python-example", "message": "Add a part", "idempotencyKey": "python-example/part", "changes": [change]}
    first, again = (made(client.request(COMMIT, {"input": commit})["commit"]) for _ in range(2))
    print(f"committed {first['resources'][0]['iri']}; the same key again changed nothing more: {first == again}")

    twice = {"putPart": {"id": "part/other", "identifier": "EXAMPLE", "title": "Another part"}}
    try:
        made(client.request(COMMIT, {"input": {"branch": "python-example", "message": "Add it twice", "changes": [twice]}})["commit"])
    except RefusedError as refused:
        print(f"refused as {refused.errors[0]['code']}: {refused}")
    try:
        client.request('{ thread(at: "no-such-version") { watermark } }')
    except ThroughlineError as error:
        print(f"an error with code {error.code}: {error}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7300")
