"""An enterprise that cannot pay all its wages pays each worker the same part: a contract gives no rank."""

import numpy as np
import pytest

from abm.model.model import JointPointModel
from abm.population.households import LOCAL_JOB
from tests.worlds import t_district


@pytest.mark.parametrize("cash", [0.0, 0.3, 0.999, 1.5], ids=lambda part: f"{part:g} of what it owes")
def test_members_and_strangers_are_paid_the_same_part(cash: float) -> None:
    model = JointPointModel(t_district(), households=400, years=1, views=False, rng=1, journal=True)
    model.step()
    world, workers, firms = model.world, model.world.workers, model.world.enterprises
    firm = int(np.argmax(firms.workers))
    mine = (workers.activity == LOCAL_JOB) & (workers.employer == firm)
    staff = workers.household[mine]
    world.households.ill[:] = False  # nobody stays away from work
    firms.contract[firm] = True
    world.points.household["membership"].active[staff[::2]] = True  # some are members, where they live here
    pay = world.places.wage[firms.place[firm]] * workers.skill[mine] * np.exp(workers.terms[mine]) * world.dt

    ledger = world.ledger
    held = float(ledger.yuan("enterprise", firm))
    ledger.transfer(("enterprise", firm), ("outside", 0), held, "enterprise_investment")
    ledger.transfer(("outside", 0), ("enterprise", firm), cash * pay.sum(), "founding_capital")
    entered = len(ledger.journal)
    next(rule for rule in model.mechanisms if rule.name == "wages").production(world)

    paid: dict[str, float] = {}
    for entry in ledger.journal[entered:]:
        if entry.kind == "local_wage":
            ours = entry.payer[1] == firm
            paid[entry.layer] = paid.get(entry.layer, 0.0) + float(entry.paid[ours].sum()) / 100
    home = world.households.place[staff] == firms.place[firm]
    member = world.points.reaches("membership")[staff] & home
    assert member.any()
    assert not member.all()
    part = min(cash, 1.0)
    assert paid.get("interest", 0.0) == pytest.approx(part * pay[member].sum(), abs=0.01 * len(pay))
    assert paid.get("", 0.0) == pytest.approx(part * pay[~member].sum(), abs=0.01 * len(pay))
    assert ledger.balances["enterprise"][firm] >= 0
    assert ledger.imbalance() == 0
