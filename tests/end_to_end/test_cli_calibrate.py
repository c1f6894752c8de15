"""``abm calibrate`` and ``abm validate`` as a user types them."""

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.unit.calibration_data import GOOD_ROW, town, write_targets

TABLE = """targets = "aims.csv"
posterior = "posterior.csv"
households = 200
free = ["own_account.gross", "pensions.resident"]
"""
SMALL = ("--simulations", 30, "--population", 10, "--workers", 1)


@pytest.fixture
def file(here):
    """A scenario and its targets in the current folder."""
    return town(here, TABLE).name


@pytest.mark.slow
def test_calibrate_then_draw_and_validate(abm, here, file):
    said = abm("calibrate", file, *SMALL, "--out", "fit")
    assert said.code == 0, said.err
    assert "Targets of town" in said.out
    assert "contr" in said.out  # of the prior; a narrow terminal cuts the word
    assert "'abm factorial --draws K' draws from it" in said.out
    written = {"posterior.csv", "calibration.csv", "calibration.md", "calibration.png", "simulations.jsonl"}
    assert written <= {path.name for path in (here / "fit").iterdir()}

    lines = (here / "fit" / "simulations.jsonl").read_text().splitlines()
    again = abm("calibrate", file, *SMALL, "--out", "fit")
    assert again.out == said.out
    assert (here / "fit" / "simulations.jsonl").read_text().splitlines() == lines

    (here / "posterior.csv").write_bytes((here / "fit" / "posterior.csv").read_bytes())
    words = ("--households", 200, "--years", 2, "--replications", 1, "--workers", 1, "--draws", 1)
    assert abm("factorial", file, *words, "--out", "f").code == 0

    looked = abm("validate", file, "--draws", 2, "--replications", 1, "--workers", 1, "--out", "v.md")
    assert looked.code == 0, looked.err
    assert "Kept back" in looked.out
    page = (here / "v.md").read_text(encoding="utf-8")
    assert "## Kept back (use = check): " in page
    assert "## Fitted (use = fit): " in page
    assert "| gini | rural | 2015 | gini | 0.32 | 0.02 |" in page
    abm("validate", file, "--draws", 2, "--replications", 1, "--workers", 1, "--out", "w.md")
    assert (here / "w.md").read_text(encoding="utf-8") == page


def test_validate_without_a_posterior_runs_the_scenarios_own_values(abm, here):
    file = town(here, 'targets = "aims.csv"\nhouseholds = 200\nfree = ["own_account.gross"]\n').name
    said = abm("validate", file, "--replications", 1, "--workers", 1, "--out", "v.md")
    assert said.code == 0, said.err
    assert "draws: none: the scenario's own values" in (here / "v.md").read_text(encoding="utf-8")
    said = abm("validate", file, "--draws", 3, "--out", "x.md")
    assert said.code == 2
    assert "--draws: the scenario names no posterior; make one with 'abm calibrate'" in said.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--method", "magic"), "--method: there is no 'magic'"),
        (("--targets", "none.csv"), "none.csv: --targets: cannot be read"),
        (("--simulations", 0), "--simulations: 0 is too few"),
        (("--budget-minutes", -1), "--budget-minutes: -1 is too few"),
        (("--population", 2), "--population: 2 is too few"),
        (("--seeds", 0), "--seeds: 0 is too few"),
        (("--households", 20), "--households: 20 is too few"),
        (("--workers", 0), "--workers: 0 is too few"),
        (("--cluster", "nowhere"), "--cluster: 'nowhere' is no address"),
        (("--method", "abc", "--simulations", 2, "--workers", 1), "before there was anything to report"),
    ],
)
def test_bad_words(abm, here, file, words, says):
    said = abm("calibrate", file, *words, "--out", "fit")
    assert said.code == 2
    assert says in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("out", "says"),
    [("there", "there: --out: is a folder"), ("aims.csv/x.md", "aims.csv: --out: cannot be made")],
)
def test_a_page_that_cannot_be_written_ends_validate_before_anything_runs(abm, here, file, out, says):
    (here / "there").mkdir()
    began = time.monotonic()
    said = abm("validate", file, "--draws", 0, "--out", out)
    assert said.code == 2
    assert says in said.err
    assert "Kept back" not in said.out
    assert time.monotonic() - began < 30


def test_bad_targets_end_before_anything_runs(abm, here, file):
    write_targets(here / "aims.csv", {**GOOD_ROW, "measure": "mean_incme"})
    for command in ("calibrate", "validate"):
        said = abm(command, file, "--out", "fit")
        assert said.code == 2
        assert said.err == (
            "abm: aims.csv: mean.measure: there is no measure 'mean_incme'; did you mean 'mean_income'?\n"
        )
    assert not (here / "fit").exists()


def test_draws_without_the_posterior_that_is_named(abm, here, file):
    said = abm("factorial", file, "--draws", 1, "--households", 200)
    assert said.code == 2
    assert "posterior.csv: there is no such posterior; make it with 'abm calibrate'" in said.err


@pytest.mark.slow
def test_killed_on_two_workers_it_goes_on_and_ends_as_in_one_process(abm, here, file):
    words = ("--simulations", 26, "--population", 10, "--out")
    whole = abm("calibrate", file, *words, "whole", "--workers", 1)
    assert whole.code == 0, whole.err
    command = [sys.executable, "-m", "abm", "calibrate", file, *map(str, words), "cut", "--workers", "2"]
    log = here / "cut" / "simulations.jsonl"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(600):
            if log.exists() and log.read_bytes().count(b"\n") >= 6:
                break
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    before = log.read_bytes().count(b"\n")
    assert 6 <= before < 26
    done = abm("calibrate", file, *words, "cut", "--workers", 2)
    assert done.code == 0, done.err
    assert (here / "cut" / "posterior.csv").read_bytes() == (here / "whole" / "posterior.csv").read_bytes()
    assert (here / "cut" / "calibration.md").read_bytes() == (here / "whole" / "calibration.md").read_bytes()
