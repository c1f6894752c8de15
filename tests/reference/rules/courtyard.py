"""The courtyard economy."""

from collections import Counter
from math import exp

from abm.population.households import IDLE, OWN_TRADE
from tests.reference.agents import Household, Place
from tests.reference.luck import key_of
from tests.reference.model import Rule
from tests.reference.shared.credit import borrow, room, spare_cash


class Courtyard(Rule):
    name = "courtyard"
    remembers = ("price",)

    def start(self) -> None:
        """Nobody trades yet, so that nothing is crowded."""
        self.price = 1.0

    # --- the year ---

    def ties(self) -> None:
        """At the start of a year, but not of the burn-in: whose yards lie idle, and what each association can do."""
        m = self.model
        if not m.year_begins or m.burning_in:
            return
        for home in m.households:
            home.yard = self.idle_yard(home)
            if home.yard == 0:
                home.yard_use = IDLE
        for place in m.places:
            place.association.plan(self.p.unpaid)

    def idle_yard(self, home: Household) -> float:
        """Size, lognormal with mean 1, by draws of the dwelling; 0 where none lies idle."""
        share, luck, spread = home.place.idle_yards, self.model.luck, self.p.yard_spread
        if share == 0 or not home.registered or not home.inhabited:
            return 0.0
        dwelling = key_of(home.place.id, home.number)
        if luck.uniform("courtyard.yard", 0, dwelling) >= share:
            return 0.0
        return exp(spread * luck.normal("courtyard.size", 0, dwelling) - spread**2 / 2.0)

    # --- who starts and who gives up ---

    def enterprise(self) -> None:
        """Who starts, who gives up, and how much time the yards take."""
        m, p = self.model, self.p
        for home in m.households:
            home.yard_time = 0.0
        yards = [home for home in m.households if home.yard > 0]
        if not yards:
            return
        self.price = self.crowded_price()
        share = {home: self.best_time(home) for home in yards}
        for home in yards:
            home.yard_worth = self.leaves(home, share[home])
        starters = [home for home in yards if home.yard_use == IDLE and self.thinks_of_it(home)]
        for home in yards:
            u = m.luck.uniform("courtyard.gives_up", m.tick, home.key)
            if home.yard_use == OWN_TRADE and home.yard_worth < 0 and u < m.chance(p.gives_up):
                home.yard_use = IDLE
        traders = {home for home in m.households if home.yard_use == OWN_TRADE}
        seen = Counter(home.place for home in traders)
        starters = [home for home in starters if self.knows_how(home, traders, seen[home.place])]
        for home in starters:
            self.begin(home)
        for home in yards:
            if home.yard_use == OWN_TRADE:
                home.yard_time = share[home]
                if home.reaches("courtyard"):
                    self.meet(home)
                home.busy = min(home.busy + share[home], 1.0)

    def crowded_price(self) -> float:
        """P = (1 + n/m)^−ε, n the part of the villages' households in the trade."""
        homes = self.model.households
        villagers = sum(home.inhabited and not home.urban for home in homes)
        doing = sum(home.yard_use == OWN_TRADE for home in homes) / max(villagers, 1)
        return (1.0 + doing / self.p.market) ** -self.p.crowding

    def best_time(self, home: Household) -> float:
        """Part of its time on own account at which an hour in the yard brings what it brings there: w = (net price)
        (1 − θ)y/ℓ; elders' time comes first, and a yard can take only so much."""
        p, elders = self.p, self.elders(home)
        best = ((1.0 - p.yard_exponent) * self.net(home) / self.hour(home)) ** (1.0 / p.yard_exponent)
        most = p.most_time * (1.0 - home.busy) * home.own_workers
        return min(max(best - elders, 0.0), most) / max(home.own_workers, 1)

    def leaves(self, home: Household, share: float) -> float:
        """What a year leaves beyond time, the elders' rest, upkeep and meetings, yuan."""
        p, hour, elders = self.p, self.hour(home), self.elders(home)
        own = share * home.own_workers
        product = self.net(home) * (own + elders) ** (1.0 - p.yard_exponent)
        costs = hour * (own + p.rest * elders) + p.wear * p.start_up * self.model.index
        if home.reaches("courtyard"):
            costs += p.meetings * hour * home.own_workers
        return product - costs

    def elders(self, home: Household) -> float:
        return self.p.elder_time * home.elders

    def hour(self, home: Household) -> float:
        """Marginal net product on own account of a worker's year."""
        return max(self.model.parameters["own_account"].labour_exponent * home.own_product, 1.0)

    def net(self, home: Household) -> float:
        """Of a year at ℓ = 1: less inputs and what the sale costs, alone or with the association."""
        p, joint = self.p, self.joint(home)
        price = (1.0 - joint) * (1.0 - p.margin) + joint * (1.0 - p.joint_margin - p.fee)
        return max(price - p.inputs, 0.0) * self.gross(home)

    def joint(self, home: Household) -> float:
        """Part of its produce that the association sells."""
        return home.place.association.service if home.reaches("courtyard") else 0.0

    def gross(self, home: Household) -> float:
        """Output of a year at ℓ = 1 in an ordinary season, yuan."""
        p = self.p
        power = exp(home.skill + p.technique * home.yard_technique)
        return p.gross * self.model.index * self.price * home.yard**p.yard_exponent * power

    def thinks_of_it(self, home: Household) -> bool:
        """And it pays: what is left is above the interest on the cost of starting."""
        m = self.model
        u = m.luck.uniform("courtyard.thinks", m.tick, home.key)
        interest = m.parameters["credit"].interest * self.p.start_up * m.index
        return u < m.chance(self.p.thinks) and home.yard_worth > interest

    def knows_how(self, home: Household, traders: set[Household], here: int) -> bool:
        """By an idea of its own, from the village, from kin; else because the association tells it."""
        m, p = self.model, self.p
        seen = here / max(home.place.households, 1)
        kin = sum(other in traders for other in home.ties["kin"])
        in_the_dark = (1.0 - p.idea) * (1.0 - seen) * (1.0 - p.kin_shows) ** kin
        u = m.luck.uniform("courtyard.knows", m.tick, home.key)
        if u < 1.0 - in_the_dark:
            return True
        told = home.reaches("courtyard") and u < 1.0 - in_the_dark * (1.0 - p.told)
        m.messages["social"] += told
        return told

    def begin(self, home: Household) -> None:
        """It pays from spare cash and ordinary credit, or from credit that the association vouches for."""
        m, p = self.model, self.p
        cost = p.start_up * m.index
        lack = max(cost - spare_cash(m, home), 0.0)
        if lack <= room(m, home, p.on_credit):
            borrow(m, home, lack, p.on_credit)
        elif self.may_vouch(home) and lack <= room(m, home, p.vouched):
            borrow(m, home, lack, p.vouched, "interest")
            m.messages["interest"] += 1
        else:
            return
        m.ledger.pay(home, m.outside, cost, "household_investment")
        home.yard_use = OWN_TRADE

    def may_vouch(self, home: Household) -> bool:
        return home.reaches("courtyard") and self.tied(home.place, "rural_bank")

    def tied(self, place: Place, kind: str) -> bool:
        """Whether its association has an active link of this kind."""
        return any(link.target is place.association for link in self.model.points.active(kind))

    def meet(self, home: Household) -> None:
        """Members in the trade meet, and may take a course of an academy."""
        m, p = self.model, self.p
        m.messages["social"] += 4.0 * m.dt
        home.busy = min(home.busy + p.meetings, 1.0)
        u, fee = m.luck.uniform("courtyard.course", m.tick, home.key), p.course_fee * m.index
        goes = self.tied(home.place, "academy") and u < m.chance(p.courses) * home.participation
        if goes and spare_cash(m, home) >= fee:
            m.ledger.pay(home, m.outside, fee, "courtyard_costs", "organizational")
            home.busy = min(home.busy + p.course_time / m.dt / max(home.own_workers, 1), 1.0)
            home.yard_technique += p.course_gain * (1.0 - home.yard_technique)
            m.messages["organizational"] += 1

    # --- money ---

    def production(self) -> None:
        """Sell to the trader or jointly; pay the fee, inputs and upkeep; learn by doing."""
        m, p = self.model, self.p
        rich = {place for place in m.places if place.association.cash > self.full_service(place)}
        for home in m.households:
            if home.yard_use != OWN_TRADE:
                continue
            labour = home.yard_time * home.own_workers + self.elders(home)
            expected = self.gross(home) * labour ** (1.0 - p.yard_exponent) * m.dt
            output = expected * exp(home.season)
            joint = self.joint(home) * output
            m.ledger.pay(m.outside, home, (1.0 - p.margin) * (output - joint), "courtyard_sales")
            m.ledger.pay(m.outside, home, (1.0 - p.joint_margin) * joint, "courtyard_sales", "social")
            if home.place not in rich:  # with a year's work in hand it asks for nothing
                m.ledger.pay(home, home.place.association, p.fee * joint, "association_fee", "social")
            costs = p.inputs * expected + p.wear * p.start_up * m.index * m.dt
            m.ledger.pay(home, m.outside, costs, "courtyard_costs")
            home.yard_technique += (1.0 - exp(-p.doing_gain * m.dt)) * (1.0 - home.yard_technique)

    def full_service(self, place: Place) -> float:
        """Cost of a year, yuan."""
        return self.p.running * place.members_first / 1000.0 * self.model.index

    def distribution(self) -> None:
        """Associations with members pay for their work as far as fees reach."""
        m = self.model
        for place in m.places:
            if any(home.reaches("courtyard") for home in place.dwellings):
                one = place.association
                due = one.service * self.full_service(place) * m.dt
                one.cost_year += due
                one.paid_year += m.ledger.pay(one, m.outside, due, "association_work", "social")

    def year_end(self) -> None:
        """What an association without members has left goes to the collective."""
        m = self.model
        for place in m.places:
            if not any(home.reaches("courtyard") for home in place.dwellings):
                m.ledger.pay(place.association, place.collective, place.association.cash, "wound_up")
