"""The designs of experiments/: every level is one that the scenario accepts, and that a hypothesis names."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from abm.analysis.hypotheses import read_hypotheses, read_hypothesis
from abm.cli.levels import run_designs
from abm.core.draws import replication_seed
from abm.core.errors import InputError
from abm.model.plan import load_scenario
from abm.runs.levels import Level, level_specs, run_levels
from abm.runs.results import read_results
from abm.scenario.switches import Arm

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"


def loaded(folder: str, name: str) -> ModuleType:
    """A script of an experiment as a module."""
    place = EXPERIMENTS / folder
    sys.path.insert(0, str(place))
    try:
        spec = importlib.util.spec_from_file_location(f"{folder}_{name}", place / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(place))
    return module


villages = loaded("three_villages", "designs")
others = loaded("hypotheses", "run")
permutations = loaded("three_villages", "permutations")
DESIGNS = {**villages.DESIGNS, **others.DESIGNS}


@pytest.mark.parametrize("name", DESIGNS)
def test_every_level_is_one_that_the_scenario_accepts(name: str) -> None:
    scenario = load_scenario("t_district")
    specs = {
        label: level_specs(level, replications=2, seed=7, households=300)
        for label, level in DESIGNS[name](scenario).items()
    }
    for mine in specs.values():
        assert [spec.seed for spec in mine] == [replication_seed(7, r) for r in (0, 1)], "as abm factorial"
        assert {spec.snapshots for spec in mine} == {name == "snapshots"}
        assert {spec.arm.from_year for spec in mine} == {scenario.switch_year}
    runs = [spec.run_id for mine in specs.values() for spec in mine]
    assert len(set(runs)) == len(runs), "no two levels are the same runs"


def test_levels_are_those_of_the_hypotheses() -> None:
    scenario = load_scenario("t_district")
    named = {h.design.name: h.design for h in read_hypotheses(EXPERIMENTS / "hypotheses") if h.design}
    assert set(named) == set(DESIGNS) - {"three_villages_turned_1", "three_villages_turned_2"}
    for name, design in named.items():
        assert list(DESIGNS[name](scenario)) == design.levels
        script = "three_villages" if name.startswith("three_villages") else "hypotheses"
        assert f"experiments/{script}/run.py {name}" in design.how


@pytest.mark.parametrize("turned", [0, 1, 2])
def test_equalised_villages_differ_in_their_lack_alone(turned: int) -> None:
    plain = load_scenario("t_district")
    scenario = load_scenario("t_district", villages.equalised(plain, turned))
    before, after = (sum(place.people for place in s.places.rows) for s in (plain, scenario))
    assert before == after
    rows = {place.name: place for place in scenario.places.rows if place.name in villages.PILOT}
    kind = plain.place_kinds[villages.ORDINARY]
    lacks = {}
    for name, place in rows.items():
        for lack in ("participation", "management", "trust"):
            if getattr(place, lack) != getattr(kind, lack):
                assert getattr(place, lack) == pytest.approx(getattr(kind, lack) / 2)
                lacks.setdefault(name, []).append(lack)
        assert (place.kind, place.market_distance, place.idle_yards) == (
            villages.ORDINARY,
            kind.market_distance,
            kind.idle_yards,
        )
    whose = villages.lacks_turned(turned)
    assert lacks == {name: [villages.LACKS[whose[name]]] for name in villages.PILOT}
    assert max(p.people for p in rows.values()) - min(p.people for p in rows.values()) <= 1
    for planned in (*scenario.joint_points, *scenario.programmes):
        if not isinstance(planned.places, str):
            assert len(set(villages.PILOT) & set(planned.places)) in (0, 3)


def test_the_true_match_turns_with_the_lacks() -> None:
    assert villages.matching("three_villages") == villages.matching("three_villages_equal") == villages.MATCH
    turned = villages.matching("three_villages_turned_1")
    assert turned == {"BQ": "organizational", "BL": "social", "SJ": "interest"}


# --- the permutation test -------------------------------------------------------------------------------


class MadeUp:
    """Village means by level and seed: the matching layer adds 3 %, luck 1 %; one layer adds 5 % everywhere."""

    def __init__(self, seeds: int = 8) -> None:
        luck = np.random.default_rng(2)
        rows = []
        for village, match in villages.MATCH.items():
            for layer in villages.LAYERS:
                for seed in range(seeds):
                    log = 0.03 * (layer == match) + 0.05 * (layer == "interest") + luck.normal(0, 0.01)
                    key = {"draw": 0, "seed": seed, "arm": villages.level(village, layer), "row": village}
                    rows.append(
                        {
                            **key,
                            "question": "cut",
                            "budget": "neutral",
                            "year": 2035,
                            "mean_income": np.exp(log),
                        }
                    )
        self.frame = pd.DataFrame(rows)

    def table(self, _: str) -> pd.DataFrame:
        return self.frame

    def last_years(self, _: int) -> tuple[int, ...]:
        return (2035,)


def test_the_true_assignment_leads_and_what_a_layer_does_everywhere_cancels_out() -> None:
    hypothesis = read_hypothesis(EXPERIMENTS / "hypotheses" / "H6.toml")
    table = permutations.permuted(MadeUp(), hypothesis, "three_villages")
    assert table["true"].tolist() == [True] + [False] * 5
    assert table.loc[0, "lead"] == pytest.approx(0.03, abs=0.01)
    assert table.loc[0, "low"] < 0.03 < table.loc[0, "high"]
    assert table["lead"].sum() == pytest.approx(0, abs=1e-12)
    assert (table.loc[0, "best"], set(table.n)) == (1.0, {8})
    own = hypothesis.weights(hypothesis.tests[0])
    assert own == pytest.approx(
        {cell: 6 * w for cell, w in permutations.lead_weights(villages.MATCH).items()}
    )
    assert "| 1 | interest | organizational | social | True |" in permutations.markdown(table)


def test_permutations_without_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert permutations.main([str(tmp_path), "--out", str(tmp_path / "o")]) == 2
    said = capsys.readouterr().err
    assert "three_villages/BQ_organizational/ is missing" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "o").exists()


# --- running them -----------------------------------------------------------------------------------------

TINY = {"scenario.burn_in": 0, "scenario.switch_year": 2015, "scenario.end_year": 2015}


def two(_: object) -> dict[str, Level]:
    return {
        "on": Level(Arm(from_year=2015), TINY, snapshots=True),
        "thin": Level(Arm(0.5, 0.5, 0.5, from_year=2015), TINY),
    }


def test_running_again_finishes_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--out", str(tmp_path / "r"), "--households", "200", "--replications", "1", "--workers", "1"]
    assert run_designs({"two": two}, "About it.", words) == 0
    assert capsys.readouterr().out == "two on: 1 runs done, 0 failed\ntwo thin: 1 runs done, 0 failed\n"
    assert len(read_results(tmp_path / "r" / "two" / "on").households) > 0
    assert run_designs({"two": two}, "About it.", ["two", *words]) == 0
    assert capsys.readouterr().out == "two on: 0 runs done, 0 failed\ntwo thin: 0 runs done, 0 failed\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["tow"], "there is no design 'tow'; did you mean 'two'?"),
        (["--households", "3"], "--households: 3 is too few"),
        (["--replications", "0"], "--replications: 0 is too few"),
        (["--workers", "0"], "--workers: 0 is too few"),
    ],
)
def test_bad_input(words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_designs({"two": two}, "About it.", [*words, "--out", str(tmp_path / "r")]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert not (tmp_path / "r").exists()


def test_all_levels_are_checked_before_the_first_run(tmp_path: Path) -> None:
    levels = {
        "good": Level(Arm(from_year=2015), TINY),
        "bad": Level(Arm(villages=("XX",), interest=0.0, from_year=2015)),
    }
    with pytest.raises(InputError, match="XX"):
        list(run_levels("d", levels, tmp_path, replications=1, households=200))
    assert not list(tmp_path.iterdir())
