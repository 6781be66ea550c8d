"""The rows that a view wants of a meter: by the asked interval, or of the days in the range."""

from quarterhour.query.asked import Asked
from quarterhour.query.rows import Grain, Wanted
from quarterhour.sites.virtual_meters import Meter
from quarterhour.time.zones import Zone


def grain(asked: Asked) -> Grain:
    """Return the rows that items are made of: whole months for years, too."""
    return Grain.MONTH if asked.by_month else Grain(asked.interval)


def day_grain(asked: Asked) -> Grain:
    """Return the rows of a view that knows no whole months: hours if asked for, else days."""
    return Grain.HOUR if grain(asked) is Grain.HOUR else Grain.DAY


def by_interval(meter: Meter, asked: Asked, zone: Zone) -> Wanted:
    """Want the rows that items are made of: months that begin in the range, or its days, hours."""
    if asked.by_month:
        return Wanted(meter, grain(asked), *asked.months(zone))
    return in_range(meter, grain(asked), asked, zone)


def in_range(meter: Meter, grain: Grain, asked: Asked, zone: Zone) -> Wanted:
    """Want the hours or days of the range, whatever the interval."""
    between = asked.hours(zone) if grain is Grain.HOUR else asked.days(zone)
    return Wanted(meter, grain, *between)
