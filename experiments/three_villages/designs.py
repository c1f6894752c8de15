"""Which levels the study of the three villages has: each village under one layer alone, in four worlds."""

from abm.runs.levels import Level
from abm.scenario.schema import Scenario
from abm.scenario.switches import Arm

PILOT, LAYERS = ("BQ", "BL", "SJ"), ("organizational", "interest", "social")
MATCH = {"BQ": "interest", "BL": "organizational", "SJ": "social"}
"""The joint-point that answers each village's break-point (docs/claims.md, H6)."""
LACKS = {"BQ": "participation", "BL": "management", "SJ": "trust"}
"""What makes the break-point: half of an ordinary village's, where all else is equal."""
ORDINARY = "suburban"
"""The kind of place that all three become, where all else is equal."""


def level(village: str, layer: str) -> str:
    """Name of a level: the village whose links are masked, and the layer that is left there."""
    return f"{village}_{layer}"


def villages(scenario: Scenario, settings: dict[str, object] | None = None) -> dict[str, Level]:
    """Nine levels: in one village the joint-points of one layer alone; all other places as planned."""
    return {
        level(village, layer): Level(
            Arm(
                **{other: other == layer for other in LAYERS},
                villages=(village,),
                from_year=scenario.switch_year,
            ),
            settings or {},
        )
        for village in PILOT
        for layer in LAYERS
    }


def lacks_turned(by: int) -> dict[str, str]:
    """Whose lack each village has, when labels are permuted in a circle."""
    return dict(zip(PILOT, (*PILOT[by:], *PILOT[:by]), strict=True))


def equalised(scenario: Scenario, turned: int = 0) -> dict[str, object]:
    """Settings under which the villages differ in nothing but what they lack.

    The three become places of the same kind and size, at the kind's own values. Plans and programmes since the switch
    that name some of them are for all three, older ones for none.

    Args:
        turned: by how many places the lacks go round.
    """
    kind, settings = scenario.place_kinds[ORDINARY], dict[str, object]()
    size, rest = divmod(sum(p.people for p in scenario.places.rows if p.name in PILOT), len(PILOT))
    for number, (village, whose) in enumerate(lacks_turned(turned).items()):
        row = f"places.rows.{village}."
        settings[row + "kind"] = ORDINARY
        settings[row + "people"] = size + (number < rest)
        for name in ("market_distance", "idle_yards", "participation", "management", "trust"):
            settings[row + name] = getattr(kind, name) / (2 if name == LACKS[whose] else 1)
    for table, plans in (("joint_points", scenario.joint_points), ("programmes", scenario.programmes)):
        for number, planned in enumerate(plans, 1):
            if isinstance(planned.places, str) or not set(PILOT) & set(planned.places):
                continue
            since = planned.from_year >= scenario.switch_year
            others = [place for place in planned.places if place not in PILOT]
            key = planned.name if table == "programmes" else number
            settings[f"{table}.{key}.places"] = [*PILOT, *others] if since else others
    return settings


def _turned(by: int, scenario: Scenario) -> dict[str, Level]:
    return villages(scenario, equalised(scenario, by))


DESIGNS = {
    "three_villages": villages,
    "three_villages_equal": lambda scenario: _turned(0, scenario),
    "three_villages_turned_1": lambda scenario: _turned(1, scenario),
    "three_villages_turned_2": lambda scenario: _turned(2, scenario),
}
TURNED = {"three_villages_turned_1": 1, "three_villages_turned_2": 2}
"""By how many places the lacks of a design have gone round; none in the others."""


def matching(design: str) -> dict[str, str]:
    """The layer that answers each village's break-point in a design."""
    return {village: MATCH[whose] for village, whose in lacks_turned(TURNED.get(design, 0)).items()}
