"""Points of each kind of design: which values, in which order, and which arm they make."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from SALib.sample import morris, sobol

from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.runs.experiment import read_experiment
from abm.runs.planned import Planned, design_points, planned
from abm.scenario.switches import Arm, Switch

Plan = Callable[..., Planned]
HEAD = 'scenario = "t_district"\nhouseholds = 200\nyears = 8\nreplications = 1\n'


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """What a design's table makes of T District."""

    def made(design: str, head: str = "") -> Planned:
        path = tmp_path / "experiment.toml"
        path.write_text(f"{HEAD}{head}\n[design]\n{design}", encoding="utf-8")
        return planned(read_experiment(path))

    return made


def arms(plan: Planned) -> list[str]:
    return [spec.arm.name for spec in plan.specs]


def test_a_factorial_of_layers_is_the_default(plan: Plan) -> None:
    made = plan('kind = "factorial"')
    assert made.points.names == tuple(f"switches.{layer}" for layer in LAYERS)
    assert arms(made) == ["OIS", "OI", "OS", "O", "IS", "I", "S", "none"]


def test_a_factorial_takes_kinds_and_strengths(plan: Plan) -> None:
    made = plan(
        'kind = "factorial"\nswitches = ["kind.grid"]\n[design.levels]\nswitches.social = [1, 0.5, 0]'
    )
    assert made.points.rows == ((1, 1), (1, 0.5), (1, 0), (0, 1), (0, 0.5), (0, 0))
    assert arms(made) == ["OIS", "OIS0.5", "OI", "OIS-grid", "OIS0.5-grid", "OI-grid"]
    assert made.specs[3].arm == Arm(from_year=2019, masks=(Switch(kind="grid", from_year=2019),))


def test_a_grid_crosses_parameters_switches_words_and_numbers_of_the_file(plan: Plan) -> None:
    made = plan(
        """kind = "grid"
        [design.levels]
        parameters.fund.set_aside = { from = 0, to = 0.1, steps = 3 }
        budget = ["neutral", "withheld"]
        "programmes.grid_pilot.per_head" = [1.0, 2.0]
        "switches.village.BQ.social" = [true, false]
        """
    )
    assert len(made.points.rows) == len(made.specs) == 24
    assert made.points.names[0] == "fund.set_aside"
    assert [row[0] for row in made.points.rows[::8]] == [0.0, 0.05, 0.1]
    assert {spec.budget for spec in made.specs} == {"neutral", "withheld"}
    assert len({spec.scenario.content_hash for spec in made.specs}) == 2
    assert {spec.scenario.programmes[0].per_head for spec in made.specs} == {1.0, 2.0}
    assert set(arms(made)) == {"OIS", "OIS-social@BQ"}


def test_one_at_a_time_changes_one_thing_of_the_base(plan: Plan) -> None:
    made = plan(
        'kind = "one_at_a_time"\n[design.levels]\nillness.reimbursed = [0.5, 0.9]\nswitches.all = [1.0, 0.5]'
    )
    own = made.points.rows[0][0]
    assert made.points.rows == ((own, 1.0), (0.5, 1.0), (0.9, 1.0), (own, 0.5))
    specs = {spec.run_id: spec for spec in made.specs}
    base, low, high, weak = (specs[run] for (run,) in made.runs)
    assert base.parameters == weak.parameters == (), "the scenario's own values are not laid over it"
    assert [dict(spec.parameters) for spec in (low, high)] == [
        {"illness.reimbursed": 0.5},
        {"illness.reimbursed": 0.9},
    ]
    assert weak.arm == Arm(0.5, 0.5, 0.5, from_year=2019)


def test_a_list_comes_from_a_csv_file(plan: Plan, tmp_path: Path) -> None:
    text = "switches.social,fund.set_aside,budget\n0,0.01,neutral\n\nTRUE, 2e-2 ,withheld\n"
    (tmp_path / "points.csv").write_text(text, encoding="utf-8-sig")
    made = plan('kind = "list"\nfile = "points.csv"')
    assert made.points.rows == ((0.0, 0.01, "neutral"), (1.0, 0.02, "withheld"))
    assert [(s.arm.name, s.budget, s.parameters) for s in made.specs] == [
        ("OI", "neutral", (("fund.set_aside", 0.01),)),
        ("OIS", "withheld", (("fund.set_aside", 0.02),)),
    ]


def test_morris_is_salib_s_sample_of_groups(plan: Plan) -> None:
    made = plan(
        'kind = "morris"\nvary = ["fund.*", "ties.*", "switches.social"]\ngroups = "mechanism"\ntrajectories = 3',
        "seed = 9",
    )
    problem = made.points.problem
    assert problem is not None
    assert set(problem["groups"]) == {"fund", "ties", "switches"}
    assert problem["names"][-1] == "switches.social"
    assert problem["bounds"][-1] == [0.0, 1.0]
    np.testing.assert_array_equal(made.points.rows, morris.sample(problem, 3, num_levels=4, seed=9))
    assert len(made.points.rows) == 3 * (3 + 1)


def test_sobol_is_salib_s_sample_within_narrower_bounds(plan: Plan) -> None:
    made = plan(
        """kind = "sobol"
        vary = ["fund.set_aside", "illness.reimbursed"]
        samples = 8
        sample_seed = 4
        bounds = { fund.set_aside = [0.0, 0.02] }
        """
    )
    problem = made.points.problem
    assert problem is not None
    assert problem["bounds"][0] == [0.0, 0.02]
    expected = sobol.sample(problem, 8, calc_second_order=False, seed=4)
    np.testing.assert_allclose(made.points.rows, expected, rtol=0, atol=1e-15)
    assert len(made.points.rows) == 8 * (2 + 2)


def test_a_latin_hypercube_has_one_point_in_each_slice(plan: Plan) -> None:
    made = plan('kind = "latin_hypercube"\nvary = ["illness.reimbursed", "switches.social"]\nsamples = 10')
    low, high = np.array(made.points.problem["bounds"]).T
    slices = np.floor((np.array(made.points.rows) - low) / (high - low) * 10).astype(int)
    for column in slices.T:
        assert sorted(column) == list(range(10))


def test_each_row_of_a_sample_is_run_under_each_arm(plan: Plan) -> None:
    sample = 'vary = ["illness.reimbursed"]\nsamples = 2\neach = [{}, { "switches.social" = false }]'
    made = plan(f'kind = "latin_hypercube"\n{sample}')
    assert made.points.names == ("illness.reimbursed", "switches.social")
    assert arms(made) == ["OIS", "OI"] * 2
    assert len({spec.parameters for spec in made.specs}) == 2
    assert len({spec.seed for spec in made.specs}) == 1
    apart = plan(f'kind = "latin_hypercube"\n{sample}', 'seeds = "own"')
    assert [spec.seed for spec in apart.specs[::2]] == [spec.seed for spec in apart.specs[1::2]], (
        "arms are paired"
    )
    assert len({spec.seed for spec in apart.specs}) == 2
    assert made.record["options"]["each"] == [{"switches.social": 1.0}, {"switches.social": 0.0}]


def masks(made: Planned) -> list[str]:
    """Name of each point's arm."""
    specs = {spec.run_id: spec for spec in made.specs}
    return [specs[run].arm.name for (run,) in made.runs]


LHS = 'kind = "latin_hypercube"\nvary = ["illness.reimbursed"]\nsamples = 1\n'


def test_strength_and_year_of_one_switch_do_not_undo_each_other(plan: Plan) -> None:
    """A point that names one of them has the other as if nobody had named it."""
    cut, late = '{ "switches.social" = false }', '{ "switches.social.off_from" = 2020 }'
    named = ["OIS", "OI", "OIS-social[2020-]"]
    assert masks(plan(f"{LHS}each = [{{}}, {cut}, {late}]")) == named
    one = (
        'kind = "one_at_a_time"\n[design.levels]\nswitches.social = [0]\n"switches.social.off_from" = [2020]'
    )
    assert masks(plan(one)) == named
    assert masks(plan(f"{LHS}each = [{{}}, {late}]", "[fixed]\nswitches.social = 0")) == named[1:]


def test_points_that_name_no_budget_or_question_have_those_of_the_file(plan: Plan) -> None:
    head = 'budget = "withheld"\nquestion = "programme"'
    cut = '{ "switches.all" = false, budget = "neutral", question = "cut" }'
    on, off = plan(f"{LHS}each = [{{}}, {cut}]", head).specs
    assert (on.budget, on.question, off.budget, off.question) == ("withheld", "programme", "neutral", "cut")
    base, other = plan('kind = "one_at_a_time"\n[design.levels]\nbudget = ["neutral"]', head).specs
    assert (base.budget, other.budget, other.question) == ("withheld", "neutral", "programme")


def test_weaker_layers_make_no_factorial(plan: Plan) -> None:
    """Eight of the points are its arms; tables by layers on and off would take the others for such, too."""
    levels = "".join(f"switches.{layer} = [true, false]\n" for layer in LAYERS)
    assert plan(f'kind = "grid"\n[design.levels]\n{levels}').command == "factorial"
    more = levels.replace("[true, false]", "[true, false, 0.5]", 1)
    assert plan(f'kind = "grid"\n[design.levels]\n{more}').command == "batch"


def test_all_assumed_parameters_of_the_layers_are_sampled(plan: Plan) -> None:
    made = plan('kind = "morris"\nvary = ["assumed"]\ntrajectories = 2')
    names = made.points.names
    assert len(names) > 100
    assert {"fund", "ties", "capital"} <= {name.partition(".")[0] for name in names}
    assert not {"wages", "illness"} & {name.partition(".")[0] for name in names}


@pytest.mark.parametrize(
    ("turn", "spans", "labels"),
    [
        ("off", [[], [(2016, None)], [(2021, None)]], ["OIS", "OIS-social[2016-]", "OIS-social[2021-]"]),
        (
            "on",
            [[(None, None)], [(None, 2015)], [(None, 2020)]],
            ["OIS-social[-]", "OIS-social[-2015]", "OIS-social[-2020]"],
        ),
    ],
)
def test_timing_moves_the_year_of_a_switch(plan: Plan, turn: str, spans: list, labels: list[str]) -> None:
    made = plan(f'kind = "timing"\nswitches = ["social"]\nyears = [2016, 2021]\nturn = "{turn}"')
    assert arms(made) == labels
    found = [[(mask.from_year, mask.to_year) for mask in spec.arm.masks] for spec in made.specs]
    assert found == spans
    assert design_points(made.experiment)[f"switches.social.{turn}_from"].tolist() == ["never", 2016, 2021]


@pytest.mark.parametrize(
    ("off", "on", "spans"),
    [
        (2016, 2019, [(2016, 2018)]),
        (2019, 2016, [(None, 2015), (2019, None)]),
        (2019, 2014, [(2019, None)]),
        ('"never"', '"never"', [(None, None)]),
    ],
)
def test_a_switch_may_go_off_and_come_on(plan: Plan, off: object, on: object, spans: list) -> None:
    levels = f"switches.social.off_from = [{off}]\nswitches.social.on_from = [{on}]"
    (spec,) = plan(f'kind = "grid"\n[design.levels]\n{levels}').specs
    assert [(mask.from_year, mask.to_year) for mask in spec.arm.masks] == spans


def test_villages_in_steps_are_cut_in_growing_sets(plan: Plan) -> None:
    made = plan(
        """kind = "villages_in_steps"
        switches = ["organizational", "kind.fund"]
        villages = ["BQ", "BL", "mountain"]
        steps = [0, 2, 3]
        """,
        "fixed = { switches.interest = 0.5 }",
    )
    assert [spec.arm.villages for spec in made.specs] == [(), ("BQ", "BL"), ("BQ", "BL", "V04")]
    assert all(
        Switch(layer="interest", strength=0.5, from_year=2019) in spec.arm.switches() for spec in made.specs
    )
    last = made.specs[-1].arm.switches()
    assert {(s.layer, s.kind, s.village) for s in last if s.village} == {
        (layer, kind, village)
        for village in ("BQ", "BL", "V04")
        for layer, kind in (("organizational", None), (None, "fund"))
    }


def test_places_without_households_are_not_cut(plan: Plan) -> None:
    """200 households are spread over 8 of the 45 places, and a cut elsewhere would do nothing and count as a step."""
    made = plan('kind = "villages_in_steps"\nvillages = "mountain"')
    assert made.record["options"]["villages"] == ["BQ", "V04"]
    assert len({spec.arm for spec in made.specs}) == len(made.points.rows) == 3
    for design in (
        'kind = "villages_in_steps"\nvillages = ["BQ", "V10"]',
        'kind = "grid"\nlevels = { "switches.village.V10.social" = [true, false] }',
    ):
        with pytest.raises(InputError, match="'V10' has no households at this size"):
            plan(design)


def test_layers_may_be_rewired(plan: Plan) -> None:
    made = plan('kind = "grid"\n[design.levels]\nswitches.interest = [true, "rewired"]')
    assert arms(made) == ["OIS", "OI*S"]
    assert made.specs[1].arm.placebo == ("interest",)


def test_one_link_is_switched_by_its_id(plan: Plan) -> None:
    link = "vertical:branch:district>branch:BQ"
    made = plan(f'kind = "grid"\n[design.levels]\n"switches.link.{link}" = [true, false]')
    assert made.specs[1].arm.masks == (Switch(link=link, from_year=2019),)


def test_masks_have_the_question_of_the_experiment(plan: Plan) -> None:
    made = plan('kind = "grid"\n[design.levels]\nswitches.kind.grid = [false]', 'question = "programme"')
    (switch,) = made.specs[0].arm.switches()
    assert switch.added_since == 2019
