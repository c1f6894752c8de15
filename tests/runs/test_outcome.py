"""The model as a function: for SALib, pyabc and Mesa's batch runner alike."""

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from SALib import ProblemSpec

from abm.core.errors import InputError
from abm.runs.design import run_spec_of
from abm.runs.outcome import MesaFunction, ModelFunction, model_function
from abm.runs.simulate import run_spec
from abm.scenario.switches import Arm
from tests.mesa_batches import batch_of

NO_BURN_IN = {"scenario.burn_in": 0}


@pytest.fixture(scope="module")
def function() -> ModelFunction:
    """Two numbers in, two out, in the smallest world."""
    return model_function(
        parameters=["illness.reimbursed", "switches.kind.grid.off_from", "switches.social"],
        outcomes=["gini", "rural.mean_income"],
        households=200,
        years=3,
        mean_of=2,
        base=NO_BURN_IN | {"switches.kind.grid.off_from": 2015},
    )


@pytest.fixture(scope="module")
def numbers() -> ModelFunction:
    """Numbers in, one out."""
    return model_function(
        parameters=["illness.reimbursed", "illness.rate"],
        outcomes=["rural.mean_income"],
        households=200,
        years=1,
        base=NO_BURN_IN,
    )


def test_outcomes_are_those_of_the_run_that_the_values_describe(function: ModelFunction) -> None:
    found = function({"illness.reimbursed": 0.9, "switches.social": 1.0}, seed=5)
    spec = run_spec_of(
        function.scenario.file,
        settings=NO_BURN_IN,
        seed=5,
        households=200,
        years=3,
        arm=Arm(from_year=2019),
    )
    spec = replace(spec, parameters=(("illness.reimbursed", 0.9),))
    masked = replace(spec, arm=replace(spec.arm, masks=function._spec([], 5).arm.masks))
    assert masked.arm.masks[0].from_year == 2015
    table = run_spec(masked).outcomes
    late = table[table["year"].isin([2015, 2016])]
    assert found == {
        "gini": late.loc[late["population"] == "all", "gini"].mean(),
        "rural.mean_income": late.loc[late["population"] == "rural", "mean_income"].mean(),
    }


def test_same_seed_same_outcomes_and_a_fresh_one_for_none(numbers: ModelFunction) -> None:
    values = {"illness.reimbursed": numbers.factors[0].base}
    assert numbers(values, seed=1) == numbers(values, 1) == numbers({}, 1)
    assert numbers(values, seed=1) != numbers(values)


def test_an_array_has_the_order_of_the_names(numbers: ModelFunction) -> None:
    own = numbers.scenario
    assert numbers.names == ("illness.reimbursed", "illness.rate")
    named = numbers({"illness.reimbursed": 0.9, "illness.rate": 0.2}, 1)
    assert numbers(np.array([0.9, 0.2]), 1) == named
    assert numbers([0.9, 0.2], 1) == named
    assert numbers.scenario is own


def test_salib_evaluates_it(numbers: ModelFunction) -> None:
    problem = ProblemSpec(
        {"names": list(numbers.names), "bounds": [[0.3, 0.9], [0.05, 0.3]], "outputs": ["mean"]}
    )
    problem.sample_morris(2, seed=3).evaluate(numbers.rows, 1)
    assert problem.results.shape == (6,)
    expected = [numbers(row, 1)["rural.mean_income"] for row in problem.samples]
    np.testing.assert_array_equal(problem.results, expected)
    problem.analyze_morris()
    assert np.isfinite(problem.analysis["mu_star"]).all()


def test_pyabc_takes_it_as_a_model(numbers: ModelFunction) -> None:
    from pyabc import FunctionModel, Parameter

    model = FunctionModel(numbers)
    found = model.sample(Parameter({"illness.reimbursed": 0.9, "illness.rate": 0.1}))
    assert set(found) == {"rural.mean_income"}


def test_mesa_s_batch_runner_takes_it(numbers: ModelFunction) -> None:
    rows = batch_of(MesaFunction, {"function": numbers, "illness.reimbursed": [0.3, 0.9]}, [1, 2])
    assert len(rows) == 4
    for row in rows:
        expected = numbers({"illness.reimbursed": row["illness.reimbursed"]}, row["rng"])
        assert row["rural.mean_income"] == expected["rural.mean_income"]


def test_it_pickles(numbers: ModelFunction) -> None:
    again: ModelFunction = pickle.loads(pickle.dumps(numbers))
    assert again({}, 1) == numbers({}, 1)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"illness.reimbursd": 0.5}, "illness.reimbursd: the function does not take this; did you mean"),
        ({"illness.reimbursed": 7}, "illness.reimbursed: 7 is out of bounds"),
        ([0.5], "parameters: has 1 values; give 2, in the order of names"),
    ],
)
def test_values_that_cannot_be_are_refused(numbers: ModelFunction, given: Any, words: str) -> None:
    with pytest.raises(InputError) as error:
        numbers(given, 1)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"parameters": ["illness.reimbursd"]}, "did you mean 'illness.reimbursed'?"),
        ({"parameters": ["switches.social"] * 2}, "parameters: names one twice"),
        ({"outcomes": ["ginni"]}, "there is no measure 'ginni'; did you mean 'gini'?"),
        ({"outcomes": ["rurl.gini"]}, "there is no population 'rurl'; did you mean 'rural'?"),
        ({"outcomes": []}, "outcomes: names none"),
        ({"mean_of": 0}, "mean_of: 0 is too few"),
        ({"households": 5}, "5 is too few"),
        ({"years": 90}, "goes beyond the scenario's last year"),
        ({"base": {"illness.reimbursed": 7}}, "7 is out of bounds"),
        ({"budget": "neutrl"}, "there is no 'neutrl'; did you mean 'neutral'?"),
    ],
)
def test_a_function_that_cannot_be_is_refused_when_it_is_made(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError) as error:
        model_function(**given)
    assert words in str(error.value)
