"""Where people come and go, as ``abm.world.people`` states it."""

from collections.abc import Iterable, Sequence
from math import exp, sqrt

from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from tests.reference.agents import Firm, Household, Worker
from tests.reference.luck import key_of, pair_key
from tests.reference.model import PlainModel

LEAST_TOOLS = 100.0
"""Yuan of tools that are always left."""
GROWN = 100
"""From here on count those who come of age in a household."""
KIN_OF_PARENTS = 4
STAYS = {"key", "number", "place", "urban", "registered", "generation", "land", "standing", "schooling", "line",
    "capital"}  # fmt: skip
"""What of a dwelling outlives a household, beside what is called ``…_first``."""


def within_a_year(rate: float) -> float:
    """Probability of what happens at a rate per year."""
    return 1.0 - exp(-rate)


def how_many(model: PlainModel, stream: str, home: Household, members: int, chance: float) -> int:
    """Of so many members of a household, each with a draw of its own, those to whom it happens this year."""
    draws = (model.luck.uniform(stream, model.year, key_of(home.key, k)) for k in range(members))
    return sum(u < chance for u in draws)


# --- workers ---


def release(worker: Worker) -> None:
    """It leaves its local job and is on own account again."""
    worker.employer.staff.remove(worker)
    worker.employer, worker.activity = None, OWN_ACCOUNT


def leave(workers: Sequence[Worker]) -> None:
    """They retire, become unable to work or move away, all at once."""
    for worker in workers:
        if worker.activity == LOCAL_JOB:
            release(worker)
        worker.household.people.remove(worker)
        worker.remove()
    for worker in workers:
        count_schooling(worker.household)


def join(model: PlainModel, home: Household, key: int, schooling: float, *, undecided: bool = False) -> None:
    """A new worker on own account; its skill and cost of moving by draws of its own."""
    p, luck = model.parameters["synthesis"], model.luck
    worker = Worker(model, home, key)
    worker.__dict__.update(model.new_rows["workers"])
    worker.household, worker.key, worker.schooling, worker.undecided = home, key, schooling, undecided
    worker.employer = None
    effect = sqrt(p.effect_shared) * home.worker_effect
    effect += sqrt(1.0 - p.effect_shared) * luck.normal("people.effect", 0, key)
    years = p.schooling_return * (schooling - p.schooling_norm)
    worker.skill = exp(years + sqrt(p.effect_variance) * effect)
    usual = p.moving_cost + p.moving_cost_urban * home.urban
    worker.moving_cost = usual + p.moving_cost_spread * luck.normal("people.moving_cost", 0, key)
    home.people.append(worker)
    count_schooling(home)


def move(worker: Worker, to: Household) -> None:
    """It changes household and keeps what it does."""
    worker.household.people.remove(worker)
    count_schooling(worker.household)
    worker.household = to
    to.people.append(worker)
    count_schooling(to)


def count_schooling(home: Household) -> None:
    """Mean years of its workers; one without any keeps what it had."""
    if home.people:
        home.schooling = sum(worker.schooling for worker in home.people) / len(home.people)


def mean_schooling(model: PlainModel) -> dict[bool, float]:
    """Of the workers of communities (True) and of villages (False)."""
    p = model.parameters["synthesis"]
    means = {True: p.schooling_urban, False: p.schooling_rural}
    for urban in means:
        years = [worker.schooling for worker in model.workers if worker.household.urban == urban]
        if years:
            means[urban] = sum(years) / len(years)
    return means


class Families:
    """How schooling and standing of households go together in communities and villages, before the year's young."""

    def __init__(self, model: PlainModel) -> None:
        self.years, self.together = {}, {}
        for urban in (True, False):
            homes = [home for home in model.households if home.inhabited and home.urban == urban]
            n = len(homes)
            y, s = ([getattr(home, name) for home in homes] for name in ("schooling", "standing"))
            mean_y, mean_s = (sum(values) / max(n, 1) for values in (y, s))
            sd_y, sd_s = (
                sqrt(sum((v - m) ** 2 for v in values) / max(n, 1))
                for values, m in ((y, mean_y), (s, mean_s))
            )
            if n < 2 or min(sd_y, sd_s) < 1e-9:
                continue
            product = sum((a - mean_y) * (b - mean_s) for a, b in zip(y, s, strict=True)) / n
            self.years[urban] = mean_y, sd_y
            self.together[urban] = min(max(product / (sd_y * sd_s), 0.0), 0.99)

    def parents(self, home: Household) -> float:
        """Mean years of its workers, in standard deviations of its side."""
        if home.urban not in self.years:
            return 0.0
        mean, sd = self.years[home.urban]
        return (home.schooling - mean) / sd


def years_of_the_young(
    model: PlainModel, home: Household, key: int, mean: float, families: Families
) -> float:
    """Mean of the side + ahead + σ · s − missed, s following the household's standing and its parents' schooling, with
    which it is correlated by ρ whatever the two have in common by now."""
    p, first = model.parameters["people"], model.parameters["synthesis"]
    a, c = first.rank_correlation, families.together.get(home.urban, 0.0)
    k = max(p.schooling_kept - a * c, 0.0) / (1.0 - c * c)
    s = a * home.standing + k * (families.parents(home) - c * home.standing)
    left = sqrt(1.0 - a * a - k * k * (1.0 - c * c))
    s += left * model.luck.normal("people.schooling", 0, key)
    years = mean + p.schooling_ahead + first.schooling_spread * s
    return min(max(years - home.school_missed, 0.0), 19.0)


def come_home(model: PlainModel) -> None:
    """Where nobody is left at home, one of those away comes back (留守), by lot."""
    for home in model.households:
        if home.migrants > 0 and home.members == home.migrants:
            back = min(home.people, key=lambda w: model.luck.uniform("people.comes_home", model.year, w.key))
            back.activity, back.ticks_away = OWN_ACCOUNT, 0


# --- households ---


def move_out(model: PlainModel, home: Household) -> None:
    """It is no more, or lives elsewhere: the dwelling stands empty and its kinship ends."""
    leave(list(home.people))
    for name, value in model.new_rows["households"].items():
        if name not in STAYS and not name.endswith("_first"):
            setattr(home, name, value)
    home.capital, home.inhabited = LEAST_TOOLS * model.index, False
    for kin in home.ties["kin"]:
        kin.ties["kin"].remove(home)
    home.ties["kin"] = []


def move_in(home: Household, registered: bool) -> None:
    """The next household of a dwelling; who is not registered is no member of the collective."""
    home.registered = registered
    if not registered:
        home.links.discard("membership")
        home.since.pop("membership", None)
    home.generation += 1
    home.key = key_of(home.place.id, home.number, home.generation)
    home.inhabited = True


def kin_of_a_new_line(model: PlainModel, parents: Household, home: Household) -> list[Household]:
    """The parents' household, and up to four of its kin by lot."""
    by_lot = sorted(
        parents.ties["kin"],
        key=lambda kin: model.luck.uniform("people.kin", 0, pair_key(home.key, kin.key)),
    )
    return [parents, *by_lot[:KIN_OF_PARENTS]]


def tie_to_kin(model: PlainModel, divided: Sequence[tuple[Household, Household]]) -> None:
    """Households that have divided off, each with its parents', are kin to these and to kin of theirs."""
    new = [(home, kin) for parents, home in divided for kin in kin_of_a_new_line(model, parents, home)]
    for home, kin in new:
        home.ties["kin"].append(kin)
        kin.ties["kin"].append(home)


# --- what they leave ---


def owned_by(model: PlainModel, home: Household) -> list[Firm]:
    return [firm for firm in model.firms if firm.owner is home]


def wind_up(model: PlainModel, homes: Iterable[Household], has_heirs: dict[Household, bool]) -> None:
    """What is due comes in, what nobody takes over is sold, debt is settled: the rest is the bank's loss."""
    ledger, lost = model.ledger, {}
    for home in homes:
        ledger.pay(model.outside, home, home.claim, "claims_settled")
        home.claim = 0.0
        sold = max(home.capital - LEAST_TOOLS * model.index, 0.0)
        if has_heirs[home]:  # they take over the tools, but for those that the debt takes
            sold = min(sold, max(home.debt / 100.0 - home.cash, 0.0))
        home.capital -= ledger.pay(model.outside, home, sold, "tools_sold")
        if not has_heirs[home]:
            shares = sum(firm.owner_share * firm.capital for firm in owned_by(model, home))
            ledger.pay(model.outside, home, shares, "shares_sold")
            for firm in owned_by(model, home):
                firm.owner, firm.owner_share = None, 0.0
        home.debt -= round(ledger.pay(home, model.bank, home.debt / 100.0, "repayment") * 100.0)
        lost[home], home.debt = home.debt / 100.0, 0
    for place in model.places:
        yuan = sum(lost[home] for home in lost if home.place is place)
        if yuan > 0:
            model.note(place, "debt_written_off", f"{yuan:.2f}")
