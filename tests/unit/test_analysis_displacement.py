"""Effects on groups of places, against tables made by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from abm.analysis.contrasts import EVERY_LAYER
from abm.analysis.displacement import (
    NOTHING_ADDED,
    OTHERS,
    arms_without,
    group_by_arm,
    group_effects,
    groups_of_places,
)
from abm.core.names import LAYERS

ADDED = {
    "A": {"year": 2019, "layers": list(LAYERS)},
    "B": {"year": 2019, "layers": list(LAYERS)},
    "C": {"year": 2022, "layers": list(LAYERS)},
    "D": {"year": 2022, "layers": ["organizational"]},
}
MANIFEST = {"added_links": ADDED}
PLACES = ("A", "B", "C", "D", "E")
PERSONS = {"A": 100.0, "B": 300.0, "C": 50.0, "D": 50.0, "E": 200.0}

INCOME = {  # of 2020 and 2021 by arm, seed and place
    ("OIS", 1): [(10, 12), (20, 20), (30, 30), (40, 40), (50, 50)],
    ("OS@A+B", 1): [(8, 10), (18, 18), (33, 31), (40, 40), (50, 50)],
    ("OIS", 2): [(11, 13), (21, 21), (30, 30), (40, 40), (50, 50)],
    ("OS@A+B", 2): [(7, 9), (17, 17), (32, 32), (40, 40), (52, 54)],
}


def villages() -> pd.DataFrame:
    rows = []
    for (arm, seed), incomes in INCOME.items():
        for place, of_years in zip(PLACES, incomes, strict=True):
            for year, income in zip((2020, 2021), of_years, strict=True):
                key = {"draw": 0, "seed": seed, "arm": arm, "question": "programme", "budget": "neutral"}
                rows.append(
                    {
                        **key,
                        "year": year,
                        "village": place,
                        "persons": PERSONS[place],
                        "mean_income": float(income),
                    }
                )
    return pd.DataFrame(rows)


def test_groups_go_by_year_and_layers_of_what_is_added() -> None:
    assert groups_of_places(MANIFEST, PLACES) == {
        "pilot, 2019": ["A", "B"],
        OTHERS: ["C", "D", "E"],
        "links added in 2022": ["C"],
        "links added in 2022, organizational only": ["D"],
        NOTHING_ADDED: ["E"],
    }
    assert groups_of_places(MANIFEST, ("A", "E")) == {
        "pilot, 2019": ["A"],
        OTHERS: ["E"],
        NOTHING_ADDED: ["E"],
    }
    assert groups_of_places({}, ("A",)) == {OTHERS: ["A"], NOTHING_ADDED: ["A"]}


def test_means_are_weighted_by_residents_and_taken_over_years() -> None:
    table = group_by_arm(villages(), ("A", "B"), "mean_income", (2020, 2021))
    assert table.columns.tolist() == ["OIS", "OS@A+B"]
    # (100 · 10 + 300 · 20) / 400 = 17.5 and (100 · 12 + 300 · 20) / 400 = 18 in the first seed
    assert table["OIS"].tolist() == pytest.approx([(17.5 + 18.0) / 2, (18.5 + 19.0) / 2])
    assert table["OS@A+B"].tolist() == pytest.approx([(15.5 + 16.0) / 2, (14.5 + 15.0) / 2])


def test_effects_are_paired_within_seeds() -> None:
    found = group_effects(villages(), MANIFEST, ("mean_income",), (2020, 2021))
    assert set(found["layer"]) == {"interest"}  # the arm at hand
    rows = found.set_index("group")
    assert rows["places"].to_dict() == {
        "pilot, 2019": 2, OTHERS: 3, "links added in 2022": 1,
        "links added in 2022, organizational only": 1, NOTHING_ADDED: 1,
    }  # fmt: skip
    by_hand = {
        "pilot, 2019": (2.0, 4.0),
        "links added in 2022": (-2.0, -2.0),
        "links added in 2022, organizational only": (0.0, 0.0),
        NOTHING_ADDED: (0.0, -3.0),
        OTHERS: (-2.0 * 50 / 300, (-2.0 * 50 - 3.0 * 200) / 300),
    }
    for group, effects in by_hand.items():
        low, high = stats.t.interval(0.95, 1, loc=np.mean(effects), scale=stats.sem(effects) or 1e-300)
        assert rows.loc[group, "mean"] == pytest.approx(np.mean(effects))
        assert rows.loc[group, ["low", "high"]].tolist() == pytest.approx([low, high])
        assert rows.loc[group, "n"] == 2


def test_a_year_that_a_run_lacks_and_a_place_without_residents() -> None:
    table = villages()
    gone = (table["village"] == "A") & (table["arm"] == "OIS")
    table.loc[gone, ["persons", "mean_income"]] = [0.0, np.nan]
    means = group_by_arm(table, ("A", "B"), "mean_income", (2020, 2021))
    assert means["OIS"].tolist() == pytest.approx([20.0, 21.0])  # B alone
    assert group_by_arm(table, ("B",), "mean_income", (2020, 2021, 2022)).isna().all(axis=None)


def test_arms_are_found_in_a_factorial_and_where_villages_are_cut() -> None:
    eight = ("OIS", "OI", "OS", "O", "IS", "I", "S", "none")
    assert arms_without(eight) == {
        "organizational": "IS", "interest": "OS", "social": "OI", EVERY_LAYER: "none"
    }  # fmt: skip
    assert arms_without(("OIS", "OI@A+B", "none@A+B")) == {"social": "OI@A+B", EVERY_LAYER: "none@A+B"}


def test_questions_and_budgets_are_not_mixed() -> None:
    table = villages()
    table.loc[0, "budget"] = "withheld"
    with pytest.raises(ValueError, match="mixes"):
        group_effects(table, MANIFEST, ("mean_income",), (2020,))
