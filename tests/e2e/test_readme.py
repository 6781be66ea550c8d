"""What the README shows: its commands give the answers under them, its tables are the API's."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from local import template
from local.commands.settings import Settings
from local.gateway.routes import select
from quarterhour.http.document import document
from tests.pages import PAGES, README, ROOT, fences, prose, spans, table
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.e2e

SHOWN_URL = "http://127.0.0.1:3000"
ANSWERS: dict[str, Callable[[str], Any]] = {"json": json.loads, "csv": str.splitlines}
DOCUMENT = document()


class Shown(NamedTuple):
    """A command of a page, and the answer under it."""

    page: Path
    command: str
    form: str
    answer: str


def shown() -> list[Shown]:
    """Return the commands that have an answer, in the order of the pages."""
    return [
        Shown(page, asked.text, answered.info, answered.text)
        for page in PAGES
        for asked, answered in pairwise(fences(page))
        if asked.info == "sh" and answered.info in ANSWERS
    ]


def targets() -> set[str]:
    """Return what `make` can be asked for."""
    return set(
        re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    )


def test_the_commands_give_the_answers_under_them(server: str) -> None:
    """In order and at once, as a reader would: later ones see what earlier ones stored."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    for one in shown():
        assert SHOWN_URL in one.command
        done = subprocess.run(
            ["sh", "-ec", one.command.replace(SHOWN_URL, server)],
            check=True,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
        )
        parse = ANSWERS[one.form]
        assert parse(done.stdout) == parse(one.answer), one.command


def test_the_first_screen_posts_and_gets() -> None:
    commands = [one.command for one in shown() if one.page == README]
    assert "-d '" in commands[0]
    assert "/data?" in commands[1]


def test_every_command_is_answered_or_is_a_make_target() -> None:
    answered = {one.command for one in shown()}
    for page in PAGES:
        for fence in fences(page):
            if fence.info == "sh" and fence.text not in answered:
                assert all(line.startswith("make ") for line in fence.text.splitlines()), fence


def test_every_make_target_that_is_named_exists() -> None:
    for page in PAGES:
        commands = [*spans(prose(page)), *(f.text for f in fences(page) if f.info == "sh")]
        named = re.findall(r"^make ([a-z0-9-]+)", "\n".join(commands), re.MULTILINE)
        assert set(named) <= targets(), page.name


def test_the_two_commands_come_first() -> None:
    assert re.findall(r"^make (\w+)", fences(README)[0].text, re.MULTILINE) == ["start", "test"]


def test_the_variables_of_a_start_have_the_values_that_are_shown() -> None:
    shown_start = next(s for s in spans(prose(README)) if s.startswith("make start "))
    given = dict(pair.split("=") for pair in shown_start.split()[2:])
    assert set(given) == {"PORT", "DATA_DIR", "DEMO", "WORKERS", "HOST"}
    assert Settings.read(given) == Settings.read({})
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert all(f"{name} ?= {value}\n" in makefile for name, value in given.items())


def test_the_endpoints_are_the_documents_and_lead_where_the_template_routes_them() -> None:
    rows = {row["request"].strip("`"): row["function"] for row in table(README, "Requests")}
    assert len(rows) == len(table(README, "Requests"))
    operations = {
        f"{method.upper()} {path}" for path, found in DOCUMENT["paths"].items() for method in found
    }
    assert rows.keys() == operations
    for request, function in rows.items():
        match = select(template.load().routes, *request.split())
        assert match is not None, request
        assert function == f"`functions/{match.route.function}`", request


def test_the_fields_of_a_post_are_those_of_the_document() -> None:
    batch = DOCUMENT["components"]["schemas"]["ShipBatch"]["properties"]
    named = [name for row in table(README, "What a POST takes") for name in spans(row["field"])]
    assert sorted(named) == sorted(batch)


def test_the_parameters_of_a_get_are_those_of_the_document() -> None:
    rows = table(README, "What a GET takes")
    named = {name: row["meaning"] for row in rows for name in spans(row["parameter"])}
    parameters = DOCUMENT["paths"]["/data"]["get"]["parameters"]
    assert list(named) == [each["name"] for each in parameters]
    for each in parameters:
        if "enum" in each["schema"]:
            assert list(spans(named[each["name"]])) == each["schema"]["enum"]
            assert f"`{each['schema']['default']}` (when left out)" in named[each["name"]]


def test_every_folder_is_shown() -> None:
    rows = table(README, "How it fits together")
    named = {name.split("/")[0] for row in rows for name in spans(row["folder"])}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir()}
    unseen = {name for name in folders if name.startswith((".", "__"))}
    assert named == folders - unseen - {"bench", "requirements"} | {"template.yaml"}
