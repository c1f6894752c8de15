"""Placebo and displacement as batches: their arms, what stands for a run, resuming, and what cannot be."""

from pathlib import Path

import pytest

from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.runs.design import arms_design, run_spec_of
from abm.runs.experiments import displacement, placebo
from abm.runs.results import read_results
from abm.runs.treated import added_links, pilot_villages
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm, pilot_arms, placebo_arms
from tests.worlds import t_district

PILOT = ("BQ", "BL", "SJ")
SIZE = {"households": 300, "years": 6, "replications": 1, "workers": 1}


def test_who_gets_links_when() -> None:
    added = added_links(t_district())
    assert pilot_villages(t_district()) == PILOT
    assert all(added[name] == {"year": 2019, "layers": list(LAYERS)} for name in PILOT)
    assert added["C01"] == {"year": 2022, "layers": ["organizational"]}
    assert added["V19"]["year"] == 2024
    assert len(added) == 45


def test_arms_stand_for_themselves_in_a_run_id() -> None:
    scenario = t_district()
    arms = [*placebo_arms(2019), *pilot_arms(2019, PILOT)[1:], *pilot_arms(2019, ("BQ",))[1:]]
    specs = arms_design(scenario, arms, replications=1)
    assert len({spec.run_id for spec in specs}) == len(arms)
    assert {spec.question for spec in specs} == {"programme"}
    plain = run_spec_of(scenario, seed=1, arm=Arm(social=False, from_year=2019))
    same = run_spec_of(scenario, seed=1, arm=Arm(social=False, from_year=2019, placebo=(), villages=()))
    assert plain.run_id == same.run_id


@pytest.mark.slow
def test_a_placebo_goes_on_where_it_was_left(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    results = placebo(t_district(), out=folder, **SIZE)
    assert results.ran == 7
    assert results.manifest["command"] == "placebo"
    assert results.manifest["arms"] == ["OIS", "O*IS", "OI*S", "OIS*", "IS", "OS", "OI"]
    assert [run["placebo"] for run in results.manifest["runs"]][:4] == [[], *([layer] for layer in LAYERS)]
    digests = results.manifest["digests"]
    marker = sorted((folder / "runs").iterdir())[2]
    marker.unlink()
    again = placebo(t_district(), out=folder, **SIZE)
    assert again.ran == 1
    assert again.manifest["digests"] == digests


@pytest.mark.slow
def test_displacement_cuts_the_pilot_alone(tmp_path: Path) -> None:
    results = displacement(t_district(), out=tmp_path / "r", budget="both", **SIZE)
    assert results.ran == 10
    assert results.manifest["arms"] == ["OIS", *(f"{name}@BQ+BL+SJ" for name in ("IS", "OS", "OI", "none"))]
    assert results.manifest["runs"][1]["villages"] == list(PILOT)
    assert set(read_results(tmp_path / "r").outcomes["budget"]) == {"neutral", "withheld"}


def test_a_scenario_that_adds_nothing_has_neither(scenario: Scenario) -> None:
    none = scenario.model_copy(update={"joint_points": scenario.joint_points[:7]})
    with pytest.raises(InputError, match="no links are planned from the switch year 2015 on"):
        placebo(none, **SIZE)
    with pytest.raises(InputError, match="no place gets links from the switch year 2015 on"):
        displacement(none, **SIZE)
    later = scenario.joint_points[0].model_copy(update={"from_year": 2016})
    everywhere = scenario.model_copy(update={"joint_points": (later,)})
    with pytest.raises(InputError, match="every place gets links in 2016"):
        displacement(everywhere, **SIZE)


def test_options_are_checked_as_for_a_factorial(tmp_path: Path) -> None:
    for run in (placebo, displacement):
        with pytest.raises(InputError, match="--budget: there is no 'netral'"):
            run(t_district(), **SIZE, budget="netral", out=tmp_path / "r")
        with pytest.raises(InputError, match="before the switch year 2019"):
            run(t_district(), **{**SIZE, "years": 3}, out=tmp_path / "r")
    assert not (tmp_path / "r").exists()
