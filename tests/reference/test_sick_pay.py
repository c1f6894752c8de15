"""The task that is timed beside Starsim: our side ends at the closed form; without Starsim it says so."""

import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from benchmarks.sick_pay import Outcome, SickPay, Task, expected, run

ROOT = Path(__file__).parents[2]
SMALL = Task(persons=20_000, ticks=40)


@pytest.mark.slow
@pytest.mark.parametrize("task", [SMALL, replace(SMALL, dies=0.0)], ids=["deaths", "no deaths"])
def test_our_side_ends_at_the_closed_form(task: Task) -> None:
    ill, cash = expected(task)
    found = run(task, seed=1)
    assert abs(found.share_ill - ill) < 4 * sqrt(ill * (1 - ill) / task.persons)
    assert abs(found.mean_cash - cash) < 4 * found.sd_cash / sqrt(task.persons)


@pytest.mark.slow
def test_the_ledger_holds_what_a_plain_column_holds() -> None:
    booked, plain = SickPay(SMALL, seed=2), SickPay(SMALL, seed=2, ledger=False)
    for _ in range(SMALL.ticks):
        booked.step()
        plain.step()
    np.testing.assert_array_equal(booked.persons.ill, plain.persons.ill)
    np.testing.assert_allclose(booked.cash, plain.cash, rtol=0, atol=0.005 * SMALL.ticks)
    assert booked.ledger is not None
    assert booked.ledger.imbalance() == 0


def test_the_closed_form_without_illness_is_the_income() -> None:
    well = Task(falls_ill=0.0, dies=0.0, ticks=8)
    assert expected(well) == (0.0, pytest.approx(2 * well.income))


@pytest.mark.parametrize("wrong", ["nobody", "abm", "abm_plain", "starsim", "starsim_lean"])
def test_no_side_is_timed_whose_outcome_is_not_compared(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five standard errors too many ill, on one side, are beyond what is allowed."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    beside = import_module("beside_starsim")
    ill, cash = expected(SMALL)
    right = Outcome(ill, cash, sd_cash=1000.0)
    off = replace(right, share_ill=ill + 5.0 * sqrt(ill * (1.0 - ill) / SMALL.persons))
    found = {side: [off if side == wrong else right] for side in beside.SIDES}
    agree = all(abs(z) < beside.ALLOWED for *_, z in beside.agreement(SMALL, found))
    assert agree is (wrong == "nobody")


@pytest.mark.slow
def test_without_starsim_it_says_what_to_do() -> None:
    said = subprocess.run(
        [sys.executable, "benchmarks/beside_starsim.py", "--starsim-python", "no/such/python"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (said.returncode, said.stdout) == (2, "")
    assert "pip install starsim" in said.stderr
    assert len(said.stderr.splitlines()) == 1
