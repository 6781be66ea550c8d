"""Which devices of a house give its energy, its circuits, its degree days and its water."""

from quarterhour.energy.quantities import Quantity
from quarterhour.energy.readings import Series
from quarterhour.sites import virtual_meters
from tests.house_builders import device, house

USED, SOLAR = Series("used"), Series("solar")


def test_a_single_meter_is_read_itself() -> None:
    found = virtual_meters.energy(
        house(device(3, "used", "solar"), device(4, temperature="temperature"))
    )
    assert (found.source.device, found.source.members) == ("3", ())
    assert found.measures == (USED, SOLAR)


def test_without_a_meter_there_is_nothing_to_read() -> None:
    bare = house(device(4, humidity="humidity"))
    for found in (
        virtual_meters.energy(bare),
        virtual_meters.circuits(bare),
        virtual_meters.degree_days(bare),
        virtual_meters.temperature(bare, None),
        virtual_meters.water(bare, "main_water"),
    ):
        assert found.measures == ()


def test_of_several_meters_the_highest_priority_is_first_then_the_highest_id() -> None:
    found = virtual_meters.energy(
        house(
            device(3, "used"),
            device(5, "used"),
            device(7, "used", priority=4),
            device(9, "solar", priority=5),
            device(10, "ashp"),
        )
    )
    assert found.source.members == ("9", "5", "7", "3")
    assert found.measures == (USED, SOLAR)


def test_a_meter_made_of_several_has_another_name_for_everything_that_decides_it() -> None:
    one, two = device(3, "used", "ashp"), device(5, "used", "ashp")
    names = {
        meter.source.device
        for meter in (
            virtual_meters.energy(house(one, two)),
            virtual_meters.circuits(house(one, two)),
            virtual_meters.energy(house(one, device(5, "used", "ashp", priority=1))),
            virtual_meters.circuits(house(one, device(5, "used", "ashp", "dryer"))),
            virtual_meters.circuits(house(one, device(5, "used", ashp="volume", dryer="energy"))),
        )
    }
    assert len(names) == 5
    assert virtual_meters.energy(house(one, two)) == virtual_meters.energy(house(two, one))


def test_circuit_devices_are_those_with_any_other_energy_channel() -> None:
    listed = house(
        device(3, "used", "solar", "adjusted_load"),
        device(5, "dryer", "ashp", "used", outside="temperature"),
        device(8, "ashp", "stove"),
    )
    assert virtual_meters.circuits(listed).source.members == ("8", "5")
    assert virtual_meters.circuit_ids(listed) == ["ashp", "stove", "dryer"]
    assert Series("outside", Quantity.TEMPERATURE) in virtual_meters.circuits(listed).measures


def test_degree_days_are_the_stations_or_those_of_the_outdoor_sensor() -> None:
    outdoor = device(4, location="outdoor", temperature="temperature")
    station = device(6, role="hdd_station", hdd="degree_days")
    assert virtual_meters.degree_days(house(outdoor, station)).measures == (
        Series("hdd", Quantity.DEGREE_DAYS),
    )
    found = virtual_meters.degree_days(house(outdoor))
    assert (found.source.device, found.measures) == (
        "4",
        (Series("temperature", Quantity.HEATING),),
    )


def test_the_outdoor_sensor_that_counts_has_a_temperature() -> None:
    first = device(4, location="outdoor", temperature="temperature")
    wet = device(9, location="outdoor", humidity="humidity")
    assert virtual_meters.outdoor(house(first, wet)) == first
    other = device(8, location="outdoor", temperature="temperature")
    assert virtual_meters.outdoor(house(first, wet, other)) == other


def test_a_rollup_settles_every_device_and_every_meter_made_of_several() -> None:
    one, two = device(3, "used", "ashp"), device(5, "used", heat="temperature")
    found = {
        meter.source.device: meter.measures for meter in virtual_meters.settled(house(one, two))
    }
    assert found.keys() == {"3", "5", virtual_meters.energy(house(one, two)).source.device}
    assert Series("heat", Quantity.HEATING) in found["5"]


def test_a_rollup_settles_the_hours_of_the_house_s_energy_and_of_its_degree_days() -> None:
    """Of the meter that gives them, and of no other device."""
    outdoor = device(4, location="outdoor", temperature="temperature")
    attic = device(9, temperature="temperature")
    one, two = device(3, "used", "ashp"), device(5, "used", "solar")
    site = house(one, two, outdoor, attic)
    hours = [meter for meter in virtual_meters.settled(site) if meter.is_hourly]
    assert {meter.source.device: set(meter.measures) for meter in hours} == {
        virtual_meters.energy(site).source.device: {
            Series("used", Quantity.HOURLY_ENERGY),
            Series("solar", Quantity.HOURLY_ENERGY),
        },
        "4": {Series("temperature", Quantity.HOURLY_HEATING)},
    }
    assert [meter.parts for meter in hours if meter.parts] == [virtual_meters.energy(site).parts]
    assert [meter.is_hourly for meter in virtual_meters.settled(house(one))] == [False, True]


def test_a_meter_can_be_read_in_part() -> None:
    found = virtual_meters.energy(house(device(3, "used", "solar")))
    assert found.only("solar").measures == (SOLAR,)
    assert found.only("dryer").measures == ()
