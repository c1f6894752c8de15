"""Interest, repayment, default."""

from tests.reference.ledger import whole_fen
from tests.reference.model import Rule
from tests.reference.shared.credit import spare_cash, write_off


class Debt(Rule):
    name = "debt"

    def distribution(self) -> None:
        """Interest on deposits and on loans; what food does not leave is added to the debt."""
        m, credit = self.model, self.model.parameters["credit"]
        floor = m.parameters["consumption"].floor
        for home in m.households:
            m.ledger.pay(m.bank, home, credit.deposit_rate * m.dt * home.cash_first, "deposit_interest")
            if home.debt <= 0:
                continue
            due = credit.interest * m.dt * home.debt / 100.0
            food = floor * m.index * home.residents * m.dt
            paid = m.ledger.pay(home, m.bank, min(due, max(home.cash - food, 0.0)), "loan_interest")
            unpaid = whole_fen(due) - round(paid * 100.0)
            home.debt += unpaid
            home.unpaid_interest += unpaid / 100.0
            home.interest_due += due

    def spending(self) -> None:
        """Cash beyond the buffer repays."""
        m = self.model
        for home in m.households:
            if home.debt > 0:
                due = min(spare_cash(m, home), home.debt / 100.0)
                home.debt -= round(m.ledger.pay(home, m.bank, due, "repayment") * 100.0)

    def year_end(self) -> None:
        """Default of those who hardly served their debt, or owe far more than the limit; the bank settles elsewhere."""
        m, credit = self.model, self.model.parameters["credit"]
        gives_up = []
        for home in m.households:
            owed = home.debt / 100.0
            limit = credit.limit * max(home.expected_income, 0.0)
            unserved = home.unpaid_interest > self.p.patience * max(home.interest_due, credit.interest * owed)
            if owed > 0 and (unserved or owed > self.p.write_off * limit):
                gives_up.append(home)
            home.unpaid_interest = home.interest_due = 0.0
        write_off(m, gives_up)
        gap = -sum(home.debt for home in m.households) - m.bank.fen
        if gap > 0:
            m.ledger.pay(m.outside, m.bank, gap / 100.0, "bank_settlement")
        else:
            m.ledger.pay(m.bank, m.outside, -gap / 100.0, "bank_settlement")
