"""Households and enterprises as Mesa agents: thin views of one row of the columns."""

import pickle

import numpy as np
import pytest

from abm.agents.enterprise import Enterprise
from abm.agents.household import Household
from abm.core.names import INCOME_SOURCES, SECTORS
from abm.model.model import JointPointModel
from tests.worlds import t_district


@pytest.fixture
def model() -> JointPointModel:
    made = JointPointModel(t_district(), households=200, years=1, rng=1)
    made.step()
    return made


@pytest.fixture
def household(model: JointPointModel) -> Household:
    return list(model.agents_by_type[Household])[17]


def test_every_column_reads_as_a_python_scalar(model: JointPointModel, household: Household) -> None:
    table = model.world.households
    assert household.row == 17
    for name in table.names:
        value = getattr(household, name)
        assert type(value) in (bool, int, float), name
        assert value == table[name][17] or np.isnan(value)


def test_setting_an_attribute_writes_the_column(model: JointPointModel, household: Household) -> None:
    household.trust = 0.25
    household.children = 4
    household.ill = True
    table = model.world.households
    assert (table.trust[17], table.children[17], bool(table.ill[17])) == (0.25, 4, True)
    household.trust += 0.5
    assert table.trust[17] == household.trust == 0.75
    table.trust[17] = 0.1  # and the other way round
    assert household.trust == 0.1
    assert "trust" not in vars(household)  # the column is the only truth
    assert (np.delete(table.trust, 17) != 0.1).all()


def test_what_belongs_to_the_ledger_can_only_be_read(model: JointPointModel, household: Household) -> None:
    ledger = model.world.ledger
    assert household.cash == ledger.balances["household"][17] / 100
    assert type(household.cash) is float
    assert list(household.income) == list(INCOME_SOURCES)
    assert sum(household.income.values()) == pytest.approx(ledger.income[:, 17].sum() / 100)
    for name in ("cash", "income", "persons", "village"):
        with pytest.raises(AttributeError):
            setattr(household, name, 5)
    assert ledger.imbalance() == 0


def test_what_is_worked_out(model: JointPointModel, household: Household) -> None:
    assert household.village == model.world.place_names[household.place]
    assert household.persons == household.children + household.workers + household.elders
    assert type(household.persons) is int


def test_an_attribute_that_is_none_is_an_error(household: Household) -> None:
    with pytest.raises(AttributeError, match="trsut"):
        _ = household.trsut
    assert not hasattr(household, "trsut")
    assert getattr(household, "trsut", None) is None


def test_a_user_may_hang_something_of_their_own_on_an_agent(household: Household) -> None:
    household.note = "seen"
    assert household.note == "seen"
    assert household.model.agents_by_type[Household]


def test_a_rule_acts_on_what_a_view_wrote(model: JointPointModel, household: Household) -> None:
    household.dibao = True
    model.step()
    assert household.income["transfer"] > 0


def test_an_enterprise_is_a_view_too(model: JointPointModel) -> None:
    firms = model.world.enterprises
    for enterprise in model.agents_by_type[Enterprise]:
        row = enterprise.row
        assert enterprise.capital == firms.capital[row]
        assert enterprise.sector_name == SECTORS[firms.sector[row]]
        assert enterprise.name == f"enterprise:{enterprise.village}/{enterprise.number}"
        assert enterprise.cash == model.world.ledger.balances["enterprise"][row] / 100
        assert type(enterprise.open) is bool
    enterprise.capital = 123.0
    assert firms.capital[enterprise.row] == 123.0


def test_views_stay_right_when_the_table_grows(model: JointPointModel) -> None:
    """New enterprises move the columns to a larger place; views follow."""
    first = next(iter(model.agents_by_type[Enterprise]))
    firms = model.world.enterprises
    firms.append({}, 500)
    first.capital = 77.0
    assert firms.capital[first.row] == 77.0


def test_a_view_pickles_with_its_model(model: JointPointModel) -> None:
    again = pickle.loads(pickle.dumps(model))
    household = list(again.agents_by_type[Household])[17]
    household.trust = 0.33
    assert again.world.households.trust[17] == 0.33
    assert model.world.households.trust[17] != 0.33
