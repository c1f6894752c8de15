"""The checks must find what they look for."""

from math import inf, isnan

import numpy as np

from abm.analysis.honesty import flow_gap_before, gaps_before, largest_imbalance
from tests.unit.reports_data import SWITCH, factorial


def test_equal_arms_have_no_gap():
    results = factorial(seeds=2)
    assert (gaps_before(results.outcomes, SWITCH) == 0).all()
    assert flow_gap_before(results.flows, SWITCH) == 0
    assert largest_imbalance(results.outcomes) == 0
    # and the arms do differ afterwards
    assert (gaps_before(results.outcomes, 2026)[["gini", "mean_income"]] > 0).all()


def test_a_last_bit_is_found():
    outcomes = factorial(seeds=2).outcomes
    place = outcomes.index[(outcomes.arm == "S") & (outcomes.year == SWITCH - 1)][2]
    outcomes.loc[place, "gini"] = np.nextafter(outcomes.loc[place, "gini"], 1)
    gaps = gaps_before(outcomes, SWITCH)
    assert gaps["gini"] > 0
    assert (gaps.drop("gini") == 0).all()


def test_a_missing_number_or_row_is_found():
    outcomes = factorial(seeds=2).outcomes
    place = (outcomes.arm == "S") & (outcomes.year == SWITCH - 1) & (outcomes.population == "rural")
    assert gaps_before(outcomes.assign(palma=outcomes.palma.mask(place)), SWITCH)["palma"] == inf
    assert (gaps_before(outcomes[~place], SWITCH)[["gini", "palma"]] == inf).all()


def test_a_number_that_no_arm_has_is_no_gap():
    outcomes = factorial(seeds=2).outcomes
    assert gaps_before(outcomes.assign(palma=np.nan), SWITCH)["palma"] == 0


def test_a_flow_that_only_one_arm_has_is_found():
    flows = factorial(seeds=2).flows
    gone = (flows.arm == "O") & (flows.year == SWITCH - 2) & (flows.kind == "pension")
    assert flow_gap_before(flows[~gone], SWITCH) > 0


def test_no_years_before_the_switch():
    results = factorial(seeds=1, first=SWITCH)
    assert gaps_before(results.outcomes, SWITCH).isna().all()
    assert isnan(flow_gap_before(results.flows, SWITCH))


def test_an_arm_that_failed_in_one_seed_breaks_no_check():
    """It says nothing; a flow that an arm which did run lacks is a difference, as before."""
    results = factorial(seeds=3)
    outcomes, flows = results.outcomes, results.flows
    seed = flows.seed.max()

    def without_run(table):
        return table[~((table.seed == seed) & (table.arm == "none"))]

    assert flow_gap_before(without_run(flows), SWITCH) == 0
    assert (gaps_before(without_run(outcomes), SWITCH) == 0).all()
    gone = (flows.arm == "O") & (flows.seed == seed) & (flows.year == SWITCH - 2) & (flows.kind == "pension")
    assert flow_gap_before(without_run(flows[~gone]), SWITCH) > 0
