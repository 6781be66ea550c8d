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
from quarterhour.views.view import ViewModule

VIEWS: dict[str, ViewModule] = {
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

# What a house's list of views has: the default, which is a route of its own, and all but these.
_UNLISTED = {"temperature", "basetemp"}
LISTED = ("default", *(name for name in VIEWS if name not in _UNLISTED))

_RANGE = {"interval", "start", "end", "duration"}

# What a view does not have counts for nothing there, whatever its value.
PARAMETERS: dict[str, set[str]] = {
    **dict.fromkeys(VIEWS, _RANGE),
    "usage": {*_RANGE, "circuit", "base"},
    "temperature": {*_RANGE, "location"},
    "basetemp": {*_RANGE, "base"},
    "chart": {"interval", "start"},
}
