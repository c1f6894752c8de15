"""A quiet world: places of one kind, households all alike, and no shock ever."""

from collections.abc import Mapping

from abm.core.draws import FixedDraws
from abm.model.model import JointPointModel
from abm.scenario.schema import Scenario
from tests.worlds import t_district


def alike(kind: str = "suburban", places: int = 8, *, joint_points: bool = False) -> Scenario:
    """T District with the first places only, all of one kind and size, and with no joint-points unless wanted."""
    scenario = t_district()
    rows = tuple(
        p.model_copy(
            update={
                "kind": kind,
                "people": 4000,
                "floating": 0,
                "participation": None,
                "market_distance": None,
                "idle_yards": None,
            }
        )
        for p in scenario.places.rows[:places]
    )
    changes: dict[str, object] = {"places": scenario.places.model_copy(update={"rows": rows})}
    if not joint_points:
        changes |= {"joint_points": (), "programmes": ()}
    return scenario.model_copy(update=changes)


def quiet_model(
    scenario: Scenario, uniforms: Mapping[str, float] | None = None, **arguments: object
) -> JointPointModel:
    """Everybody draws the middle of everything, or what is named, and nobody looks for a job: no illness, no
    dispute, no move."""
    wanted = {"households": 400, "years": 8, "views": False, "rng": 1, "snapshots": True, **arguments}
    return JointPointModel(scenario, luck=FixedDraws({"labour.search": 0.999, **(uniforms or {})}), **wanted)
