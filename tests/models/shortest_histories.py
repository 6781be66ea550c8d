"""The shortest histories with a wrong clock; beside each, the rules that keep it right.

It is 2025-03-14, a day that is open; whoever looks at it then, and two days later, sees all that
was acknowledged. Hours count from its midnight; the day before was due at 2 and closed at 2:15.
"""

from collections.abc import Callable

from quarterhour.errors import Busy
from tests.models.ahead_of_now import deface
from tests.models.by_hand import (
    DAY,
    HOUR,
    METER,
    MINUTE,
    READINGS,
    READINGS_READ,
    SHIP,
    TODAY,
    World,
)

AHEAD = 10 * HOUR

History = Callable[[World], None]


def begun(world: World) -> None:
    """The table is there, its fence at yesterday."""
    world.at(3)
    world.process().post(0, 1)


def a_rollup_ten_hours_ahead(world: World) -> None:
    begun(world)
    rollup = world.process(AHEAD)
    world.at(16, 30)
    rollup.roll_up()
    world.at(16, 31)
    rollup.roll_up()
    world.process().post(10, 5)


def a_rollup_ten_hours_ahead_for_a_quarter_of_an_hour(world: World) -> None:
    begun(world)
    rollup, writer = world.process(AHEAD), world.process()
    writer.post(8, 2)
    world.at(16, 30)
    rollup.roll_up()
    world.at(16, 45)
    rollup.roll_up()
    writer.post(10, 5)


def a_watermark_that_is_remembered(world: World) -> None:
    begun(world)
    writer = world.process()
    world.at(16, 30)
    writer.post(9, 3)
    world.at(16, 30, 10)
    world.process(AHEAD).roll_up()
    world.at(16, 30, 20)
    writer.post(10, 5)


def a_write_under_way(world: World) -> None:
    begun(world)
    writer = world.process()
    world.at(16, 30)
    writer.before[READINGS] = world.process(AHEAD).roll_up
    writer.post(10, 5)


def a_writer_three_days_behind(world: World) -> None:
    begun(world)
    rollup = world.process()
    for minutes in (6, 18):
        world.at(26, minutes)
        rollup.roll_up()
    world.at(30)
    world.process(-3 * DAY).post(10, 5)


def a_reader_that_looks_twice_at_an_open_day(world: World) -> None:
    """The day is past and still open: what is posted of it has no mark."""
    begun(world)
    reader = world.process()
    world.at(25)
    world.check(reader)
    world.process().post(10, 5)
    world.check(reader)


def a_reader_that_looks_twice_at_an_open_day_that_is_marked(world: World) -> None:
    """A writer ahead takes it for past; one whose clock is right posts without a mark."""
    begun(world)
    reader = world.process()
    world.at(16, 30)
    world.process(AHEAD).post(10, 5)
    world.at(25)
    world.check(reader)
    world.process().post(11, 7)
    world.check(reader)


def a_reader_ahead_that_looks_twice(world: World) -> None:
    begun(world)
    reader = world.process(AHEAD)
    world.at(16, 30)
    world.check(reader)
    world.process().post(10, 5)
    world.check(reader)


def a_reader_that_looks_twice_at_an_announced_day(world: World) -> None:
    """A writer behind, who knows the fence as it was, writes without a mark for a minute."""
    begun(world)
    writer, reader = world.process(-3 * HOUR), world.process()
    world.at(26, 20)
    writer.post(9, 3)
    world.process().roll_up()
    world.check(reader)
    writer.post(10, 5)
    world.check(reader)


def a_reader_that_looks_again_after_a_late_reading(world: World) -> None:
    """What it has kept of yesterday and of the month is of another counter."""
    yesterday_settled(world)
    reader = world.process()
    world.check(reader)
    world.process().post(-13, 5)
    world.check(reader)
    world.process().roll_up()
    world.check(reader)


def a_late_reading_while_a_day_is_derived(world: World) -> None:
    """It comes after the readings were read, and before what was derived is kept."""
    yesterday_settled(world)
    world.process().post(-13, 5)
    reader = world.process()
    reader.after[READINGS_READ] = lambda: world.process().post(-12, 7)
    reader.used_by_ship("15min")
    world.check(reader)


def a_late_reading_between_what_is_read_of_a_house(world: World) -> None:
    """Its hours are read first; its days are made of the same readings, by counters read later."""
    world.at(3)
    writer, reader = world.process(), world.process()
    writer.put_house(1)
    writer.post(-14, 3, METER)
    writer.roll_up()
    writer.post(-13, 5, METER)
    reader.after[READINGS_READ] = lambda: writer.post(-12, 7, METER)
    reader.of_house()
    world.check(reader)


def yesterday_settled(world: World) -> None:
    """A late reading of yesterday is settled."""
    begun(world)
    world.process().post(-14, 3)
    world.process().roll_up()


def a_rollup_between_a_late_reading_and_its_mark(world: World) -> None:
    yesterday_settled(world)
    writer = world.process()
    writer.before[READINGS] = world.process().roll_up
    writer.post(-13, 5)


def a_writer_that_dies_after_its_first_call(world: World) -> None:
    """What it had stored by then is to be seen by all who read later."""
    yesterday_settled(world)
    writer = world.process()

    def die() -> None:
        world.kwh[SHIP.owner] += 5
        raise Busy("The process is gone.")

    writer.after["transact_write_items"] = die
    writer.post(-13, 5)


def a_late_reading_between_a_day_and_its_month(world: World) -> None:
    yesterday_settled(world)
    writer, rollup = world.process(), world.process()
    writer.mark_the_month()
    rollup.roll_up()
    writer.post(-13, 5)

    def be_overtaken() -> None:
        """By a reading, by a run that settles it, and by a reading."""
        writer.post(-12, 7)
        world.process().roll_up()
        writer.post(-11, 9)

    rollup.after["update_item"] = be_overtaken
    rollup.roll_up()


def a_request_that_takes_its_time(world: World) -> None:
    begun(world)
    writer, rollup = world.process(), world.process(AHEAD)
    world.at(16, 30)
    writer.post(9, 3)
    world.at(16, 30, 1)
    rollup.roll_up()
    world.at(16, 30, 59)

    def close() -> None:
        world.at(16, 31, 15)
        rollup.roll_up()

    writer.before[READINGS] = close
    writer.post(10, 5)


def an_answer_that_is_late(world: World) -> None:
    begun(world)
    writer, rollup = world.process(), world.process(AHEAD)
    world.at(16, 30)

    def announce() -> None:
        world.at(16, 30, 1)
        rollup.roll_up()
        world.at(16, 36)

    writer.after["batch_get_item"] = announce
    writer.post(9, 3)  # too late to be stored
    world.at(16, 36, 50)

    def close() -> None:
        world.at(16, 37, 5)
        rollup.roll_up()

    writer.before[READINGS] = close
    writer.post(10, 5)


def a_wall_clock_that_is_put_ahead_while_a_rollup_waits(world: World) -> None:
    begun(world)
    writer, rollup = world.process(), world.process(AHEAD)
    world.at(16, 30)
    writer.post(9, 3)
    rollup.roll_up()
    rollup.off_s += 10 * MINUTE
    world.at(16, 30, 20)
    rollup.roll_up()
    world.at(16, 30, 40)
    writer.post(10, 5)


def an_old_replica(world: World) -> None:
    begun(world)
    writer, rollup = world.process(), world.process(AHEAD)
    writer.stale = world.dynamo.at("W", "fence", world.dynamo.instant)
    world.at(16, 30)
    writer.post(9, 3)
    rollup.roll_up()
    world.at(16, 38)
    rollup.roll_up()
    world.at(16, 40)
    writer.post(10, 5)


def a_writer_that_was_there_before(world: World) -> None:
    begun(world)
    writer, rollup = world.process(), world.process(AHEAD)
    world.at(16, 30)
    writer.post(9, 3)
    rollup.roll_up()
    world.at(16, 38)
    rollup.roll_up()
    writer.post(10, 5)


def a_writer_that_was_frozen(world: World) -> None:
    begun(world)
    writer, rollup = world.process(), world.process(AHEAD)
    world.at(16, 30)
    writer.post(9, 3)
    rollup.roll_up()
    world.at(16, 38)
    writer.stood_s += 8 * MINUTE
    rollup.roll_up()
    writer.post(10, 5)


def a_writer_whose_clock_is_put_back(world: World) -> None:
    begun(world)
    writer, rollup = world.process(), world.process(AHEAD)
    world.at(16, 30)
    writer.post(9, 3)
    rollup.roll_up()
    world.at(16, 38)
    writer.off_s -= 8 * MINUTE
    rollup.roll_up()
    writer.post(10, 5)


def a_fence_that_begins_while_a_write_is_under_way(world: World) -> None:
    world.at(16, 30)
    writer = world.process()
    writer.before["transact_write_items"] = world.process(34 * HOUR).roll_up
    writer.post(10, 5)


def marked_by_a_writer_ahead_and_settled_by_a_rollup_ahead(world: World) -> None:
    begun(world)
    writer = world.process()
    world.at(16, 30)
    writer.post(8, 2)
    world.process(2.5 * DAY).post(9, 3)
    rollup = world.process(AHEAD)
    rollup.roll_up()
    rollup.roll_up()
    world.at(16, 30, 30)
    writer.post(10, 5)


def yesterday_marked_and_settled_by_a_rollup_ahead(world: World) -> None:
    begun(world)
    writer = world.process()
    world.at(16, 30)
    writer.post(-5, 2)
    world.process(AHEAD).roll_up()
    world.at(16, 30, 30)
    writer.post(10, 5)


def a_house_put_by_a_clock_ahead(world: World) -> None:
    begun(world)
    world.at(16, 30)
    world.process(2.5 * DAY).put_house(1)
    world.process().post(10, 5, METER)


def a_house_put_when_today_is_announced(world: World) -> None:
    begun(world)
    writer = world.process()
    world.at(16, 30)
    writer.post(9, 3)
    world.process(AHEAD).roll_up()
    world.at(16, 30, 30)
    world.process().put_house(1)
    writer.post(10, 5, METER)


def a_house_put_again(world: World) -> None:
    begun(world)
    world.process().put_house(1)
    world.process().post(2, 5, METER)
    rollup = world.process()
    for minutes in (6, 18):
        world.at(26, minutes)
        rollup.roll_up()
    world.process().put_house(1, 2)


def a_write_to_a_house_under_way_as_its_day_is_due(world: World) -> None:
    begun(world)
    world.process().put_house(1)
    writer = world.process()
    world.at(25, 59, 50)

    def close() -> None:
        world.at(26, 0, 5)
        world.process().roll_up()

    writer.before[READINGS] = close
    writer.post(10, 5, METER)


def a_reading_of_a_house_after_midnight_that_ends_one_of_before(world: World) -> None:
    """Energy without an interval is spread from its instant to the reading after it."""
    begun(world)
    world.process().put_house(1)
    world.process().post(-0.5, 4, METER, interval_ms=0)
    world.process().roll_up()
    world.process().post(1 / 6, 2, METER, interval_ms=0)


def power_ahead_of_now(world: World) -> None:
    """Today is closed while it lasts, and what its blocks say is not for today."""
    begun(world)
    rollup = world.process(AHEAD)
    for minutes in (30, 45):
        world.at(16, minutes)
        rollup.roll_up()
    assert deface(world.dynamo, world.dynamo, TODAY + int(17 * HOUR) * 1000)
    world.at(17)
    world.check()
    world.kwh.clear()  # what is wrong stays so


def power_that_lasts_longer_than_today(world: World) -> None:
    """What it comes to grows while it is held."""
    begun(world)
    world.at(17)
    world.process().post_power(16, 4, for_hours=12)
    world.check()


def closed_while_it_lasts(world: World) -> None:
    """Today is closed by a rollup ahead, then power is posted that lasts until tomorrow."""
    begun(world)
    rollup = world.process(AHEAD)
    for minutes in (30, 45):
        world.at(16, minutes)
        rollup.roll_up()
    world.at(17)
    world.process().post_power(16, 4, for_hours=12)


def a_day_settled_while_it_lasts(world: World) -> None:
    """Its block is of the whole day, also by a rollup whose clock is right."""
    closed_while_it_lasts(world)
    world.process().roll_up()


def a_reader_that_looks_at_a_day_closed_while_it_lasts(world: World) -> None:
    """It sees what the power has come to by then, and later all of it."""
    closed_while_it_lasts(world)
    reader = world.process()
    world.check(reader)
    world.at(40)
    world.check(reader)


def a_settled_day_of_which_something_is_deleted(world: World) -> None:
    yesterday_settled(world)
    world.process().delete(-14, 3)
    world.check()
    world.process().roll_up()


def a_reading_before_midnight_that_is_deleted_of_two_settled_days(world: World) -> None:
    """It was declared to last into the next day, which has to be settled anew, too."""
    begun(world)
    world.process().post(-24.5, 6)
    world.process().roll_up()
    world.process().delete(-24.5, 6)


def a_newer_value_that_is_posted_while_the_older_one_is_deleted(world: World) -> None:
    begun(world)
    deleter = world.process()
    world.process().post(2, 5)

    def post_anew() -> None:
        world.process().post(2, 9)

    deleter.before[READINGS] = post_anew
    deleter.delete(2, 5)


OF_BLOCKS = "a day that is not past taken from its block"
OF_THE_FLEET = "a day that is not past taken from the fleet's items"
# The histories by name, with the faults that make them wrong (`faulty_stores`, `faulty_houses`).
SHORTEST: dict[str, tuple[History, list[str]]] = {
    history.__name__.replace("_", " "): (history, faults)
    for history, faults in (
        (a_rollup_ten_hours_ahead, ["no fence"]),
        (
            a_rollup_ten_hours_ahead_for_a_quarter_of_an_hour,
            ["no fence", "marks by the clock alone"],
        ),
        (a_watermark_that_is_remembered, ["the fence is what is closed", "no fence"]),
        (
            a_write_under_way,
            ["a day is closed as soon as it is announced", "the fence is what is closed"],
        ),
        (a_writer_three_days_behind, ["no fence", "marks by the clock alone"]),
        (a_rollup_between_a_late_reading_and_its_mark, ["mark in a second call, before"]),
        (a_writer_that_dies_after_its_first_call, ["mark in a second call, after"]),
        (a_late_reading_between_a_day_and_its_month, ["a rollup keeps the readings"]),
        (a_request_that_takes_its_time, ["the wait is that of the memory alone"]),
        (an_answer_that_is_late, ["the fence's age counts from its answer"]),
        (a_wall_clock_that_is_put_ahead_while_a_rollup_waits, ["the wait is of wall clocks"]),
        (an_old_replica, ["the fence read eventually consistent"]),
        (a_writer_that_was_there_before, ["the fence kept for ever"]),
        (a_writer_that_was_frozen, ["the fence's age is of the monotonic clock alone"]),
        (a_writer_whose_clock_is_put_back, ["the fence's age is of the wall clock alone"]),
        (
            a_fence_that_begins_while_a_write_is_under_way,
            ["all days are open where no fence is"],
        ),
        (
            marked_by_a_writer_ahead_and_settled_by_a_rollup_ahead,
            ["marked days settled up to the fence", "marked days settled up to the clock"],
        ),
        (yesterday_marked_and_settled_by_a_rollup_ahead, ["sums complete up to the clock"]),
        (a_house_put_by_a_clock_ahead, ["days before the house are skipped too soon"]),
        (
            a_house_put_when_today_is_announced,
            ["days before the house are skipped up to the fence"],
        ),
        (a_house_put_again, ["days before the house are skipped anew with each entry"]),
        (a_write_to_a_house_under_way_as_its_day_is_due, ["settling without MARGIN"]),
        (
            a_reading_of_a_house_after_midnight_that_ends_one_of_before,
            ["marks reach less far back"],
        ),
        (a_settled_day_of_which_something_is_deleted, ["a delete does not mark"]),
        (
            a_reading_before_midnight_that_is_deleted_of_two_settled_days,
            ["a delete does not mark", "a delete marks only the days of what it takes"],
        ),
        (
            a_newer_value_that_is_posted_while_the_older_one_is_deleted,
            ["a delete takes what is newer"],
        ),
        (power_ahead_of_now, [OF_BLOCKS, OF_THE_FLEET]),
        (power_that_lasts_longer_than_today, ["power is held beyond now"]),
        (a_day_settled_while_it_lasts, ["what is settled is cut at now"]),
        (a_reader_that_looks_at_a_day_closed_while_it_lasts, ["what is cut at now is kept"]),
        (a_reader_that_looks_twice_at_an_open_day, ["an open day is kept"]),
        (a_reader_that_looks_twice_at_an_open_day_that_is_marked, ["a marked day is kept"]),
        (
            a_reader_ahead_that_looks_twice,
            ["an open day is kept", "what is kept is closed by the reader's clock"],
        ),
        (a_reader_that_looks_twice_at_an_announced_day, ["an announced day is kept"]),
        (a_reader_that_looks_again_after_a_late_reading, ["a kept block is believed"]),
        (a_late_reading_while_a_day_is_derived, ["a derived day is kept by later counters"]),
        (
            a_late_reading_between_what_is_read_of_a_house,
            ["readings of before the counters are kept"],
        ),
    )
}
