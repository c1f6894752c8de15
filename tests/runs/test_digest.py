"""Digests: equal when the rows are, whatever the files look like."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.core.errors import InputError
from abm.records.schema import TABLES
from abm.runs.digest import combined, folder_digests, run_digest, table_digest
from tests.runs.tables import flows, key

AMOUNTS = st.lists(st.floats(width=64, allow_subnormal=True), min_size=1, max_size=12)


@given(amounts=AMOUNTS, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(amounts: list[float], shuffle) -> None:
    table = flows(amounts)
    order = list(range(len(amounts)))
    shuffle.shuffle(order)
    assert run_digest("flows", table.take(order)) == run_digest("flows", table)


def test_rows_with_equal_keys_are_told_apart_by_their_values() -> None:
    table = pa.concat_tables([flows([1.0]), flows([2.0])])
    assert run_digest("flows", table) == run_digest("flows", table.take([1, 0]))


@pytest.mark.parametrize(
    "other", [[1.0, 2.0, np.nextafter(3.0, 4.0)], [1.0, 2.0], [1.0, 2.0, np.nan], [2.0, 1.0, 3.0]]
)
def test_the_last_bit_matters(other: list[float]) -> None:
    assert run_digest("flows", flows(other)) != run_digest("flows", flows([1.0, 2.0, 3.0]))


def test_a_nan_is_a_nan_and_a_missing_value_is_none() -> None:
    odd = np.frombuffer(np.uint64(0xFFF8000000000123).tobytes(), "f8")[0]
    assert run_digest("flows", flows([odd])) == run_digest("flows", flows([np.nan]))
    missing = pa.array([None], pa.float64())
    table = flows([np.nan])
    table = table.set_column(table.schema.get_field_index("amount"), TABLES["flows"].field("amount"), missing)
    assert run_digest("flows", table) != run_digest("flows", flows([np.nan]))


def test_text_is_not_run_together() -> None:
    table = flows([1.0, 2.0])
    i = table.schema.get_field_index("kind")
    digests = [
        run_digest("flows", table.set_column(i, "kind", pa.array(kinds)))
        for kinds in (["ab", "c"], ["a", "bc"], ["ab", ""], ["ab", None])
    ]
    assert len(set(digests)) == 4


def test_the_form_of_text_does_not_matter() -> None:
    table = flows([1.0, 2.0, 3.0])
    i = table.schema.get_field_index("kind")
    for form in (pa.large_string(), pa.dictionary(pa.int32(), pa.string())):
        other = table.set_column(i, "kind", table.column("kind").cast(form))
        assert run_digest("flows", other) == run_digest("flows", table)


def test_any_layout_of_files_has_one_digest(tmp_path: Path) -> None:
    runs = [flows([1.0 * n, 2.0, 3.0, 4.0], key(f"{n:016x}")) for n in range(1, 4)]
    whole = pa.concat_tables(runs)
    layouts = {
        "one each": runs,
        "all in one": [whole],
        "runs torn apart": [whole.slice(0, 5), whole.slice(5)],
        "order reversed": [whole.take(list(range(whole.num_rows))[::-1])],
    }
    expected = {"flows": table_digest("flows", whole)}
    assert expected["flows"] == combined(
        {f"{n:016x}": run_digest("flows", run) for n, run in enumerate(runs, 1)}
    )
    for name, files in layouts.items():
        (tmp_path / name / "flows").mkdir(parents=True)
        for i, file in enumerate(files):
            pq.write_table(file, tmp_path / name / "flows" / f"part {i}.parquet", row_group_size=2)
        assert folder_digests(tmp_path / name) == expected, name


def test_an_empty_table_has_a_digest(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    empty = TABLES["events"].empty_table()
    pq.write_table(empty, tmp_path / "events" / "a.parquet")
    assert folder_digests(tmp_path) == {"events": table_digest("events", empty)}


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "flows").mkdir()
    file = tmp_path / "flows" / "a.parquet"
    pq.write_table(flows([1.0]), file)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(InputError, match=r"a\.parquet"):
        folder_digests(tmp_path)
