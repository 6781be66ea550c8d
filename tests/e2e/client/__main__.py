"""What a person does with a generated client: `python -m tests.e2e.client http://127.0.0.1:3000`.

Run by the Python that has what such a client needs. Every operation is used on a running server;
each request is printed: method, path and status.
"""

import sys

import httpx
from quarterhour_client import Client

from tests.e2e.client import of_houses, of_ships, of_views


def told(answer: httpx.Response) -> None:
    """Print a request and its status."""
    print(answer.request.method, answer.request.url.path, answer.status_code)  # noqa: T201


def main(url: str) -> None:
    """Use every operation; AssertionError where one is not answered as it must be."""
    with Client(
        base_url=url,
        raise_on_unexpected_status=True,
        timeout=httpx.Timeout(60),
        httpx_args={"event_hooks": {"response": [told]}},
    ) as client:
        for part in (*of_ships.PARTS, *of_houses.PARTS, *of_views.PARTS):
            part(client)


if __name__ == "__main__":
    main(*sys.argv[1:])
