"""The benchmark runs from the command line, and its last line is one object that a script can read."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_benchmark_ends_with_one_object() -> None:
    words = ["--households", "300", "--plain-households", "250", "--ticks", "1", "--json"]
    said = subprocess.run(
        [sys.executable, "benchmarks/household_tick.py", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    found = json.loads(said.stdout.splitlines()[-1])
    assert found["ratio"] == pytest.approx(found["plain_mesa_ns"] / found["columns_ns"], rel=0.01)
    assert 0 < found["floor_ns"] < found["columns_ns"]
    assert found["bytes"] > 100  # a household's columns, each of 1 to 8 bytes
    assert found["draws"] > 1


@pytest.mark.slow
def test_counting_what_arrays_do_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    from household_tick import production
    from moved import BYTES, CALLS, counting

    plain, watched = production(300), production(300)
    plain.step()
    with counting(watched):
        watched.step()
    for table in ("households", "workers", "enterprises", "places"):
        one, other = getattr(plain.world, table), getattr(watched.world, table)
        for name in one:
            assert np.array_equal(one[name], np.array(other[name]), equal_nan=one[name].dtype.kind == "f"), (
                name
            )
    assert CALLS["ufunc"] > 1000
    assert BYTES["gather"] > BYTES["fill"] > 0
