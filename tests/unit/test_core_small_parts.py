"""Calendar, columns, errors, phases: the small parts that everything rests on."""

import pickle
from math import exp

import numpy as np
import pytest

from abm.core.calendar import Calendar
from abm.core.columns import Columns
from abm.core.errors import InputError, nearest
from abm.core.phases import PHASE_NAMES, PHASES, YEARLY


@pytest.mark.parametrize("ticks", [4, 12])
def test_a_calendar_walks_through_whole_years(ticks: int) -> None:
    calendar = Calendar(2014, ticks)
    assert calendar.year == 2014
    seen = []
    for _ in range(3 * ticks):
        calendar.advance()
        seen.append((calendar.year, calendar.year_begins, calendar.year_ends))
    for number, year in enumerate((2014, 2015, 2016)):
        mine = seen[number * ticks : (number + 1) * ticks]
        assert {y for y, _, _ in mine} == {year}
        assert [begins for _, begins, _ in mine] == [True] + [False] * (ticks - 1)
        assert [ends for _, _, ends in mine] == [False] * (ticks - 1) + [True]


@pytest.mark.parametrize("rate", [0.0, 1e-12, 0.1, 3.0])
def test_rates_come_to_the_same_over_a_year_whatever_the_ticks(rate: float) -> None:
    for ticks in (4, 12):
        calendar = Calendar(2014, ticks)
        assert (1.0 - calendar.chance(rate)) ** ticks == pytest.approx(exp(-rate), rel=1e-12)
        assert calendar.kept(rate) ** ticks == pytest.approx(exp(-rate), rel=1e-12)
        assert calendar.chance(rate) == pytest.approx(1.0 - calendar.kept(rate), abs=1e-15)
    assert Calendar(2014, 12).chance(1e-12) == pytest.approx(1e-12 / 12, rel=1e-9)  # nothing lost to rounding


def table() -> Columns:
    columns = Columns(3)
    columns.declare("trust", np.float64, 0.5)
    columns.declare("employer", np.int32, -1)
    columns.declare("amenity", np.float64, 1.0, width=2)
    return columns


def test_columns_read_and_write_as_attributes() -> None:
    columns = table()
    columns.trust[1] = 0.7
    columns.trust += 0.1
    assert columns.trust.tolist() == [0.6, pytest.approx(0.8), 0.6]
    columns.employer = [4, 5, 6]
    assert columns["employer"].dtype == np.int32
    assert columns["employer"].tolist() == [4, 5, 6]
    assert columns.names == ("trust", "employer", "amenity")
    assert "trust" in columns
    assert list(columns) == list(columns.names)
    assert len(columns) == 3


def test_writing_a_whole_column_keeps_the_array() -> None:
    """Whoever holds a column sees what is written later."""
    columns = table()
    held = columns.trust
    columns.trust = np.array([1.0, 2.0, 3.0])
    assert columns.trust is held
    assert held.tolist() == [1.0, 2.0, 3.0]


def test_appended_rows_get_fill_values_and_old_rows_stay() -> None:
    columns = table()
    columns.trust = [0.1, 0.2, 0.3]
    for count in (1, 2, 40):
        before = len(columns)
        rows = columns.append({"employer": np.full(count, 9)}, count)
        assert rows.tolist() == list(range(before, before + count))
    assert len(columns) == 46
    assert columns.trust[:3].tolist() == [0.1, 0.2, 0.3]
    assert (columns.trust[3:] == 0.5).all()
    assert columns.employer[:3].tolist() == [-1, -1, -1]
    assert (columns.employer[3:] == 9).all()
    assert columns.amenity.shape == (46, 2)
    assert (columns.amenity == 1.0).all()
    columns.trust[45] = 0.9
    assert columns["trust"][45] == 0.9


def test_rows_appended_after_others_were_taken_are_not_left_over() -> None:
    """Room kept for growth holds the fill value, also where a column was written over its whole length."""
    columns = table()
    columns.append({}, 1)
    columns.trust = 0.0
    columns.append({}, 1)
    assert columns.trust.tolist() == [0.0] * 4 + [0.5]


def test_a_column_declared_late_has_all_rows() -> None:
    columns = table()
    columns.append({}, 4)
    columns.declare("queued_since", np.int32, -1)
    assert columns.queued_since.tolist() == [-1] * 7
    columns.append({}, 1)
    assert columns.queued_since.tolist() == [-1] * 8


def test_names_that_no_column_can_have() -> None:
    columns = table()
    for name in ("trust", "append", "names", "_rows"):
        with pytest.raises(ValueError, match=name):
            columns.declare(name, np.float64)
    with pytest.raises(AttributeError, match="trsut"):
        columns.trsut = 1
    with pytest.raises(AttributeError, match="trsut"):
        _ = columns.trsut
    with pytest.raises(KeyError, match="trsut"):
        columns.append({"trsut": 1}, 1)
    assert len(columns) == 3
    with pytest.raises(ValueError, match="broadcast"):
        columns.trust = [1.0, 2.0]


def test_columns_pickle_and_grow_on() -> None:
    columns = table()
    columns.append({"trust": 0.9}, 5)
    again = pickle.loads(pickle.dumps(columns))
    assert again.trust.tolist() == columns.trust.tolist()
    again.append({"employer": 3}, 20)
    again.trust[0] = 0.0
    assert len(again) == 28
    assert len(columns) == 8
    assert columns.trust[0] == 0.5
    assert again.trust[10] == 0.5


def test_an_input_error_is_one_line_that_says_where_what_and_how() -> None:
    error = InputError("must be\n a number", file="x.toml", key="labour.quit_rate", mend="give one")
    assert str(error) == "x.toml: labour.quit_rate: must be a number; give one"
    assert str(InputError("is empty")) == "is empty"
    assert isinstance(error, ValueError)
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert (again.file, again.key, again.mend) == (error.file, error.key, error.mend)


def test_the_nearest_right_name() -> None:
    assert nearest("socal", ["social", "interest"]) == "did you mean 'social'?"
    assert nearest("xyz", ["b", "a"]) == "use one of: a, b"
    assert nearest("xyz", []) == "there is none to choose from"


def test_phases_are_named_once_and_the_yearly_ones_come_first_and_last() -> None:
    assert len(set(PHASE_NAMES)) == len(PHASES)
    assert {PHASE_NAMES[1], PHASE_NAMES[-1]} == YEARLY
    assert all(name.isidentifier() and sentence.endswith(".") for name, sentence in PHASES)
