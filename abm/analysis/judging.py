"""The verdict on a hypothesis: supported, refuted or undecided, and how many more seeds or draws would decide.

**Rule.** Everything is counted in the expected direction. A test is *supported* where its whole 95 % interval lies
beyond the smallest effect of interest, *refuted* where the whole interval falls short of the cut-off, else *undecided*.
That is the minimum-effect test and its mirror image (Murphy & Myors 1999, *Journal of Applied Psychology* 84:234–248;
Lakens 2017, *Social Psychological and Personality Science* 8:355–362), stricter than an interval that excludes 0. Where
no effect is expected (sign 0), supported means that the interval lies within ± SESOI: two one-sided tests.

**Units.** A contrast is formed within each seed of each draw. With two draws of the parameters or more, seeds are
averaged within a draw and the interval is over draws, so that it carries the variance between them; draw 0 (the
scenario's own values) is no draw from the bounds and is left out. Otherwise the interval is over the seeds of draw 0.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan, nan, sqrt

import numpy as np
import pandas as pd
from scipy import stats

from abm.analysis.arms import UNIT, comparisons, select
from abm.analysis.contrasts import CONFIDENCE, Estimate, by_unit, estimate
from abm.analysis.design_results import DesignResults
from abm.analysis.hypotheses import Hypothesis, HypothesisTest
from abm.analysis.terms import Cell

SUPPORTED, REFUTED, UNDECIDED, NO_RESULTS = "supported", "refuted", "undecided", "no results"
POWER = 0.8
MOST = 1_000_000
"""More units than this are as good as no number."""
ROUNDING = 1e-13
"""Relative to the numbers that a contrast is made of."""
_SIGNS = {"+": 1.0, "-": -1.0, "0": 1.0}


@dataclass(frozen=True)
class Finding:
    """One test in one comparison.

    Args:
        estimate: of the contrast, in the measure's unit (or its logarithm), not turned round.
        unit: what the interval is over, ``seeds`` or ``draws``.
        needed: units with which the test would be decided with 80 % power, were the estimate the truth; NaN where it
            is decided or cannot be said, infinite where no number would do.
        note: what a reader has to know besides.
        beyond: of an interval over draws, the share of draws whose own mean lies beyond the SESOI in the expected
            direction (on either side where none is expected); NaN over seeds.
    """

    test: HypothesisTest
    verdict: str
    estimate: Estimate
    unit: str
    needed: float
    note: str = ""
    beyond: float = nan


@dataclass(frozen=True)
class Judgement:
    """A hypothesis in one comparison.

    Args:
        question, budget: both empty where there are no results at all.
        secondary: whether the file asks for another comparison than this one.
        code: digest of the code that the runs were made by.
    """

    hypothesis: Hypothesis
    question: str
    budget: str
    verdict: str
    findings: tuple[Finding, ...]
    note: str = ""
    secondary: bool = False
    code: str = ""


def judge(hypothesis: Hypothesis, results: DesignResults | None, missing: str = "") -> list[Judgement]:
    """The verdicts on one hypothesis: for the question and budget that its file asks for, then, as secondary ones, for
    each other comparison in the results.

    Args:
        results: of the hypothesis's design; None: there are none.
        missing: what to say then.
    """
    if results is None:
        return [Judgement(hypothesis, "", "", NO_RESULTS, (), missing)]
    asked = (hypothesis.question, hypothesis.budget)
    found = comparisons(results.table("outcomes"))
    judged = [_judged(hypothesis, results, *each) for each in sorted(found, key=lambda each: each != asked)]
    if asked not in found:
        lack = f"the results do not answer the question '{asked[0]}' under the budget '{asked[1]}'"
        judged.insert(0, Judgement(hypothesis, *asked, NO_RESULTS, (), lack, code=results.code))
    return judged


def _judged(hypothesis: Hypothesis, results: DesignResults, question: str, budget: str) -> Judgement:
    findings = []
    for test in hypothesis.tests:
        frame = results.table(test.table, hypothesis.population_of(test))
        years = results.last_years(hypothesis.years)
        cells = hypothesis.weights(test)
        values = unit_values(select(frame, question, budget), test, cells, years)
        findings.append(find(test, values))
    verdict, note = combined(hypothesis, findings)
    note = "; ".join(filter(None, (note, provisional(hypothesis, findings))))
    secondary = (question, budget) != (hypothesis.question, hypothesis.budget)
    return Judgement(hypothesis, question, budget, verdict, tuple(findings), note, secondary, results.code)


def unit_values(
    frame: pd.DataFrame, test: HypothesisTest, weights: dict[Cell, float], years: Sequence[int]
) -> pd.Series:
    """The contrast within each unit (draw, seed); NaN where a unit lacks one of its cells.

    Args:
        frame: rows of one comparison with a column ``row`` (see ``DesignResults.table``).
    """
    units = frame[UNIT].drop_duplicates().sort_values(UNIT)
    total = pd.Series(0.0, index=pd.MultiIndex.from_frame(units))
    size = total.copy()
    for row in dict.fromkeys(row for row, _ in weights):
        arms = {arm: weight for (r, arm), weight in weights.items() if r == row}
        # by_unit takes the mean over the years and leaves out a run that lacks one of them
        values = by_unit(frame.assign(population=frame["row"]), test.measure, years, row)
        values = values.reindex(index=total.index, columns=list(arms)).astype(float)
        if test.scale == "log":
            values = np.log(values.where(values > 0))
        for arm, weight in arms.items():
            total = total + weight * values[arm]
            size = size + (weight * values[arm]).abs()
    # arms that are equal to the last bit differ by nothing, whatever rounding leaves of their sum
    return total.mask(total.abs() <= ROUNDING * size, 0.0)


def find(test: HypothesisTest, within: pd.Series) -> Finding:
    """One test, from its contrast within each unit (index: draw and seed)."""
    complete = within.dropna()
    draws = within.index.get_level_values("draw")
    unit = "draws" if len(set(draws[draws > 0])) > 1 else "seeds"
    drawn = complete.index.get_level_values("draw")
    chosen = complete[drawn > 0] if unit == "draws" else complete[drawn == draws.min()]
    values = chosen.groupby("draw").mean() if unit == "draws" else chosen
    found = estimate(values)
    beyond = nan
    if unit == "draws" and found.n:
        toward = values.abs() if test.sign == "0" else _SIGNS[test.sign] * values
        beyond = float((toward > test.sesoi).mean())
    if found.n == 0:
        return Finding(test, NO_RESULTS, found, unit, nan, "no unit has this measure in all the arms")
    verdict = verdict_of(test, found)
    lost = len(within) - len(complete)
    note = f"{lost} of {len(within)} seeds lack a number" if lost else ""
    if verdict != UNDECIDED:
        return Finding(test, verdict, found, unit, nan, note, beyond)
    if found.n == 1:
        return Finding(test, verdict, found, unit, nan, f"one of the {unit} alone has no interval", beyond)
    needed = units_needed(test, found.mean, found.se * sqrt(found.n))
    if needed == inf:
        small = "real but too small: the whole interval" if too_small(test, found) else "the estimate"
        note = "; ".join(filter(None, (note, f"{small} lies between cut-off and smallest effect")))
    return Finding(test, verdict, found, unit, needed, note, beyond)


def verdict_of(test: HypothesisTest, found: Estimate) -> str:
    """Supported, refuted or undecided, by the rule at the head of this module."""
    if isnan(found.low):
        return UNDECIDED
    if test.sign == "0":
        if -test.sesoi < found.low and found.high < test.sesoi:
            return SUPPORTED
        return REFUTED if found.low > test.cutoff or found.high < -test.cutoff else UNDECIDED
    low, high = sorted((_SIGNS[test.sign] * found.low, _SIGNS[test.sign] * found.high))
    if low > test.sesoi:
        return SUPPORTED
    return REFUTED if high < test.cutoff else UNDECIDED


def too_small(test: HypothesisTest, found: Estimate) -> bool:
    """Whether there is an effect in the expected direction, all of the interval short of the SESOI and past the
    cut-off: no number of seeds will decide."""
    if test.sign == "0":
        return False
    low, high = sorted((_SIGNS[test.sign] * found.low, _SIGNS[test.sign] * found.high))
    return low > max(test.cutoff, 0.0) and high < test.sesoi


def combined(hypothesis: Hypothesis, findings: Sequence[Finding]) -> tuple[str, str]:
    """The verdict on the whole claim, and why where it is not plain.

    That all tests are supported needs no correction for their number (intersection–union, Berger 1982); that one of
    several is refuted does, and is not corrected here.
    """
    deciding = [finding for finding in findings if finding.test.role == "test"]
    verdicts = {finding.verdict for finding in deciding}
    if NO_RESULTS in {f.verdict for f in findings if f.test.role != "detail"}:
        return NO_RESULTS, "arms or measures are missing"
    for finding in findings:
        if finding.test.role == "premise" and finding.verdict != SUPPORTED:
            moot = "moot: " if finding.verdict == REFUTED else ""
            return UNDECIDED, f"{moot}the premise '{finding.test.name}' is {finding.verdict}"
    if verdicts == {SUPPORTED}:
        return SUPPORTED, ""
    if verdicts == {REFUTED} or (hypothesis.combine == "all" and REFUTED in verdicts):
        return REFUTED, ""
    disagree = hypothesis.combine == "agree" and len(verdicts) > 1
    return UNDECIDED, "its tests do not agree" if disagree else ""


def provisional(hypothesis: Hypothesis, findings: Sequence[Finding]) -> str:
    """Says so where a test or premise rests on fewer seeds or draws than a final verdict needs; else empty."""
    counted = [f for f in findings if f.test.role != "detail" and f.verdict != NO_RESULTS]
    fewest = min(counted, key=lambda f: f.estimate.n, default=None)
    if fewest is None or fewest.estimate.n >= hypothesis.seeds:
        return ""
    return f"provisional: {fewest.estimate.n} {fewest.unit} of at least {hypothesis.seeds}"


def units_needed(test: HypothesisTest, mean: float, sd: float) -> float:
    """Units (seeds, or draws) that would decide a test with 80 % power, were ``mean`` the true contrast.

    The least n for which a paired t-interval over n units excludes the boundary that stands in the way (both, for
    sign 0 within them), by the noncentral t distribution; close to (1.960 + 0.842)² sd² / distance². Infinite where
    the estimate lies between cut-off and SESOI, NaN without a spread to reckon with.
    """
    if not (isfinite(mean) and isfinite(sd)):
        return nan
    distances = _distances(test, mean)
    if not distances or min(distances) <= 0:
        return inf
    if sd == 0:
        return nan

    def enough(n: int) -> bool:
        return sum(1 - power(distance / sd, n) for distance in distances) <= 1 - POWER

    most = 2
    while not enough(most):
        most *= 2
        if most > MOST:
            return inf
    return float(bisect_left(range(most + 1), True, lo=2, key=enough))


def power(effect: float, n: int) -> float:
    """Chance that a 95 % t-interval over n units lies beyond a boundary ``effect`` standard deviations away."""
    quantile = stats.t.ppf((1 + CONFIDENCE) / 2, n - 1)
    return float(stats.nct.sf(quantile, n - 1, effect * sqrt(n)))


def _distances(test: HypothesisTest, mean: float) -> list[float]:
    """From the estimate to the boundaries that an interval has to clear; none where it lies between the two."""
    if test.sign == "0":
        if abs(mean) < test.sesoi:
            return [test.sesoi - mean, test.sesoi + mean]
        return [abs(mean) - test.cutoff] if abs(mean) > test.cutoff else []
    toward = _SIGNS[test.sign] * mean
    if toward > test.sesoi:
        return [toward - test.sesoi]
    return [test.cutoff - toward] if toward < test.cutoff else []
