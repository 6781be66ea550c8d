"""Readings that no rule of this release knows: they are left out, counted and named in the log.

A newer release may have stored them before a step back. They stay, for the next step forward.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()


class Unknown:
    """What was left out of what was read of a partition: how much, and the first of it."""

    def __init__(self) -> None:
        self._number = 0
        self._partition = self._first = ""

    def add(self, item: Mapping[str, Any], name: str) -> None:
        """Count an attribute of an item."""
        if not self._number:
            self._partition, self._first = item["pk"]["S"], f"{item['sk']['S']} {name}"
        self._number += 1

    def note(self) -> None:
        """Say in the log and in a metric what was left out, if anything was."""
        if not self._number:
            return
        logger.warning(
            "unknown readings",
            extra={"partition": self._partition, "number": self._number, "first": self._first},
        )
        metrics = Metrics()
        if metrics.namespace:  # a command has none, and is no function
            metrics.add_metric(name="ReadingsUnknown", unit=MetricUnit.Count, value=self._number)
            metrics.flush_metrics()
