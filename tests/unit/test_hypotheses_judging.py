"""Verdicts, intervals and numbers needed on made-up outcomes whose answers are known."""

from math import inf, isnan, sqrt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from abm.analysis.contrasts import Estimate
from abm.analysis.judging import combined, find, judge, power, unit_values, units_needed, verdict_of
from abm.reports.verdicts import verdict_lines
from tests.unit.hypothesis_data import GOOD, hypothesis, outcomes, read_hypothesis, written

YEARS = (2019, 2020)


def judged(h, frame):
    """The finding on a hypothesis's only test."""
    return find(h.tests[0], unit_values(frame, h.tests[0], h.weights(h.tests[0]), YEARS))


def seeds(*effects):
    return outcomes({(0, seed): effect for seed, effect in enumerate(effects)})


def draws(table):
    """Effects by draw, each a list over seeds."""
    return outcomes({(draw, seed): x for draw, row in table.items() for seed, x in enumerate(row)})


def series(values, draw=0):
    return pd.Series(
        values, index=pd.MultiIndex.from_product([[draw], range(len(values))], names=["draw", "seed"])
    )


# --- the rule -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effects", "verdict"),
    [
        ((150, 152, 148, 151), "supported"),
        ((-20, -22, -18, -21), "refuted"),
        ((40, 45, 50, 55), "undecided"),  # told from 0, and too small
        ((90, 110, 300, 250), "undecided"),  # the mean is beyond, the interval is not
        ((-50, 60, 10, -5), "undecided"),
    ],
)
def test_verdicts_in_the_expected_direction(tmp_path, effects, verdict):
    found = judged(hypothesis(tmp_path), seeds(*effects))
    assert found.verdict == verdict
    low, high = stats.t.interval(0.95, 3, np.mean(effects), stats.sem(effects))
    assert (found.estimate.mean, found.estimate.n) == (pytest.approx(np.mean(effects)), 4)
    assert (found.estimate.low, found.estimate.high) == pytest.approx((low, high))


def test_the_other_sign_is_the_mirror_image(tmp_path):
    h = hypothesis(tmp_path, ('sign = "+"', 'sign = "-"'))
    assert judged(h, seeds(-150, -152, -148, -151)).verdict == "supported"
    assert judged(h, seeds(20, 22, 18, 21)).verdict == "refuted"
    assert judged(h, seeds(-40, -45, -50, -55)).verdict == "undecided"


def test_no_effect_expected(tmp_path):
    h = hypothesis(tmp_path, ('sign = "+"', 'sign = "0"'), ("cutoff = 0.0", "cutoff = 100.0"))
    assert judged(h, seeds(5, -5, 3, -3)).verdict == "supported"
    assert judged(h, seeds(150, 152, 148, 151)).verdict == "refuted"
    assert judged(h, seeds(-150, -152, -148, -151)).verdict == "refuted"
    assert judged(h, seeds(-100, 100, 90, -95)).verdict == "undecided"


def test_boundaries_themselves_decide_nothing(tmp_path):
    test = hypothesis(tmp_path).tests[0]
    for low, high, verdict in [
        (100.0, 120.0, "undecided"),
        (100.001, 120.0, "supported"),
        (-5.0, 0.0, "undecided"),
        (-5.0, -0.001, "refuted"),
    ]:
        assert verdict_of(test, Estimate((low + high) / 2, 1.0, low, high, 4)) == verdict


def test_a_cutoff_at_the_smallest_effect_refutes_what_is_too_small(tmp_path):
    h = hypothesis(tmp_path, ("cutoff = 0.0", "cutoff = 100.0"))
    assert judged(h, seeds(40, 45, 50, 55)).verdict == "refuted"
    assert judged(h, seeds(0, 0, 0)).verdict == "refuted"


def test_arms_that_are_equal_differ_by_nothing(tmp_path):
    """Rounding leaves no spread from which a number of seeds could be reckoned."""
    h = hypothesis(tmp_path, ('"effect(I)"', '{ "effect(I | O=1)" = 0.8, "effect(I | O=0)" = -1.0 }'))
    found = judged(h, seeds(0.0, 0.0, 0.0))
    assert (found.estimate.mean, found.estimate.se) == (0.0, 0.0)
    assert found.needed == inf


# --- units: seeds and draws -------------------------------------------------------------------------------


def test_with_draws_the_interval_is_over_draws(tmp_path):
    table = {0: [900, 900], 1: [100, 140], 2: [200, 180], 3: [150, 250], 4: [60, 80]}
    found = judged(hypothesis(tmp_path), draws(table))
    means = [120, 190, 200, 70]
    low, high = stats.t.interval(0.95, 3, np.mean(means), stats.sem(means))
    assert (found.unit, found.estimate.n) == ("draws", 4)
    assert found.estimate.mean == pytest.approx(np.mean(means))
    assert (found.estimate.low, found.estimate.high) == pytest.approx((low, high))


def test_draws_that_disagree_keep_it_undecided_however_many_seeds_there_are(tmp_path):
    luck = np.random.default_rng(1)
    table = {draw: centre + luck.normal(0, 5, 60) for draw, centre in ((1, 50), (2, 400), (3, 350))}
    frame = draws(table)
    pooled = np.concatenate(list(table.values()))
    assert stats.t.interval(0.95, len(pooled) - 1, pooled.mean(), stats.sem(pooled))[0] > 100
    assert judged(hypothesis(tmp_path), frame).verdict == "undecided"


def test_with_one_draw_only_the_scenarios_own_values_count(tmp_path):
    found = judged(hypothesis(tmp_path), draws({0: [150, 152, 148], 1: [-500, -600, -700]}))
    assert (found.unit, found.estimate.n, found.verdict) == ("seeds", 3, "supported")


def test_one_seed_alone_is_undecided(tmp_path):
    found = judged(hypothesis(tmp_path), seeds(500))
    assert found.verdict == "undecided"
    assert isnan(found.needed)
    assert "no interval" in found.note


def test_what_is_missing_is_left_out_and_told(tmp_path):
    frame = seeds(150, 152, 148, 151)
    frame.loc[(frame.seed == 2) & (frame.arm == "OI") & (frame.year == 2020), "mean_income"] = np.nan
    found = judged(hypothesis(tmp_path), frame)
    assert found.estimate.n == 3
    assert found.note == "1 of 4 seeds lack a number"
    none = judged(hypothesis(tmp_path), frame[frame.arm != "none"])
    assert (none.verdict, none.estimate.n) == ("no results", 0)
    village = hypothesis(
        tmp_path, ('measure = "mean', 'table = "villages"\nmeasure = "mean'), ("effect(I)", "XX: effect(I)")
    )
    assert judged(village, frame).verdict == "no results"


def test_draws_beyond_the_smallest_effect_are_counted(tmp_path):
    table = {0: [900, 900], 1: [100, 140], 2: [200, 180], 3: [-150, -250], 4: [60, 80]}
    assert judged(hypothesis(tmp_path), draws(table)).beyond == 0.5
    down = hypothesis(tmp_path, ('sign = "+"', 'sign = "-"'))
    assert judged(down, draws(table)).beyond == 0.25
    none = hypothesis(tmp_path, ('sign = "+"', 'sign = "0"'), ("cutoff = 0.0", "cutoff = 100.0"))
    assert judged(none, draws(table)).beyond == 0.75
    assert isnan(judged(hypothesis(tmp_path), seeds(150, 152)).beyond)


# --- which comparison, and how many seeds ---------------------------------------------------------------


def results_of(frame):
    """What ``judge`` needs of results, on one made-up frame."""
    return SimpleNamespace(table=lambda *_: frame, last_years=lambda _: YEARS, code="c" * 64)


def test_the_file_says_which_comparison_decides(tmp_path):
    frame = seeds(150, 152, 148, 151)
    other = frame.assign(question="programme", mean_income=20_000.0)
    h = hypothesis(tmp_path, ("years = 2", "years = 2\nseeds = 4"))
    first, second = judge(h, results_of(pd.concat([other, frame], ignore_index=True)))
    assert (first.question, first.verdict, first.secondary, first.note) == ("cut", "supported", False, "")
    assert (second.question, second.verdict, second.secondary) == ("programme", "undecided", True)
    assert [row[2] for row in verdict_lines([first, second])][1].endswith("[secondary]")
    h = hypothesis(tmp_path, ("years = 2", 'years = 2\nbudget = "withheld"'))
    first, second = judge(h, results_of(frame))
    assert (first.verdict, first.secondary, first.findings) == ("no results", False, ())
    assert "do not answer the question 'cut' under the budget 'withheld'" in first.note
    assert (second.budget, second.secondary) == ("neutral", True)


def test_too_few_seeds_make_a_verdict_provisional(tmp_path):
    (judgement,) = judge(hypothesis(tmp_path), results_of(seeds(150, 152, 148, 151)))
    assert (judgement.verdict, judgement.note) == ("supported", "provisional: 4 seeds of at least 16")
    table = {1: [150] * 20, 2: [160] * 20, 3: [155] * 20}
    (judgement,) = judge(hypothesis(tmp_path), results_of(draws(table)))
    assert judgement.note == "provisional: 3 draws of at least 16"
    (judgement,) = judge(hypothesis(tmp_path), results_of(seeds(*np.linspace(150, 160, 16))))
    assert (judgement.note, judgement.code) == ("", "c" * 64)


# --- several tests ------------------------------------------------------------------------------------------


def both_scales(folder, combine):
    text = GOOD.replace('combine = "all"', f'combine = "{combine}"').replace(
        '"effect(I)"', '"superadditivity"'
    )
    second = text[text.index("\n[[tests]]") :].replace('"mean"', '"logs"').replace("100.0", "0.01")
    second = second.replace("measure", 'scale = "log"\nmeasure').replace("cutoff = 0.0", "cutoff = -0.0")
    return read_hypothesis(written(folder, text + second))


def multiplied(rate, extra, n=4):
    """Each layer multiplies the mean by 1 + rate; all three together by ``extra`` besides."""
    frame = seeds(*[0.0] * n)
    layers = frame.arm.where(frame.arm != "none", "").str.len()
    scale = 1 + np.random.default_rng(3).normal(0, 1e-4, n)[frame.seed]
    frame["mean_income"] = 20_000 * scale * (1 + rate) ** layers * np.where(layers == 3, extra, 1.0)
    return frame


def verdicts(h, frame):
    findings = [find(t, unit_values(frame, t, h.weights(t), YEARS)) for t in h.tests]
    return [f.verdict for f in findings], combined(h, findings)


def test_yuan_and_logs_that_disagree_decide_nothing(tmp_path):
    """Three layers of 20 % each: more than additive in yuan, less in logs with 2 % lost on the way."""
    found, whole = verdicts(both_scales(tmp_path, "agree"), multiplied(0.2, 0.98))
    assert found == ["supported", "refuted"]
    assert whole == ("undecided", "its tests do not agree")


def test_yuan_and_logs_that_agree(tmp_path):
    h = both_scales(tmp_path, "agree")
    assert verdicts(h, multiplied(0.2, 1.05)) == (["supported", "supported"], ("supported", ""))
    assert verdicts(h, multiplied(0.2, 0.7)) == (["refuted", "refuted"], ("refuted", ""))


def test_one_refuted_test_refutes_where_all_must_hold(tmp_path):
    found, whole = verdicts(both_scales(tmp_path, "all"), multiplied(0.2, 0.98))
    assert found == ["supported", "refuted"]
    assert whole == ("refuted", "")


def test_without_its_premise_a_claim_is_undecided(tmp_path):
    text = GOOD + GOOD[GOOD.index("\n[[tests]]") :].replace(
        'name = "mean"', 'name = "first"\nrole = "premise"'
    )
    text = text.replace("effect(I)", "effect(S)", 1)
    h = read_hypothesis(written(tmp_path, text.replace("sesoi = 100.0", "sesoi = 60.0", 1)))
    frame = seeds(-40, -42, -41)  # S adds 70 and supports the test, I refutes the premise
    assert verdicts(h, frame) == (
        ["supported", "refuted"],
        ("undecided", "moot: the premise 'first' is refuted"),
    )
    assert verdicts(h, seeds(140, 142, 141))[1] == ("supported", "")


def test_a_detail_decides_nothing(tmp_path):
    text = GOOD + GOOD[GOOD.index("\n[[tests]]") :].replace(
        'name = "mean"', 'name = "first"\nrole = "detail"'
    )
    h = read_hypothesis(
        written(tmp_path, text.replace("effect(I)", "effect(S)", 1).replace("100.0", "60.0", 1))
    )
    assert verdicts(h, seeds(-40, -42, -41)) == (["supported", "refuted"], ("supported", ""))


# --- how many would decide --------------------------------------------------------------------------------


@pytest.mark.parametrize(("effect", "n"), [(0.5, 34), (1.0, 10), (0.2, 199), (0.8, 15)])
def test_needed_is_what_power_tables_say(tmp_path, effect, n):
    """Paired t-test, two-sided 5 %, 80 % power: Cohen's d of .2, .5, .8, 1 (G*Power)."""
    test = hypothesis(tmp_path).tests[0]
    assert units_needed(test, 100 + effect * 30, 30.0) == n
    assert units_needed(test, -effect * 30, 30.0) == n  # as far on the other side of the cut-off


@pytest.mark.parametrize("effect", [0.05, 0.1, 0.3])
def test_needed_is_near_the_closed_form(tmp_path, effect):
    test = hypothesis(tmp_path).tests[0]
    closed = ((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) / effect) ** 2
    assert closed < units_needed(test, 100 + effect * 30, 30.0) < closed + 3


def test_power_is_how_often_an_interval_clears_the_boundary():
    luck = np.random.default_rng(5).normal(0.7, 1.0, (20_000, 12))
    half = stats.t.ppf(0.975, 11) * luck.std(axis=1, ddof=1) / sqrt(12)
    assert power(0.7, 12) == pytest.approx((luck.mean(axis=1) - half > 0).mean(), abs=0.01)


def test_between_cutoff_and_smallest_effect_no_number_decides(tmp_path):
    found = judged(hypothesis(tmp_path), seeds(40, 45, 50, 55))
    assert found.needed == inf
    assert found.note == "real but too small: the whole interval lies between cut-off and smallest effect"
    wide = judged(hypothesis(tmp_path), seeds(-40, 45, 60, 75))
    assert wide.note == "the estimate lies between cut-off and smallest effect"
    below = hypothesis(tmp_path, ("cutoff = 0.0", "cutoff = -50.0"))
    assert "real" not in judged(below, seeds(-3, 2, 3, -2)).note, "what may be 0 is not real"


def test_within_both_bounds_more_is_needed_than_for_one(tmp_path):
    h = hypothesis(tmp_path, ('sign = "+"', 'sign = "0"'), ("cutoff = 0.0", "cutoff = 100.0"))
    centre, off = (units_needed(h.tests[0], mean, 200.0) for mean in (0.0, 50.0))
    closed = ((stats.norm.ppf(0.975) + stats.norm.ppf(0.9)) * 2) ** 2
    assert closed < centre < closed + 3
    assert off == units_needed(
        hypothesis(tmp_path).tests[0], 150.0, 200.0
    )  # 50 from one bound, 150 from the other


def test_so_many_really_decide(tmp_path):
    """Drawn from the estimate's own distribution, four studies of five of that size are decided."""
    test = hypothesis(tmp_path).tests[0]
    n = int(units_needed(test, 130.0, 40.0))
    luck = np.random.default_rng(8)
    supported = [find(test, series(luck.normal(130, 40, n))).verdict == "supported" for _ in range(600)]
    assert np.mean(supported) == pytest.approx(0.8, abs=0.06)
