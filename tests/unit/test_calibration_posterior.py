"""A posterior file: what is refused, and what draws take from it."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from abm.core.errors import InputError
from abm.core.names import LAYERS
from abm.model import plan
from abm.model.plan import load_scenario
from abm.runs.design import DRAWN_OWNERS, drawn_parameters, factorial_design, run_spec_of
from abm.runs.posterior import Posterior, identity, posterior_of, read_posterior, write_posterior
from tests.unit.calibration_data import town

FREE = ("own_account.gross", "consumption.from_savings")
TABLE = 'targets = "aims.csv"\nposterior = "posterior.csv"\nfree = ["own_account.gross", "consumption.from_savings"]\n'


@pytest.fixture
def scenario(tmp_path):
    """A scenario with a posterior of three draws beside it."""
    read = load_scenario(town(tmp_path, TABLE))
    about = {"scenario": read.name, "identity": identity(read, FREE), "free": list(FREE)}
    values = np.array([[15000.0, 0.08], [20000.0, 0.10], [25000.0, 0.12]])
    made = Posterior(FREE, values, np.array([0.2, 0.7, 0.1]), np.array([1.0, 0.5, 0.8]), about)
    write_posterior(tmp_path / "posterior.csv", made)
    return read


def test_what_is_written_is_read_again(scenario, tmp_path):
    found = posterior_of(scenario)
    assert found.names == FREE
    assert found.values.tolist() == [[15000.0, 0.08], [20000.0, 0.1], [25000.0, 0.12]]
    assert found.weights.tolist() == [0.2, 0.7, 0.1]
    assert found.about["scenario"] == "town"


def test_draws_come_by_weight_and_depend_on_seed_and_draw_alone(scenario):
    found = posterior_of(scenario)
    picked = [found.picked(5, draw)["own_account.gross"] for draw in range(1, 1001)]
    shares = Counter(picked)
    for value, weight in ((15000.0, 0.2), (20000.0, 0.7), (25000.0, 0.1)):
        assert shares[value] / 1000 == pytest.approx(weight, abs=4 * np.sqrt(weight * (1 - weight) / 1000))
    assert picked == [found.picked(5, draw)["own_account.gross"] for draw in range(1, 1001)]
    assert picked != [found.picked(6, draw)["own_account.gross"] for draw in range(1, 1001)]


def test_a_draw_with_a_posterior(scenario):
    """Fitted ones jointly from the file, the layers' and ties' from their bounds, the rest as the scenario says."""
    found = posterior_of(scenario)
    drawn = dict(drawn_parameters(scenario, 3, 1, found))
    assert {name: drawn[name] for name in FREE} == found.picked(3, 1)
    layers = {m.name for m in plan.mechanism_classes(scenario) if m.layer in LAYERS}
    settings = plan.settings(scenario)
    expected = {
        name
        for name, setting in settings.items()
        if name.partition(".")[0] in layers | DRAWN_OWNERS
        and setting.status == "assumed"
        and setting.parameter.bounds[0] < setting.parameter.bounds[1]
    }
    assert set(drawn) == expected | set(FREE)
    without = dict(drawn_parameters(scenario, 3, 1))
    assert all(drawn[name] == without[name] for name in expected - set(FREE))
    assert len(without) > len(drawn)
    assert drawn_parameters(scenario, 3, 0, found) == ()


def test_the_factorial_and_a_single_run_carry_it(scenario):
    specs = factorial_design(scenario, replications=1, seed=3, households=300, years=3, draws=2)
    found = posterior_of(scenario)
    for spec in specs:
        values = dict(spec.parameters)
        assert {name: values[name] for name in FREE if spec.draw} == (
            found.picked(3, spec.draw) if spec.draw else {}
        )
    assert {spec.draw for spec in specs} == {0, 1, 2}
    one = run_spec_of(scenario, seed=3, draw=2, households=300)
    assert dict(one.parameters) == dict(specs[-1].parameters)


def test_what_a_setting_has_fixed_stays(tmp_path, scenario):
    fixed = load_scenario(scenario.file, {"own_account.gross": 17000.0, "labour.quit_rate": 0.2})
    drawn = dict(drawn_parameters(fixed, 3, 1, posterior_of(fixed)))
    assert "own_account.gross" not in drawn
    assert "consumption.from_savings" in drawn


def test_values_of_free_parameters_words_and_the_table_itself_do_not_matter(tmp_path, scenario):
    path = tmp_path / "town.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[calibration]", "[calibration]\nhouseholds = 700")
        + '[parameters.own_account]\ngross = { value = 19000.0, source = "the fit", status = "assumed" }\n',
        encoding="utf-8",
    )
    changed = load_scenario(path)
    assert posterior_of(changed) is not None
    assert changed.content_hash != scenario.content_hash
    path.write_text(text.replace('name = "town"', 'name = "town"\ntitle = "My town"'), encoding="utf-8")
    assert posterior_of(load_scenario(path)) is not None
    path.write_text(text.replace("[calibration]", "[calibration]\nhouseholds = 700"), encoding="utf-8")
    assert load_scenario(path).content_hash == scenario.content_hash


def test_the_posterior_of_another_scenario_is_refused(tmp_path, scenario):
    path = tmp_path / "town.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("switch_year = 2015", "switch_year = 2016"), encoding="utf-8"
    )
    changed = load_scenario(path)
    with pytest.raises(InputError, match="posterior of another scenario") as caught:
        factorial_design(changed, households=300, draws=1)
    assert caught.value.key == "identity"
    assert factorial_design(changed, households=300)  # without draws nobody asks


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",consumption.from_savings", ",other", "consumption.from_savings: the column is missing"),
        ("draw,weight", "draw,heft", "weight: the column is missing"),
        ("1,0.2,", "1,0.3,", "weights sum to 1.1"),
        ("1,0.2,", "1,-0.2,", "weights sum to"),
        ("15000.0", "150000.0", "own_account.gross: draw 1: 150000 is out of bounds"),
        ("15000.0", "much", "own_account.gross: draw 1: is no number"),
        ("# format = 1", "# format = 7", "no posterior that this version reads"),
        ("# free = [", "# free = ", "is damaged"),
    ],
)
def test_a_damaged_posterior_is_refused(tmp_path, scenario, old, new, says):
    path = tmp_path / "posterior.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(
        text.replace(old, new, 1) if "savings" not in old else text.replace(old, new), encoding="utf-8"
    )
    with pytest.raises(InputError, match=says) as caught:
        posterior_of(scenario)
    assert str(caught.value.file) == str(path)
    assert caught.value.mend


def test_a_missing_or_empty_posterior_is_refused(tmp_path, scenario):
    with pytest.raises(InputError, match="there is no such posterior"):
        read_posterior(tmp_path / "none.csv", scenario)
    path = tmp_path / "posterior.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-3]), encoding="utf-8")
    with pytest.raises(InputError, match="holds no draws"):
        posterior_of(scenario)


def test_a_parameter_that_the_scenario_has_not_is_refused(tmp_path, scenario):
    found = posterior_of(scenario)
    names = (FREE[0], "volcano.heat")
    about = {**found.about, "free": list(names), "identity": identity(scenario, names)}
    write_posterior(tmp_path / "posterior.csv", replace(found, names=names, about=about))
    with pytest.raises(InputError, match=r"volcano\.heat: is no parameter"):
        posterior_of(scenario)
    assert json.dumps(dict(about))


def test_without_a_posterior_draws_are_as_before(tmp_path):
    scenario = load_scenario(town(tmp_path))
    assert posterior_of(scenario) is None
    assumed = [n for n, s in plan.settings(scenario).items() if s.status == "assumed"]
    drawn = dict(run_spec_of(scenario, seed=3, draw=1).parameters)
    assert set(drawn) <= set(assumed)
    assert set(FREE) <= set(drawn)
