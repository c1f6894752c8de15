"""Grids (网格) and the village branch that each reports to."""

import numpy as np
from numpy.typing import NDArray

from abm.world.world import World


def tied_to_branch(world: World) -> NDArray[np.bool_]:
    """Whether the grid that each household lives in reports to its village's branch now; shape (households,).

    What a grid without a branch sees ends there. Whether the household itself is reached by its grid is another link.
    """
    few, points = world.institutions, world.points
    linked = {(link.source, link.target) for link in points.active_links("grid_branch")}
    most = 1 + max(map(len, few.grid_branches), default=0)  # grids are numbered from 1
    tied = np.zeros((len(few.village_branches), most), bool)
    for place, (branch, grids) in enumerate(zip(few.village_branches, few.grid_branches, strict=True)):
        tied[place, 1 : 1 + len(grids)] = [(branch.name, grid.name) in linked for grid in grids]
    return np.asarray(tied[world.households.place, points.grid])
