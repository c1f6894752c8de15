"""Enterprises (企业): a table of columns, and a Mesa agent that is a view of one row."""

import numpy as np

from abm.agents.household import RowView
from abm.core.columns import Columns
from abm.core.names import SECTORS


def enterprise_columns() -> Columns:
    """An empty table of enterprises."""
    table = Columns()
    for name, dtype, fill in (
        ("key", np.uint64, 0),  # luck's name, of (place id, number)
        ("number", np.int32, 0),  # order of founding within its place
        ("place", np.int64, 0),
        ("sector", np.int8, 0),
        ("owner", np.int64, -1),  # row of the household that owns a part of it, -1 for none
        ("owner_share", np.float64, 0.0),  # that part, 0–1; the rest belongs to owners elsewhere
        ("open", np.bool_, True),
        ("project", np.bool_, False),  # founded with a programme's capital, under contract or not
        ("founded", np.int16, 0),
        ("opens", np.int32, 0),  # month from which it takes on staff, counted from the start of the run
        ("productivity", np.float64, 0.0),
        ("capital", np.float64, 0.0),  # yuan
        ("yards", np.float64, 0.0),  # worth of the yards that it rents, yuan: they serve beside its capital
        ("demand", np.float64, 1.0),
        ("workers", np.int32, 0),
        ("labour", np.float64, 0.0),  # effective units
        ("wanted", np.float64, 0.0),  # effective units at which the marginal product is the wage
        ("vacancies", np.int32, 0),
        ("unfilled", np.float64, 0.0),  # vacancies open at the end of a month, mean over the tick
        ("sales", np.float64, 0.0),  # yuan this tick
        ("profit", np.float64, 0.0),  # yuan this tick, before sharing and investment
        ("recruiting", np.float64, 0.0),  # cost of open vacancies this tick, yuan
        ("retained", np.float64, 0.0),  # profit made and not yet paid out, yuan
        ("ordered", np.float64, 0.0),  # by public buyers in this year so far, paid and due in the next, yuan
        ("prepaid", np.float64, 0.0),  # by them in the last year, delivered over this one, yuan
        ("profit_year", np.float64, 0.0),  # running sum over the last year, yuan
        ("contract", np.bool_, False),  # an active project link to a collective
        ("contract_with", np.int64, 0),  # the place whose collective that is
        ("reserved", np.float64, 0.0),  # share of vacancies kept for members by contract
    ):
        table.declare(name, dtype, fill)
    return table


class Enterprise(RowView):
    """企业. Columns read as attributes: ``enterprise.capital``."""

    @property
    def table(self) -> Columns:
        return self.world.enterprises

    @property
    def name(self) -> str:
        return f"enterprise:{self.village}/{self.number}"

    @property
    def village(self) -> str:
        return self.world.place_names[self.table.place[self.row]]

    @property
    def sector_name(self) -> str:
        return SECTORS[self.table.sector[self.row]]

    @property
    def cash(self) -> float:
        """Yuan."""
        return float(self.world.ledger.balances["enterprise"][self.row] / 100)
