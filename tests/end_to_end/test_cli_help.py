"""Help, version, and how a command ends: quick to answer, and never with a traceback unless asked."""

import signal
import subprocess
import sys
import time

import pytest

import abm as package
from tests.end_to_end.small import SMALL_FACTORIAL

COMMANDS = (
    *("run", "factorial", "placebo", "displacement", "batch", "calibrate", "validate", "hypotheses", "signs"),
    *("report", "check", "describe", "plan", "digest", "laws", "export", "pack", "replicate"),
    *("effects", "sensitivity"),
    *("merge", "verify", "torture"),
)
HEAVY = (
    "mesa",
    "pyabc",
    "dask",
    "distributed",
    "matplotlib",
    "pandas",
    "pyarrow",
    "scipy",
    "networkx",
    "numpy",
)

IMPORTED = """
import sys
from abm.cli.main import execute
code = execute({words!r})
print("imported", code, sorted(set(sys.modules) & set({heavy!r})))
"""


@pytest.mark.parametrize("words", [["--help"], ["-h"], [], *([name, "--help"] for name in COMMANDS)])
def test_help(abm, words):
    said = abm(*words)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Usage: abm")
    assert "Example" in said.out


def test_help_names_all_commands(abm):
    out = abm("--help").out
    for name in COMMANDS:
        assert f"  {name} " in out


def test_version(abm):
    said = abm("--version")
    assert (said.code, said.out) == (0, f"abm {package.__version__}\n")


@pytest.mark.parametrize("words", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_loads_nothing_heavy(words):
    code = IMPORTED.format(words=words, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "imported 0 []"


def test_the_module_runs_where_the_command_is_not_on_the_path(here):
    done = subprocess.run(
        [sys.executable, "-m", "abm", "--version"], cwd=here, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("abm ")


# --- failures that are not the user's ---------------------------------------------------------------------

BROKEN = '''
from abm.mechanisms.base import Mechanism


class Broken(Mechanism):
    """Divides by zero."""

    name = "broken"
    layer = "background"

    def labour(self, world):
        """Fail,
        in two lines."""
        raise ZeroDivisionError("nothing\\nto share")
'''


@pytest.fixture
def broken(here, monkeypatch):
    """The option that adds a mechanism which fails."""
    (here / "broken_rules.py").write_text(BROKEN, encoding="utf-8")
    monkeypatch.syspath_prepend(str(here))
    monkeypatch.delenv("ABM_TRACEBACK", raising=False)
    from abm.scenario.load import read_scenario

    listed = [*read_scenario("t_district").scenario.mechanisms, "broken_rules:Broken"]
    return f"--set=scenario.mechanisms={listed}"


def test_a_failure_is_one_line_and_leaves_nothing(abm, here, broken):
    said = abm("run", "t_district", "--households", 200, "--years", 1, broken, "--out", "r")
    assert said.code == 1
    assert said.err == "abm: FAILURE ZeroDivisionError: nothing to share; set ABM_TRACEBACK=1 to see where\n"
    assert not (here / "r").exists()


def test_a_traceback_for_those_who_ask(abm, broken, monkeypatch):
    monkeypatch.setenv("ABM_TRACEBACK", "1")
    said = abm("run", "t_district", "--households", 200, "--years", 1, broken)
    assert said.code == 1
    assert "Traceback" in said.err
    assert "broken_rules.py" in said.err
    assert said.err.splitlines()[-1].startswith("abm: FAILURE ZeroDivisionError")


def test_a_factorial_whose_runs_all_fail(abm, here, broken):
    words = SMALL_FACTORIAL[1:]
    said = abm("factorial", "t_district", *words, broken, "--out", "r")
    assert said.code == 1
    last = said.err.splitlines()[-1]
    assert last.startswith("abm: FAILURE ")
    assert "8 of 8 runs failed" in last
    assert "nothing to share" in last


@pytest.mark.slow
def test_ctrl_c(here):
    process = subprocess.Popen(
        [sys.executable, "-m", "abm", "run", "t_district", "--households", "30000", "--out", "r"],
        cwd=here,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a background job of a shell ignores the signal, and its children with it
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(200):
        if (here / "r" / "manifest.json").exists():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.startswith("abm: stopped")
    assert err.count("\n") == 1
    assert not (here / "r").exists()


def test_whoever_reads_only_the_beginning(here):
    """``abm describe t_district | head -1``: no complaint about a broken pipe."""
    words = [sys.executable, "-m", "abm", "describe", "t_district", "--format", "csv"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, cwd=here, text=True, **pipes) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
