"""From an experiment's file to a results folder: the same runs as by command, each told by its point."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from abm.core.errors import InputError
from abm.model.plan import load_scenario
from abm.runs import forecast as fc
from abm.runs.batch import factorial
from abm.runs.design import arms_design, factorial_design, run_spec_of
from abm.runs.experiment import read_experiment
from abm.runs.experiments import run_experiment
from abm.runs.manifest import experiment_of
from abm.runs.planned import Planned, burn_ins, planned
from abm.runs.results import read_results
from abm.runs.simulate import run_spec
from abm.scenario.switches import Arm, Switch

ROOT = Path(__file__).resolve().parents[2]
HEAD = 'scenario = "t_district"\nhouseholds = 200\nyears = 2\nfrom_year = 2015\nreplications = 1\n'
FIXED = '[fixed]\n"scenario.burn_in" = 0\n'


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "experiment.toml"
    path.write_text(text, encoding="utf-8")
    return path


def ids(plan: Planned) -> list[str]:
    return [spec.run_id for spec in plan.specs]


def test_the_factorial_by_file_is_that_of_the_command() -> None:
    plan = planned(read_experiment(ROOT / "experiments" / "joint_points", replications=2))
    told = factorial_design(load_scenario("t_district"), seed=2026, households=5000, replications=2)
    assert ids(plan) == [spec.run_id for spec in told]
    assert plan.command == "factorial"
    whole = planned(read_experiment(ROOT / "experiments" / "joint_points"))
    assert len(whole.specs) == 8 * 24


def test_draws_and_budgets_are_those_of_the_command(tmp_path: Path) -> None:
    head = HEAD.replace("from_year = 2015\n", "").replace("years = 2", "years = 6")
    path = write(tmp_path, head + 'draws = 2\nbudget = "both"\nseed = 5\n[design]\nkind = "factorial"\n')
    told = factorial_design(
        load_scenario("t_district"),
        seed=5,
        households=200,
        years=6,
        replications=1,
        draws=2,
        budgets=("neutral", "withheld"),
    )
    assert ids(planned(read_experiment(path))) == [spec.run_id for spec in told]


def test_either_goes_on_with_the_folder_of_the_other(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'scenario = "t_district"\nhouseholds = 200\nyears = 2\nseed = 3\nreplications = 1\n'
        '[fixed]\n"scenario.burn_in" = 0\n"scenario.switch_year" = 2015\n[design]\nkind = "factorial"\n',
    )
    settings = {"scenario.burn_in": 0, "scenario.switch_year": 2015}
    out = tmp_path / "results"
    first = factorial(
        "t_district", settings=settings, households=200, years=2, seed=3, replications=1, workers=1, out=out
    )
    again = run_experiment(path, workers=1, out=out)
    assert (first.ran, again.ran) == (8, 0)
    assert again.digests() == first.digests()


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An experiment's file with four points, two of which share a burn-in with the others; to be read only."""
    levels = "[design.levels]\nfund.set_aside = [0.02, 0.04]\nswitches.kind.grid = [true, false]\n"
    design = f'[design]\nkind = "grid"\n{levels}'
    return write(tmp_path_factory.mktemp("grid"), HEAD + 'outputs = ["outcomes", "flows"]\n' + FIXED + design)


@pytest.fixture(scope="module")
def results(grid: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its results; to be read only."""
    folder = tmp_path_factory.mktemp("results") / "grid"
    assert run_experiment(grid, workers=1, out=folder).ran == 4
    return folder


def test_every_row_tells_its_point(grid: Path, results: Path) -> None:
    read = read_results(results)
    assert list(read.points.columns) == ["run_id", "point", "fund.set_aside", "switches.kind.grid"]
    assert read.points["run_id"].is_unique
    merged = read.outcomes.merge(read.points, on="run_id")
    assert len(merged) == len(read.outcomes)
    assert set(merged["arm"][merged["switches.kind.grid"] == 0]) == {"OIS-grid"}
    assert set(merged["arm"][merged["switches.kind.grid"] == 1]) == {"OIS"}
    assert merged.groupby("point")["fund.set_aside"].first().tolist() == [0.02, 0.02, 0.04, 0.04]
    assert read.manifest["design"]["text"] == grid.read_text(encoding="utf-8")


def test_a_point_is_the_run_that_its_values_describe(grid: Path, results: Path) -> None:
    """Point 3 by hand: the parameter set by name, the kind of link cut by a switch of the scenario's file."""
    mine = grid.with_name("by_hand.toml")
    mine.write_text(
        'extends = "t_district"\n[scenario]\nburn_in = 0\n[[switches]]\nkind = "grid"\nfrom_year = 2015\n',
        encoding="utf-8",
    )
    read = read_results(results)
    run = read.points.set_index("point").loc[3, "run_id"]
    found = read.outcomes[read.outcomes["run_id"] == run].reset_index(drop=True)
    spec = run_spec_of(
        mine, seed=int(found["seed"][0]), households=200, years=2, settings={"fund.set_aside": 0.04}
    )
    by_hand = run_spec(spec).outcomes
    label = ["run_id", "arm", "scenario"]
    pd.testing.assert_frame_equal(found.drop(columns=label), by_hand.drop(columns=label))


def test_only_the_tables_asked_for_are_kept(results: Path) -> None:
    assert {place.name for place in results.iterdir() if place.is_dir()} == {"outcomes", "flows", "runs"}
    assert set(read_results(results).digests()) == {"outcomes", "flows"}


def test_the_same_command_again_finishes_what_is_missing(grid: Path, results: Path) -> None:
    before = read_results(results).digests()
    (run,) = read_results(results).points["run_id"][:1]
    (results / "flows" / f"{run}.parquet").unlink()
    again = run_experiment(grid, workers=1, out=results)
    assert again.ran == 1
    assert again.digests() == before


def test_another_experiment_may_not_write_there(grid: Path, results: Path, tmp_path: Path) -> None:
    other = write(tmp_path, grid.read_text(encoding="utf-8").replace("0.04", "0.05"))
    before = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match="holds the results of another experiment"):
        run_experiment(other, workers=1, out=results)
    assert {path: path.read_bytes() for path in results.rglob("*") if path.is_file()} == before


def test_runs_that_share_a_burn_in_lie_side_by_side(grid: Path) -> None:
    text = grid.read_text(encoding="utf-8").replace(FIXED, "")
    text = text.replace(
        "fund.set_aside = [0.02, 0.04]\nswitches.kind.grid = [true, false]",
        "switches.kind.grid = [true, false]\nfund.set_aside = [0.02, 0.04]",
    )
    plan = planned(read_experiment(write(grid.parent / "turned", text), replications=3))
    keys = [(spec.seed, spec.parameters) for spec in plan.specs]
    assert len(keys) == 12
    assert burn_ins(plan.specs) == 6
    assert keys[::2] == keys[1::2]
    assert len(set(keys[::2])) == 6


def test_other_tables_make_another_experiment(grid: Path) -> None:
    """Without a design's record, too, as where a replication keeps what it has done."""
    few = planned(read_experiment(grid)).specs
    every = [replace(spec, tables=()) for spec in few]
    assert [spec.run_id for spec in few] == [spec.run_id for spec in every]
    assert experiment_of(few, "batch") != experiment_of(every, "batch")


def test_points_that_say_the_same_share_their_runs(tmp_path: Path) -> None:
    morris = '[design]\nkind = "morris"\nvary = ["switches.social"]\ntrajectories = 6\ngrid_levels = 2\n'
    plan = planned(read_experiment(write(tmp_path, HEAD + morris)))
    assert len(plan.points.rows) == 12
    assert len(plan.specs) == 2
    assert {run for runs in plan.runs for run in runs} == set(ids(plan))


def test_seeds_are_the_same_for_all_points_or_each_has_its_own(grid: Path) -> None:
    same = planned(read_experiment(grid, replications=3))
    assert len({spec.seed for spec in same.specs}) == 3
    own = planned(read_experiment(grid, replications=3, seeds="own"))
    assert len({spec.seed for spec in own.specs}) == len(own.specs) == 12
    told = arms_design(load_scenario("t_district", {"scenario.burn_in": 0}), [Arm()], replications=3)
    assert {spec.seed for spec in same.specs} == {spec.seed for spec in told}


def test_masks_tell_runs_apart() -> None:
    def named(**given: object) -> str:
        return run_spec_of("t_district", seed=1, households=200, arm=Arm(from_year=2019, **given)).run_id

    masks = (Switch(kind="grid"), Switch(kind="grid", strength=0.5), Switch(village="BQ"))
    assert len({named(), *(named(masks=(mask,)) for mask in masks)}) == 4


@pytest.mark.parametrize(
    ("mask", "switch"),
    [
        (Switch(village="BQ", from_year=2014), 'village = "BQ"\nfrom_year = 2014'),
        (
            Switch(layer="social", village="BL", strength=0.5),
            'layer = "social"\nvillage = "BL"\nstrength = 0.5',
        ),
        (Switch(layer="organizational", to_year=2014), 'layer = "organizational"\nto_year = 2014'),
        (Switch(kind="kin"), 'kind = "kin"'),
    ],
)
def test_a_mask_does_what_the_same_switch_of_the_scenario_does(
    tmp_path: Path, mask: Switch, switch: str
) -> None:
    mine = tmp_path / "mine.toml"
    head = 'extends = "t_district"\n[scenario]\nburn_in = 0\n'
    mine.write_text(f"{head}[[switches]]\n{switch}\n", encoding="utf-8")
    size = {"seed": 2, "households": 200, "years": 2}
    plain = load_scenario("t_district", {"scenario.burn_in": 0})
    by_file, by_arm, without = (
        pd.concat([made.flows, made.graph]).drop(columns=["run_id", "arm", "scenario"])
        for made in (
            run_spec(run_spec_of(mine, **size)),
            run_spec(run_spec_of(plain, arm=Arm(masks=(mask,)), **size)),
            run_spec(run_spec_of(plain, **size)),
        )
    )
    pd.testing.assert_frame_equal(by_arm, by_file)
    assert not by_arm.equals(without), "the mask does nothing"


# --- what it will take -----------------------------------------------------------------------------------------------


def test_the_forecast_counts_what_is_missing_and_is_near_the_truth(grid: Path, results: Path) -> None:
    plan = planned(read_experiment(grid))
    expected = fc.forecast(plan)
    assert (expected.points, expected.runs, expected.missing, expected.burn_ins) == (4, 4, 4, 0)
    on_disk = sum(
        -(-path.stat().st_size // fc.BLOCK) * fc.BLOCK for path in results.rglob("*") if path.is_file()
    )
    assert 0.5 < expected.bytes / on_disk < 2.0
    assert 0.0 < expected.seconds < 60.0
    done = fc.forecast(plan, ids(plan)[:3])
    assert done.missing == 1
    assert done.bytes < expected.bytes


def test_more_households_cost_more_but_not_in_proportion(tmp_path: Path) -> None:
    """A tick costs some 20 ms however few they are."""
    design = '[design]\nkind = "one_at_a_time"\nlevels = { switches.social = [true, false] }\n'
    head = HEAD.replace("households = 200", "households = 5000").replace("years = 2", "years = 22")
    plan = planned(read_experiment(write(tmp_path, head.replace("from_year = 2015\n", "") + design)))
    cost = fc.forecast(plan).cost
    assert cost.households == fc.PROBE_HOUSEHOLDS[0]
    assert cost.year(1000) == cost.seconds[1]
    assert 1.0 < cost.year(5000) / cost.year(1000) < 4.0


def test_a_design_larger_than_the_disk_is_refused(
    grid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fc, "free_bytes", lambda folder: 10_000)
    with pytest.raises(InputError, match=r"the results will take .* kB, and the disk has 10 kB left"):
        run_experiment(grid, workers=1, out=tmp_path / "r")
    assert not (tmp_path / "r").exists()


def test_what_two_shards_do_in_one_folder_is_counted_once(
    grid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the other shard has done is both finished and not this one's to do."""
    call = {"workers": 1, "out": tmp_path / "r"}
    assert run_experiment(grid, shard="1/2", **call).ran == 2
    monkeypatch.setattr(fc, "free_bytes", lambda folder: 10_000)
    with pytest.raises(InputError, match="the disk has 10 kB left"):
        run_experiment(grid, shard="2/2", **call)


def test_points_that_a_rule_would_refuse_are_refused_before_anything_runs(tmp_path: Path) -> None:
    grid = "[design]\nkind = 'grid'\nlevels = { fund.gift = [0.0, 0.01], fund.set_aside = [0.0, 0.1] }\n"
    grid = "[fixed]\ngrant.to_fund = 0\n" + grid
    with pytest.raises(InputError) as error:
        planned(read_experiment(write(tmp_path, HEAD + grid)))
    assert "point 0: fund.aid: scholarships without a payer" in str(error.value)
    assert "design.bounds" in str(error.value)
