"""Old-age pensions."""

from tests.reference.model import Rule


class Pensions(Rule):
    name = "pensions"

    def distribution(self) -> None:
        """The province pays each elder: employees' pensions in the registered urban population, else residents'."""
        m = self.model
        for home in m.households:
            each = self.p.employee if home.local else self.p.resident
            m.ledger.pay(m.outside, home, each * m.index * m.dt * home.elders, "pension")
