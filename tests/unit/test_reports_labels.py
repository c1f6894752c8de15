"""Names, units and numbers as a reader sees them."""

from math import inf, nan

import pytest

from abm.analysis.arms import ARMS
from abm.reports import labels
from abm.reports.labels import label


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (-10.46, 1, "−10.5"),
        (7.08, 1, "+7.1"),
        (0.04, 1, "0.0"),
        (-0.04, 1, "0.0"),
        (1234567.0, 0, "+1\u202f234\u202f567"),
        (nan, 1, "–"),
        (inf, 1, "infinite"),
    ],
)
def test_signed(value, digits, text):
    assert labels.signed(value, digits) == text


def test_intervals():
    assert labels.interval(-10.46, 7.08, 1) == "−10.5 to +7.1"
    assert labels.interval(nan, nan, 1) == "–"
    assert labels.percent(0.126) == "13 %"
    assert labels.percent(nan) == "–"


def test_levels_and_effects_have_their_own_scale():
    assert label("gini").level(0.34912) == "0.349"
    assert label("gini").effect(-0.0088) == "−8.8"
    assert label("gini").with_effect_unit == "Gini × 1000"
    poor = label("headcount_anchored_60")
    assert poor.level(0.205) == "20.5"
    assert poor.effect(-0.0172) == "−1.72"
    assert poor.effect_interval(-0.02, 0.001) == "−2.00 to +0.10"
    assert poor.with_effect_unit == "headcount, anchored 60 % line, percentage points"
    assert label("mean_income").effect(353.4) == "+353"


def test_a_measure_without_a_label_is_shown_by_its_name():
    assert label("messages_social").with_unit == "messages social, messages a year"
    assert label("of_an_own_mechanism").english == "of an own mechanism"


def test_arms_in_words():
    assert [labels.arm_name(arm) for arm in ARMS] == [
        "all three on",
        "social cut",
        "interest cut",
        "organizational cut",
        "only organizational on",
        "only interest on",
        "only social on",
        "all three cut",
    ]
    assert labels.arm_name("O0.5IS") == "O0.5IS"
    assert labels.arm_short("none") == "all cut"


def test_layers_carry_the_chinese_term():
    assert labels.layer_name("interest", chinese=True) == "interest (利益接点)"
