"""Arguments that make no sense are one clear error, before anything is built."""

import numpy as np
import pytest

from abm.core.errors import InputError
from abm.model.model import JointPointModel
from abm.model.plan import load_scenario
from abm.scenario.switches import Arm
from tests.worlds import t_district

SIZE = {"scenario": t_district(), "households": 200, "years": 1, "views": False, "rng": 1}


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"scenario": "t_distrikt"}, "t_district"),
        ({"scenario": "/no/such/file.toml"}, "file.toml"),
        ({"households": 199}, "households.*200"),
        ({"households": 0}, "households"),
        ({"households": -5}, "households"),
        ({"households": 300.5}, "households"),
        ({"households": "many"}, "households"),
        ({"households": True}, "households"),
        ({"years": 0}, "years"),
        ({"years": -1}, "years"),
        ({"years": 23}, "years.*2035"),
        ({"years": 1.5}, "years"),
        ({"years": "all"}, "years"),
        ({"years": True}, "years"),
        ({"organizational": 2}, "organizational"),
        ({"interest": -0.1}, "interest"),
        ({"social": float("nan")}, "social"),
        ({"social": "off"}, "social"),
        ({"social": None}, "social"),
        ({"rng": -1}, "seed"),
        ({"rng": 1.5}, "rng"),
        ({"rng": "one"}, "rng"),
        ({"rng": np.random.default_rng(1)}, "rng"),
        ({"rng": 2**63}, "seed"),
        ({"budget": "generous"}, "neutral"),
        ({"arm": "OIS"}, "arm"),
        ({"arm": Arm(), "social": False}, "social.*within the arm"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "wrong",  # no address in a name
)
def test_a_wrong_argument_is_named_with_a_mend(wrong: dict[str, object], named: str) -> None:
    with pytest.raises(InputError, match=named) as caught:
        JointPointModel(**{**SIZE, **wrong})
    assert "\n" not in str(caught.value)
    assert caught.value.mend


@pytest.mark.parametrize(
    "right",
    [
        {"households": np.int64(200)},
        {"years": np.int32(1)},
        {"rng": np.uint32(7)},
        {"rng": 2**63 - 1},
        {"organizational": np.float64(0.5), "interest": np.bool_(False)},
        {"budget": "withheld"},
    ],
    ids=str,
)
def test_numpy_numbers_are_numbers(right: dict[str, object]) -> None:
    model = JointPointModel(**{**SIZE, **right})
    model.run()
    assert len(model.recorder.years) == 1


def test_an_unknown_argument_is_python_s_own_error() -> None:
    with pytest.raises(TypeError, match="organisational"):
        JointPointModel(**SIZE, organisational=False)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"layer": "interest", "kind": "grid"}, "switch.kind: 'grid' is organizational"),
        ({"layer": "social", "link": "vertical:branch:district>branch:BQ"}, "switch.link: 'vertical' is org"),
        (
            {"kind": "grid", "link": "vertical:branch:district>branch:BQ"},
            "switch.link: the link is no 'grid'",
        ),
        ({"village": "V19"}, "switch.village: 'V19' has no households"),
        ({"layer": "social", "year": 1990}, "year: 1990 is no year of this run; use 2014 to 2014"),
        ({"layer": "social", "year": 99999}, "year"),
        ({"layer": "social", "year": "2014"}, "year: '2014' is no whole number"),
        ({"layer": 3}, "layer: 3 is no name"),
    ],
)
def test_a_switch_that_can_mask_nothing_is_refused(wrong: dict[str, object], named: str) -> None:
    model = JointPointModel(**SIZE)
    with pytest.raises(InputError, match=named):
        model.switch(**wrong)
    assert not model.world.switches


def test_years_of_switches_may_be_numpy_s() -> None:
    model = JointPointModel(**SIZE)
    model.switch(layer="social", year=np.int64(2014))
    assert model.world.switches[0].from_year == 2014


def test_a_switch_of_a_file_that_can_mask_nothing_is_refused() -> None:
    with pytest.raises(InputError, match=r"switches\.1\.kind: .grid. is organizational, not interest"):
        load_scenario("t_district", {"switches": [{"layer": "interest", "kind": "grid"}]})


def test_a_question_about_what_a_programme_has_added_says_since_when() -> None:
    """Without a year it would cut links of the start, too."""
    with pytest.raises(InputError, match="without saying since when"):
        JointPointModel(t_district(), arm=Arm(social=False, question="programme"), households=200, years=1)
