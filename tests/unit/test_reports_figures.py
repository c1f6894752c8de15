"""Pictures: text is text, the same numbers give the same bytes, gaps in the numbers do no harm."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

from abm.reports import drawing, dynamics, dynamics_figures, figures
from abm.reports.numbers import MAIN, numbers_of
from tests.unit.reports_data import factorial, with_dynamics

TEXT = "{http://www.w3.org/2000/svg}text"


@pytest.fixture(scope="module")
def numbers():
    return numbers_of(with_dynamics(factorial(seeds=3)))[0]


def words(svg):
    return [" ".join("".join(text.itertext()).split()) for text in ElementTree.fromstring(svg).iter(TEXT)]


ALL = {
    "levels": lambda n, name: figures.levels_figure(n, "gini", name),
    "single": figures.single_figure,
    "by_year": figures.effects_over_years_figure,
    "effects": figures.effects_figure,
    "money": figures.joint_point_money_figure,
    "income": figures.income_figure,
    "mobility": dynamics_figures.mobility_figure,
    "fifths": lambda n, name: dynamics_figures.fifths_figure(n, name, 2022, []),
    "burn_in": dynamics_figures.burn_in_figure,
}


@pytest.mark.parametrize("which", ALL)
def test_text_stays_text_and_bytes_are_the_same(numbers, which):
    svg = ALL[which](numbers, "f1")
    assert svg.startswith("<svg")
    assert len(words(svg)) > 10
    assert svg == ALL[which](numbers, "f1")
    assert "<metadata" not in svg
    assert not re.search(r"<style[^>]*>\s*\*", svg), "a rule for * would reach the whole page"


@pytest.mark.parametrize("which", ALL)
def test_ids_are_the_pictures_own(numbers, which):
    svg = ALL[which](numbers, "f1")
    ids = re.findall(r'\bid="([^"]*)"', svg)
    used = re.findall(r'href="#([^"]*)"', svg) + re.findall(r"url\(#([^)]*)\)", svg)
    assert ids
    assert all(name.startswith("f1-") for name in ids)
    assert set(used) <= set(ids)


def test_levels_name_their_lines_and_the_switch(numbers):
    found = words(figures.levels_figure(numbers, "gini", "f"))
    for text in ("all on", "all cut", "interest cut", "Social joint-points cut", "Gini", "cut from 2019"):
        assert text in found


def test_effects_show_the_numbers(numbers):
    found = words(figures.effects_figure(numbers, "f"))
    for measure, scale, digits in zip(MAIN, (1000, 100, 1), (1, 2, 0), strict=True):
        value = numbers.effect(measure, "interest")["mean"] * scale
        assert f"{value:+.{digits}f}".replace("-", "−") in found
    assert "on minus off, percentage points" in found


def test_money_names_payer_payee_and_layer(numbers):
    found = words(figures.joint_point_money_figure(numbers, "f"))
    assert "enterprises → households: profit share" in found
    assert "90 · interest" in found
    assert "yuan per resident and year" in found


def test_one_seed_has_no_bands():
    numbers = numbers_of(factorial(seeds=1))[0]
    assert "FillBetween" not in figures.levels_figure(numbers, "gini", "f")


def test_numbers_that_are_missing_are_said_to_be():
    results = with_dynamics(factorial(seeds=2))
    results.outcomes["gini"] = np.nan
    results.burn_in["gini"] = np.nan
    results.mobility["share"] = np.nan
    results.fifths.loc[results.fifths.fifth == 1, "income_wage"] = np.nan
    numbers = numbers_of(results)[0]
    assert "not measured" in words(figures.levels_figure(numbers, "gini", "f"))
    for name, draw in ALL.items():
        assert draw(numbers, "f") is None if name == "mobility" else words(draw(numbers, "f"))


def test_fifths_are_in_percent_of_mean_income(numbers):
    rows = dynamics.fifths_profile(numbers, "all", 2022).set_index(["part", "fifth"])
    incomes = np.array([[4000.0 * fifth + 100.0 * seed for fifth in range(1, 6)] for seed in range(3)])
    shares = 100 * incomes / incomes.mean(axis=1, keepdims=True)
    assert rows.loc["income"]["mean"].to_numpy() == pytest.approx(shares.mean(axis=0))
    assert rows.loc["income_wage"]["mean"].to_numpy() == pytest.approx(shares.mean(axis=0) / 2)
    assert (rows.loc["income"].low <= rows.loc["income"]["mean"]).all()


def test_printed_fifths_are_the_newest_of_each_place():
    found = {p.name: p for p in dynamics.published_fifths({"scenario": {"name": "t_district"}})}
    assert set(found) == {"Fujian 2021, rural households", "Sanming 2022, all households"}
    sanming = found["Sanming 2022, all households"]
    assert (sanming.population, sanming.means["wage"][0], sanming.means["income"][4]) == ("all", 4915, 76377)
    assert dynamics.published_fifths({"scenario": {"name": "nowhere"}}) == []


def test_no_flow_through_joint_points_differs():
    results = factorial(seeds=2)
    results.flows = results.flows[results.flows.kind == "pension"]
    results.outcomes["mean_income"] = 1000.0
    found = words(figures.income_figure(numbers_of(results)[0], "f"))
    assert found.count("no difference of 0.05 yuan or more") >= 2


def test_names_of_lines_move_apart_and_keep_their_order():
    placed = drawing._apart([0.5, 0.51, 0.1, 0.99], 0.1, 0.0, 1.0)
    assert sorted(range(4), key=lambda i: placed[i]) == [2, 0, 1, 3]
    ordered = sorted(placed)
    assert all(b - a >= 0.1 - 1e-12 for a, b in pairwise(ordered))
    assert max(placed) <= 1.0
