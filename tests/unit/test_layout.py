"""Where things are, what may import what, and what the lists of requirements hold."""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "layers" / "common" / "python" / "quarterhour"
LOCAL = ROOT / "local"
SOURCES = ("layers", "functions", "local", "tests", "bench")

TOP_LEVEL = {
    *("CHANGELOG.md", "LICENSE", "Makefile", "README.md"),
    *("bench", "docs", "events", "functions", "layers", "local", "requirements", "tests"),
    *("pyproject.toml", "samconfig.toml", "template.yaml"),
}
REQUIRED = TOP_LEVEL - {"bench"} | {".ci/run", ".gitignore"}

DRAWERS = {"utils", "util", "helpers", "helper", "misc", "base", "manager", "service", "common"}
# What would tie an exact answer to a machine, a moment or a library.
IMPURE = {"os", "time", "random", "secrets", "uuid", "socket", "subprocess", "logging", "threading"}
CLOCK = re.compile(r"\.(now|utcnow|today)\(|\benviron\b|\bgetenv\b")
AWS = {"boto3", "botocore"}

# The rooms of the package, and which others each may import. What is in the package itself, as the
# errors, any room may.
PURE: dict[str, set[str]] = {
    "": set(),
    "time": set(),
    "energy": {"time"},
    "sites": {"energy", "time"},
    "fleets": {"energy", "time"},
    "query": {"energy", "sites", "time"},
    "views": {"energy", "query", "sites", "time"},
    "values": {"energy", "query", "sites", "time"},
}
_DOMAIN = {"energy", "fleets", "query", "sites", "time"}
ROOMS: dict[str, set[str]] = {
    **PURE,
    "store/table": _DOMAIN - {"query"},
    "store/write": {"energy", "sites", "store/table", "time"},
    "store/read": {*_DOMAIN, "store/table"},
    "store/rollup": {*_DOMAIN - {"query"}, "store/read", "store/table"},
    "store": {
        *("energy", "sites", "time"),
        *("store/read", "store/rollup", "store/table", "store/write"),
    },
    "http": {"http/answers"},
    "http/query": {*_DOMAIN, "http/answers", "values", "views"},
    "http/answers": {*_DOMAIN, "values", "views"},
    "http/ingest": {"energy", "http", "http/answers", "http/query", "sites", "time"},
}
# The same of what runs on the laptop. AWS is there room by room: API Gateway, Lambda, DynamoDB.
LOCAL_ROOMS: dict[str, set[str]] = {
    "": set(),
    "__main__.py": {"commands"},
    "engine": set(),
    "runtime": set(),
    "gateway": {"runtime"},
    "demo": {"demo/house"},
    "demo/house": set(),
    "commands": {"demo", "engine", "gateway", "runtime"},
}
TABLES = {PACKAGE: ROOMS, LOCAL: LOCAL_ROOMS}
DOMAIN = sorted(path for room in PURE for path in (PACKAGE / room).glob("*.py"))
DOMAIN += sorted((PACKAGE / "views").glob("*/*.py"))
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))


def named(paths: list[Path]) -> pytest.MarkDecorator:
    """Run a test once for each file, under the file's name."""
    return pytest.mark.parametrize("path", paths, ids=[path.stem for path in paths])


def sources() -> Iterator[Path]:
    """Yield every Python file of the project, and no cache's."""
    for name in SOURCES:
        for path in (ROOT / name).rglob("*.py"):
            if not any(part.startswith(".") for part in path.relative_to(ROOT).parts):
                yield path


def imports(path: Path) -> set[str]:
    """Return the dotted names of the modules a file imports, anywhere in it."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: a relative import"
            module = node.module or ""
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def roots(path: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(path)}


def package(path: Path) -> Path:
    """Return the folder of the package that a file or folder lies in."""
    return next(each for each in TABLES if path.is_relative_to(each))


def room(path: Path) -> str:
    """Return the room of a file or folder of a package: the deepest that it lies in."""
    whole = package(path)
    inside = path.relative_to(whole)
    return next(
        str(each)
        for each in (inside, *inside.parents)
        if str(each) in TABLES[whole] or each == Path()
    )


def entered(path: Path) -> set[str]:
    """Return the rooms of the modules a file imports, but for its own and the package itself."""
    whole = package(path)
    own = (name.split(".")[1:] for name in imports(path) if name.startswith(f"{whole.name}."))
    places = {whole.joinpath(*parts) for parts in own}
    modules = {place for place in places if place.is_dir() or place.with_suffix(".py").is_file()}
    # What is named inside a module is no place; the package of a module is entered with it.
    return {room(each) for each in modules} - {room(path), "."}


@named(sorted(path for whole in TABLES for path in whole.rglob("*.py")))
def test_a_room_enters_only_the_rooms_it_may(path: Path) -> None:
    own = room(path)
    assert entered(path) <= TABLES[package(path)][own if own != "." else ""], own


@pytest.mark.parametrize("whole", TABLES, ids=[whole.name for whole in TABLES])
def test_every_folder_of_a_package_is_a_room(whole: Path) -> None:
    folders = {str(path.parent.relative_to(whole)) for path in whole.rglob("*.py")}
    assert folders - {".", "views/usage"} == set(TABLES[whole]) - {"", "__main__.py"}


def test_no_rooms_of_the_laptop_enter_each_other_in_a_circle() -> None:
    TopologicalSorter(LOCAL_ROOMS).prepare()


@named(DOMAIN)
def test_the_domain_stands_on_the_standard_library_and_itself(path: Path) -> None:
    assert roots(path) <= (sys.stdlib_module_names - IMPURE) | {"quarterhour"}


@named(DOMAIN)
def test_the_domain_knows_neither_clock_nor_environment(path: Path) -> None:
    assert not CLOCK.findall(path.read_text(encoding="utf-8"))


def test_only_the_store_imports_botocore_and_one_module_makes_its_clients() -> None:
    """In what runs on Lambda, and on the laptop; test_endpoint.py says when it is not imported."""
    deployed = [*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    users = {path for path in deployed if roots(path) & AWS}
    assert users
    assert {path.relative_to(PACKAGE).parts[0] for path in users} == {"store"}
    makers = {path for path in (*users, *(ROOT / "local").rglob("*.py")) if "boto3" in roots(path)}
    assert makers == {PACKAGE / "store" / "table" / "clients.py"}


def test_what_is_deployed_needs_nothing_that_is_not() -> None:
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]:
        assert not roots(path) & {
            "local",
            "tests",
            "moto",
            "yaml",
            "functions",
            "localstack_client",
        }, path


def test_there_are_no_drawers() -> None:
    parts = {part for path in sources() for part in path.relative_to(ROOT).with_suffix("").parts}
    assert parts & DRAWERS == {"common"}, "layers/common is the one name that is prescribed"
    assert {path.name for path in (ROOT / "layers" / "common" / "python").iterdir()} - {
        "__pycache__"
    } == {"quarterhour"}


def test_the_top_level_is_as_drawn() -> None:
    there = {path.name for path in ROOT.iterdir() if not path.name.startswith((".", "__"))}
    assert there <= TOP_LEVEL
    assert not [name for name in sorted(REQUIRED) if not (ROOT / name).exists()]


def pins(path: Path) -> dict[str, str]:
    """Return the version of each package in a compiled list."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = (re.match(r"([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", line) for line in lines)
    return {match[1]: match[2] for match in found if match}


def test_the_layer_asks_for_four_packages() -> None:
    lines = (ROOT / "requirements" / "layer.in").read_text(encoding="utf-8").split()
    assert lines == ["aws-lambda-powertools", "boto3", "pydantic", "tzdata"]


def test_the_lists_agree_on_versions() -> None:
    layer, local, dev = (
        pins(ROOT / "requirements" / f"{n}.txt") for n in ("layer", "local", "dev")
    )
    assert layer.items() <= local.items() <= dev.items()


def test_the_layers_packages_depend_on_no_marker() -> None:
    """Pip reads markers by the Python that runs it, and the layer is built for another one."""
    assert ";" not in (ROOT / "requirements" / "layer.txt").read_text(encoding="utf-8")


@named(REQUIREMENTS)
def test_every_package_is_pinned_with_hashes_and_no_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert pins(path)
    assert "//" not in text
    blocks = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert [block.split("==")[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert len(blocks) == len(re.findall(r"^[a-z0-9-]+(?:\[[^]]*\])?==", text, re.MULTILINE))
