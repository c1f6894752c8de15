"""Own account: what households grow, raise, make and sell."""

from math import exp, log

from abm.world.own_lines import LINES, OF_CAPITAL, OF_LAND, SECTOR_OF_LINE, TRADE, YARD
from tests.reference.agents import Household
from tests.reference.luck import key_of
from tests.reference.model import Rule
from tests.reference.shared.technique import factor


class OwnAccount(Rule):
    name = "own_account"
    remembers = ("luck", "share_first", "line_price")

    def start(self) -> None:
        """Everybody chooses a line at the prices of the start; what comes to market then is the yardstick."""
        m, none = self.model, range(len(LINES))
        self.luck = [0.0 for _ in none]
        self.line_price = [1.0 for _ in none]
        for home in m.households:
            home.line = self.best_line(home)
            home.line_fit = self.fit(home, home.line)
        labour = {home: self.labour_of(home, home.line) for home in m.households}
        for place in m.places:
            place.own_labour_first = max(sum(labour[home] for home in place.dwellings), 0.5)
        self.share_first = self.shares(labour)
        self.set_prices(labour)
        for home in m.households:
            self.set_products(home, labour[home])

    def calendar(self) -> None:
        """Products grow with the trend before anybody compares them with a new year's wages."""
        m = self.model
        if m.year_begins and m.tick > 0:
            trend = m.index / m.outside_world.index(m.year - 1)
            for home in m.households:
                home.own_product *= trend
                home.own_value *= trend

    def enterprise(self) -> None:
        """Once a year: the luck of the lines, and those who think again."""
        m, luck = self.model, self.model.luck
        if not m.year_begins:
            return
        self.luck = [
            self.p.line_luck * luck.normal("own_account.line_luck", m.year, key_of(line))
            for line in range(len(LINES))
        ]
        for home in m.households:
            if luck.uniform("own_account.thinks", m.year, home.key) < 1.0 - exp(-self.p.line_review):
                home.line = self.best_line(home)
            home.line_fit = self.fit(home, home.line)

    def production(self) -> None:
        """y = X · G · P · A · exp(s + z + ε + η) · T · (land/norm)^α (k/k₀X)^κ ℓ^λ Δ, less inputs."""
        m, p = self.model, self.p
        labour = {home: self.labour_of(home, home.line) for home in m.households}
        self.set_prices(labour)
        for home in m.households:
            expected = self.output(home) * labour[home] ** p.labour_exponent * m.dt
            sold = expected * exp(home.season + self.luck[home.line])
            m.ledger.pay(m.outside, home, sold, "own_account_sales")
            m.ledger.pay(home, m.outside, p.inputs * expected, "own_account_costs")
            self.set_products(home, labour[home])

    def labour_of(self, home: Household, line: int) -> float:
        """ℓ in a line: workers on own account, less time taken up and by illness; in villages some work of elders."""
        ill = self.p.illness_loss * home.ill / max(home.workers, 1)
        able = max(home.own_workers * (1.0 - home.busy - ill), 0.0)
        if home.urban:
            return able
        each = min(2.0 * self.p.elder_labour, 1.0) if line == YARD else self.p.elder_labour
        return able + each * home.elders

    def set_prices(self, labour: dict[Household, float]) -> None:
        """P = (L_v/L_v,first)^−cλ · (share_l/share_l,first)^−cλ."""
        glut = self.p.crowding * self.p.labour_exponent
        for place in self.model.places:
            place.own_labour = sum(labour[home] for home in place.dwellings)
            place.own_price = max(place.own_labour / place.own_labour_first, 0.1) ** -glut
        shares = zip(self.shares(labour), self.share_first, strict=True)
        self.line_price = [(share / first) ** -glut for share, first in shares]

    @staticmethod
    def shares(labour: dict[Household, float]) -> list[float]:
        """Part of the villages' labour in each line."""
        in_line = [
            sum(much for home, much in labour.items() if home.line == line and not home.urban)
            for line in range(len(LINES))
        ]
        return [max(much / max(sum(in_line), 1e-9), 0.02) for much in in_line]

    def set_products(self, home: Household, labour: float) -> None:
        """Net product of a year in an ordinary season, on average per worker and of the household, yuan."""
        net = (1.0 - self.p.inputs) * self.output(home)
        home.own_product = net * max(labour, 1.0) ** (self.p.labour_exponent - 1.0)
        home.own_value = net * labour**self.p.labour_exponent

    def output(self, home: Household) -> float:
        """Of a year at ℓ = 1 in an ordinary season, yuan."""
        m, line = self.model, home.line
        price = home.place.own_price * (1.0 if home.urban else self.line_price[line])
        level = m.index * self.p.gross * price * factor(m, home)
        if home.urban:
            level *= self.p.premium_urban
        return level * exp(home.skill + home.fortune + home.line_fit + self.inputs(home, line))

    def inputs(self, home: Household, line: int) -> float:
        """Log of what land and capital contribute in a line."""
        p = self.p
        land = log(max(home.land_used / max(home.place.land_norm, 0.01), 0.05))
        capital = log(max(home.capital, 1.0) / (p.capital_norm * self.model.index))
        of_land, of_capital = float(OF_LAND[line]), float(OF_CAPITAL[line])
        return p.land_exponent * of_land * land + p.capital_exponent * of_capital * capital

    def best_line(self, home: Household) -> int:
        """The line that would have paid best at the last prices; in towns small trade."""
        if home.urban:
            return TRADE

        def worth(line: int) -> float:
            hands = max(self.labour_of(home, line), 0.01)
            labour = self.p.labour_exponent * log(hands)
            return self.fit(home, line) + self.inputs(home, line) + labour + log(self.line_price[line])

        return max(range(len(LINES)), key=worth)

    def fit(self, home: Household, line: int) -> float:
        """How well a line suits a household (a draw of its own), its place and, in trade, its schooling."""
        fit = self.p.line_fit * self.model.luck.normal(f"own_account.fit{line}", 0, home.key)
        if not home.urban:
            fit += 0.3 * log(home.place.amenity[SECTOR_OF_LINE[line]])
        if line == TRADE:
            first = self.model.parameters["synthesis"]
            usual = first.schooling_urban if home.urban else first.schooling_rural
            fit += 0.02 * (home.schooling - usual)
        return fit
