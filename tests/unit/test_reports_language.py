"""The report in two languages: every text has both, and nothing English is left on a Chinese page."""

import ast
import os
import re
from pathlib import Path

import pytest

from abm.core.errors import InputError
from abm.core.ledger import ACCOUNT_KINDS, FLOW_KINDS
from abm.core.names import INCOME_SOURCES, LAYERS, POPULATIONS, SECTORS
from abm.graph.kinds import LINK_KINDS
from abm.model.plan import load_scenario
from abm.records.schema import MEASURE_COLUMNS
from abm.reports import dynamics, dynamics_figures, graph_figure, labels, language
from abm.reports.flows_in_chinese import FLOWS_IN_CHINESE
from abm.reports.language import picture_language, say, speaking
from abm.reports.numbers import FURTHER, MAIN
from abm.reports.page import page_name, render, write_report
from tests.undrawn import undrawn
from tests.unit.reports_data import factorial, with_distribution, with_dynamics
from tests.unit.test_reports_page import Page

REPORTS = Path(language.__file__).parent
HAN = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{3,}")
LONG = re.compile(r"[a-z]{2,} [a-z]{2,}")
BESIDE = re.compile(
    r"abm|Ward|Clément|Santaeulàlia-Llopis|Zheng|fonts-wqy-microhei|--snapshots|samples|Sobol|Morris|Shapley|Fieller|Bonferroni|Fisher"
)
NAMES = {
    "abm",
    "t_district",
    "made",  # made_up
    "Clément",
    "Ward",
    "Santaeulàlia",
    "Llopis",
    "Zheng",
    "factorial",
    "Gini",
}
NAMES |= {"OIS", "none", "replications"}


def calls(tree):
    """Every ``say(english, chinese)`` with its two arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and len(node.args) == 2:
            yield node.lineno, *node.args


def words_of(node):
    """The words of a text, what is filled in left out."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    kept = (ast.Constant, ast.JoinedStr, ast.BinOp, ast.IfExp)
    return "".join(words_of(part) for part in ast.iter_child_nodes(node) if isinstance(part, kept))


@pytest.mark.parametrize("path", sorted([*REPORTS.glob("*.py"), *(REPORTS.parent / "cli").glob("*.py")]))
def test_texts_come_in_both_languages(path):
    found = list(calls(ast.parse(path.read_text(encoding="utf-8"))))
    for line, english, chinese in found:
        if isinstance(english, ast.Constant | ast.JoinedStr | ast.BinOp | ast.IfExp):
            where = f"{path.name}:{line}"
            said = BESIDE.sub("", words_of(chinese))
            assert not ENGLISH.search(said), f"{where}: English in Chinese"
            assert HAN.search(said) or not LONG.search(words_of(english)), f"{where}: no Chinese"


def test_the_template_says_nothing_in_english_alone():
    source = (REPORTS / "page.html.jinja").read_text(encoding="utf-8")
    body = source[source.index("<body>") :]
    for english in re.findall(r'say\("([^"]*)",', body):
        assert not HAN.search(english.replace("接点", "")), english
    body = re.sub(r"{% else %}\n<p>.*\n{% endif %}", "", body)  # whole sentences in the other branch
    bare = re.sub(r"{{.*?}}|{%.*?%}|<[^>]*>", " ", body, flags=re.DOTALL)
    left = [word for word in ENGLISH.findall(bare) if word not in NAMES]
    assert not left, left


def test_labels_of_all_kinds_have_chinese():
    missing = [kind for kind in FLOW_KINDS if kind not in FLOWS_IN_CHINESE]
    assert not missing, f"name these kinds of flow in abm/reports/flows_in_chinese.py: {missing}"
    with speaking("zh"):
        measures = {
            *MAIN,
            *FURTHER,
            *dynamics.LITERATURE,
            *(m for m in MEASURE_COLUMNS if m in labels._LABELS),
        }
        named = {
            **{measure: labels.label(measure).with_unit for measure in measures},
            **{layer: labels.layer_name(layer) for layer in LAYERS},
            **{population: labels.population_name(population) for population in POPULATIONS},
            **{kind: labels.account_name(kind) for kind in ACCOUNT_KINDS},
            **{kind: labels.link_name(kind) for kind in LINK_KINDS},
            **{kind: labels.place_kind_name(kind) for kind in load_scenario("t_district").place_kinds},
            **{sector: graph_figure.SECTORS.get(sector, "") for sector in SECTORS},
            **{part: say(*dynamics_figures.PARTS[f"income_{part}"]) for part in INCOME_SOURCES},
            **{f"effect of {measure}": labels.label(measure).with_effect_unit for measure in measures},
        }
    for what, name in named.items():
        assert HAN.search(name), what
        assert not ENGLISH.search(name), f"{what}: {name}"
    assert set(dynamics.LITERATURE) == set(dynamics.LITERATURE_ZH)


@pytest.fixture(scope="module")
def results():
    return with_distribution(with_dynamics(factorial(seeds=2)))


@pytest.fixture(scope="module")
def pages(results):
    """The page in both languages: English without pictures, Chinese as this computer's fonts make it."""
    with undrawn():
        english = render(results, "en")
    return {"en": english, "zh": render(results, "zh")}


@pytest.mark.slow
@pytest.mark.parametrize("font", [True, False], ids=["with a Chinese font", "without one"])
def test_a_chinese_page(results, pages, font, monkeypatch):
    if not font:
        monkeypatch.setattr(language, "CHINESE_FONTS", ())
    elif language.chinese_font() is None:
        message = "this computer has no Chinese font; install one: apt-get install fonts-wqy-microhei"
        (pytest.fail if os.environ.get("CI", "").lower() in ("1", "true", "yes") else pytest.skip)(message)
    text = pages["zh"] if font else render(results, "zh")
    page = Page(text)
    assert '<html lang="zh-CN">' in text
    assert page.tags.count("svg") == page.tags.count("figcaption") == 13
    said = " ".join(
        re.sub(r"[\w./-]*\.html|\b[0-9a-f]{12,}\b|report|fonts-wqy-microhei", " ", page.words).split()
    )
    said = said[: said.index("仅为假定的部分", said.index("局限"))].replace("A made-up district", "")
    left = [word for word in re.findall(r"[A-Za-zà-ÿ]{3,}", said) if word not in NAMES]
    assert not left, left
    pictured = " ".join(page.svg_text)
    assert bool(HAN.search(pictured)) is font
    assert ("图中文字保留英文" in page.words) is not font
    if font:
        left = [word for word in ENGLISH.findall(pictured) if word not in NAMES]
        assert not left, left
        assert "断开组织接点" in pictured
    else:
        assert "Organizational cut" in pictured


def test_the_same_numbers_stand_on_both_pages(pages):
    def numbers(lang):
        """By table and row all numbers of the first cells."""
        return [
            [re.findall(r"[+−]?\d[\d\u202f.]*", " ".join(row[1:4])) for row in rows[1:] if len(row) > 2]
            for rows in Page(pages[lang]).tables
            if len(rows[0]) != 6  # the parameters, which are in the code's own words
        ]

    english, chinese = numbers("en"), numbers("zh")
    assert len(english) > 8
    assert english == chinese


def test_the_language_ends_with_the_block():
    assert say("money", "资金") == "money"
    with speaking("zh"):
        assert say("money", "资金") == "资金"
        with speaking("en"):
            assert say("money", "资金") == "money"
        assert say("money", "资金") == "资金"
    assert say("money", "资金") == "money"
    assert picture_language() == "en"


def test_an_unknown_language_is_bad_input(results, tmp_path):
    with pytest.raises(InputError, match=r"--lang.*'zn'"):
        write_report(results, tmp_path, "zn")
    assert not list(tmp_path.iterdir())
    assert page_name("zh") == "report.zh.html"
