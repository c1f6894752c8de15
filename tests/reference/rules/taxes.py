"""Social contributions and income tax."""

from abm.population.households import LOCAL_JOB
from tests.reference.model import Rule

RATES = ((0.03, 0.0), (0.10, 36_000.0), (0.20, 144_000.0), (0.25, 300_000.0))
"""Each rate, and the taxable income of a year above which it holds, yuan (个人所得税法 2018)."""


def yearly_tax(taxable: float) -> float:
    """Each slice of income is taxed at the rate of its bracket."""
    tops = [start for _, start in RATES[1:]] + [float("inf")]
    return sum(
        rate * (min(taxable, top) - start)
        for (rate, start), top in zip(RATES, tops, strict=True)
        if taxable > start
    )


class Taxes(Rule):
    name = "taxes"

    def distribution(self) -> None:
        """Contributions of the registered urban population's employees; tax of all, at the yearly rate of this pay."""
        m = self.model
        for home in m.households:
            contributions = tax = 0.0
            for worker in home.people:
                if worker.activity != LOCAL_JOB:
                    continue
                part = self.p.contributions if home.local else 0.0
                contributions += part * worker.pay
                real = worker.pay * (1.0 - part) / (m.dt * m.index)
                tax += yearly_tax(real - self.p.allowance) * m.index * m.dt
            m.ledger.pay(home, m.outside, contributions, "social_contributions")
            m.ledger.pay(home, m.government, self.p.district_share * tax, "income_tax")
            m.ledger.pay(home, m.outside, (1.0 - self.p.district_share) * tax, "income_tax")
