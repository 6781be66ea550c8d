"""The views by their names, and which parameters each has: a new view is a line here."""

from quarterhour.views import (
    basetemp,
    chart,
    generation,
    hdd,
    heatmap,
    summary,
    temperature,
    usage,
    water,
)
from quarterhour.views.view import View

VIEWS: dict[str, View] = {
    "summary": summary,
    "generation": generation,
    "usage": usage,
    "hdd": hdd,
    "temperature": temperature,
    "water": water,
    "basetemp": basetemp,
    "heatmap": heatmap,
    "chart": chart,
}

_RANGE = {"interval", "start", "end", "duration"}

# What a view does not have counts for nothing there, whatever its value.
PARAMETERS: dict[str, set[str]] = {
    **dict.fromkeys(VIEWS, _RANGE),
    "usage": {*_RANGE, "circuit", "base"},
    "temperature": {*_RANGE, "location"},
    "basetemp": {*_RANGE, "base"},
    "chart": {"interval", "start"},
}
