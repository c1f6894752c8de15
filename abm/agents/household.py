"""A household as a Mesa agent: a thin view of one row of the columns."""

from typing import Any

import mesa
import numpy as np

from abm.core.columns import Columns
from abm.core.names import INCOME_SOURCES
from abm.core.protocols import WorldTables


class RowView(mesa.Agent):
    """An agent whose state is one row of a table: reading gives Python scalars, setting writes the column."""

    row: int
    world: WorldTables

    def __init__(self, model: mesa.Model, world: WorldTables, row: int) -> None:
        super().__init__(model)
        self.__dict__.update(row=int(row), world=world)  # from now on a name is looked up in the table first

    @property
    def table(self) -> Columns:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        # Called only where ordinary look-up failed; the guard keeps unpickling from looking for a table.
        if name.startswith("__") or "world" not in self.__dict__ or name not in self.table:
            raise AttributeError(f"{type(self).__name__} has no attribute '{name}'")
        value = self.table[name][self.row]
        return value.item() if isinstance(value, np.generic) else value

    def __setattr__(self, name: str, value: Any) -> None:
        if "world" in self.__dict__ and name in self.table:
            self.table[name][self.row] = value
        else:
            object.__setattr__(self, name, value)


class Household(RowView):
    """农户. Columns of ``abm.population.households`` read as attributes: ``household.trust``.

    ``cash`` and ``income`` belong to the ledger and can be read only.
    """

    @property
    def table(self) -> Columns:
        return self.world.households

    @property
    def village(self) -> str:
        """Name of its village or community."""
        return self.world.place_names[self.table.place[self.row]]

    @property
    def persons(self) -> int:
        """Members, those away included."""
        return self.children + self.workers + self.elders + self.disabled

    @property
    def cash(self) -> float:
        """Savings in yuan."""
        return float(self.world.ledger.balances["household"][self.row] / 100)

    @property
    def income(self) -> dict[str, float]:
        """Disposable income of this year so far by source, yuan."""
        so_far = self.world.ledger.income[:, self.row] / 100
        return dict(zip(INCOME_SOURCES, so_far.tolist(), strict=True))
