"""Capital from outside that a programme brings (owner ``capital``): one rule for projects and ordinary enterprises.

The same money is laid out by the same rule at the same time of the year, whether a contract binds the enterprise or
not, so that arms differ by the contract alone: who founds, strengthens and chooses does not see it.
"""

import numpy as np
from numpy.typing import NDArray

from abm.core.draws import Keys
from abm.core.names import SECTORS
from abm.scenario.parameters import Parameter, values_of
from abm.world.choosing import choose_sectors
from abm.world.dated import link_draw
from abm.world.economics import capital_for
from abm.world.enterprises import found_enterprises, next_keys, planned_productivity
from abm.world.world import OUTSIDE, World

PARAMETERS = (
    Parameter("smallest", 0.5, "jobs", (0.1, 10.0), "capital worth founding an enterprise with", "assumed"),
    Parameter("largest", 40.0, "jobs", (5.0, 200.0), "capital of one enterprise at most", "assumed"),
    Parameter("from_outside", 0.5, "share of foundings", (0.0, 1.0), "who chooses the sector", "assumed"),
    Parameter("fit_exponent", 0.3, "exponent", (0.0, 1.0), "what a place is good at", "assumed"),
    Parameter("working", 0.1, "share of capital", (0.02, 0.5), "cash that comes with it", "assumed"),
)  # fmt: skip


def best_sector(world: World) -> int:
    """The sector with the best return on capital over the last year, that of its open enterprises together.

    One without any counts as one that earns nothing: it is the best while all others lose. Of equals it is the first.
    """
    firms = world.enterprises
    rows = np.flatnonzero(firms.open)
    profit = np.bincount(firms.sector[rows], weights=firms.profit_year[rows], minlength=len(SECTORS))
    capital = np.bincount(firms.sector[rows], weights=firms.capital[rows], minlength=len(SECTORS))
    return int(np.argmax(profit / np.maximum(capital, 1.0)))


def lay_out(world: World, account: tuple[str, int], place: int, yuan: float, layer: str = "") -> None:
    """Found enterprises owned elsewhere, or strengthen small ones that such capital founded, until it is spent.

    What strengthens an enterprise is another plant of the same kind: jobs grow as capital does, however many tranches
    it comes in. With a layer a link to the collective forms with each enterprise, be it active or not, where households
    are tied to one; and what reaches those under contract passes that layer. In a withheld budget the rest of the
    money stays where it is: none but those under contract are strengthened, and none is founded whose link would not be
    active.
    """
    p, shared = values_of(world.settings, "capital"), values_of(world.settings, "enterprise")
    firms, withheld, passed_over = world.enterprises, bool(layer) and world.budget == "withheld", 0
    one_job = float(capital_for(shared, np.array(1.0), world.places.usual_wage[place]))
    whole = 1.0 + p.working
    linked = bool(layer) and bool(members_of(world)[place] > 0)
    while yuan >= 0.01:
        rows = np.flatnonzero(firms.open & (firms.place == place) & firms.project)
        rows = rows[firms.contract[rows]] if withheld else rows
        small = rows[firms.capital[rows] < 0.5 * p.largest * one_job]
        jobs = min(yuan / (whole * one_job), p.largest)
        if len(small):
            chosen, part, grows = small[:1], min(yuan, 0.5 * p.largest * one_job), True
        elif jobs >= p.smallest or len(rows) == 0:
            key, part, grows = _next_key(world, place, passed_over), min(yuan, whole * jobs * one_job), False
            if withheld and not (linked and _would_bind(world, place, key)):
                yuan, passed_over = yuan - part, passed_over + 1
                continue
            chosen = _found(world, place, key, jobs, linked)
        else:
            chosen, part, grows = rows[[np.argmin(firms.capital[rows])]], yuan, True
        passes = layer if firms.contract[chosen[0]] else ""
        world.ledger.transfer(account, ("enterprise", chosen), part, "founding_capital", passes)
        bought = world.ledger.transfer(("enterprise", chosen), OUTSIDE, part / whole, "enterprise_investment")
        before = firms.capital[chosen]
        firms.capital[chosen] += bought / 100.0
        if grows:
            scale = 1.0 - shared.labour_exponent - shared.capital_exponent
            firms.productivity[chosen] *= (firms.capital[chosen] / np.maximum(before, 1.0)) ** scale
        yuan -= part


def members_of(world: World) -> NDArray[np.float64]:
    """Households tied to the collective of each place now: without any it has nothing to contract about."""
    return world.by_place(world.points.reaches("membership"))


def _next_key(world: World, place: int, passed_over: int) -> Keys:
    """Of the enterprise that such capital founds next: the same with a contract and without."""
    firms = world.enterprises
    of_this_year = firms.place[firms.project & (firms.founded == world.year)]
    so_far = np.bincount(of_this_year, minlength=len(world.places)) + passed_over
    return next_keys(world, np.array([place]), "capital", so_far)


def _contract(world: World, place: int, key: Keys) -> tuple[str, str, str, int, float]:
    """The contract of the enterprise that would be founded next: kind, ends, place and draw of its link."""
    number = int(world.places.enterprises_founded[place])
    name = f"enterprise:{world.place_names[place]}/{number}"
    target = world.institutions.collectives[place].name
    return "project", name, target, place, link_draw(world, "project", key)


def _would_bind(world: World, place: int, key: Keys) -> bool:
    """Whether the contract of the enterprise that would be founded next would hold; if it will ever connect, nobody
    knows."""
    return world.would_be_active(*_contract(world, place, key))


def _found(world: World, place: int, keys: Keys, jobs: float, linked: bool) -> NDArray[np.int64]:
    p, where = values_of(world.settings, "capital"), np.array([place])
    sector = choose_sectors(world.places.amenity[where], world.draws.uniform("capital.sector", 0, keys))
    if world.draws.uniform("capital.from_outside", 0, keys)[0] < p.from_outside:
        sector = np.array([best_sector(world)])
    a = planned_productivity(world, where, sector, np.array([max(jobs, 0.05)]), p.fit_exponent)
    contract = _contract(world, place, keys)
    rows = found_enterprises(world, where, sector, np.array([-1]), np.zeros(1), a, keys, project=True)
    if linked:
        link = world.form_link(*contract)
        partner = world.points.agents(link)[1].place
        world.enterprises.contract[rows] = link.active and members_of(world)[partner] > 0
        world.enterprises.contract_with[rows] = partner
        if world.enterprises.contract[rows[0]]:
            world.note(place, "project_founded", SECTORS[int(sector[0])])
    return rows
