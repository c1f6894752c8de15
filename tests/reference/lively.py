"""A world in which all that is rare happens, in a few years and few households."""

from abm.scenario.schema import Scenario
from tests.worlds import t_district

VILLAGES = "villages"
LIVELY: dict[str, object] = {
    "scenario__start_year": 2018,
    # one large village, in which several compete for the same
    "places__rows__BQ__people": 103100,
    "district__people": 425200,
    # from 2014 on: projects and members in all villages
    "joint_points__4__places": VILLAGES,
    "joint_points__4__share": 0.8,
    "joint_points__5__places": VILLAGES,
    "joint_points__5__share": 0.9,
    # from 2019 on: courtyards with a rural bank and academies, and funds
    "joint_points__19__places": VILLAGES,
    "joint_points__20__places": VILLAGES,
    "joint_points__21__places": VILLAGES,
    "joint_points__22__places": VILLAGES,
    "joint_points__22__share": 1.0,
    # grants and courses, with their money
    "joint_points__23__places": VILLAGES,
    "joint_points__24__places": VILLAGES,
    "programmes__21__places": VILLAGES,
    "programmes__26__places": VILLAGES,
    "technique__gain": 1.6,
    "ties__dud_share": 0.0,
    # yards, and tourism that could use them
    **{f"place_kinds__{kind}__idle_yards": 0.6 for kind in ("mountain", "suburban", "urban_village")},
    **{f"place_kinds__{kind}__amenity": [1.0, 4.0, 0.5, 0.5, 0.5] for kind in ("mountain", "suburban")},
    "place_kinds__urban_village__amenity": [0.5, 3.0, 0.5, 0.5, 0.5],
    "courtyard__idea": 0.3,
    "courtyard__start_up": 9000.0,
    "courtyard__on_credit": 0.2,
    "courtyard__gross": 30000.0,
    "courtyard__thinks": 2.0,
    "courtyard__courses": 2.0,
    "homestay__worth": 60000.0,
    "homestay__thinks": 2.0,
    # need, and little help but the fund's
    "consumption__floor": 5000.0,
    "synthesis__savings_years": 0.5,
    "credit__limit": 0.3,
    "schooling__fee": 12000.0,
    "schooling__pupils": 0.5,
    "kin_help__generosity": 0.01,
    "mutual_aid__generosity": 0.01,
    "fund__for_hardship": 0.1,
    "fund__for_school": 0.02,
    "fund__applies": 1.0,
    "fund__gift": 0.02,
    "fund__well_off": 1.0,
    "fund__jobs": 2.0,
    "dibao__line": 9000.0,
    "fund__favour": 1.0,
    "grant__thinks": 2.0,
    # breaches, outages, courses
    "digital__breach": 0.5,
    "digital__defrauded": 0.2,
    "hub_failure__rate": 0.1,
    "hub_failure__length": 0.5,
    "training__thinks": 2.0,
}
"""Overrides of T District."""
KINDS = {"activity", "association_fee", "association_work", "collective_dividend", "collective_share", "course",
    "courtyard_costs", "courtyard_sales", "earmarked", "exam_reward", "founding_capital", "fraud", "fund_gift",
    "government_share", "grid_post", "handling", "hardship_aid", "loan", "local_wage", "mutual_aid", "platform_upkeep",
    "points_goods", "profit_share", "public_goods", "reimbursement", "scholarship", "set_aside", "start_up_subsidy",
    "volunteer_budget", "yard_rent"}  # fmt: skip
"""Payments through joint-points that are made in it within five years."""


def lively() -> Scenario:
    """T District with these overrides."""
    return t_district(**LIVELY)
