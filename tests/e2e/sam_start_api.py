"""Asks SAM CLI which function `sam local start-api` calls; runs in the Python of SAM CLI.

`python sam_start_api.py <built template>` reads `[["GET", "/data"], ...]` from stdin, and writes
the logical ids of the functions that were called, null where none was. SAM CLI reads the template
and routes the requests; only the containers are left out.
"""

import json
import sys
from typing import Any

from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.local.apigw.local_apigw_service import LocalApigwService


class NamesItself:
    """Stands where the containers are: every function answers with its name."""

    def is_debugging(self) -> bool:
        return False

    def invoke(self, function: str, _event: str, stdout: Any, **_: Any) -> None:
        stdout.write_str(json.dumps({"statusCode": 200, "headers": {"x-function": function}}))


def main() -> None:
    stacks, _ = SamLocalStackProvider.get_stacks(sys.argv[1])
    service = LocalApigwService(ApiProvider(stacks).api, NamesItself())
    service.create()
    client = service._app.test_client()
    answers = [client.open(path, method=method) for method, path in json.load(sys.stdin)]
    json.dump([answer.headers.get("x-function") for answer in answers], sys.stdout)


if __name__ == "__main__":
    main()
