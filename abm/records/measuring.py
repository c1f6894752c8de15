"""One year of a world measured: all populations and villages together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.core.names import INCOME_SOURCES, LAYERS
from abm.graph.integration import participation_coefficient
from abm.measures import MIDDLE, decompose_theil_t
from abm.measures.grouped import Grouped
from abm.measures.groups import Groups, ratio
from abm.population.households import LOCAL_JOB, members
from abm.records.dynamics import LINES, POPULATION_SPLITS
from abm.records.gains import Start
from abm.records.panel import PanelYear
from abm.world.own_lines import BRANCH_OF_LINE, BRANCH_OF_SECTOR, BRANCHES
from abm.world.world import World

Floats = NDArray[np.float64]

GROUP_OF_POPULATION = {"all": 0, "rural": 1, "urban": 2, "floating": 3, "registered": 4}
"""Number of each population among the groups; the places follow in their order."""
POPULATION_GROUPS = len(GROUP_OF_POPULATION)
_FIFTHS = (0.2, 0.4, 0.6, 0.8)
REACH = 0.01
"""A payment a head counts as reach from this part of the anchored 60 % line on."""
LORENZ = tuple(round(0.05 * step, 2) for step in range(1, 20))
"""Shares of persons at which the Lorenz curve is kept."""


def groups_of(world: World) -> Groups:
    """Everybody; country and town; not registered and registered; the places."""
    h = world.households
    everyone = np.zeros(len(h), np.int16)
    return Groups((everyone, 1), (h.urban, 2), (h.registered, 2), (h.place, len(world.places)))


class YearMeasured:
    """What can be said of one year from that year alone.

    Args:
        world: as it stands at year-end.
        now: its households' incomes, persons and groups.
        start: where everybody stood in the year before the switch; until then in this year.
        median: the rural median that anchored lines rest on; NaN while it is not known, then this year's own serves.
    """

    def __init__(self, world: World, now: PanelYear, start: Start, median: float) -> None:
        self.world, self.groups = world, now.groups
        self.now, self.start, self.median = now, start, median
        self.income, self.persons = now.income, now.persons
        self.spreads = list(now.measured_for(now.groups, now.persons))
        inhabited = (now.persons > 0).astype(np.float64)
        self.by_household = list(now.measured_for(now.groups, inhabited))

    def measures(self) -> dict[str, Floats]:
        """All measures but those of dynamics and of anchored lines, each of shape (groups,)."""
        each = [self._distribution(spread) for spread in self.spreads]
        distribution = {name: np.concatenate([split[name] for split in each]) for name in each[0]}
        distribution |= self._grouped()
        return {**distribution, **self._people(), **self._places(), **self._district(), **self._reach()}

    def fifths(self) -> dict[str, Floats]:
        """Columns of the table ``fifths``, each of shape (populations, 5)."""
        world, spreads = self.world, self.by_household[:POPULATION_SPLITS]
        persons = np.concatenate([spread.part_sums(self.persons, _FIFTHS) for spread in spreads])
        head = np.where(persons > 0, persons, np.nan)
        source = world.ledger.income
        totals = {
            "income": source.sum(axis=0),
            **{f"income_{name}": source[row] for row, name in enumerate(INCOME_SOURCES)},
            "consumption": world.ledger.consumed,
            "savings": world.ledger.balances["household"],
        }
        made = {"persons": np.nan_to_num(head)}
        for name, fen in totals.items():
            made[name] = np.concatenate([spread.part_sums(fen, _FIFTHS) for spread in spreads]) / 100.0 / head
        return made

    def lorenz(self) -> Floats:
        """Shares of income at the points ``LORENZ``, shape (populations, points); NaN without income."""
        parts = np.concatenate([spread.part_sums(at=LORENZ) for spread in self.spreads[:POPULATION_SPLITS]])
        total = parts.sum(axis=1, keepdims=True)
        return ratio(np.cumsum(parts, axis=1)[:, :-1], np.repeat(total, len(LORENZ), axis=1))

    def _distribution(self, spread: Grouped) -> dict[str, Floats]:
        mild, one, strong = spread.atkinson
        gap, severity = spread.gaps(0.6)
        under = spread.headcounts(tuple(line / 100.0 for line in LINES))
        measures = {
            "persons": spread.persons,
            "mean_income": spread.mean,
            "median_income": spread.median,
            "gini": spread.gini,
            "theil_t": spread.theil_t,
            "theil_l": spread.theil_l,
            "theil_t_between_villages": self._between_villages(spread),
            "atkinson_05": mild,
            "atkinson_1": one,
            "atkinson_2": strong,
            "palma": spread.palma,
            "s80_s20": spread.s80_s20,
            "wolfson": spread.wolfson,
            "middle_share": spread.middle_share(*MIDDLE),
            "relative_deprivation": spread.relative_deprivation,
            "poverty_gap_60": gap,
            "poverty_severity_60": severity,
            "bottom_coded": spread.bottom_coded,
        }
        for place, line in enumerate(LINES):
            measures[f"headcount_{line}"] = under[:, place]
        return measures

    def _grouped(self) -> dict[str, Floats]:
        """As offices print incomes (五等份分组): households by income per head in five parts of equal number, the mean
        per head of each part's persons, and what can be said of these five means alone."""
        income, persons = (
            np.concatenate([spread.part_sums(values, _FIFTHS) for spread in self.by_household])
            for values in (self.income * self.persons, self.persons)
        )
        means = ratio(income, persons)
        total = means.sum(axis=1)
        shares = ratio(means, np.repeat(total[:, np.newaxis], 5, axis=1))
        curve = np.cumsum(shares, axis=1)
        named = {f"share_fifth_{fifth + 1}": shares[:, fifth] for fifth in range(5)}
        return {"gini_grouped": 1.0 - (2.0 * curve[:, :4].sum(axis=1) + 1.0) / 5.0, **named}

    def _between_villages(self, spread: Grouped) -> Floats:
        """Of the populations; villages themselves get NaN."""
        wanted = spread.groups.count if spread in self.spreads[:POPULATION_SPLITS] else 0
        return spread.theil_t_between(self.world.households.place, len(self.world.places), wanted)

    def _people(self) -> dict[str, Floats]:
        world, h, persons = self.world, self.world.households, self.persons
        sums = self.groups.sums

        def mean(column: NDArray[Any]) -> Floats:
            return ratio(sums(column * persons), residents)

        residents, able, here = sums(persons), sums(h.workers), members(h) > 0
        lived_in, dwellings = sums(here), sums(np.ones(len(h)))
        local, away = sums(h.local_workers), sums(h.migrants)
        fen = world.ledger.income
        by_source = [sums(source) for source in fen]
        total = np.sum(by_source, axis=0)
        measures = {
            "households": lived_in,
            "dwellings_empty": ratio(dwellings - lived_in, dwellings),
            "savings_years": ratio(sums(world.ledger.balances["household"]), total),
            "employment_rate": ratio(local + away, able),
            "migrant_share": ratio(away, able),
            "local_job_share": ratio(local, able),
            **self._sectors(),
            "children_share": ratio(sums(h.children), residents),
            "elder_share": ratio(sums(h.elders), residents),
            "mean_trust": mean(h.trust),
            "mean_participation": mean(h.participation),
            "mean_effort": ratio(sums(h.own_workers * h.effort), sums(h.own_workers)),
            "integration_index": mean(participation_coefficient(world.points.degrees())),
        }
        for source, amount in zip(INCOME_SOURCES, by_source, strict=True):
            measures[f"share_{source}"] = ratio(amount, total)
        return measures

    def _sectors(self) -> dict[str, Floats]:
        """Workers of each branch of the economy, over those who work in the district."""
        world, h, workers = self.world, self.world.households, self.world.workers
        employed = np.flatnonzero(workers.activity == LOCAL_JOB)
        branch = BRANCH_OF_SECTOR[world.enterprises.sector[workers.employer[employed]]]
        own = BRANCH_OF_LINE[h.line]
        counts = []
        for number in range(len(BRANCHES)):
            jobs = np.bincount(workers.household[employed[branch == number]], minlength=len(h))
            counts.append(self.groups.sums(jobs + h.own_workers * (own == number)))
        total = np.sum(counts, axis=0)
        return {f"workers_{name}": ratio(count, total) for name, count in zip(BRANCHES, counts, strict=True)}

    def _reach(self) -> dict[str, Floats]:
        """Of the persons who stood among the poorest before the switch and still live in their dwelling, the share to
        whom interest joint-points pay something that counts: ``REACH`` of the anchored 60 % line, a head, this year.

        Who is poor is settled before any arm acts, so that no arm chooses by its own results whom it is judged by. The
        poorest two fifths are those of all residents for ``all``, ``registered`` and ``floating``; those of the own
        side, town or country, for ``urban``, ``rural`` and every village, so that ``rural`` is the mean of its
        villages by persons. A household on the boundary counts by weight. NaN where there is no line.
        """
        line = 0.6 * self._rural_median()
        if not line > 0:
            return {"reach_poor": np.full(self.groups.count, np.nan)}
        received = self.world.ledger.received[LAYERS.index("interest")] / 100.0
        paid = (received > 0) & (received >= REACH * line * self.persons)
        stays = self.start.stays(self.now, self.world.households.key)
        found = []
        for own_side in (False, True):
            poor = stays * self.start.poorest_two(own_side)
            found.append(ratio(self.groups.sums(poor * paid), self.groups.sums(poor)))
        of_all, of_side = found
        for population in ("all", "registered", "floating"):
            of_side[GROUP_OF_POPULATION[population]] = of_all[GROUP_OF_POPULATION[population]]
        return {"reach_poor": of_side}

    def _rural_median(self) -> float:
        if not np.isnan(self.median):
            return self.median
        sides = self.spreads[1]  # country and town
        return float(sides.median[0])

    def _places(self) -> dict[str, Floats]:
        """What belongs to places rather than to people: known for villages, town, country and all."""
        world, firms = self.world, self.world.enterprises
        count = len(world.places)
        collective = np.array([c.income_last for c in world.institutions.collectives], np.float64)
        place = firms.place[firms.open]
        vacancies = np.bincount(place, weights=firms.vacancies[firms.open], minlength=count)
        filled = np.bincount(place, weights=firms.workers[firms.open], minlength=count)
        return {
            "collective_income": self._of_places(collective),
            "vacancy_rate": ratio(self._of_places(vacancies), self._of_places(vacancies + filled)),
        }

    def _of_places(self, values: NDArray[Any]) -> Floats:
        """Sums over places for every group that is made of whole places."""
        urban = self.world.places.urban
        found = np.full(self.groups.count, np.nan)
        found[GROUP_OF_POPULATION["all"]] = values.sum()
        found[GROUP_OF_POPULATION["urban"]] = values[urban].sum()
        found[GROUP_OF_POPULATION["rural"]] = values[~urban].sum()
        found[POPULATION_GROUPS:] = values
        return found

    def _district(self) -> dict[str, Floats]:
        """What is known for the district as a whole only."""
        world = self.world
        urban, rural = GROUP_OF_POPULATION["urban"], GROUP_OF_POPULATION["rural"]
        mean = np.concatenate([spread.mean for spread in self.spreads])
        away = {"outside", "bank"}
        net = sum(
            fen if payer in away else -fen
            for (payer, payee, kind, _), fen in world.ledger.flows.items()
            if (payer in away) != (payee in away) and kind != "opening"
        )
        people = float(self.persons.sum())
        sides = decompose_theil_t(self.income, self.persons, world.households.urban)
        known: dict[str, float] = {
            "theil_t_between_urban_rural": sides.between,
            "urban_rural_ratio": float(mean[urban] / mean[rural]) if mean[rural] != 0 else float("nan"),
            "outside_net_per_head": net / 100.0 / people if people > 0 else float("nan"),
            **{f"messages_{layer}": float(world.messages[layer]) for layer in LAYERS},
        }
        measures = {}
        for name, value in known.items():
            measures[name] = np.full(self.groups.count, np.nan)
            measures[name][GROUP_OF_POPULATION["all"]] = value
        measures["ledger_imbalance"] = np.full(self.groups.count, float(world.ledger.imbalance()))
        return measures
