"""What came first, the hypothesis or the run: against a real git repository."""

import os
import subprocess

import pytest

from abm.analysis.hypotheses import read_hypothesis
from abm.analysis.registration import check_registered, committed_at
from abm.core.errors import InputError
from tests.unit.hypothesis_data import GOOD, written

EARLY, MIDDLE, LATE = 1_700_000_000, 1_700_100_000, 1_700_200_000


def git(folder, *words, time=EARLY):
    who = {f"GIT_{role}_{what}": "a@b.c" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    when = {f"GIT_{role}_DATE": f"{time} +0000" for role in ("AUTHOR", "COMMITTER")}
    env = {**os.environ, **who, **when, "GIT_CONFIG_GLOBAL": os.devnull}
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, env=env)


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def commit(folder, text, time):
    path = written(folder / "claims", text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "a claim", time=time)
    return path


def results(folder, *times):
    (folder / "runs").mkdir(parents=True)
    for i, time in enumerate(times):
        note = folder / "runs" / f"{i}.json"
        note.write_text("{}")
        os.utime(note, (time, time))
    return folder


def test_results_of_after_the_commit_are_taken(repository, tmp_path):
    path = commit(repository, GOOD, EARLY)
    assert committed_at(path) == EARLY
    assert check_registered(read_hypothesis(path), [results(tmp_path / "r", LATE, MIDDLE)])


def test_a_single_run_of_before_is_refused(repository, tmp_path):
    read = read_hypothesis(commit(repository, GOOD, MIDDLE))
    late, early = results(tmp_path / "late", LATE), results(tmp_path / "early", LATE, EARLY)
    with pytest.raises(InputError, match="before the runs that judge it") as caught:
        check_registered(read, [late, early])
    assert str(early) in str(caught.value)
    assert caught.value.file == read.file
    assert "--only" in caught.value.mend


def test_better_words_cost_nothing_and_other_numbers_do(repository, tmp_path):
    folder = results(tmp_path / "r", MIDDLE)
    commit(repository, GOOD, EARLY)
    path = commit(repository, GOOD.replace("raise the mean", "make the mean rise"), LATE)
    assert check_registered(read_hypothesis(path), [folder])
    path = commit(repository, GOOD.replace("sesoi = 100.0", "sesoi = 80.0"), LATE)
    with pytest.raises(InputError, match="says what it says since"):
        check_registered(read_hypothesis(path), [folder])
    back = commit(repository, GOOD, LATE + 5)
    assert committed_at(back) == LATE + 5  # what was given up in between counts from its return


def test_what_git_does_not_hold_yet_is_refused(repository, tmp_path):
    path = written(repository / "claims")
    with pytest.raises(InputError, match="is not committed; commit it"):
        check_registered(read_hypothesis(path), [])
    commit(repository, GOOD, EARLY)
    path = written(repository / "claims", GOOD.replace("cutoff = 0.0", "cutoff = -5.0"))
    with pytest.raises(InputError, match="has been changed since it was committed"):
        check_registered(read_hypothesis(path), [results(tmp_path / "r", LATE)])


def test_outside_git_nothing_can_be_checked(tmp_path):
    read = read_hypothesis(written(tmp_path / "claims"))
    assert committed_at(read.file) is None
    assert not check_registered(read, [results(tmp_path / "r", EARLY)])
