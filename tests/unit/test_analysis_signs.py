"""Signs over draws, on made-up outcomes whose counts are known."""

import numpy as np
import pandas as pd
import pytest

from abm.analysis.signs import NO_EFFECT, ONE_SIGN, signs, wilson
from tests.unit.hypothesis_data import outcomes

YEARS = (2019, 2020)


def counted(effects, **options):
    frame = signs(outcomes(effects), YEARS, ("mean_income",), **options)
    return frame.set_index("layer")


def test_counts_by_hand():
    """Interest raises in draws 1, 2, 3 and lowers in draw 4; draw 0 is none of them."""
    effects = {
        (0, 0): -1,
        (1, 0): 5,
        (1, 1): 7,
        (2, 0): 9,
        (2, 1): -1,
        (3, 0): 2,
        (3, 1): 2,
        (4, 0): -5,
        (4, 1): -6,
    }
    row = counted(effects).loc["interest"]
    assert (row.draws, row.raises, row.lowers, row.flag) == (4, 0.75, 0.25, "")
    assert (row.raises_low, row.raises_high) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert row.told == pytest.approx(0.25)  # draw 3: its two seeds agree exactly


def test_one_sign_everywhere_is_marked():
    found = counted({(draw, 0): 5.0 + draw for draw in range(1, 21)})
    assert list(found.flag) == [ONE_SIGN] * 3  # the made-up O and S add 50 and 70
    assert found.loc["interest", "raises"] == 1
    assert found.loc["interest", "raises_low"] == pytest.approx(20 / (20 + 1.959964**2))
    assert np.isnan(found.loc["interest", "told"])
    assert counted({(draw, 0): -5.0 for draw in range(1, 5)}).loc[
        "interest", ["lowers", "flag"]
    ].tolist() == [1, ONE_SIGN]


def test_a_layer_that_does_nothing_is_marked_too():
    row = counted({(draw, 0): 0.0 for draw in range(1, 5)}).loc["interest"]
    assert (row.raises, row.lowers, row.flag) == (0, 0, NO_EFFECT)


def test_one_draw_marks_nothing():
    assert set(counted({(1, 0): 5.0}).flag) == {""}


def test_a_unit_without_an_arm_is_missing():
    frame = outcomes({(1, 0): 5.0, (1, 1): 7.0, (2, 0): 5.0})
    frame = frame[~((frame.draw == 2) & (frame.arm == "OS"))]
    found = signs(frame, YEARS, ("mean_income",)).set_index("layer")
    assert found.draws.to_dict() == {"organizational": 2, "interest": 1, "social": 2}


def test_questions_and_budgets_are_kept_apart():
    one = outcomes({(1, 0): 5.0, (2, 0): 6.0})
    other = outcomes({(1, 0): -5.0, (2, 0): -6.0}).assign(budget="withheld")
    found = signs(pd.concat([one, other]), YEARS, ("mean_income",))
    found = found[found.layer == "interest"].set_index("budget")
    assert found.raises.to_dict() == {"neutral": 1.0, "withheld": 0.0}


def test_without_draws_there_is_nothing_to_count():
    with pytest.raises(ValueError, match="no draws"):
        signs(outcomes({(0, 0): 5.0}), YEARS, ("mean_income",))


def test_wilson_against_the_formula():
    z, n, p = 1.959964, 40, 0.15
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    assert wilson(6, 40) == pytest.approx((centre - half, centre + half), abs=1e-6)
    assert all(np.isnan(wilson(0, 0)))


def test_a_table_says_of_whom_and_of_when_it_speaks():
    row = counted({(1, 0): 5.0, (2, 0): 6.0}, others="off").iloc[0]
    assert (row.population, row.others, row.first_year, row.last_year) == ("all", "off", *YEARS)
