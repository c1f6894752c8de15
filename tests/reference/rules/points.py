"""Points and lists, with a public review."""

from math import ceil, exp
from statistics import fmean

from tests.reference.agents import Household, Place
from tests.reference.model import Rule
from tests.reference.shared.choosing import members_first


class Points(Rule):
    name = "points"
    knows = ("keepers", "close")

    def start(self) -> None:
        """Nobody keeps a list yet."""
        self.keepers: list[Household] = []
        self.close: list[Household] = []

    @staticmethod
    def on_list(place: Place) -> list[Household]:
        return [home for home in place.dwellings if home.reaches("points")]

    def at_work(self, place: Place) -> list[Household]:
        """Keepers on the list themselves, with somebody at home."""
        return [
            home
            for home in self.keepers
            if home.place is place and home.reaches("points") and home.own_workers > 0
        ]

    def needs(self) -> None:
        """A list that comes back starts anew; once a year keepers are chosen and all meet; entries take time."""
        m = self.model
        for home in m.households:
            if not home.reaches("points"):
                home.points_earned = home.points_paper = home.praise_seen = 0.0
        if m.year_begins:
            self.choose_keepers()
            for place in m.places:
                self.meeting(place)
        for place in m.places:
            keepers, entries = self.at_work(place), self.p.entries * len(self.on_list(place))
            for home in keepers:
                home.busy = min(home.busy + entries / len(keepers) / home.own_workers, 1.0)

    def choose_keepers(self) -> None:
        """One for so many households, party members first, by lot; close to them are party members and their kin."""
        chosen = []
        for place in self.model.places:
            listed = self.on_list(place)
            able = [home for home in listed if home.own_workers > 0]
            wanted = ceil(len(listed) / self.p.list_size)
            chosen += members_first(self.model, "points.keeper", 0, able)[:wanted]
        self.keepers = sorted(chosen, key=lambda home: home.row)
        self.close = [home for home in self.model.households if home.party_member or self.kin_of_member(home)]

    @staticmethod
    def kin_of_member(home: Household) -> bool:
        return home.reaches("points") and any(kin.party_member for kin in home.ties["kin"])

    def meeting(self, place: Place) -> None:
        """Who can comes; paper points are struck with a probability; who has well over the mean is commended."""
        m, p, listed = self.model, self.p, self.on_list(place)
        if sum(home.points_earned + home.points_paper for home in listed) <= 0:
            return
        for home in listed:
            if home.own_workers > 0:
                home.busy = min(home.busy + p.meeting / m.dt / home.own_workers, 1.0)
            if m.luck.uniform("points.review", m.year, home.key) < p.review:
                home.points_paper = 0.0
        enough = p.commended * fmean(home.points_earned for home in listed)
        named = {home for home in listed if home.points_earned > enough}
        for home in listed:
            near = home.ties["mutual_aid"]
            home.praise_seen = sum(other in named for other in near) / max(len(near), 1)

    def distribution(self) -> None:
        """Entries of this tick, goods for points, and what is seen of both."""
        m = self.model
        part = 1.0 - m.kept(self.p.memory)
        seen = dict.fromkeys(m.households, (0.0, 0.0))
        for place in m.places:
            if listed := self.on_list(place):
                taken = self.enter(place, listed)
                self.give_goods(place, taken)
                seen.update(self.what_is_seen(listed))
        for home, (reward, unfair) in seen.items():
            home.rewarded += part * (reward - home.rewarded)
            home.unfair += part * (unfair - home.unfair)

    def enter(self, place: Place, listed: list[Household]) -> dict[Household, float]:
        """What keepers write down, true or not; returns the points taken to the shop."""
        m, kept = self.model, bool(self.at_work(place))
        done = {home: home.joint_activity + self.p.helping * home.helping if kept else 0.0 for home in listed}
        paper = self.on_paper(done)
        m.messages["social"] += 4.0 * m.dt * sum(done[home] > 0 or paper[home] > 0 for home in listed)
        taken = {}
        for home in listed:
            home.points_earned, shop = self.passed(home.points_earned, done[home])
            home.points_paper, more = self.passed(home.points_paper, paper[home])
            taken[home] = shop + more
        return taken

    def on_paper(self, done: dict[Household, float]) -> dict[Household, float]:
        """A share f of all entries is as large as a usual one, for who did nothing, by lot and closeness."""
        m, p = self.model, self.p
        active = [points for points in done.values() if points > 0]
        wanted = len(active) * p.formalism / (1.0 - p.formalism)
        close = set(self.close)
        idle = {home: p.closeness if home in close else 1.0 for home in done if done[home] == 0}
        paper, together = dict.fromkeys(done, 0.0), sum(idle.values())
        for home, weight in idle.items():
            chance = wanted * weight / together
            if m.luck.uniform("points.paper", m.season, home.key) < chance:
                paper[home] = fmean(active)
        return paper

    def passed(self, balance: float, entered: float) -> tuple[float, float]:
        """B′ = a − (δ + x) B over a tick: the balance after it, and what of it was taken."""
        p, dt = self.p, self.model.dt
        rate = p.decay + p.exchange
        usual = entered / rate
        after = usual + (balance - usual) * exp(-rate * dt)
        return after, p.exchange / rate * (balance + entered * dt - after)

    def give_goods(self, place: Place, taken: dict[Household, float]) -> None:
        """Goods at a price per point, as far as the programme's money reaches."""
        m, envelope = self.model, self.model.envelope("points")
        if envelope is None:
            return
        purse, price = envelope.purses[place.row], self.p.price * m.index
        wish = {home: price * taken[home] for home in m.paid_for(place, envelope)}
        part = min(purse.cash / m.ticks_left / max(sum(wish.values()), 0.01), 1.0)
        m.ledger.pay_all(
            [(purse, home, part * yuan) for home, yuan in wish.items()], "points_goods", "social"
        )

    def what_is_seen(self, listed: list[Household]) -> dict[Household, tuple[float, float]]:
        """R = (1 − n) · B/(B + mean B) + n · part of the neighbours commended, and U, the part of the village's points
        that is on paper, less where it is one's own; a small mean counts as a notable one."""
        p = self.p
        least = p.notable / (p.decay + p.exchange)
        mean, paper = (
            fmean(getattr(home, name) for home in listed) for name in ("points_earned", "points_paper")
        )
        found = {}
        for home in listed:
            own = home.points_earned / (home.points_earned + max(mean, least))
            mine = home.points_paper / max(home.points_paper + mean + paper, least)
            reward = (1.0 - p.neighbours) * own + p.neighbours * home.praise_seen
            found[home] = (reward, paper / max(mean + paper, least) * (1.0 - mine))
        return found
