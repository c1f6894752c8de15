"""Every column is stated once, with type, unit and meaning."""

import pyarrow as pa
import pytest

from abm.core.names import LAYERS
from abm.records.schema import COLUMNS, KEY_COLUMNS, MEASURE_COLUMNS, OUTCOME_COLUMNS, SORT_KEYS, TABLES


@pytest.mark.parametrize("name", TABLES)
def test_a_table_begins_with_the_keys_and_says_what_each_column_means(name: str) -> None:
    assert tuple(TABLES[name].names[: len(KEY_COLUMNS)]) == KEY_COLUMNS
    assert set(LAYERS) < set(KEY_COLUMNS)
    assert all(column.meaning for column in COLUMNS[name].values())
    assert set(SORT_KEYS[name]) <= set(TABLES[name].names)


def test_numbers_have_units() -> None:
    for columns in COLUMNS.values():
        for name, column in columns.items():
            if pa.types.is_floating(column.type):
                assert column.unit, name


def test_villages_have_the_measures_of_outcomes() -> None:
    after_key = len(KEY_COLUMNS) + 1
    assert TABLES["outcomes"].names[after_key:] == TABLES["villages"].names[after_key:]
    assert tuple(OUTCOME_COLUMNS) == MEASURE_COLUMNS
    assert [f.name for f in TABLES["outcomes"] if f.type == pa.int64()] == [
        "seed",
        "households",
        "ledger_imbalance",
    ]
