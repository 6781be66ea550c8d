"""The view `heatmap`: what each day used and generated, circuit by circuit, and how cold it was."""

from typing import Any

from quarterhour.energy.aggregate import DAY
from quarterhour.query.asked import Asked, in_range
from quarterhour.query.periods import label, present
from quarterhour.query.rows import Found, Grain, Plan
from quarterhour.sites import virtual_meters
from quarterhour.sites.house import House
from quarterhour.views.balance import Balance


def plan(question: Asked, house: House) -> Plan:
    """Want days of the house's energy, of its circuits, of the outdoors and of degree days."""
    meters = {
        "energy": virtual_meters.energy(house),
        "circuits": virtual_meters.circuits(house),
        "outdoor": virtual_meters.temperature(house, virtual_meters.outdoor(house)),
        "hdd": virtual_meters.degree_days(house),
    }
    return {
        name: in_range(meter, Grain.DAY, question, house.zone) for name, meter in meters.items()
    }


def answer(question: Asked, house: House, results: Found) -> dict[str, Any]:
    """Return kWh, degF and degree days F of every local day with an outdoor temperature."""
    balance, hdd = Balance(house, results), results["hdd"].only_sum
    return {
        "view": "heatmap",
        "interval": question.interval,
        "days": [
            {
                "date": label(at, DAY, house.zone),
                **balance.of_house(at),
                "outdoor_deg_min": outdoor.least,
                "outdoor_deg_max": outdoor.most,
                **present(hdd=hdd.get(at)),
                **balance.of_circuits(at),
            }
            for at, outdoor in results["outdoor"].only_gauge.items()
        ],
    }
