"""The benchmark's table: what is short of a budget is shown, what must hold decides."""

from bench.table import compared, has_failed, limited, table


def test_a_ratio_above_its_budget_is_short_and_fails_nothing() -> None:
    line = compared("GET of a day", "ms", 3.0, 2.0, 0.8)
    assert (line.ratio, line.budget, line.verdict) == ("1.50x", "<= 0.8x", "short")
    assert not has_failed([line])


def test_a_figure_above_its_limit_fails() -> None:
    assert has_failed([limited("units", "", 2, 2), limited("calls", "", 3, 2)])


def test_a_figure_at_its_limit_holds() -> None:
    assert not has_failed([limited("calls", "", 2, 2)])


def test_the_columns_of_the_table_stand_below_each_other() -> None:
    rows = table([compared("a", "ms", 1234.5, 10.0), limited("longer", "MB", 0.5, 60)]).splitlines()
    assert rows[2].startswith("| a      | 1,234 ms ")
    assert rows[3].split("|")[5].strip() == "<= 60 MB"
    assert len({len(row) for row in rows}) == 1
