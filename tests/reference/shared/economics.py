"""The equations of an enterprise, as ``abm.world.economics`` states them."""

from collections.abc import Sequence
from types import SimpleNamespace


def sales_per_year(p: SimpleNamespace, x: float, a: float, demand: float, k: float, j: float) -> float:
    """R = X · a · D · (K/X)^κ · J^β, yuan a year."""
    return x * a * demand * (k / x) ** p.capital_exponent * j**p.labour_exponent


def labour_wanted(p: SimpleNamespace, x: float, a: float, demand: float, k: float, wage: float) -> float:
    """J* at which the marginal product after sales tax is the wage."""
    beta = p.labour_exponent
    first = beta * (1.0 - p.sales_tax) * sales_per_year(p, x, a, demand, k, 1.0)
    return (first / wage) ** (1.0 / (1.0 - beta))


def capital_wanted(p: SimpleNamespace, sales: float) -> float:
    """K* at which the marginal product is the cost of capital, yuan."""
    return p.capital_exponent * (1.0 - p.sales_tax) * sales / (p.cost_of_capital + p.depreciation)


def sales_at(p: SimpleNamespace, jobs: float, wage: float) -> float:
    """Sales at which so many jobs are wanted, yuan a year."""
    return wage * jobs / (p.labour_exponent * (1.0 - p.sales_tax))


def capital_for(p: SimpleNamespace, jobs: float, wage: float) -> float:
    """Capital of an enterprise in balance that wants so many workers."""
    return capital_wanted(p, sales_at(p, jobs, wage))


def productivity_for(p: SimpleNamespace, x: float, jobs: float, wage: float) -> float:
    """The a at which it sells that much."""
    return sales_at(p, jobs, wage) / sales_per_year(p, x, 1.0, 1.0, capital_for(p, jobs, wage), jobs)


def suitability(amenity: Sequence[float], sector: int) -> float:
    """How good a place is at a sector against what those who choose by amenity get there on average."""
    return amenity[sector] * sum(amenity) / sum(a * a for a in amenity)
