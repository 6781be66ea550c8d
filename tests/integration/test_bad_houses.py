"""Whatever is wrong with what is put about a house is said with its place, and stores nothing."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_dynamodb import DynamoDBClient

from tests.catalogues import BUDGETS, PATH, budgets, circuit, entry, full, meter, sensor
from tests.conftest import Call
from tests.refused import places, refused

pytestmark = pytest.mark.integration

Place = tuple[int | None, str]
Steps = tuple[str | int, ...]
Values = tuple[Any, ...]


@pytest.fixture
def put_before(call: Call, table: str, dynamodb: DynamoDBClient) -> Iterator[Call]:
    """A house with budgets, which the test leaves as they are, to the last byte."""
    call("PUT", PATH, full())
    call("PUT", BUDGETS, budgets(m2013_01={"used": 820}))
    before = dynamodb.scan(TableName=table)["Items"]
    yield call
    assert dynamodb.scan(TableName=table)["Items"] == before


def place(steps: Steps) -> Place:
    """Return what a refusal calls the place at the end of these steps."""
    name = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return next((step for step in steps if isinstance(step, int)), None), name.removeprefix(".")


def changed(steps: Steps, value: Any) -> Any:
    """Return the full entry with another value at the end of these steps."""
    found: Any = full()
    inner = found
    for step in steps[:-1]:
        inner = inner[step]
    inner[steps[-1]] = value
    return found


def without(steps: Steps) -> Any:
    """Return the full entry without what is at the end of these steps."""
    found: Any = full()
    inner = found
    for step in steps[:-1]:
        inner = inner[step]
    del inner[steps[-1]]
    return found


# --- One bad member -------------------------------------------------------------------------------

NO_TEXT: Values = (None, 1, True, [], {}, ["A"], "", "x" * 201, "\ud800")
NO_WORD: Values = (
    "", "Ashp", "ASHP", "1st", "_x", "heat pump", "heat-pump", "heat.pump", "ashp ", " ashp",
    "ashp\n", "é", "ashpé", "x" * 41, "a#b", "a/b", "\ud800", "\u0430",
    1, 1.5, True, [], {}, ["ashp"],
)  # fmt: skip
NO_ID: Values = (-1, 2**53, 10**24, 10**30, 1.5, 2.0, "1", "", None, True, [], {})
NO_ZONE: Values = (
    "", "EDT5", "utc+1", "America/Newyork", "america/new_york", "America", "America/", "/etc",
    "../etc/passwd", "America/../UTC", "America\\New_York", "UTC\0", "UTC ", "-05:00", "GMT+25",
    "x" * 10_000, "é", "\ud800", None, 1, True, [], {},
)  # fmt: skip
NO_AREA: Values = (-1, -0.001, 1e9 + 1, 1e300, 10**30, "1500", "", True, False, [], {}, [1500])
NO_QUANTITY: Values = (
    "",
    "Energy",
    "ENERGY",
    "kWh",
    "gas",
    "energy ",
    "e",
    None,
    1,
    True,
    [],
    {},
    ["energy"],
)
NO_BOOL: Values = (None, 0, 1, "true", "", [], {})
NO_OBJECT: Values = (None, 1, "text", True, [], [{}])
NO_LIST: Values = (None, 1, "text", True, {}, {"0": meter()})

USED = ("devices", 0, "channels", "used")
BAD_MEMBERS: list[tuple[Steps, Values]] = [
    (("name",), NO_TEXT),
    (("sname",), NO_TEXT),
    (("timezone",), NO_ZONE),
    (("areas",), (None, 1, "text", True, [], [{}])),
    (("areas", "iga"), NO_AREA),
    (("areas", "ciga"), (-1, "1", True)),
    (("areas", "ega"), (-1, "1", True)),
    (("devices",), NO_LIST),
    (("devices", 1), NO_OBJECT),
    (("devices", 3, "id"), NO_ID),
    (("devices", 2, "name"), NO_TEXT),
    (("devices", 0, "channels"), (None, 1, "text", True, [], ["used"])),
    (USED, NO_OBJECT),
    ((*USED, "quantity"), NO_QUANTITY),
    ((*USED, "signed"), NO_BOOL),
    ((*USED, "interval"), ("", "1h", "PT0S", "PT27H", "P401D", 60, True, [], {})),
    ((*USED, "label"), ("", "middle", "END", 1, True, [], {})),
    ((*USED, "factor"), (0, -0.0, "2", True, [], {}, 1e6 + 1, -1e6 - 1, -1, 10**400)),
    (("devices", 4, "location"), tuple(one for one in NO_WORD if one is not None)),
    (("devices", 2, "role"), tuple(one for one in NO_WORD if one is not None)),
    (("devices", 0, "priority"), ("1", "", 1.5, 2.0, True, [], {}, 2**53, -(2**53), 10**30)),
    (("circuits",), NO_LIST),
    (("circuits", 1), NO_OBJECT),
    (("circuits", 0, "circuit_id"), NO_WORD),
    (("circuits", 1, "name"), NO_TEXT),
    (("circuits", 1, "description"), (None, 1, True, [], {}, "x" * 1001, "\ud800")),
]
EACH_BAD_MEMBER = [(steps, value) for steps, values in BAD_MEMBERS for value in values]


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    ("steps", "value"),
    EACH_BAD_MEMBER,
    ids=[f"{place(steps)[1]}={ascii(value)[:20]}" for steps, value in EACH_BAD_MEMBER],
)
def test_a_bad_member_is_refused_and_named(call: Call, steps: Steps, value: Any) -> None:
    body = refused(call("PUT", PATH, changed(steps, value)))
    assert places(body) == [place(steps)]


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize("name", [str(one) for one in NO_WORD], ids=ascii)
def test_a_channel_is_a_word(call: Call, name: str) -> None:
    channels = {name: {"quantity": "energy"}}
    (found,) = places(refused(call("PUT", PATH, entry(meter(), meter(2, channels=channels)))))
    shown = name.encode(errors="surrogatepass").decode(errors="replace")
    assert found == (1, f"devices[1].channels.{shown}")


@pytest.mark.usefixtures("nothing_is_stored")
def test_a_long_name_that_is_wrong_is_cut_short(call: Call) -> None:
    channels = {"x" * 9000: {"quantity": "energy"}}
    ((_, field),) = places(refused(call("PUT", PATH, entry(meter(channels=channels)))))
    assert field == ("devices[0].channels." + "x" * 9000)[:200]


REQUIRED: list[Steps] = [
    *((name,) for name in ("name", "sname", "timezone", "devices")),
    *(("devices", 1, name) for name in ("id", "name", "channels")),
    (*USED, "quantity"),
    *(("circuits", 0, name) for name in ("circuit_id", "name")),
]


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize("steps", REQUIRED, ids=lambda steps: place(steps)[1])
def test_what_is_required_is_named_where_it_is_missing(call: Call, steps: Steps) -> None:
    body = refused(call("PUT", PATH, without(steps)))
    assert body["details"] == [
        {
            key: said
            for key, said in zip(("index", "field"), place(steps), strict=True)
            if said is not None
        }
        | {"reason": "is required"}
    ]


@pytest.mark.usefixtures("nothing_is_stored")
def test_everything_wrong_with_an_entry_is_said_at_once(call: Call) -> None:
    channels = {"Used": {"quantity": "gas"}, "solar": {}}
    bad = entry(meter(-1, channels=channels), circuits=[{"name": 7}], timezone="Here", sname=None)
    assert set(places(refused(call("PUT", PATH, bad)))) == {
        (None, "sname"),
        (None, "timezone"),
        (0, "devices[0].id"),
        (0, "devices[0].channels.Used"),
        (0, "devices[0].channels.Used.quantity"),
        (0, "devices[0].channels.solar.quantity"),
        (0, "circuits[0].circuit_id"),
        (0, "circuits[0].name"),
    }


@pytest.mark.usefixtures("nothing_is_stored")
def test_the_sentence_names_the_first_of_many_fields(call: Call) -> None:
    body = refused(call("PUT", PATH, entry(*(meter(-1) for _ in range(100)))))
    assert len(body["details"]) == 100
    assert body["error"].count("devices[") == 10
    assert body["error"].endswith("devices[9].id and 90 more.")


# --- The entry as a whole -------------------------------------------------------------------------

GALLONS = {"gallons": {"quantity": "volume"}}
TWICE: dict[str, tuple[Any, list[Place]]] = {
    "a device": (entry(meter(1), meter(2), meter(1)), [(2, "devices[2].id")]),
    "a device, often": (
        entry(meter(1), meter(1), meter(1)),
        [(1, "devices[1].id"), (2, "devices[2].id")],
    ),
    "a role": (
        entry(
            meter(1, channels=GALLONS, role="main_water"),
            meter(2, role="hot_water"),
            meter(3, channels=GALLONS, role="main_water"),
        ),
        [(2, "devices[2].role")],
    ),
    "a role that nothing is made of": (
        entry(meter(1, role="kitchen"), meter(2, role="kitchen")),
        [(1, "devices[1].role")],
    ),
    "a circuit": (
        entry(circuits=[circuit("stove"), circuit("ashp"), circuit("stove", name="Other")]),
        [(2, "circuits[2].circuit_id")],
    ),
    "all of them": (
        entry(
            meter(1, role="hot_water"),
            meter(1, role="hot_water"),
            circuits=[circuit("stove"), circuit("stove")],
        ),
        [(1, "devices[1].id"), (1, "devices[1].role"), (1, "circuits[1].circuit_id")],
    ),
}


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(("bad", "expected"), TWICE.values(), ids=TWICE)
def test_what_there_is_once_is_refused_twice(call: Call, bad: Any, expected: list[Place]) -> None:
    body = refused(call("PUT", PATH, bad))
    assert places(body) == expected
    assert "devices[0], too" in str(body) or "circuits[0], too" in str(body)


def test_a_location_and_a_missing_role_may_be_had_by_several(call: Call) -> None:
    put = entry(
        sensor(1, "outdoor"), sensor(2, "outdoor"), meter(3, role=None), meter(4, role=None)
    )
    assert call("PUT", PATH, put).status == 201


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize("quantity", ["volume", "degree_days", "temperature", "humidity"])
def test_only_energy_and_power_are_signed(call: Call, quantity: str) -> None:
    channels = {"used": {"quantity": "power"}, "x": {"quantity": quantity, "signed": True}}
    body = refused(call("PUT", PATH, entry(meter(channels=channels))))
    assert places(body) == [(0, "devices[0].channels.x.signed")]


@pytest.mark.parametrize("quantity", ["energy", "power"])
def test_energy_and_power_may_be_signed_and_all_may_say_that_they_are_not(
    call: Call, quantity: str
) -> None:
    channels = {
        "x": {"quantity": quantity, "signed": True},
        "y": {"quantity": "volume", "signed": False},
    }
    assert call("PUT", PATH, entry(meter(channels=channels))).status == 201


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        *(("net", quantity) for quantity in ("energy", "power", "volume", "temperature")),
        ("date", "humidity"), ("device", "degree_days"), ("device", "energy"),
        *((name, "energy") for name in ("all", "all_other", "summary", "hdd", "date")),
        *((name, "power") for name in ("outdoor_deg_min", "outdoor_deg_max", "attic_temp")),
    ],
)  # fmt: skip
def test_a_channel_has_no_name_that_an_answer_has_for_something_else(
    call: Call, name: str, quantity: str
) -> None:
    put = entry(sensor(1, "attic"), meter(2, channels={name: {"quantity": quantity}}))
    assert places(refused(call("PUT", PATH, put))) == [(1, f"devices[1].channels.{name}")]


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("hdd", "degree_days"),
        ("all", "volume"),
        ("cellar_temp", "energy"),
        ("attic_temp", "temperature"),
    ],
)
def test_other_quantities_may_have_the_names_that_circuits_may_not(
    call: Call, name: str, quantity: str
) -> None:
    put = entry(sensor(1, "attic"), meter(2, channels={name: {"quantity": quantity}}))
    assert call("PUT", PATH, put).status == 201


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (entry(*(meter(nth) for nth in range(101))), "devices"),
        (entry(meter(1, *(f"c{nth}" for nth in range(101)))), "devices[0].channels"),
        (entry(circuits=[circuit(f"c{nth}") for nth in range(201)]), "circuits"),
    ],
    ids=["devices", "channels", "circuits"],
)
def test_more_than_a_house_may_have_is_refused(call: Call, bad: Any, field: str) -> None:
    body = refused(call("PUT", PATH, bad))
    assert [found for _, found in places(body)] == [field]
    assert "at most" in body["details"][0]["reason"]


@pytest.mark.usefixtures("nothing_is_stored")
def test_an_entry_that_no_item_can_hold_is_413(call: Call) -> None:
    long = [circuit(f"c{nth}", name="n" * 200, description="\u00e9" * 1000) for nth in range(200)]
    refused(call("PUT", PATH, entry(circuits=long)), 413)


def test_a_refused_entry_leaves_the_one_before(put_before: Call) -> None:
    for bad in (entry(meter(1), meter(1)), entry(timezone="Here"), entry(name="")):
        refused(put_before("PUT", PATH, bad))


# --- Budgets --------------------------------------------------------------------------------------

NO_MONTH: Values = (
    "", "2013", "2013-1", "2013-13", "2013-00", "1999-12", "2100-01", "2013-01-01", "13-01",
    "2013/01", "2013-01 ", " 2013-01", "2013-01\n", "2013_01", "2013-\u0661\u0662", "201301",
    None, 2013, 2013.01, True, [], {},
)  # fmt: skip
NO_FIGURE: Values = (1e9 + 1, -1e9 - 1, 1e300, 10**30, "1", "", "NaN", True, False, [], {}, [1])
JANUARY = {"month": "2013-01", "used": 1}


@pytest.mark.parametrize("month", NO_MONTH, ids=ascii)
def test_a_month_is_a_year_and_a_month(put_before: Call, month: Any) -> None:
    body = refused(put_before("PUT", BUDGETS, {"budgets": [JANUARY, {"month": month}]}))
    assert places(body) == [(1, "budgets[1].month")]


@pytest.mark.parametrize("field", ["solar", "used", "hdd", "water"])
@pytest.mark.parametrize("value", NO_FIGURE, ids=ascii)
def test_a_budget_is_a_finite_number_within_1e9(put_before: Call, field: str, value: Any) -> None:
    body = refused(put_before("PUT", BUDGETS, {"budgets": [JANUARY, {**JANUARY, field: value}]}))
    assert places(body) == [(1, f"budgets[1].{field}")]


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ({}, (None, "budgets")),
        *(({"budgets": wrong}, (None, "budgets")) for wrong in NO_LIST),
        ({"budgets": []}, (None, "budgets")),
        *(({"budgets": [wrong]}, (0, "budgets[0]")) for wrong in NO_OBJECT),
        ({"budgets": [{"used": 1}]}, (0, "budgets[0].month")),
        ({"budgets": [JANUARY, {"used": 1, "Month": "2013-01"}]}, (1, "budgets[1].month")),
    ],
    ids=ascii,
)
def test_budgets_are_a_list_of_one_or_more(put_before: Call, bad: Any, expected: Place) -> None:
    assert places(refused(put_before("PUT", BUDGETS, bad))) == [expected]


@pytest.mark.parametrize(
    "other", [{"used": 2}, {"used": None}, {}, {"used": 1, "water": 0}], ids=str
)
def test_a_month_with_two_budgets_is_refused(put_before: Call, other: Any) -> None:
    put = {"budgets": [JANUARY, {"month": "2013-02", "used": 1}, {"month": "2013-01", **other}]}
    assert places(refused(put_before("PUT", BUDGETS, put))) == [(2, "budgets[2].month")]


def test_more_months_than_one_update_holds_are_413(put_before: Call) -> None:
    each = [f"20{year:02}-{month:02}" for year in range(21) for month in range(1, 13)]
    put = {"budgets": [{"month": month} for month in each[:241]]}
    assert "240 months" in refused(put_before("PUT", BUDGETS, put), 413)["error"]


@pytest.mark.usefixtures("nothing_is_stored")
def test_there_are_no_budgets_of_a_house_that_there_is_not(call: Call) -> None:
    refused(call("PUT", BUDGETS, budgets(m2013_01={"used": 1})), 404)
    refused(call("GET", BUDGETS), 404)


# --- Bodies, paths, methods -----------------------------------------------------------------------

GOOD = json.dumps(full()).encode()


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"[]", {}, 400),
        (b"{", {}, 400),
        (b'{"name": "A", "name": "B"}', {}, 400),
        (GOOD.replace(b"1500", b"NaN"), {}, 400),
        (GOOD.replace(b"1500", b"1e999"), {}, 400),
        (GOOD.replace(b"1500", b"-1e999"), {}, 400),
        (GOOD.replace(b'"id": 10', b'"id": ' + b"9" * 5000), {}, 400),
        (GOOD.replace(b'"used": {', b'"solar": {', 1), {}, 400),
        (GOOD[:-1] + b', "x": ' + b"[" * 5000 + b"]" * 5000 + b"}", {}, 400),
        (GOOD, {"content_type": "text/plain"}, 415),
        (GOOD, {"content_encoding": "br"}, 415),
        (GOOD, {"content_encoding": "gzip"}, 400),
        (GOOD.ljust(4 * 1024 * 1024 + 1), {}, 413),
        (
            gzip.compress(GOOD.ljust(8 * 1024 * 1024 + 1), mtime=0),
            {"content_encoding": "gzip"},
            413,
        ),
    ],
    ids=lambda given: str(given)[:30],
)
def test_a_body_is_checked_as_that_of_a_post(
    call: Call, body: bytes, headers: dict[str, str], status: int
) -> None:
    refused(call("PUT", PATH, body, **headers), status)


NO_HOUSE = (
    "-1", "+1", "1.0", "1e3", "0x1", "one", "H1", "%20", "1%20", "%201", "1%2C2", "%D9%A1",
    "%C2%B9", "%EF%BC%91", str(2**53), "9" * 5000, "0" * 5000, "null", "%22", "%23", "%00", "1%00",
    "1%0A", "%FF", "..", "{house}", "%F0%9F%8F%A0", "true", "[1]", "1;2", "_", "1_000",
)  # fmt: skip


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize("house", NO_HOUSE, ids=lambda house: house[:12])
@pytest.mark.parametrize("rest", ["", "/", "/devices/", "/budgets"])
def test_what_is_no_number_is_no_house(call: Call, house: str, rest: str) -> None:
    refused(call("GET", f"/api/houses/{house}{rest}"), 404)
    if rest != "/devices/":
        body = budgets(m2013_01={}) if "budgets" in rest else full()
        refused(call("PUT", f"/api/houses/{house}{rest}", body), 404)


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    "path", ["", "catalogue/", "budgets/", "devices/", "circuits/", "views/"], ids=str
)
def test_a_house_that_was_never_put_is_404(call: Call, path: str) -> None:
    refused(call("GET", f"{PATH}{path}"), 404)


def test_a_house_is_not_found_by_another_way_to_write_its_number(call: Call) -> None:
    call("PUT", PATH, full())
    assert call("GET", "/api/houses/05/").json == call("GET", PATH).json
    refused(call("GET", "/api/houses/50/"), 404)


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    "path",
    [
        "/api", "/api/", "/api/house/5", "/api/houses//", "/api/houses//devices", "/api/houses5",
        "/api/houses/5//", "/api/houses/5/device", "/api/houses/5/Devices", "/api/Houses/5",
        "/api/houses/5/catalogue/x", "/api/houses/5/budgets/2013-01", "/houses/5",
        "/api/houses/5/devices/1/2",
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_path_is_404(call: Call, method: str, path: str) -> None:
    refused(call(method, path, full() if method == "PUT" else None), 404)


@pytest.mark.usefixtures("nothing_is_stored")
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/api/houses/", {"GET", "HEAD"}),
        (PATH, {"GET", "HEAD", "PUT"}),
        (BUDGETS, {"GET", "HEAD", "PUT"}),
        (f"{PATH}catalogue/", {"GET", "HEAD"}),
        (f"{PATH}devices/", {"GET", "HEAD"}),
        (f"{PATH}circuits/", {"GET", "HEAD"}),
        (f"{PATH}views/", {"GET", "HEAD"}),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_another_method_is_405_and_says_which_there_are(
    call: Call, method: str, path: str, allowed: set[str]
) -> None:
    for target in (path, path.rstrip("/")):
        answer = call(method, target, None if method != "PUT" else {})
        if method in allowed:
            refused(answer)
        else:
            refused(answer, 405)
            assert set(answer.headers["allow"].split(", ")) == allowed


# --- Whatever else --------------------------------------------------------------------------------

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def all_steps(value: Any, before: Steps = ()) -> list[Steps]:
    """Return the way to every member of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        steps
        for step, member in inner
        for steps in (
            (*before, step),
            *(all_steps(member, (*before, step)) if isinstance(member, dict | list) else ()),
        )
    ]


def only(said: Any, *names: str) -> Any:
    """Return the members of these names."""
    return {name: said[name] for name in names if name in said}


def known(put: Any) -> Any:
    """Return what is kept of an entry that is not refused: what a house has a word for."""
    device = ("id", "name", "location", "role", "priority")
    return only(put, "name", "sname", "timezone") | {
        "areas": only(put["areas"], "iga", "ciga", "ega"),
        "circuits": [only(one, "circuit_id", "name", "description") for one in put["circuits"]],
        "devices": [
            only(one, *device)
            | {
                "channels": {
                    name: only(channel, "quantity", "signed", "interval", "label", "factor")
                    for name, channel in one["channels"].items()
                }
            }
            for one in put["devices"]
        ],
    }


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.sampled_from(all_steps(full())), value=ANYTHING)
def test_any_value_anywhere_is_kept_or_refused_with_its_place(
    call: Call, table: str, dynamodb: DynamoDBClient, steps: Steps, value: Any
) -> None:
    before = dynamodb.scan(TableName=table)["Items"]
    put = changed(steps, value)
    answer = call("PUT", PATH, put)
    if answer.status in {200, 201}:
        assert call("GET", f"{PATH}catalogue/").json == known(put)
        for path in ("", "devices/", "circuits/", "views/"):
            assert call("GET", f"{PATH}{path}").status == 200
    else:
        top = str(steps[0])
        assert {(field or "").startswith(top) for _, field in places(refused(answer))} == {True}
        assert dynamodb.scan(TableName=table)["Items"] == before
