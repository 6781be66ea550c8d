"""What `make build` makes is what Lambda needs, whatever Python the host has."""

import sys
from pathlib import Path

import pytest

from local import template
from local.runtime import functions
from local.template import ROOT
from tests.e2e.conftest import BuiltFor
from tests.e2e.sam_build import copied, run
from tests.pages import table

LIMIT_BYTES = 60_000_000
UNCHECKED_HASH = 1
BYTECODES_PART = 1 / 3

# EM_X86_64 and EM_AARCH64 of the ELF header.
MACHINES = {"x86_64": 62, "arm64": 183}

pytestmark = [pytest.mark.slow, pytest.mark.e2e]

each_architecture = pytest.mark.parametrize("architecture", MACHINES)

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
sys.path[:0] = sys.argv[1:]
import boto3, pydantic, quarterhour
for module in pkgutil.walk_packages(quarterhour.__path__, "quarterhour."):
    importlib.import_module(module.name)
assert callable(importlib.import_module("app").handler)
for service in ("dynamodb", "sqs"):
    boto3.client(service, "eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
for module in (boto3, pydantic, quarterhour):
    assert module.__file__.startswith(sys.argv[1]), module.__file__
"""
# The compiled part of pydantic is for Lambda's Python alone.
IMPORT_WHAT_IS_PURE = """
import sys
sys.path[:0] = sys.argv[1:]
import boto3, dateutil, jmespath, quarterhour.energy.resample, quarterhour.store
"""


def test_the_template_is_valid_and_lints_clean(sam: Path, tmp_path: Path) -> None:
    assert "is a valid SAM Template" in run([sam, "validate", "--lint"], copied(tmp_path))


def test_every_function_is_built_from_its_folder(built: Path) -> None:
    for each in template.load().functions:
        folder = built / f"{each.name.title().replace('_', '')}Function"
        source = ROOT / "functions" / each.name / "app.py"
        assert (folder / "app.py").read_bytes() == source.read_bytes()


@each_architecture
def test_a_function_and_the_layer_stay_under_60_mb(built_for: BuiltFor, architecture: str) -> None:
    assert deployed_bytes(built_for(architecture)) <= LIMIT_BYTES


@each_architecture
def test_they_have_the_size_the_page_gives(
    built_for: BuiltFor, architecture: str, python_3_13: Path | None
) -> None:
    rows = {row["architecture"]: row for row in table(ROOT / "docs" / "aws.md", "Parameters")}
    given = float(rows[architecture]["layer and largest function, unzipped"].removesuffix(" MB"))
    bytecode = 1 if python_3_13 else 1 - BYTECODES_PART
    found = deployed_bytes(built_for(architecture)) / 1e6
    assert found == pytest.approx(given * bytecode, rel=0.1)


def deployed_bytes(built: Path) -> int:
    """Return the bytes of the layer and the largest function, unzipped."""
    sizes = {
        folder.name: sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        for folder in built.iterdir()
        if folder.is_dir()
    }
    layer = sizes.pop("CommonLayer")
    return layer + max(sizes.values())


def test_the_layer_holds_the_package_and_no_caches(built: Path) -> None:
    layer = built / "CommonLayer" / "python"
    assert {"quarterhour", "pydantic", "aws_lambda_powertools", "boto3"} <= {
        path.name for path in layer.iterdir()
    }
    assert not list(built.rglob(".*_cache"))


@each_architecture
def test_the_layers_compiled_code_is_for_the_architecture(
    built_for: BuiltFor, architecture: str
) -> None:
    compiled = [*(built_for(architecture) / "CommonLayer").rglob("*.so")]
    assert "pydantic_core" in {path.parent.name for path in compiled}
    assert {machine(path) for path in compiled} == {MACHINES[architecture]}


def machine(library: Path) -> int:
    """Return what machine an ELF file is for: e_machine of its header, in its byte order."""
    header = library.read_bytes()[:20]
    assert header[:6] == b"\x7fELF\x02\x01", "64 bits, little-endian"
    return int.from_bytes(header[18:20], "little")


def test_everything_imports_from_the_build_alone(built: Path, python_3_13: Path | None) -> None:
    layer = built / "CommonLayer" / "python"
    variables = functions.environment(template.load(), None)
    if python_3_13 is None:
        run([sys.executable, "-IB", "-c", IMPORT_WHAT_IS_PURE, layer], built, **variables)
        return
    for function in built.glob("*Function"):
        run([python_3_13, "-IB", "-c", IMPORT_EVERYTHING, layer, function], built, **variables)


def test_the_bytecode_holds_whatever_the_files_times_are(
    built: Path, python_3_13: Path | None
) -> None:
    compiled = list(built.rglob("*.pyc"))
    assert {int.from_bytes(path.read_bytes()[4:8], "little") for path in compiled} <= {
        UNCHECKED_HASH
    }
    names = {path.name for path in compiled}
    assert ("app.cpython-313.pyc" in names) == (python_3_13 is not None)
    assert ("resample.cpython-313.pyc" in names) == (python_3_13 is not None)
