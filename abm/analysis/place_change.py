"""Why inequality differs between two arms: within and between villages (村内与村际).

With p_g the share of persons in place g, L_g its mean log deviation and λ_g = μ_g/μ its relative mean,

    L = Σ p_g L_g − Σ p_g ln λ_g,

and between two arms (Mookherjee and Shorrocks 1982; bars are means of the two)

    ΔL = Σ p̄_g ΔL_g − Σ p̄_g Δln λ_g + Σ L̄_g Δp_g − Σ mean(ln λ_g) Δp_g:

places grow more unequal *within*; their means move apart, *between*; and people live in other places, *composition*
within and between. The four add up exactly. ``theil_l`` of all residents is bottom-coded at a floor of its own, as
that of each place is at its; what this leaves stands as ``rest``, so that the parts add up to the change in
``theil_l``. Of runs with snapshots ``household_places`` takes the floor of all residents for every place, and nothing
is left.

Source: D. Mookherjee and A. Shorrocks (1982), "A decomposition analysis of the trend in UK income inequality",
Economic Journal 92(368), 886–902.
"""

from collections.abc import Iterable
from dataclasses import asdict

import numpy as np
import pandas as pd

from abm.analysis.arms import UNIT, independent, require_one_comparison
from abm.analysis.contrasts import estimate
from abm.measures.decomposition import decompose_theil_l

WITHIN, BETWEEN = "within", "between"
PARTS = (WITHIN, BETWEEN, "composition_within", "composition_between")
REST, TOTAL = "rest", "total"


def parts_of(
    persons: tuple[np.ndarray, np.ndarray],
    mean: tuple[np.ndarray, np.ndarray],
    index: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """The four parts of ΔL, on minus off.

    Args:
        persons, mean, index: of each place in the arm that is on and in the one that is off, shape (places,) each;
        index
            is the place's own L. A place without persons in one arm has there what it has in the other.

    Returns:
        Shape (4,), as ``PARTS``; NaN where a place with persons has no positive mean or no index.
    """
    share = [p / p.sum() for p in persons]
    overall = [float((p * np.where(p > 0, m, 0.0)).sum()) for p, m in zip(share, mean, strict=True)]
    logs = [
        np.log(np.where((p > 0) & (m > 0), m, np.nan) / o)
        for p, m, o in zip(share, mean, overall, strict=True)
    ]
    own = [np.where(p > 0, i, np.nan) for p, i in zip(share, index, strict=True)]
    (l1, l0), (i1, i0) = (_filled(new, old, share) for new, old in (logs, own))
    shift, middle = share[0] - share[1], (share[0] + share[1]) / 2
    return np.array(
        [
            (middle * (i1 - i0)).sum(),
            -(middle * (l1 - l0)).sum(),
            ((i1 + i0) / 2 * shift).sum(),
            -((l1 + l0) / 2 * shift).sum(),
        ]
    )


def _filled(new: np.ndarray, old: np.ndarray, share: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """What a place without persons in one arm has not is what it has in the other; 0 where it has none in either."""
    empty_new, empty_old = share[0] <= 0, share[1] <= 0
    filled_new, filled_old = np.where(empty_new, old, new), np.where(empty_old, new, old)
    nowhere = empty_new & empty_old
    return np.where(nowhere, 0.0, filled_new), np.where(nowhere, 0.0, filled_old)


def household_places(households: pd.DataFrame, years: Iterable[int]) -> pd.DataFrame:
    """Persons, mean and L of each place, incomes bottom-coded at the floor of all residents: for ``place_change``.

    Args:
        households: table of runs with snapshots.

    Returns:
        One row per draw, seed, question, budget, arm, year and village with residents: ``persons``, ``mean_income``
        (in parts of the mean of all) and ``theil_l``.
    """
    rows = households[households["year"].isin(list(years)) & (households["persons"] > 0)]
    key = [*UNIT, "question", "budget", "arm", "year"]
    made = []
    for at, own in rows.groupby(key, sort=True):
        codes, names = pd.factorize(own["village"], sort=True)
        persons = own["persons"].to_numpy(dtype=float)
        found = decompose_theil_l(own["income"].to_numpy(dtype=float) / persons, persons, codes)
        made.append(
            pd.DataFrame(
                {
                    **dict(zip(key, at, strict=True)),
                    "village": names[found.group],
                    "persons": found.population_share * persons.sum(),
                    "mean_income": found.relative_mean,
                    "theil_l": found.index,
                }
            )
        )
    return pd.concat(made, ignore_index=True)


def place_change(
    villages: pd.DataFrame, outcomes: pd.DataFrame, on: str, off: str, years: Iterable[int]
) -> pd.DataFrame:
    """The change in Theil's L of all residents between two arms, on minus off, paired within units, mean over years.

    Args:
        villages, outcomes: tables of the same runs; for ``villages`` that of ``household_places``, too. A unit that
            lacks a number is left out.

    Returns:
        One row per part (``PARTS``, ``rest``, ``total``) with ``mean``, ``se``, ``low``, ``high``, ``n``; the rows
        before it add up to ``total``, the change in ``theil_l``.

    Raises:
        ValueError: the tables mix questions or budgets.
    """
    require_one_comparison(villages)
    require_one_comparison(outcomes)
    years = list(years)
    key = [*UNIT, "year", "arm"]
    whole = outcomes[(outcomes["population"] == "all") & outcomes["year"].isin(years)].set_index(key)[
        "theil_l"
    ]
    places = villages[villages["year"].isin(years) & villages["arm"].isin([on, off])]
    rows = []
    for at, own in places.groupby([*UNIT, "year"], sort=True):
        arms = [own[own["arm"] == arm].set_index("village") for arm in (on, off)]
        if any(arm.empty for arm in arms) or not {(*at, on), (*at, off)} <= set(whole.index):
            continue
        names = arms[0].index.union(arms[1].index)
        new, old = (arm.reindex(names) for arm in arms)
        columns = [
            (new[name].to_numpy(dtype=float), old[name].to_numpy(dtype=float))
            for name in ("persons", "mean_income", "theil_l")
        ]
        persons = (np.nan_to_num(columns[0][0]), np.nan_to_num(columns[0][1]))
        total = float(whole[(*at, on)] - whole[(*at, off)])
        parts = parts_of(persons, columns[1], columns[2])
        rows.append(dict(zip([*UNIT, "year", *PARTS], [*at, *parts], strict=True)) | {TOTAL: total})
    table = pd.DataFrame(rows, columns=[*UNIT, "year", *PARTS, TOTAL])
    table[REST] = table[TOTAL] - table[list(PARTS)].sum(axis=1, skipna=False)
    grouped = table.drop(columns="year").groupby(list(UNIT))
    by_unit = independent(grouped.mean().where(grouped.count() == len(years)).dropna())
    found = []
    for part in (*PARTS, REST, TOTAL):
        fields = asdict(estimate(by_unit[part]))
        found.append({"part": part} | {name: fields[name] for name in ("mean", "se", "low", "high", "n")})
    return pd.DataFrame(found)
