"""Switches, arms and parameters: what they stand for and what they refuse."""

from dataclasses import replace
from pathlib import Path

import pytest

from abm.core.errors import InputError
from abm.scenario.load import read_scenario, settings_of
from abm.scenario.parameters import Parameter, catalogue_of, check_value, find_parameter, values_of
from abm.scenario.switches import ALL_ON, Arm, Switch, eight_arms

SMALL = Path(__file__).with_name("small.toml")


@pytest.mark.parametrize(
    ("switch", "years"),
    [
        (Switch(), {2013, 2014, 2019, 2035}),
        (Switch(from_year=2019), {2019, 2035}),
        (Switch(to_year=2014), {2013, 2014}),
        (Switch(from_year=2014, to_year=2019), {2014, 2019}),
    ],
)
def test_a_switch_acts_from_the_first_to_the_last_year_named(switch, years):
    assert {year for year in (2013, 2014, 2019, 2035) if switch.in_force(year)} == years


@pytest.mark.parametrize(
    ("arm", "name"),
    [
        (Arm(), "OIS"),
        (Arm(interest=False), "OS"),
        (Arm(organizational=False, social=0.0), "I"),
        (Arm(False, False, False), "none"),
        (Arm(organizational=0.5), "O0.5IS"),
        (Arm(organizational=1.0, interest=0.25, social=False), "OI0.25"),
    ],
)
def test_names_of_arms(arm, name):
    assert arm.name == name


def test_an_arm_switches_what_is_not_fully_on():
    assert ALL_ON.switches() == ()
    assert Arm(interest=False, social=0.5, from_year=2019).switches() == (
        Switch(layer="interest", strength=0.0, from_year=2019),
        Switch(layer="social", strength=0.5, from_year=2019),
    )


def test_layers_may_be_switched_in_years_of_their_own():
    arm = Arm(organizational=False, social=False, years=(("social", 2016),))
    assert [(s.layer, s.from_year) for s in arm.switches()] == [("organizational", None), ("social", 2016)]


def test_the_programme_question_masks_only_what_was_added():
    (switch,) = Arm(social=False, question="programme", from_year=2019).switches()
    assert switch.added_since == 2019
    (switch,) = Arm(social=False, question="cut", from_year=2019).switches()
    assert switch.added_since is None


def test_eight_arms_run_from_all_on_to_all_off():
    arms = eight_arms("cut", 2019)
    assert [arm.name for arm in arms] == ["OIS", "OI", "OS", "O", "IS", "I", "S", "none"]
    assert {arm.from_year for arm in arms} == {2019}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"organizational": 1.5}, "organizational: cannot be 1.5; give True, False or a strength"),
        ({"social": float("nan")}, "social: cannot be nan"),
        ({"interest": "off"}, "interest: cannot be 'off'"),
        ({"question": "cutt"}, "did you mean 'cut'?"),
        ({"years": (("sozial", 2016),)}, "did you mean 'social'?"),
    ],
)
def test_arms_that_cannot_be(given, words):
    with pytest.raises(InputError, match=words.replace("?", r"\?")):
        Arm(**given)


# --- parameters -----------------------------------------------------------------------------------------

QUIT = Parameter("quit_rate", 0.1, "per year", (0.0, 0.5), "separations", "a survey", "published")
LOSS = Parameter("loss_per_hop", 0.2, "share", (0.0, 1.0), "cases lost on the way", "a prior")
CATALOGUE = catalogue_of([("labour", [QUIT]), ("grid", [LOSS])])


def test_a_default_outside_its_own_bounds_is_the_programmers_mistake():
    with pytest.raises(ValueError, match="outside its own bounds"):
        Parameter("x", 2.0, "share", (0.0, 1.0), "role", "source")


def test_an_owner_may_be_called_like_a_table_of_the_file():
    catalogue = catalogue_of([("population", [QUIT])])
    scenario = read_scenario(SMALL, {"population.quit_rate": 0.3, "population.rural_mean_income": 5.0})
    scenario = scenario.model_copy(
        update={"parameters": {k: v for k, v in scenario.parameters.items() if k[:3] == "pop"}}
    )
    assert settings_of(scenario, catalogue)["population.quit_rate"].value == 0.3
    assert scenario.population.rural_mean_income == 5.0


def test_a_parameter_is_not_called_like_a_number_of_the_file():
    with pytest.raises(InputError, match="has the name of a key of scenario files"):
        catalogue_of([("district", [replace(QUIT, name="people")])])
    with pytest.raises(InputError, match="has the name of a key of scenario files"):
        catalogue_of([("switches", [QUIT])])


def test_settings_carry_value_source_and_status():
    settings = settings_of(read_scenario(SMALL), CATALOGUE)
    assert settings["labour.quit_rate"].value == 0.2
    assert (settings["labour.quit_rate"].source, settings["labour.quit_rate"].changed) == ("survey", True)
    plain = settings_of(read_scenario(SMALL).model_copy(update={"parameters": {}}), CATALOGUE)
    assert plain["labour.quit_rate"].value == 0.1
    assert (plain["labour.quit_rate"].status, plain["labour.quit_rate"].changed) == ("published", False)
    assert values_of(settings, "grid").loss_per_hop == 0.1


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("grid.crowd", 1, "no such parameter of grid; use one of: loss_per_hop"),
        ("nobody.knows", 1, "nothing that this scenario lists is called 'nobody'; add 'nobody' to"),
        ("scenario.end_yeer", 2030, "parameter.*did you mean 'scenario.end_year'"),
        ("labour.quit_rat", 0.2, "parameter.*did you mean 'labour.quit_rate'"),
        ("grid.loss_per_hop", 1.5, "1.5 is out of bounds; use a value from 0 to 1"),
        ("grid.loss_per_hop", -0.1, "is out of bounds"),
    ],
)
def test_parameters_that_do_not_exist_or_are_out_of_bounds(key, value, words):
    with pytest.raises(InputError, match=words) as caught:
        settings_of(read_scenario(SMALL, {key: value}), CATALOGUE)
    assert str(caught.value).startswith(f"{SMALL}: setting {key}: ")


NO_NUMBERS = [True, "0.1", None, float("nan"), float("inf"), pytest.param(10**400, id="huge"), 0.6]


@pytest.mark.parametrize("value", NO_NUMBERS)
def test_values_that_are_no_number_within_bounds(value):
    with pytest.raises(InputError, match=r"x\.toml: labour\.quit_rate: "):
        check_value(QUIT, value, file="x.toml", key="labour.quit_rate")


def test_find_parameter():
    assert find_parameter(CATALOGUE, "grid.loss_per_hop") is LOSS
    with pytest.raises(InputError, match=r"did you mean 'grid\.loss_per_hop'"):
        find_parameter(CATALOGUE, "grid.los_per_hop")
