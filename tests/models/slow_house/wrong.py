"""Requests that must be refused, with one thing wrong each."""

from random import Random

from tests.models.slow_house.answers import Request
from tests.models.slow_house.house import House

_VIEWS = ("summary", "generation", "hdd", "water", "heatmap", "chart")


def bad_requests(house: House, rng: Random, how_many: int) -> list[Request]:
    """Return requests with one thing wrong each: 400, or 404 for what the house has not."""
    unknown = max((one.id for one in house.devices), default=0) + 1
    wrong: list[dict[str, str]] = [
        *({"interval": text} for text in ("", "week", "decades", "15min", "1day")),
        *(
            {"start": text}
            for text in ("2013-13", "2013-02-30", "01/02/2013", "soon", "1999-12-31")
        ),
        *({"end": text} for text in ("2013-00-01", "2013-1-1", "2013-W01", "tomorrow")),
        *({"start": "2013", "duration": text} for text in ("1week", "month", "-1day", "1.5days")),
    ]
    bad = [Request(f"views/{rng.choice(_VIEWS)}", {"interval": "month", **one}) for one in wrong]
    bad += [Request(f"views/{name}", {}) for name in ("summary", "heatmap", "basetemp", "usage")]
    bad += [
        Request(path, {"interval": "month", **more})
        for path, more in (
            ("views/basetemp", {"base": "warm"}),
            ("views/usage", {"circuit": "ashp", "base": "nan"}),
            ("views/usage", {"circuit": "no_such_circuit"}),
            ("views/temperature", {"location": f"{unknown}"}),
            ("views/no_such_view", {}),
            ("views/chart", {}),
            ("views/water", {"interval": "day", "start": "2013"}),
            ("views/default", {"interval": "years"}),
            ("devices/no_such_device", {}),
            (f"devices/{unknown}", {}),
            (f"devices/{house.devices[0].id}", {"fields": "no_such_field"}),
            ("circuits/no_such_circuit", {}),
        )
    ]
    return [rng.choice(bad) for _ in range(how_many)] if how_many < len(bad) else bad
