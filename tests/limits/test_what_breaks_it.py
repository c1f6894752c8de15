"""What holds the income distribution: bending one rule at a time breaks what that rule holds, and shows where
(docs/TRIAL.md, *What breaks it*; experiments/economy has the same at full length)."""

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from abm.model.model import JointPointModel
from tests.worlds import t_district

FOLDER = Path(__file__).parents[2] / "experiments" / "economy"
SEEDS, YEARS, LATE = (1, 2), 16, 6


@pytest.fixture(scope="module", autouse=True)
def _breaks():
    sys.path.insert(0, str(FOLDER))
    yield
    sys.path.remove(str(FOLDER))


@cache
def after(name: str) -> dict[str, float]:
    """Means of the last years of the rural population, every layer off, over the seeds."""
    from breaks import BREAKS

    runs = []
    for seed in SEEDS:
        off = {"organizational": False, "interest": False, "social": False}
        model = JointPointModel(t_district(), 800, YEARS, views=False, rng=seed, **off)
        bend = BREAKS[name](model)
        while model.running:
            bend()
            model.step()
        late = [record.outcomes["rural"] for record in model.recorder.years[-LATE:]]
        names = ("gini", "share_business", "migrant_share", "savings_years")
        means = {measure: float(np.mean([row[measure] for row in late])) for measure in names}
        runs.append({**means, "enterprises": float(model.world.enterprises.open.sum())})
        model.close()
    return {measure: float(np.mean([run[measure] for run in runs])) for measure in runs[0]}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "measure", "least", "most"),
    [
        ("pay by schooling alone", "gini", -0.2, -0.008),
        ("capital exponent .35", "gini", 0.008, 0.2),
        ("own account off the trend", "share_business", -0.4, -0.04),
        ("no exit of enterprises", "enterprises", 30.0, 400.0),
        ("one moving cost, strong networks", "migrant_share", 0.03, 0.6),
        ("φ = .03", "savings_years", 0.5, 6.0),
        ("entry not by size", "enterprises", -200.0, -30.0),
    ],
)
def test_a_bent_rule_breaks_what_it_holds(name: str, measure: str, least: float, most: float) -> None:
    change = after(name)[measure] - after("as it is")[measure]
    assert least < change < most, change


def bent(name: str) -> JointPointModel:
    """A model at the eve of its first tick with one rule of demography bent."""
    from breaks import DEMOGRAPHY

    model = JointPointModel(t_district(), 800, 2, views=False, rng=1)
    DEMOGRAPHY[name](model)
    return model


def test_a_tenth_of_villages_dwellings_stand_empty_and_no_money_is_lost() -> None:
    model = bent("a tenth of villages' dwellings empty from 2014 on")
    world = model.world
    assert 0.06 < np.mean(~world.points.inhabited[~world.households.urban]) < 0.14
    assert world.points.inhabited[world.households.urban].mean() > 0.95
    model.run()
    assert world.ledger.imbalance() == 0


def test_parents_with_less_schooling_have_more_children() -> None:
    model = bent("more children where parents have less schooling")
    world, births = model.world, next(m for m in model.mechanisms if m.name == "births")
    rows = np.flatnonzero(~world.households.urban[world.workers.household])
    years = world.households.schooling[world.workers.household[rows]]
    rates = births.rate_of(world, rows)
    assert np.corrcoef(years, rates)[0, 1] < -0.9
    assert rates.mean() == pytest.approx(births.p.rate, rel=0.1)
    model.run()
