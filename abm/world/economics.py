"""The equations of an enterprise that several rules share, with their parameters (owner ``enterprise``).

An enterprise sells, per year,

    R = X · a · D · (K/X)^κ · J^β,

X the trend index, a its productivity, D demand, K capital in yuan, J effective labour. It wants the labour at
which the marginal product after sales tax is the wage: J* = [β(1 − t) · X · a · D · (K/X)^κ / w]^{1/(1 − β)}, and
the capital at which its marginal product is the cost of capital: K* = κ(1 − t) · R / (r + δ).

Source: docs/MODEL.md, *Enterprise*; starting values docs/TRIAL.md.
"""

from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from abm.scenario.parameters import Parameter

Floats = NDArray[np.float64]

PARAMETERS = (
    Parameter("labour_exponent", 0.62, "exponent", (0.5, 0.7), "revenue", "docs/TRIAL.md"),
    Parameter("capital_exponent", 0.20, "exponent", (0.05, 0.25), "revenue", "docs/TRIAL.md"),
    Parameter("sales_tax", 0.06, "share of sales", (0.0, 0.15), "revenue", "docs/TRIAL.md"),
    Parameter("depreciation", 0.10, "1/year", (0.04, 0.2), "capital", "docs/TRIAL.md"),
    Parameter("cost_of_capital", 0.08, "1/year", (0.03, 0.15), "investment and the outside option", "docs/TRIAL.md"),
    Parameter("jobs", 10.0, "workers", (4.0, 60.0), "size of an ordinary enterprise", "assumed"),
    Parameter("productivity_spread", 0.15, "log standard deviation", (0.0, 0.4), "who founds what", "assumed"),
    Parameter("buffer", 0.25, "years of wages", (0.05, 1.0), "cash kept before profit is paid out", "assumed"),
)  # fmt: skip


def sales_per_year(
    p: SimpleNamespace, index: float, a: Floats, demand: Floats, k: Floats, j: Floats
) -> Floats:
    """R above, yuan a year."""
    return index * a * demand * (k / index) ** p.capital_exponent * j**p.labour_exponent


def labour_wanted(
    p: SimpleNamespace, index: float, a: Floats, demand: Floats, k: Floats, wage: Floats
) -> Floats:
    """J* above, effective units."""
    beta = p.labour_exponent
    scale = beta * (1.0 - p.sales_tax) * index * a * demand * (k / index) ** p.capital_exponent
    return np.asarray((scale / wage) ** (1.0 / (1.0 - beta)))


def capital_wanted(p: SimpleNamespace, sales: Floats) -> Floats:
    """K* above, yuan."""
    cost = p.cost_of_capital + p.depreciation
    return np.asarray(p.capital_exponent * (1.0 - p.sales_tax) * sales / cost)


def capital_for(p: SimpleNamespace, jobs: Floats, wage: Floats) -> Floats:
    """Capital of an enterprise in balance that wants ``jobs`` effective workers at this wage, yuan."""
    return capital_wanted(p, wage * jobs / (p.labour_exponent * (1.0 - p.sales_tax)))


def productivity_for(p: SimpleNamespace, index: float, jobs: Floats, wage: Floats) -> Floats:
    """The a at which ``capital_for`` and ``labour_wanted`` agree on ``jobs`` at demand 1."""
    sales = wage * jobs / (p.labour_exponent * (1.0 - p.sales_tax))
    k = capital_for(p, jobs, wage)
    return np.asarray(sales / (index * (k / index) ** p.capital_exponent * jobs**p.labour_exponent))


def suitability(amenity: Floats, of_sector: Floats) -> Floats:
    """How good a place is at a sector against what those who choose by amenity get there on average.

    Args:
        amenity: natural advantages by sector, shape (rows, sectors).
        of_sector: that of the sector in question, shape (rows,).
    """
    return np.asarray(of_sector / ((amenity**2).sum(axis=1) / amenity.sum(axis=1)))
