"""The page on clusters and its scripts, read as text: no Slurm is needed to see that they cannot be right."""

import ast
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.cli.main import app
from abm.runs.cluster import WORKER_ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cluster.md"
EXAMPLES = ROOT / "docs" / "examples"
SCRIPTS = ("slurm_array.sh", "slurm_merge.sh")
CLUSTER = EXAMPLES / "slurm_cluster.py"
WORKERS = EXAMPLES / "workers.sh"

OF_SLURM = {"job-name", "array", "cpus-per-task", "mem", "time", "output"}
OF_JOBQUEUE = {
    *("queue", "account", "cores", "processes", "memory", "walltime", "interface", "local_directory"),
    "job_script_prologue",
}
"""What ``sbatch`` and ``dask_jobqueue.SLURMCluster`` (0.9) take, of what the scripts use."""


def text_of(path: Path) -> str:
    """A script in whole lines."""
    return path.read_text(encoding="utf-8").replace("\\\n", " ")


def commands(text: str) -> list[list[str]]:
    """Lines that call ``abm``, as words."""
    return [line.split() for line in text.splitlines() if line.startswith("abm ")]


def words_in_python() -> list[str]:
    """The command that the Python script puts together."""
    tree = ast.parse(CLUSTER.read_text(encoding="utf-8"))
    lists = [node for node in ast.walk(tree) if isinstance(node, ast.List)]
    texts = [[e.value for e in node.elts if isinstance(e, ast.Constant)] for node in lists]
    experiment = next(words for words in texts if "--out" in words)
    options = next(words for words in texts if "--cluster" in words)
    return ["abm", *experiment, *(word for word in options if word.startswith("--"))]


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_sound(name: str) -> None:
    text = text_of(EXAMPLES / name)
    assert text.startswith("#!/bin/bash\n")
    assert "set -euo pipefail" in text
    assert set(re.findall(r"^#SBATCH --([a-z-]+)=", text, re.MULTILINE)) <= OF_SLURM
    assert text.count("#SBATCH") == len(re.findall(r"^#SBATCH --[a-z-]+=\S+$", text, re.MULTILINE))
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("no bash here")
    subprocess.run([shell, "-n", EXAMPLES / name], check=True)


def test_options_that_scripts_and_page_name_exist(abm: Callable) -> None:
    calls = [words_in_python()]
    for path in (PAGE, *(EXAMPLES / name for name in SCRIPTS)):
        calls += commands(text_of(path))
    assert {words[1] for words in calls} >= {"batch", "factorial", "merge", "verify"}
    for words in calls:
        said = abm(words[1], "--help")
        assert said.code == 0, words
        for option in (word for word in words if word.startswith("--")):
            assert re.search(rf"^ +{option} ", said.out, re.MULTILINE), f"{words[1]} has no {option}"


def test_the_array_does_every_shard_once() -> None:
    text = text_of(EXAMPLES / "slurm_array.sh")
    first, last = re.search(r"^#SBATCH --array=(\d+)-(\d+)$", text, re.MULTILINE).groups()
    assert (first, int(last) > 1) == ("1", True)  # shards count from 1
    assert '--shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"' in text
    folder = re.search(r'--out "(\S+)/\$SLURM_ARRAY_TASK_ID"', text)[1]
    assert f"abm merge {folder}/* --out" in text_of(EXAMPLES / "slurm_merge.sh")


def test_the_python_script_is_sound() -> None:
    tree = ast.parse(CLUSTER.read_text(encoding="utf-8"))
    compile(tree, CLUSTER.name, "exec")
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    (made,) = [call for call in calls if getattr(call.func, "id", "") == "SLURMCluster"]
    given = {keyword.arg: keyword.value for keyword in made.keywords}
    assert set(given) <= OF_JOBQUEUE
    assert given["cores"].value == given["processes"].value  # one thread a worker


def test_workers_started_by_hand_have_the_environment_of_our_own() -> None:
    set_there = re.findall(r"(?:export | )([A-Z_]+)=(\S+)", WORKERS.read_text(encoding="utf-8"))
    assert dict(set_there) == WORKER_ENVIRONMENT
    (sourced,) = {line.strip() for line in text_of(PAGE).splitlines() if line.startswith("source ")}
    assert sourced == f"source {WORKERS.relative_to(ROOT)}"
    assert f'"{sourced}"' in CLUSTER.read_text(encoding="utf-8")


def test_the_page_names_all_scripts_and_every_command_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in (*SCRIPTS, CLUSTER.name, WORKERS.name):
        assert f"(examples/{name})" in text
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    assert set(re.findall(r"(?:`|^)abm ([a-z]+)", text, re.MULTILINE)) <= known
