"""``JointPointModel`` is what a user of Mesa expects."""

import gc
import inspect
import pickle
import warnings
import weakref
from typing import Any

import mesa
import numpy as np
import pytest
from mesa.batchrunner import batch_run

from abm.agents.association import Association
from abm.agents.collective import Collective
from abm.agents.enterprise import Enterprise
from abm.agents.fund import Fund
from abm.agents.government import Government
from abm.agents.household import Household
from abm.agents.partner import Partner
from abm.agents.party_branch import PartyBranch
from abm.agents.social_organization import SocialOrganization
from abm.core.phases import PHASE_NAMES
from abm.model.model import JointPointModel
from abm.model.plan import load_scenario
from abm.records.schema import ANCHORED_COLUMNS, HISTORY_COLUMNS, MEASURE_COLUMNS
from abm.records.schema import TABLES as SCHEMAS
from tests.mesa_batches import batch_of
from tests.worlds import KEY, finish, t_district

SMALL = {"households": 200, "years": 2, "rng": 1}


@pytest.fixture(scope="module")
def model() -> JointPointModel:
    """Two years of the smallest world, with views, at its end."""
    made = JointPointModel(t_district(), **SMALL)
    made.run()
    return made


def test_every_argument_has_a_default_and_the_promised_name() -> None:
    parameters = list(inspect.signature(JointPointModel).parameters.values())
    assert all(p.default is not inspect.Parameter.empty for p in parameters)
    promised = {
        "scenario": "t_district",
        "households": None,
        "years": None,
        "organizational": True,
        "interest": True,
        "social": True,
        "views": True,
        "rng": None,
    }
    assert {p.name: p.default for p in parameters[: len(promised)]} == promised
    assert "seed" not in inspect.signature(JointPointModel).parameters  # Mesa 3.5 would pass its own


def test_it_is_a_mesa_model_that_steps_until_it_has_run() -> None:
    model = JointPointModel(t_district(), views=False, **SMALL)
    assert isinstance(model, mesa.Model)
    ticks = 0
    while model.running:
        model.step()
        ticks += 1
        assert model.year == 2014 + (ticks - 1) // 4
    assert ticks == 8
    assert model.world.tick == 7
    before = model.world.ledger.balances["household"].copy()
    model.step()  # beyond the end nothing happens
    assert not model.running
    assert model.world.tick == 7
    assert np.array_equal(model.world.ledger.balances["household"], before)


def test_run_is_step_after_step(model: JointPointModel) -> None:
    stepped = JointPointModel(t_district(), views=False, **SMALL)
    while stepped.running:
        stepped.step()
    for name in ("household", "enterprise", "outside"):
        assert np.array_equal(stepped.world.ledger.balances[name], model.world.ledger.balances[name])


def test_all_classes_of_agents_are_there(model: JointPointModel) -> None:
    world, by_type = model.world, model.agents_by_type
    assert {
        Household,
        Enterprise,
        PartyBranch,
        Collective,
        SocialOrganization,
        Association,
        Fund,
        Partner,
        Government,
    } == set(by_type)
    assert len(by_type[Household]) == 200
    assert len(by_type[Enterprise]) == world.enterprises.open.sum()
    assert len(by_type[Government]) == 1
    places = len(world.place_names)
    assert len(by_type[Collective]) == len(by_type[SocialOrganization]) == places
    assert len(by_type[PartyBranch]) == 1 + places + sum(map(len, world.institutions.grid_branches))
    assert len(model.agents) == sum(map(len, by_type.values()))


def test_institutions_are_nodes_that_carry_their_agent(model: JointPointModel) -> None:
    behind = {
        name: data["agent"] for name, data in model.graph.nodes(data=True) if name != "station:district"
    }
    assert {type(agent) for agent in behind.values()} == set(model.agents_by_type) - {Household}
    assert all(agent.name == name for name, agent in behind.items())
    institutions = [agent for agent in model.agents if not isinstance(agent, Household)]
    assert set(map(id, behind.values())) == set(map(id, institutions))
    numbers = [agent.unique_id for agent in model.agents]
    assert len(set(numbers)) == len(numbers)


def test_enterprises_that_close_leave_and_new_ones_come() -> None:
    model = JointPointModel(t_district(), households=400, years=6, views=False, rng=1)
    first = {agent.name for agent in model.agents_by_type[Enterprise]}
    model.run()
    last = {agent.name for agent in model.agents_by_type[Enterprise]}
    assert first - last
    assert last - first
    assert all(agent.open for agent in model.agents_by_type[Enterprise])
    assert last == {name for name, data in model.graph.nodes(data=True) if data["type"] == "enterprise"}


def test_without_views_there_are_no_household_agents() -> None:
    model = JointPointModel(t_district(), views=False, **SMALL)
    assert Household not in model.agents_by_type
    assert Enterprise in model.agents_by_type


def test_the_data_collector_has_outcomes_each_tick_and_nan_before_the_first_year_end(
    model: JointPointModel,
) -> None:
    collected = model.datacollector.get_model_vars_dataframe()
    assert tuple(collected.columns) == MEASURE_COLUMNS
    assert len(collected) == 8
    assert collected.iloc[:3].isna().all().all()
    later = (*ANCHORED_COLUMNS, *HISTORY_COLUMNS)
    known = [name for name in MEASURE_COLUMNS if name not in later]
    assert collected[known].iloc[3:].notna().all().all()
    years = [record.outcomes["all"] for record in model.recorder.years]
    for row, values in ((3, years[0]), (4, years[0]), (6, years[0]), (7, years[1])):
        assert collected[known].iloc[row].to_dict() == {name: values[name] for name in known}


def test_reporters_can_be_pickled(model: JointPointModel) -> None:
    again = pickle.loads(pickle.dumps(model.datacollector.model_reporters))
    assert list(again) == list(MEASURE_COLUMNS)


def test_a_user_can_collect_from_household_agents() -> None:
    model = JointPointModel(t_district(), **SMALL)
    mine = mesa.DataCollector(agenttype_reporters={Household: {"trust": "trust", "cash": lambda h: h.cash}})
    model.step()
    mine.collect(model)
    frame = mine.get_agenttype_vars_dataframe(Household)
    assert np.array_equal(frame.trust.to_numpy(), model.world.households.trust)
    assert np.array_equal(frame.cash.to_numpy(), model.world.ledger.yuan("household"))
    poor = model.agents_by_type[Household].select(lambda h: h.cash < 20_000)
    assert len(poor) == (model.world.ledger.yuan("household") < 20_000).sum()


@pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="this Mesa has no batch_run")
def test_batch_run_gives_the_outcomes_of_each_run() -> None:
    parameters = {
        "scenario": "t_district",
        "households": 200,
        "years": 2,
        "views": False,
        "social": [True, False],
    }
    rows = batch_of(JointPointModel, parameters, [3, 4])
    assert len(rows) == 4
    assert {(row["rng"], row["social"]) for row in rows} == {(3, True), (3, False), (4, True), (4, False)}
    for row in rows:
        alone = finish(
            JointPointModel(households=200, years=2, views=False, social=row["social"], rng=row["rng"])
        )
        for name in ("gini", "mean_income", "messages_social"):
            assert row[name] == alone.district[name].iloc[-1]
        assert (row["messages_social"] == 0) is (not row["social"])


@pytest.mark.skipif(not hasattr(mesa, "batch_run"), reason="this Mesa has no batch_run")
def test_batch_run_collects_each_tick() -> None:
    options: dict[str, Any] = {"number_processes": 1, "display_progress": False, "data_collection_period": 1}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rows = batch_run(JointPointModel, {"households": 200, "years": 2, "views": False}, **options)
    assert len(rows) == 8
    assert [bool(np.isnan(row["gini"])) for row in rows] == [True] * 3 + [False] * 5


def test_nothing_is_drawn_from_mesa() -> None:
    """Its order of agents and its generators differ between versions."""
    model = JointPointModel(t_district(), **SMALL)
    before = model.random.getstate(), str(model.rng.bit_generator.state)
    model.run()
    assert (model.random.getstate(), str(model.rng.bit_generator.state)) == before


def test_a_seed_gives_the_same_run_and_another_seed_another() -> None:
    runs = [
        finish(JointPointModel(households=200, years=2, views=False, rng=rng)) for rng in (5, np.int64(5), 6)
    ]
    assert runs[0].flows.equals(runs[1].flows)
    assert not runs[0].flows.equals(runs[2].flows)


def test_large_seeds_differ_in_all_their_bits() -> None:
    """Mesa's own generator takes 32 bits of it; the run takes all."""
    runs = [finish(JointPointModel(households=200, years=1, views=False, rng=rng)) for rng in (7, 7 + 2**40)]
    assert not runs[0].flows.equals(runs[1].flows)


def test_without_a_seed_one_is_drawn_and_kept() -> None:
    model = JointPointModel(households=200, years=1, views=False)
    other = JointPointModel(households=200, years=1, views=False)
    assert model.seed != other.seed
    again = JointPointModel(households=200, years=1, views=False, rng=model.seed)
    assert finish(again).flows.equals(finish(model).flows)


def test_layers_take_booleans_and_strengths() -> None:
    model = JointPointModel(views=False, organizational=0.5, interest=False, social=1, **SMALL)
    assert model.arm.name == "O0.5S"
    model.run()
    assert model.recorder.latest("messages_interest") == 0
    assert model.recorder.latest("messages_social") > 0


def test_a_profile_says_where_time_goes() -> None:
    model = JointPointModel(views=False, profile=True, **SMALL)
    model.run()
    assert set(model.phase_seconds) >= {*PHASE_NAMES, "measuring"}
    assert model.phase_seconds["labour"] > 0
    assert sum(JointPointModel(views=False, **SMALL).phase_seconds.values()) == 0


@pytest.mark.parametrize("views", [True, False])
def test_a_closed_model_lets_its_world_go(views: bool) -> None:
    """Mesa 3.3 keeps every model of a process alive; a batch must not keep every world."""
    model = JointPointModel(t_district(), **{**SMALL, "views": views})
    model.run()
    kept = [weakref.ref(model.world), weakref.ref(model.world.households), weakref.ref(model.world.ledger)]
    model.close()
    gc.collect()
    assert [ref() for ref in kept] == [None, None, None]


def test_a_loaded_scenario_a_name_and_a_path_are_the_same_run() -> None:
    scenario = load_scenario("t_district")
    runs = [
        finish(JointPointModel(case, households=200, years=1, views=False, rng=1))
        for case in ("t_district", scenario, scenario.file)
    ]
    assert runs[0].flows.equals(runs[1].flows)
    assert runs[0].flows.equals(runs[2].flows)


def test_tables_before_the_first_year_end_are_empty_and_have_their_columns() -> None:
    model = JointPointModel(t_district(), views=False, snapshots=True, **SMALL)
    model.step()
    for name, table in model.recorder.tables(KEY).items():
        assert table.schema.equals(SCHEMAS[name])
        assert table.num_rows == 0 or name == "events"
