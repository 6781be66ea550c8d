"""The pages say what is there: keys, attributes, constants, links, paths, decisions, words."""

import re
from pathlib import Path

import pytest

from quarterhour.energy import quantities
from quarterhour.energy.readings import USED, Reading, Series
from quarterhour.sites.sources import Source, house_owner
from quarterhour.sites.virtual_meters import Meter, hourly
from quarterhour.store.table import keys
from quarterhour.store.table.blocks import MONTHS, YEARS
from quarterhour.store.table.codec import from_value, to_value
from quarterhour.time import instants
from quarterhour.time.calendar import BUCKET_MS, UTC, day_text, month_text, year_text, zone
from quarterhour.time.declared import interval_ms
from tests.pages import (
    PAGES,
    README,
    ROOT,
    constant,
    constants,
    constants_with_values,
    fences,
    links,
    plain,
    prose,
    section,
    spans,
    table,
)

DOCS = ROOT / "docs"
TABLE = DOCS / "table.md"
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
PACKAGE = ROOT / "layers" / "common" / "python" / "quarterhour"

_MADE = ("/", ".local", ".tools", ".venv")  # by a run, and not kept
_PATH = re.compile(r"[\w.<>-]*(?:/[\w.<>-]*)+|[\w-]+\.(?:py|md|yaml|toml|json)|Makefile|LICENSE")


def pages(found: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", found, ids=[page.stem for page in found])


@pages(PAGES)
def test_a_constant_given_with_its_value_has_that_value(page: Path) -> None:
    for name, key, value in constants_with_values(prose(page)):
        assert constant(name, key) == plain(value), name


@pages(PAGES)
def test_a_constant_that_is_named_is_there(page: Path) -> None:
    for name, key in constants(prose(page)):
        constant(name, key)


def shown(source: str) -> Source:
    """Return the source the page calls so: `S1` is ship 1, `H5.2` device 2 of house 5."""
    owner, _, device = source.partition(".")
    return Source(owner, device)


@pytest.mark.parametrize("row", table(TABLE, "Names of attributes"), ids=lambda r: r["attribute"])
def test_an_attribute_is_named_and_valued_as_the_page_says(row: dict[str, str]) -> None:
    named = {column: text.strip("`") for column, text in row.items()}
    unit = quantities.unit(named["unit"])
    series, at_ms = Series(named["channel"], unit.quantity), instants.parse(named["datetime"])
    declared = named["interval"]
    declared_ms = interval_ms(declared) if declared else 0
    reading = Reading(at_ms, unit.stored(float(named["value"])), declared_ms)
    kind, text = named["stored"].split()
    assert keys.attribute(series, at_ms) == named["attribute"]
    assert to_value(reading) == {kind: text}
    assert keys.reading_of(named["attribute"]) == (series, at_ms % BUCKET_MS)
    assert from_value(at_ms, {kind: text}) == reading  # type: ignore[misc]


def test_a_tiny_value_is_stored_as_0_up_to_the_bound_that_is_given() -> None:
    (page,) = (path for path in DECISIONS if path.name.startswith("0006"))
    bound = float(
        re.findall(r"A magnitude of (\S+) or less is stored as 0", page.read_text("utf-8"))[0]
    )
    assert to_value(Reading(0, bound)) == {"N": "0"}
    assert to_value(Reading(0, bound * 1.01)) != {"N": "0"}


def test_the_keys_are_those_of_the_code() -> None:
    day = instants.parse("2018-08-24T00:00:00Z")
    ship, bucket = shown("S1"), instants.parse("2018-08-24T00:15:00Z")
    made = {
        "bucket": (keys.bucket_partition(ship), keys.bucket_sort(bucket)),
        "registry": (keys.SHIPS.registry_partition(keys.shard_of(ship, 1)), ship.name),
        "size of a shard": (keys.SIZES, "0"),
        "head": (ship.owner, keys.head_sort(day)),
        "todo": (keys.todo_partition(ship, 1), keys.todo_sort(ship, UTC.month_of(day))),
        "day block": (ship.owner, keys.day_sort("", USED, day)),
        "month block": (ship.owner, keys.month_sort("", month_text(day))),
        "year block": (ship.owner, keys.year_sort("", year_text(day))),
        "shard day": (keys.shard_partition(day_text(day)), "0"),
        "shard month": (keys.shard_partition(month_text(day)), "0"),
        "shard year": (keys.shard_partition(year_text(day)), "0"),
        "fleet day": (keys.FLEET, keys.fleet_day_sort(day)),
        "fleet month": (keys.FLEET, keys.fleet_month_sort(UTC.month_of(day))),
        "watermark of a shard": (keys.WATERMARKS, keys.SHIPS.watermark(0)),
        "watermark of the fleet": (keys.WATERMARKS, keys.FLEET_MARK),
        "audit item": (keys.AUDIT, keys.audit_sort(bucket, "6f3a90c1")),
        "lease": (keys.WATERMARKS, keys.lease_sort("0")),
        "fence": (keys.WATERMARKS, keys.FENCE),
        **keys_of_a_house(),
    }
    rows = {
        row["item"]: (row["pk"].strip("`"), row["sk"].strip("`"))
        for heading in ("Items", "Items of a house")
        for row in table(TABLE, heading)
    }
    assert rows == made


def keys_of_a_house() -> dict[str, tuple[str, str]]:
    day, bucket = (instants.parse(f"2018-08-24T00:{minute}:00Z") for minute in ("00", "15"))
    here, meter, owner = zone("America/New_York"), shown("H5.2"), house_owner(5)
    month, year = here.month_of(day), here.year_of(day)
    device = Meter(meter, (Series("used"),))
    return {
        "house bucket": (keys.bucket_partition(meter), keys.bucket_sort(bucket)),
        "catalogue": (owner, keys.CATALOGUE),
        "budgets": (owner, keys.BUDGETS),
        "house registry": (keys.HOUSES.registry_partition(0), owner),
        "period total": (owner, keys.total_sort(month, "2", "main")),
        "house head": (owner, keys.head_sort(day)),
        "house todo": (keys.todo_partition(meter, 1), keys.todo_sort(meter, UTC.month_of(day))),
        "house day block": (owner, keys.day_sort("2", "temperature", day)),
        "house month block": (owner, MONTHS.sort(here, device, month)),
        "house month of hours": (owner, MONTHS.sort(here, hourly(device), month)),
        "house year block": (owner, YEARS.sort(here, device, year)),
        "watermark of houses": (keys.WATERMARKS, keys.HOUSES.watermark(0)),
    }


def test_the_decisions_are_numbered_and_have_one_form() -> None:
    numbers = [path.name.partition("-")[0] for path in DECISIONS]
    assert numbers == [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]
    for path in DECISIONS:
        text = path.read_text("utf-8")
        assert re.match(rf"# {path.name[:4]} .+\n", text)
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
            "Context",
            "Decision",
            "Consequences",
        ]


def test_the_readme_lists_every_decision_by_its_title() -> None:
    listed = re.findall(r"^- \[(.+)\]\((.+)\)$", section(README, "Decisions"), re.MULTILINE)
    titles = {
        str(path.relative_to(ROOT)): path.read_text("utf-8").partition("\n")[0].removeprefix("# ")
        for path in DECISIONS
    }
    assert {path: title for title, path in listed} == titles


@pages(PAGES)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}


@pages(PAGES)
def test_paths_that_are_named_exist(page: Path) -> None:
    for span in spans(prose(page)):
        if not _PATH.fullmatch(span) or span.startswith(_MADE) or "<" in span:
            continue
        places = (ROOT, PACKAGE, page.parent)
        assert any((place / span).exists() for place in places), span


def test_paths_of_the_diagram_exist() -> None:
    (diagram,) = (fence.text for fence in fences(README) if fence.info == "text")
    for path in re.findall(r"^\S+[/.]\S*|\S+\.py$", diagram, re.MULTILINE):
        pattern = path.replace("<name>", "*").rstrip("/")
        assert [*ROOT.glob(pattern), *PACKAGE.parent.glob(pattern)], path


def test_what_is_to_be_changed_is_where_the_readme_says() -> None:
    for row in table(README, "Where to change what"):
        for part in row["change"].split("; "):
            path, *names = spans(part)
            text = "".join(
                file.read_text("utf-8")
                for place in (ROOT / path, PACKAGE / path)
                for file in ([place] if place.is_file() else [])
            )
            assert all(re.search(rf"\b{name}\b", text) for name in names if "." not in name), part
