"""The results that a hypothesis asks for: those of a factorial, or of the levels of another design.

A factorial's results are DIR itself, or DIR/factorial. Those of another design lie in DIR/NAME/LEVEL: all results
folders below it are pooled, and the level takes the place of the arm. Parts are only pooled where they were made by the
same code, of the same size, over the same years and with as many replications.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from abm.analysis.arms import ARMS, UNIT, last_years
from abm.analysis.hypotheses import FACTORIAL, HOUSEHOLD_GROUPS, Hypothesis
from abm.core.errors import InputError
from abm.core.ledger import FLOW_KINDS
from abm.records.store import MANIFEST
from abm.runs.results import Results, read_results

POOREST = 0.4
"""Share of the persons among whom the table of households is looked at."""
BANDS = 10
"""Bands of income that these are compared in, each with as many persons."""
_RUN = [*UNIT, "question", "budget", "arm", "year"]


class DesignResults:
    """Tables of one design, each row with its ``row``: what stands in front of a term, or empty.

    Args:
        parts: results, each with the level that it stands for (None: its arms as they are).
    """

    def __init__(self, parts: Sequence[tuple[str | None, Results]]) -> None:
        self.parts = parts
        self._cached: Callable[[str, str], pd.DataFrame] = cache(self._made)

    @property
    def folders(self) -> list[Path]:
        return [results.folder for _, results in self.parts]

    @property
    def scenarios(self) -> set[str]:
        return {results.manifest["scenario"]["name"] for _, results in self.parts}

    @property
    def code(self) -> str:
        """Digest of the code that made them."""
        return str(self.parts[0][1].manifest["environment"]["code"])

    def last_years(self, length: int) -> tuple[int, ...]:
        """The last years that all parts have, none of them before the switch unless there is no other."""
        common = [set(last_years(results.manifest, results.outcomes, length)) for _, results in self.parts]
        return tuple(sorted(set.intersection(*common)))

    def table(self, name: str, population: str = "all") -> pd.DataFrame:
        """Rows of one population with the columns of the key, ``row`` and the measures."""
        return self._cached(name, population)

    def _made(self, name: str, population: str) -> pd.DataFrame:
        return pd.concat([self._part(*part, name, population) for part in self.parts], ignore_index=True)

    def _part(self, level: str | None, results: Results, name: str, population: str) -> pd.DataFrame:
        frame = _READERS[name](results, population)
        if level is None:
            return frame
        arms = set(frame["arm"])
        if len(arms) > 1:  # a level is a run with everything as the level has it
            frame = frame[frame["arm"] == ARMS[0]]
        return frame.assign(arm=level)


def results_for(hypothesis: Hypothesis, folder: Path) -> tuple[DesignResults | None, str]:
    """The results of a hypothesis's design in a folder; or None, and what is missing.

    Raises:
        InputError: there is no such folder, or results in it are damaged.
    """
    if not folder.is_dir():
        mend = "name a folder of results"
        raise InputError("there is no such folder", file=folder, mend=mend)
    parts, lack = _factorial(folder) if hypothesis.design is None else _levels(hypothesis, folder)
    missing = f"no results for the design '{hypothesis.design_name}' in {folder}"
    if lack:
        return None, f"{missing}: {lack}"
    found = DesignResults(parts)
    unlike = _unlike([results for _, results in parts])
    if unlike:
        return None, f"{missing} that can be compared: {unlike}"
    other = sorted(found.scenarios - {hypothesis.scenario})
    if other:
        return None, f"{missing}: they are of the scenario '{other[0]}', not '{hypothesis.scenario}'"
    return found, ""


_ALIKE: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "code": lambda manifest: manifest["environment"]["code"][:12],
    "households": lambda manifest: manifest["households"] or "full size",
    "years": lambda manifest: manifest["years"],
    "replications": lambda manifest: manifest["replications"],
}
"""What all parts of a design share, else their difference is not that of the levels alone."""


def _unlike(parts: Sequence[Results]) -> str:
    """The first difference between parts that may have none; empty where they can be compared."""
    for name, value in _ALIKE.items():
        first, *others = [(value(part.manifest), part.folder) for part in parts]
        for other in others:
            if other[0] != first[0]:
                return f"{name} {first[0]} in {first[1]}, {other[0]} in {other[1]}"
    return ""


def _factorial(folder: Path) -> tuple[list[tuple[str | None, Results]], str]:
    for place in (folder, folder / FACTORIAL):
        if (place / MANIFEST).is_file():
            results = read_results(place)
            if results.manifest["command"] == FACTORIAL:
                return [(None, results)], ""
            return [], f"{place} was made by 'abm {results.manifest['command']}'"
    return [], f"neither it nor {FACTORIAL}/ in it holds results"


def _levels(hypothesis: Hypothesis, folder: Path) -> tuple[list[tuple[str | None, Results]], str]:
    assert hypothesis.design is not None
    parts: list[tuple[str | None, Results]] = []
    for level in hypothesis.design.levels:
        place = folder / hypothesis.design.name / level
        found = [read_results(file.parent) for file in sorted(place.rglob(MANIFEST))]
        if not found:
            return [], f"{hypothesis.design.name}/{level}/ is missing"
        parts += [(level, results) for results in found]
    return parts, ""


def _outcomes(results: Results, population: str) -> pd.DataFrame:
    frame = results.outcomes
    return frame[frame["population"] == population].assign(row="")


def _villages(results: Results, _: str) -> pd.DataFrame:
    return results.villages.assign(row=lambda frame: frame["village"].astype(str))


def _fifths(results: Results, population: str) -> pd.DataFrame:
    frame = results.fifths
    return frame[frame["population"] == population].assign(row=lambda f: f["fifth"].astype(str))


def _flows(results: Results, _: str) -> pd.DataFrame:
    """Yuan a head and year of each kind of flow; 0 where a run has none in a year."""
    persons = _outcomes(results, "all").set_index(_RUN)["persons"]
    paid = results.flows.groupby([*_RUN, "kind"])["amount"].sum().unstack("kind", fill_value=0.0)
    # a kind that never flowed here may have flowed in another level
    paid = paid.reindex(index=persons.index, columns=list(FLOW_KINDS), fill_value=0.0).div(persons, axis=0)
    return paid.rename_axis(columns="row").stack().rename("amount_per_head").reset_index()


def _households(results: Results, _: str) -> pd.DataFrame:
    """Share of the persons on dibao, with and without a party member, among the poorest two fifths of the registered.

    Who is not registered here has no claim to dibao, and seldom a party member: he would be compared by mistake. Poor
    is who has little per head before transfers, since dibao is one. The others are compared with members of their
    own narrow band of income: their shares by band are weighted by the members' persons there, bands that lack one of
    the two left out, so that the two groups are equally poor.
    """
    frame = results.households
    frame = frame[(frame["persons"] > 0) & frame["registered"]]
    before = (frame["income"] - frame["income_transfer"]) / frame["persons"]
    frame = frame.assign(before=before).sort_values([*_RUN, "before"], ignore_index=True)
    runs = frame.groupby(_RUN)["persons"]
    reached, least = runs.cumsum(), POOREST * runs.transform("sum")
    poor = frame[reached <= least]
    band = np.minimum((reached - frame["persons"] / 2) / least * BANDS, BANDS - 1)[poor.index].astype(int)
    member, other = HOUSEHOLD_GROUPS
    poor = poor.assign(
        row=poor["party_member"].map({True: member, False: other}),
        on=poor["dibao"] * poor["persons"],
        band=band,
    )
    sums = poor.groupby([*_RUN, "band", "row"])[["on", "persons"]].sum().unstack("row")
    sums = sums.reindex(columns=pd.MultiIndex.from_product([["on", "persons"], HOUSEHOLD_GROUPS])).dropna()
    weight = sums["persons"][member]
    shares = (sums["on"] / sums["persons"]).mul(weight, axis=0).groupby(_RUN).sum()
    shares = shares.div(weight.groupby(_RUN).sum(), axis=0)
    return shares.rename_axis(columns="row").stack().rename("dibao").reset_index()


_READERS: Mapping[str, Callable[[Results, str], pd.DataFrame]] = {
    "outcomes": _outcomes,
    "villages": _villages,
    "fifths": _fifths,
    "flows": _flows,
    "households": _households,
}
