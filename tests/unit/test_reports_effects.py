"""What is shown of a factorial's effects, on made-up results whose effects are known."""

from types import SimpleNamespace

import pandas as pd
import pytest

from abm.analysis.gini_change import PARTS
from abm.core.names import LAYERS
from abm.reports import effects
from abm.reports.language import speaking
from tests.unit.reports_data import factorial, with_dynamics

YEARS = (2022, 2023, 2024, 2025, 2026)


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    results = with_dynamics(factorial(seeds=4), burn_in=False)
    results.folder = tmp_path_factory.mktemp("nothing")
    rows = results.outcomes[results.outcomes["population"] == "all"].drop(columns="population")
    results.villages = pd.concat([rows.assign(village=name, persons=3000.0) for name in ("BQ", "BL", "SJ")])
    return effects.Question(results, "gini", "all", YEARS, "cut", "neutral")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", list(effects.TABLES))
def test_every_table_speaks_both_languages(asked, name, language):
    with speaking(language):
        found = effects.shown_of(asked, name)
    assert found.rows
    assert all(len(row) == len(found.head) for row in found.rows)
    text = " ".join([found.title, *found.head, *(cell for row in found.rows for cell in row), *found.notes])
    assert ("2022–2026; all residents" in text or "all residents; 2022–2026" in text) == (language == "en")
    assert ("全体居民" in text) == (language == "zh")
    assert set(found.frame["table"]) == {name}
    assert set(found.frame["population"]) == {"all"}


def test_paired_says_how_many_runs_pairing_saved(asked):
    row = effects.shown_of(asked, "paired").frame.set_index("layer").loc["interest"]
    shown = effects.shown_of(asked, "paired").rows[LAYERS.index("interest")]
    assert shown[1] == "\N{MINUS SIGN}" + f"{-1000 * row['mean']:.1f}"
    assert shown[-1] == f"{row['variance_ratio']:.1f} ×"


def test_shares_add_up(asked):
    found = effects.shown_of(asked, "shared").frame.set_index("layer")
    assert found.loc[list(LAYERS), "share"].sum() == pytest.approx(1)


def test_one_seed_tells_no_shares():
    """Nor whether there is anything to share out."""
    found = effects.shown_of(
        effects.Question(factorial(seeds=1), "gini", "all", YEARS, "cut", "neutral"), "shared"
    )
    assert {row[3] for row in found.rows} == {"–"}
    assert found.notes == [
        "no shares of a whole that cannot be told from 0",
        "intervals hold one by one",
    ]


def test_the_verdict_stands_below(asked):
    verdict, sign = effects.shown_of(asked, "together").notes
    assert verdict.startswith("layers: ")
    assert "less of it is better" in sign


def test_no_verdict_on_the_gini_speaks_of_complements(asked):
    """Layers that help each other lower it together: then it is submodular, which "替代" (substitutes) would deny."""
    with speaking("zh"):
        found = effects.shown_of(asked, "together")
    text = " ".join([found.title, *found.notes, *effects.VERDICTS.values()])
    assert "互补" not in text
    assert "替代" not in text


def test_sources_show_all_parts_of_each(asked):
    found = effects.shown_of(asked, "sources")
    assert len(found.head) == 2 + len(PARTS)
    assert len(found.rows) == 4 * 5
    assert set(found.frame["measure"]) == {"gini_grouped"}


def test_a_star_says_of_all_sources_at_once_what_is_told(asked):
    """Nothing differs between the made-up arms' fifths; with wages halved in one of them their parts are told."""
    plain = effects.shown_of(asked, "sources")
    assert not any("*" in cell for row in plain.rows for cell in row)
    results = with_dynamics(factorial(seeds=4), burn_in=False)
    results.folder = asked.results.folder
    half = results.fifths["arm"].eq("OIS") & results.fifths["fifth"].eq(5)
    results.fifths.loc[half, "income_wage"] *= 0.5
    found = effects.shown_of(effects.Question(**{**asked.__dict__, "results": results}), "sources")
    told = found.frame[found.frame["told"]]
    assert set(told["layer"]) == {*LAYERS, "all"}
    assert ("wage", "total") in set(zip(told["source"], told["part"], strict=True))
    assert any(note.startswith("* told from 0, all 100 at once") for note in found.notes)
    assert sum("*" in cell for row in found.rows for cell in row) == len(told)


def test_terms_that_are_no_formula_are_words(asked):
    with speaking("zh"):
        found = effects.shown_of(asked, "together")
    assert [row[0] for row in found.rows][-2:] == ["三层合计", "三层交互"]
    assert set(found.frame["term"]) >= {"joint", "three-way"}


@pytest.mark.parametrize("name", ["paired", "shared", "together", "sources"])
def test_a_population_that_is_not_there_has_dashes(asked, name):
    tables = {
        table: rows[rows["population"] != "floating"]
        for table in ("outcomes", "fifths")
        for rows in [getattr(asked.results, table)]
    }
    nobody = SimpleNamespace(**{**vars(asked.results), **tables})
    changed = {**asked.__dict__, "results": nobody, "population": "floating"}
    found = effects.shown_of(effects.Question(**changed), name)
    assert {cell for row in found.rows for cell in row[2 if name == "sources" else 1 :]} == {"–"}
    assert found.frame["mean"].isna().all()


def test_places_are_those_of_all_residents(asked):
    found = effects.shown_of(effects.Question(**{**asked.__dict__, "population": "rural"}), "places")
    assert "all residents" in found.title
    totals = found.frame.pivot(index="part", columns="layer", values="mean")
    assert totals.drop("total").sum().to_numpy() == pytest.approx(totals.loc["total"].to_numpy(), abs=1e-14)
