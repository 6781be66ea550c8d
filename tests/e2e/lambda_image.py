"""A stand-in for Lambda's image where no registry is at hand: Debian with Python 3.13, for podman.

SAM CLI adds the emulator of Lambda's runtime API and the layer to it, as it does to the real one.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from local.template import ROOT

IMAGE = "public.ecr.aws/lambda/python:3.13-x86_64"
DEBIAN = "trixie"  # its Python is Lambda's
NEEDED = ("podman", "runc", "debootstrap")

_STORE = ROOT / ".tools" / "containers"
_STORAGE, _SETTINGS = "CONTAINERS_STORAGE_CONF", "CONTAINERS_CONF"
_RUN = "/run/quarterhour-containers"
_NETWORK = "quarterhour"
# As in the real image; /opt/python is the layer's.
_BOOTSTRAP = """#!/bin/sh
export PYTHONPATH=/var/task:/opt/python:/var/runtime
exec python3.13 -m awslambdaric "$_HANDLER"
"""
_WHEELS = (
    *("--only-binary=:all:", "--implementation=cp", "--python-version=3.13"),
    *("--platform=manylinux2014_x86_64", "--platform=manylinux_2_28_x86_64"),
)
_LEFT_OUT = ("./dev", "./proc", "./sys", "./var/cache/apt", "./var/lib/apt", "./usr/share/doc")

_STORAGE_CONF = f"""[storage]
driver = "overlay"
graphroot = "{_STORE / "storage"}"
runroot = "{_RUN}"
"""
# No container may have more open files than this process: without privileges runc cannot raise it.
_CONTAINERS_CONF = f"""[containers]
default_ulimits = ["nofile={{files}}:{{files}}", "nproc=4096:4096"]
[network]
network_config_dir = "{_STORE / "networks"}"
default_network = "{{network}}"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""


def missing() -> list[str]:
    """Return what has to be installed, or done, before an image can be made and run here."""
    found = [name for name in NEEDED if shutil.which(name) is None]
    return found if os.geteuid() == 0 else [*found, "root"]


def podman() -> dict[str, str]:
    """Return the variables that give podman a store, a bridge and settings of its own.

    The image is in that store. Nothing of the machine's own containers is seen or changed.
    AssertionError with what a command said where it failed.
    """
    _STORE.mkdir(parents=True, exist_ok=True)
    variables = {
        name: str(_STORE / name) for name in ("CONTAINERS_STORAGE_CONF", "CONTAINERS_CONF")
    }
    (_STORE / "CONTAINERS_STORAGE_CONF").write_text(_STORAGE_CONF)
    _settle("podman")
    if not (_STORE / "networks" / f"{_NETWORK}.json").exists():
        _podman("network", "create", _NETWORK, variables=variables)
    _settle(_NETWORK)
    if IMAGE not in _images(variables):
        with tempfile.TemporaryDirectory() as folder:
            root, archive = Path(folder, "root"), Path(folder, "image.tar")
            _fill(root)
            _archive(root, archive)
            change = ("--change", "WORKDIR /var/task")
            _podman("import", *change, str(archive), IMAGE, variables=variables)
    return variables


def _settle(network: str) -> None:
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    (_STORE / _SETTINGS).write_text(_CONTAINERS_CONF.format(files=files, network=network))


def remove_what_was_built(variables: Mapping[str, str]) -> None:
    """Remove the images that SAM CLI made on the image here, which stays for the next time."""
    if built := [name for name in _images(variables) if "samcli/" in name]:
        _podman("rmi", "--force", *built, variables=variables)
    _podman("image", "prune", "--force", variables=variables)


def _images(variables: Mapping[str, str]) -> list[str]:
    form = "{{.Repository}}:{{.Tag}}"
    return _podman("images", "--format", form, variables=variables).split()


def _podman(*arguments: str, variables: Mapping[str, str]) -> str:
    return _run("podman", *arguments, environ={**os.environ, **variables})


def _fill(root: Path) -> None:
    """Put Debian, and what runs a handler, into an empty folder."""
    _run("debootstrap", "--variant=minbase", "--include=python3", DEBIAN, str(root), _mirror())
    listed = ROOT / "requirements" / "lambda_image.txt"
    options = ("--quiet", "--no-deps", "--require-hashes", *_WHEELS)
    target = root / "var" / "runtime"
    _run(sys.executable, "-m", "pip", "install", *options, f"--target={target}", f"-r{listed}")
    (target / "bootstrap").write_text(_BOOTSTRAP)
    (target / "bootstrap").chmod(0o755)
    (root / "var" / "task").mkdir()


def _mirror() -> str:
    """Return the first mirror of Debian that apt is configured with."""
    listed = _run("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages")
    return next(line for line in listed.splitlines() if line.rstrip("/").endswith("/debian"))


def _archive(root: Path, archive: Path) -> None:
    left_out = [f"--exclude={path}" for path in _LEFT_OUT]
    _run("tar", "--create", f"--file={archive}", f"--directory={root}", *left_out, ".")


def _run(*command: str, environ: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, env=environ, check=False, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout
