"""Result tables made by hand, for tests that need no model."""

import numpy as np
import pyarrow as pa

from abm.records.schema import TABLES, RunKey, key_columns


def key(run_id: str = "0123456789abcdef", arm: str = "OIS") -> RunKey:
    return RunKey(run_id, "t_district", arm, "cut", "neutral", 0, "O" in arm, "I" in arm, "S" in arm, 5)


def table(name: str, own: dict[str, list[object]], run: RunKey | None = None) -> pa.Table:
    """A table with the columns of the schema; measures that are not given count up from 1."""
    rows = len(next(iter(own.values())))
    columns = dict(key_columns(run or key(), rows))
    for field in TABLES[name]:
        values = own.get(field.name, np.arange(1, rows + 1))
        if field.name not in columns:
            columns[field.name] = pa.array(values, field.type)
    return pa.table([columns[field.name] for field in TABLES[name]], schema=TABLES[name])


def flows(amounts: list[float], run: RunKey | None = None) -> pa.Table:
    """A table of flows with one payer a row."""
    rows = len(amounts)
    own: dict[str, list[object]] = {
        "year": [2014 + i // 3 for i in range(rows)],
        "payer": [f"payer {i % 3}" for i in range(rows)],
        "payee": ["household"] * rows,
        "kind": ["工资"] * rows,
        "layer": ["", "social", "interest"] * (rows // 3) + [""] * (rows % 3),
        "amount": list(amounts),
    }
    return table("flows", own, run)


def outcomes(run: RunKey | None = None) -> pa.Table:
    return table("outcomes", {"year": [2014, 2014, 2015], "population": ["all", "rural", "all"]}, run)
