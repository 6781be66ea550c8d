"""What is put about houses: catalogue entries and budgets, as JSON bodies."""

from typing import Any

Entry = dict[str, Any]

PATH = "/api/houses/5/"
BUDGETS = f"{PATH}budgets/"


def meter(device_id: Any = 1, *energies: str, **more: Any) -> Entry:
    """Return a device of these channels of energy, by default `used`; solar is signed."""
    names = energies or ("used",)
    channels = {name: {"quantity": "energy"} for name in names}
    if "solar" in channels:
        channels["solar"]["signed"] = True  # type: ignore[assignment]
    return {"id": device_id, "name": f"device {device_id}", "channels": channels, **more}


def sensor(device_id: int, location: str) -> Entry:
    """Return a device of temperature and humidity at a place."""
    measured = {name: {"quantity": name} for name in ("temperature", "humidity")}
    return meter(device_id, channels=measured, location=location)


def circuit(circuit_id: Any, **more: Any) -> Entry:
    """Return the name of a circuit."""
    return {"circuit_id": circuit_id, "name": f"The {circuit_id}", "description": "", **more}


def entry(*devices: Any, circuits: Any = (), **more: Any) -> Entry:
    """Return a catalogue entry of these devices, by default of one meter."""
    return {
        "name": "A house by the river",
        "sname": "River",
        "timezone": "America/New_York",
        "areas": {"iga": 1500, "ciga": 1200.5, "ega": 1800},
        "devices": [*devices] or [meter()],
        "circuits": [*circuits],
        **more,
    }


def full() -> Entry:
    """Return an entry that says all that can be said."""
    water = {"gallons": {"quantity": "volume"}}
    station = {"hdd": {"quantity": "degree_days"}}
    return entry(
        meter(10, "used", "solar", "ashp", "adjusted_load", priority=-3),
        meter(
            2,
            channels={
                "used": {
                    "quantity": "power",
                    "signed": False,
                    "interval": "PT20S",
                    "label": "end",
                    "factor": 0.001,
                },
            },
            priority=None,
        ),
        meter(3, channels=water, role="main_water"),
        meter(4, channels=station, role="hdd_station"),
        sensor(0, "outdoor"),
        circuits=[circuit("stove"), circuit("ashp", description="Air source heat pump")],
    )


def budgets(**by_month: Any) -> Entry:
    """Return budgets of months: `budgets(m2013_01={"solar": -430})`."""
    months = {name.removeprefix("m").replace("_", "-"): said for name, said in by_month.items()}
    return {"budgets": [{"month": month, **said} for month, said in months.items()]}
