"""Which package the engine is had from, and on what it is taken."""

import concurrent.futures
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from local.engine import dynamodb, dynoxide
from local.engine.dynoxide import Checksums, binary
from local.engine.npm import UnavailableError
from tests.integration.fake_npm import FakeNpm

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("own_engine")]

FETCHING = "Fetching the table's engine through npm (once) ...\n"
UNPINNED = (
    "The table's engine for linux-arm64 has no checksum here: "
    "npm's own check is what it was taken on.\n"
)
Machine = Callable[[str, str], None]


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeNpm:
    fake = FakeNpm(tmp_path / "npm")
    monkeypatch.setenv("PATH", f"{fake.programs}{os.pathsep}{os.environ['PATH']}")
    return fake


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Be another machine: the system and the processor as Python names them."""

    def become(system: str, processor: str) -> None:
        monkeypatch.setattr("sys.platform", system)
        monkeypatch.setattr("platform.machine", lambda: processor)

    return become


@pytest.fixture
def pinned(npm: FakeNpm, machine: Machine, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Be x86-64 Linux, with the checksums of a package of ours; return its binary."""
    machine("linux", "x86_64")
    program = npm.publish("linux-x64")
    checksums = Checksums(npm.integrity("linux-x64"), hashlib.sha256(program).hexdigest())
    monkeypatch.setitem(dynoxide.PINNED, "linux-x64", checksums)
    return program


@pytest.fixture
def unpinned(npm: FakeNpm, machine: Machine) -> bytes:
    """Be Linux on Arm, for which npm has a package and nothing is pinned; return its binary."""
    machine("linux", "aarch64")
    return npm.publish("linux-arm64")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("names_of_python", "name"),
    [
        (("linux", "x86_64"), "linux-x64"),
        (("linux", "AMD64"), "linux-x64"),
        (("linux", "aarch64"), "linux-arm64"),
        (("linux", "arm64"), "linux-arm64"),
        (("darwin", "x86_64"), "darwin-x64"),
        (("darwin", "amd64"), "darwin-x64"),
        (("darwin", "arm64"), "darwin-arm64"),
    ],
)
@pytest.mark.usefixtures("pinned")
def test_npm_is_asked_for_the_package_of_the_machine(
    tmp_path: Path, npm: FakeNpm, machine: Machine, names_of_python: tuple[str, str], name: str
) -> None:
    machine(*names_of_python)
    program = npm.publish(name)
    fetched = binary(tmp_path / "tools")
    assert fetched == tmp_path / "tools" / f"dynoxide-1.2.1-{name}"
    assert fetched.read_bytes() == program
    assert os.access(fetched, os.X_OK)
    assert binary(tmp_path / "tools") == fetched
    assert npm.calls == [f"pack @dynoxide/{name}@1.2.1 --loglevel=error --ignore-scripts"]


@pytest.mark.parametrize(
    ("system", "processor"),
    [("win32", "AMD64"), ("linux", "riscv64"), ("linux", "armv7l"), ("freebsd14", "amd64")],
)
def test_for_another_machine_nothing_is_fetched(
    tmp_path: Path, npm: FakeNpm, machine: Machine, system: str, processor: str
) -> None:
    machine(system, processor)
    with pytest.raises(UnavailableError, match=f"has no package for {system} on {processor}"):
        binary(tmp_path / "tools")
    assert npm.calls == []


def test_machines_that_share_a_folder_have_a_binary_each(
    tmp_path: Path, npm: FakeNpm, machine: Machine
) -> None:
    machine("darwin", "arm64")
    of_the_mac = npm.publish("darwin-arm64")
    binary(tmp_path)
    machine("linux", "aarch64")
    of_the_other = npm.publish("linux-arm64")
    assert binary(tmp_path).read_bytes() == of_the_other
    machine("darwin", "arm64")
    assert binary(tmp_path).read_bytes() == of_the_mac
    assert len(npm.calls) == 2


@pytest.mark.parametrize("code", ["E404", "ETARGET"])
def test_a_package_that_npm_does_not_have_is_named(
    tmp_path: Path, npm: FakeNpm, machine: Machine, code: str
) -> None:
    machine("darwin", "arm64")
    npm.fail_with(code)
    with pytest.raises(UnavailableError, match=r"^npm has no @dynoxide/darwin-arm64 1\.2\.1$"):
        binary(tmp_path / "tools")
    assert names(tmp_path / "tools") == set()


def test_npms_own_code_is_the_reason(tmp_path: Path, npm: FakeNpm, machine: Machine) -> None:
    machine("darwin", "arm64")
    npm.fail_with("ENOTFOUND")
    with pytest.raises(UnavailableError, match=r"^npm pack failed: ENOTFOUND$"):
        binary(tmp_path / "tools")


def test_where_npm_gives_no_code_its_last_words_are_the_reason(
    tmp_path: Path, npm: FakeNpm, machine: Machine
) -> None:
    machine("darwin", "arm64")
    (npm.programs / "npm").write_text("#!/bin/sh\necho first >&2\necho 'no node' >&2\nexit 127\n")
    with pytest.raises(UnavailableError, match=r"^npm pack failed: no node$"):
        binary(tmp_path / "tools")


@pytest.mark.usefixtures("pinned")
def test_a_package_that_is_not_the_pinned_one_is_not_used(
    tmp_path: Path, npm: FakeNpm, capsys: pytest.CaptureFixture[str]
) -> None:
    npm.publish("linux-x64", text="tampered with")
    with pytest.raises(UnavailableError, match=r"linux-x64 1\.2\.1 does not match its checksum"):
        binary(tmp_path / "tools")
    assert capsys.readouterr() == ("", FETCHING)
    assert names(tmp_path / "tools") == set()


@pytest.mark.usefixtures("unpinned")
def test_a_package_without_the_binary_is_not_used(
    tmp_path: Path, npm: FakeNpm, capsys: pytest.CaptureFixture[str]
) -> None:
    npm.publish("linux-arm64", "package/bin/dynoxide")
    with pytest.raises(UnavailableError, match=r"has no package/dynoxide"):
        binary(tmp_path / "tools")
    assert capsys.readouterr() == ("", FETCHING)
    assert names(tmp_path / "tools") == set()


@pytest.mark.usefixtures("pinned")
def test_with_a_pinned_checksum_nothing_is_said_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    binary(tmp_path)
    assert capsys.readouterr() == ("", FETCHING)
    assert names(tmp_path) == {"npm", "dynoxide-1.2.1-linux-x64"}


@pytest.mark.usefixtures("unpinned")
def test_an_engine_without_a_pinned_checksum_starts_and_it_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for expected in (FETCHING + UNPINNED, ""):
        running = dynamodb.start(None, tools=tmp_path)
        running.stop()
        assert running.kind == "dynoxide"
        assert capsys.readouterr() == ("", expected)


@pytest.mark.parametrize("checksum", ["pinned", "unpinned"])
def test_several_may_fetch_the_binary_at_once(
    tmp_path: Path, npm: FakeNpm, request: pytest.FixtureRequest, checksum: str
) -> None:
    program = request.getfixturevalue(checksum)
    tools = tmp_path / "tools"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        (fetched,) = set(pool.map(binary, [tools] * 8))
    assert fetched.read_bytes() == program
    assert names(tools) <= {fetched.name, f"{fetched.name}.sha256"}
    calls = npm.calls
    binary(tools)
    assert npm.calls == calls


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda each: each.write_bytes(b""),
    "a byte more": lambda each: each.write_bytes(each.read_bytes() + b"\n"),
    "not to be run": lambda each: each.chmod(0o600),
    "gone": lambda each: each.unlink(),
}


@pytest.mark.parametrize("checksum", ["pinned", "unpinned"])
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_binary_is_fetched_again(
    tmp_path: Path,
    npm: FakeNpm,
    request: pytest.FixtureRequest,
    damage: Callable[[Path], object],
    checksum: str,
) -> None:
    program = request.getfixturevalue(checksum)
    target = binary(tmp_path / "tools")
    damage(target)
    assert binary(tmp_path / "tools") == target
    assert target.read_bytes() == program
    assert os.access(target, os.X_OK)
    assert len(npm.calls) == 2


@pytest.mark.parametrize("noted", [None, b"", b"0\n", b"\xff\xfe"])
def test_a_binary_whose_noted_checksum_is_damaged_is_fetched_again(
    tmp_path: Path, npm: FakeNpm, unpinned: bytes, noted: bytes | None
) -> None:
    target = binary(tmp_path)
    note = target.with_name(f"{target.name}.sha256")
    whole = note.read_bytes()
    if noted is None:
        note.unlink()
    else:
        note.write_bytes(noted)
    assert binary(tmp_path).read_bytes() == unpinned
    assert note.read_bytes() == whole
    assert len(npm.calls) == 2


def test_a_binary_with_a_note_of_its_own_does_not_pass_for_the_pinned_one(
    tmp_path: Path, pinned: bytes
) -> None:
    target = binary(tmp_path)
    target.write_bytes(b"#!/bin/sh\n")
    note = hashlib.sha256(target.read_bytes()).hexdigest()
    target.with_name(f"{target.name}.sha256").write_text(f"{note}\n")
    assert binary(tmp_path).read_bytes() == pinned


@pytest.mark.usefixtures("npm")
def test_where_npm_has_none_moto_stands_in_and_the_way_out_is_named(
    tmp_path: Path, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine("linux", "aarch64")
    running = dynamodb.start(None, tools=tmp_path)
    running.stop()
    assert running.kind == "moto"
    fetching, warning = capsys.readouterr().err.splitlines()
    assert fetching == FETCHING.rstrip()
    assert warning.startswith("WARNING: ")
    assert "npm has no @dynoxide/linux-arm64 1.2.1" in warning
    assert "AWS_ENDPOINT_URL_DYNAMODB" in warning


@pytest.mark.usefixtures("npm")
def test_where_npm_has_none_a_table_that_is_there_is_not_hidden(
    tmp_path: Path, machine: Machine
) -> None:
    machine("linux", "aarch64")
    (tmp_path / dynamodb.STORAGE).touch()
    with pytest.raises(dynamodb.EngineError, match=r"npm has no .*AWS_ENDPOINT_URL_DYNAMODB"):
        dynamodb.start(tmp_path, tools=tmp_path / "tools")
