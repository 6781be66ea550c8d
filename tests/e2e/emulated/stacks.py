"""Stacks that the AWS SAM CLI deploys to the emulated AWS, and what is in them."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.template import ROOT
from tests.e2e.emulated.emulator import Emulator
from tests.e2e.sam_build import SAM


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack: `resources` are the physical ids of its resources, by logical id."""

    name: str
    emulator: Emulator
    resources: Mapping[str, str]

    def feed(self, name: str) -> Any:
        """Feed an event, by the name of its file, to the function the name begins with."""
        event = (ROOT / "events" / f"{name}.json").read_bytes()
        return self.invoke(name.partition("-")[0], event)

    def invoke(self, function: str, event: bytes) -> Any:
        """Return what a function answers, by its folder's name; AssertionError where it fails."""
        client = self.emulator.client("lambda")
        answer = client.invoke(FunctionName=self.function(function), Payload=event)
        payload = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, payload
        return payload

    def function(self, name: str) -> str:
        return self.resources[f"{_title(name)}Function"]

    def logged(self, function: str, message: str) -> list[dict[str, Any]]:
        """Return the lines with this message that a function wrote to its log group."""
        group = self.resources[f"{_title(function)}Log"]
        pages = self.emulator.client("logs").get_paginator("filter_log_events")
        events = [event for page in pages.paginate(logGroupName=group) for event in page["events"]]
        lines = [json.loads(each["message"]) for each in events if each["message"][0] == "{"]
        return [line for line in lines if line.get("message") == message]

    @property
    def schedule(self) -> dict[str, Any]:
        """Return the rollup's schedule, as the scheduler has it."""
        name = self.resources["RollupFunctionEveryMinute"]
        schedule: dict[str, Any] = self.emulator.client("scheduler").get_schedule(Name=name)
        return schedule


@dataclass(frozen=True, slots=True)
class Deployments:
    """Deploys a built copy of the project."""

    project: Path
    emulator: Emulator

    def deploy(self, name: str, **parameters: str) -> Stack:
        """Create or update a stack; template.yaml's parameters keep what is not given here."""
        values = [f"{key}={value}" for key, value in parameters.items()]
        overrides = ["--parameter-overrides", *values] if values else []
        self._sam("deploy", "--stack-name", name, "--no-confirm-changeset", *overrides)
        pages = self.emulator.client("cloudformation").get_paginator("list_stack_resources")
        found = [each["StackResourceSummaries"] for each in pages.paginate(StackName=name)]
        resources = [each for page in found for each in page]
        ids = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in resources}
        return Stack(name, self.emulator, ids)

    def delete(self, name: str) -> None:
        self._sam("delete", "--stack-name", name, "--no-prompts")

    def _sam(self, *arguments: str) -> None:
        run([SAM, *arguments], self.project, self.emulator.environment)


def run(command: list[str | Path], folder: Path, variables: Mapping[str, str]) -> None:
    """Run a command with these variables alone; AssertionError with its output if it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**variables, "SAM_CLI_TELEMETRY": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def _title(name: str) -> str:
    return name.title().replace("_", "")
