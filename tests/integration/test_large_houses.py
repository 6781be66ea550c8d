"""A house of as many channels as its catalogue may name is settled as any other is."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from quarterhour.store.table.calls import set_values
from tests.builders import iso
from tests.conftest import Call
from tests.fleets import settle, utc

pytestmark = pytest.mark.integration

DEVICES, CHANNELS = 5, 100
BEGIN = utc(2013, 5, 31, 22)
HOURS = 4  # into another month
MONTHS = f"devices/1?interval=months&start={BEGIN:%Y-%m}-01&duration=2months"
CIRCUITS = f"views/usage?circuit=all&interval=days&start={BEGIN:%Y-%m}-01&duration=2months"


def channels(device: int) -> list[str]:
    """Return names of which no other device has any."""
    return [f"circuit_of_device_{device}_number_{nth}" for nth in range(CHANNELS)]


def put(call: Call, house: int = 5) -> None:
    devices = [
        {
            "id": device,
            "name": f"Device {device}",
            "channels": {name: {"quantity": "energy"} for name in channels(device)},
        }
        for device in range(1, DEVICES + 1)
    ]
    entry = {"name": "A large house", "sname": "large", "timezone": "UTC", "devices": devices}
    assert call("PUT", f"/api/houses/{house}", entry).status == 201


def post(call: Call, house: int = 5) -> None:
    for device in range(1, DEVICES + 1):
        data = [
            {
                "datetime": iso(BEGIN + timedelta(hours=hour)),
                "values": {name: nth + hour for nth, name in enumerate(channels(device))},
            }
            for hour in range(HOURS)
        ]
        body: dict[str, Any] = {"units": "kWh", "interval": "PT1H", "data": data}
        said = call("POST", f"/api/houses/{house}/devices/{device}/readings", body)
        assert said.status == 200, said.text


def items(table: str, pk: str) -> dict[str, dict[str, Any]]:
    """Return a partition's items by their sort keys."""
    pages = (
        boto3.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
    )
    return {item["sk"]["S"]: item for page in pages for item in page["Items"]}


def test_the_engine_refuses_an_expression_of_more_than_four_kilobytes(table: str) -> None:
    client = boto3.client("dynamodb")
    values = {f"a-name-no-expression-may-have-{nth}": {"N": "1"} for nth in range(500)}
    with pytest.raises(ClientError, match="size"):
        client.update_item(TableName=table, **set_values("a", "b", values))


def test_five_devices_of_a_hundred_channels_each_are_settled(call: Call, table: str) -> None:
    put(call)
    post(call)
    targets = [f"/api/houses/5/{target}" for target in (MONTHS, CIRCUITS)]
    before = [call("GET", target) for target in targets]
    assert {answer.status for answer in before} == {200}
    settle()
    assert items(table, "TH") == {}
    months = [sort for sort in items(table, "H5") if sort.startswith("m#")]
    assert len(months) >= 2 * (DEVICES + 1), "a device, or what is made of all, has no block"
    assert [call("GET", target).text for target in targets] == [each.text for each in before]
