"""What is told of the loading of the demo data: on a terminal, in a log, and when it is stopped."""

import io

import pytest

from local.demo.loading import Loading, duration
from local.line import Line, shown


class Stream(io.StringIO):
    """A stream that is a terminal of 80 columns, or none."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def on_screen(self) -> list[str]:
        """Return the lines that are to be seen, the last as it was written over."""
        screen = []
        for line in self.getvalue().split("\n"):
            seen = ""
            for text in line.split("\r"):
                seen = text + seen[len(text) :]
            screen.append(seen.rstrip())
        return screen


class Clock:
    """A clock that is moved by hand."""

    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture(autouse=True)
def _columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def load(stream: Stream, clock: Clock, total: int, left: int, *parts: int) -> None:
    """Load parts of so many readings, one a second."""
    with Loading(total, left, clock, Line(stream)) as loading:
        loading.tell()
        for readings in parts:
            clock.now_s += 1
            loading.add(readings)


def test_a_terminal_has_one_line_that_says_how_far_it_is(clock: Clock) -> None:
    stream = Stream(terminal=True)
    with Loading(264_000, 264_000, clock, Line(stream)) as loading:
        loading.tell()
        assert stream.on_screen() == ["Demo data: 0 of about 264,000 readings (0 %)"]
        clock.now_s += 12
        loading.add(52_400)
        assert stream.on_screen() == [
            "Demo data: 52,000 of about 264,000 readings (19 %), about 50 s left"
        ]
        clock.now_s += 1_000
        loading.add(52_400)
        assert stream.on_screen() == [
            "Demo data: 105,000 of about 264,000 readings (39 %), about 26 min left"
        ]
    assert stream.on_screen() == [""]


def test_a_log_has_a_line_for_every_tenth_and_nothing_but_text(clock: Clock) -> None:
    stream = Stream(terminal=False)
    load(stream, clock, 100_000, 100_000, *[1_000] * 100)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "Demo data: 0 of about 100,000 readings (0 %)"
    assert lines[1] == "Demo data: 10,000 of about 100,000 readings (10 %), about 2 min left"
    assert [line.partition(" of")[0] for line in lines] == [
        "Demo data: 0",
        *(f"Demo data: {tenth},000" for tenth in range(10, 100, 10)),
    ]
    assert stream.getvalue().replace("\n", "").isprintable()


def test_a_part_of_some_tenths_is_one_line(clock: Clock) -> None:
    stream = Stream(terminal=False)
    load(stream, clock, 100_000, 100_000, 45_000, 1_000, 54_000)
    assert len(stream.getvalue().splitlines()) == 2


def test_a_few_readings_do_not_tell_how_long_the_rest_takes(clock: Clock) -> None:
    stream = Stream(terminal=False)
    load(stream, clock, 100_000, 50_000, 1_900, 99, 8_001, 30_000)
    assert [" left" in line for line in stream.getvalue().splitlines()] == [False, True, True]
    stream = Stream(terminal=True)
    with Loading(100_000, 100_000, clock, Line(stream)) as loading:
        loading.add(1_999)
        assert stream.on_screen() == ["Demo data: 2,000 of about 100,000 readings (1 %)"]


def test_what_goes_on_counts_what_was_there_and_takes_the_time_of_its_own(clock: Clock) -> None:
    stream = Stream(terminal=False)
    load(stream, clock, 100_000, 50_000, 10_000)
    assert stream.getvalue().splitlines() == [
        "Demo data: 50,000 of about 100,000 readings (50 %)",
        "Demo data: 60,000 of about 100,000 readings (60 %), about 10 s left",
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_where_nothing_is_left_nothing_is_told(clock: Clock, *, terminal: bool) -> None:
    stream = Stream(terminal=terminal)
    load(stream, clock, 100_000, 0)
    assert stream.on_screen() == [""]


def _stop_after(loading: Loading, readings: int, stop: BaseException) -> None:
    loading.add(readings)
    raise stop


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_who_stops_it_hears_what_there_is(
    clock: Clock, stop: type[BaseException], *, terminal: bool
) -> None:
    stream = Stream(terminal=terminal)
    with pytest.raises(stop), Loading(10_000, 10_000, clock, Line(stream)) as loading:
        _stop_after(loading, 9_900, stop())
    assert stream.on_screen()[-2:] == [
        "Demo data: stopped at 10,000 of about 10,000 readings (99 %); the next start goes on.",
        "",
    ]


def test_a_failure_leaves_the_line_to_who_tells_of_it(clock: Clock) -> None:
    stream = Stream(terminal=True)
    loading = Loading(10_000, 9_000, clock, Line(stream))
    with pytest.raises(ValueError, match="no"), loading:
        _stop_after(loading, 1_000, ValueError("no"))
    assert stream.on_screen() == [""]


def test_a_narrow_terminal_is_never_given_more_than_a_line(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Stream(terminal=True)
    load(stream, clock, 100_000, 100_000, 10_000)
    assert max(map(len, stream.getvalue().split("\r"))) == 39


def test_that_nobody_reads_any_more_ends_nothing(clock: Clock) -> None:
    class Closed(Stream):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    load(Closed(terminal=False), clock, 100_000, 100_000, 50_000)


def test_a_step_is_shown_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for terminal, seen in ((True, "Starting the server ..."), (False, "")):
        stream = Stream(terminal=terminal)
        monkeypatch.setattr("sys.stderr", stream)
        with shown("Starting the server ..."):
            assert stream.on_screen() == [seen]
        assert stream.on_screen() == [""]


def test_durations_are_as_rough_as_they_are_known() -> None:
    lengths_s = (0, 9.9, 42, 89.9, 90, 3_000)
    assert [duration(each) for each in lengths_s] == [
        *("10 s", "10 s", "50 s", "90 s", "2 min", "50 min")
    ]
