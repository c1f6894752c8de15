"""The words of a contrast against their weights by hand."""

import pytest

from abm.analysis.arms import ARMS
from abm.analysis.terms import TermError, weights_of


def bare(contrast, levels=()):
    return {arm: weight for (_, arm), weight in weights_of(contrast, levels).items()}


def test_effects_by_hand():
    assert bare("effect(I | O=1, S=0)") == {"OI": 1.0, "O": -1.0}
    assert bare("effect(I | O=0)") == {"IS": 0.5, "I": 0.5, "S": -0.5, "none": -0.5}
    assert bare("effect(all)") == {"OIS": 1.0, "none": -1.0}
    averaged = bare("effect(S)")
    assert averaged == {arm: 0.25 if "S" in arm else -0.25 for arm in ARMS}


def test_superadditivity_and_interaction():
    assert bare("superadditivity") == {"OIS": 1.0, "O": -1.0, "I": -1.0, "S": -1.0, "none": 2.0}
    found = bare("interaction(O, I)")
    assert found == {arm: (0.5 if ("O" in arm) == ("I" in arm) else -0.5) for arm in ARMS}


def test_terms_add_up():
    found = bare({"effect(I | O=1, S=1)": 0.8, "effect(I | O=0, S=1)": -1.0})
    assert found == pytest.approx({"OIS": 0.8, "OS": -0.8, "IS": -1.0, "S": 1.0})
    assert bare({"OI": 1.0, "O": -1.0}) == bare("effect(I | O=1, S=0)")


def test_rows_and_levels():
    assert weights_of("BQ: effect(all)") == {("BQ", "OIS"): 1.0, ("BQ", "none"): -1.0}
    assert weights_of({"BQ: low": -1.0, "SJ: high": 1.0}, ["low", "high"]) == {
        ("BQ", "low"): -1.0,
        ("SJ", "high"): 1.0,
    }


@pytest.mark.parametrize(
    ("contrast", "levels", "says"),
    [
        ("OSI", (), "there is no arm or term 'OSI'"),
        ("efect(O)", (), "there is no arm or term 'efect"),
        ("effect(X)", (), "there is no layer 'X'"),
        ("effect(I | I=1)", (), "no state of another layer"),
        ("effect(I | O=2)", (), "no state of another layer"),
        ("effect(I | O=1, O=0)", (), "no state of another layer"),
        ("effect(all | O=1)", (), "there is no layer 'all'"),
        ("interaction(O, O)", (), "one layer twice"),
        ("interaction(O)", (), "cannot be read"),
        ("superadditivity(O)", (), "cannot be read"),
        ({"OIS": 1.0, "none": -0.5}, (), "add up to 0.5"),
        ({"OIS": 1.0, "effect(all)": -1.0, "none": -1.0}, (), "cancel out"),
        ({"low": -1.0, "hihg": 1.0}, ("low", "high"), "there is no arm or term 'hihg'"),
        ("effect(O)", ("low", "high"), "there is no arm or term 'effect(O)'"),
    ],
)
def test_what_cannot_be_read(contrast, levels, says):
    with pytest.raises(TermError) as caught:
        weights_of(contrast, levels)
    assert says in caught.value.problem
    assert caught.value.mend


def test_a_near_miss_names_the_right_one():
    with pytest.raises(TermError) as caught:
        weights_of({"low": -1.0, "hihg": 1.0}, ["low", "high"])
    assert caught.value.mend == "did you mean 'high'?"
