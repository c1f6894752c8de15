"""The report page: well-formed, alone on a plane without network, its numbers those of the tables."""

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from abm.analysis.arms import ARMS
from abm.core.errors import InputError
from abm.reports.findings import findings, limits
from abm.reports.numbers import numbers_of
from abm.reports.page import render, write_report
from abm.reports.tables import checks_hold, checks_table, seeds
from tests.undrawn import undrawn
from tests.unit.reports_data import factorial, with_dynamics
from tests.unit.test_reports_console import shown

VOID = {"meta", "br", "hr", "img", "link", "input", "col", "area", "base", "embed", "source", "track", "wbr"}


class Page(HTMLParser):
    """Reads a page strictly: every element that opens closes, in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.tables, self.tags = [], [], [], [], []
        self.text, self.svg_text, self._cell = [], [], None
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.links += [(tag, name, attrs[name]) for name in ("src", "href", "xlink:href") if name in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag
        if tag in ("td", "th"):
            self.tables[-1][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None

    def handle_data(self, data):
        if self._cell is not None:
            self._cell.append(data)
        if "style" not in self.open:
            (self.svg_text if self.open and self.open[-1] == "text" else self.text).append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())

    def table(self, *heads):
        """The rows of the table whose headings begin like this."""
        (found,) = [rows for rows in self.tables if rows and rows[0][: len(heads)] == list(heads)]
        return found[1:]


@pytest.fixture(scope="module")
def results():
    return factorial(seeds=4)


@pytest.fixture(scope="module")
def html(results):
    return render(results)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_well_formed_with_unique_ids_and_links_that_lead_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    inside = [target for _, _, target in page.links]
    assert inside
    assert all(target.startswith("#") and target[1:] in page.ids for target in inside)


def test_nothing_is_loaded_from_anywhere(html, page):
    assert not {"script", "link", "img", "iframe", "object", "embed", "base"} & set(page.tags)
    assert not re.search(r"url\(\s*['\"]?(?!#)", html)
    assert "@import" not in html
    assert not re.search(r"\son\w+=", html), "no scripts in attributes"
    addresses = set(re.findall(r"https?://[^\s\"'<>]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}, "names, not addresses"


def test_the_same_results_give_the_same_page(results, html):
    assert render(results) == html


def test_all_pictures_keep_their_text(page):
    assert page.tags.count("svg") == page.tags.count("figcaption") == 7
    for text in ("all on", "organizational cut", "yuan per resident and year", "Gini"):
        assert text in page.svg_text
    titles = re.findall(r"Figure (\d+)\.", page.words)
    assert titles == [str(i) for i in range(1, 8)]


def test_all_eight_arms_with_their_numbers(results, page):
    rows = {row[0]: row for row in reversed(page.table("arm", "joint-points")) if row[0] in ARMS}
    assert set(rows) == set(ARMS)
    chosen = results.outcomes[(results.outcomes.population == "all") & (results.outcomes.year >= 2022)]
    for arm in ARMS:
        gini = chosen[chosen.arm == arm].groupby("seed").gini.mean()
        half = stats.t.ppf(0.975, 3) * stats.sem(gini)
        assert rows[arm][2:4] == [f"{gini.mean():.4f}", f"± {half:.4f}"]


def test_contrasts_are_those_of_the_frame(results, page):
    frame = results.outcomes
    chosen = frame[(frame.population == "rural") & frame.year.between(2022, 2026)]
    means = chosen.groupby(["seed", "arm"])["headcount_anchored_60"].mean().unstack() * 100
    gap = means["OIS"] - means["OS"]
    low, high = stats.t.interval(0.95, 3, loc=gap.mean(), scale=stats.sem(gap))
    rows = page.table("layer", "on minus off, other two on")
    at = rows.index(["Headcount, anchored 60 % line, percentage points, rural residents"])
    row = rows[at + 2]
    assert row[0] == "interest"
    assert row[1] == f"{gap.mean():+.2f}".replace("-", "−")
    assert row[2] == f"{low:+.2f} to {high:+.2f}".replace("-", "−")
    welch = stats.ttest_ind(means["OIS"], means["OS"], equal_var=False).confidence_interval()
    assert row[3] == f"{welch.low:+.2f} to {welch.high:+.2f}".replace("-", "−")
    assert row[-1] == "+20 (+20 to +20)", "net money from outside stands beside every contrast"


def test_shapley_values_add_up_on_the_page(page):
    rows = page.table("layer", "Gini × 1000", "share")
    numbers = [float(row[1].split(" ")[0].replace("−", "-")) for row in rows[1:5]]
    assert sum(numbers[:3]) == pytest.approx(numbers[3], abs=0.15)
    assert rows[4][2] == "100 %"


def test_findings_say_what_the_intervals_allow(page):
    words = page.words
    assert "Interest joint-points: 12." in words
    assert "Social joint-points: no difference can be told from luck with 4 seeds" in words
    assert "significant" not in words
    assert "Unless said otherwise the other two kinds are on" in words
    assert "rests" in words or "only assumed" in words


def test_assumed_parameters_alone_are_listed(page):
    rows = page.table("parameter", "value", "bounds")
    assert ["quit_rate", "0.1", "0 to 0.5", "per year", "workers leave jobs", "a prior <of ours>"] in rows
    assert next(row[:2] for row in rows if row[0] == "capacity") == ["capacity", "40 (set)"]
    assert not any("city_wage" in row[0] for row in rows)
    assert "Of 3 parameters 2 are assumed, 1 published and 0 stand in the papers" in page.words


def test_checks_hold(page):
    assert "All checks hold." in page.words
    assert "broken" not in page.words


@pytest.mark.usefixtures("without_pictures")
def test_checks_that_break_are_told_at_the_top():
    bent = factorial(seeds=2)
    place = bent.outcomes.index[(bent.outcomes.arm == "O") & (bent.outcomes.year == 2015)]
    bent.outcomes.loc[place, "gini"] += 1e-15
    words = Page(render(bent)).words
    assert "A check of honesty is broken" in words
    assert "(gini)" in words


def test_money_through_a_layer_that_is_cut_breaks_a_check():
    leaking = factorial(seeds=2)
    rows = leaking.flows
    leaking.flows = pd.concat([rows, rows[rows.layer == "interest"].assign(arm="none", interest=False)])
    table = checks_table(numbers_of(leaking)[0])
    assert [row[-1] for row in table.groups[0][1] if "interest" in row[0]] == ["BROKEN"]
    assert not checks_hold(table)


@pytest.mark.usefixtures("without_pictures")
def test_one_replication_has_no_intervals_and_says_so():
    page = Page(render(factorial(seeds=1)))
    assert "There is one replication: differences between arms have no intervals" in page.words
    assert "in the one seed there is; no interval" in page.words
    rows = page.table("layer", "on minus off, other two on")
    assert rows[1][2] == rows[1][3] == "–"
    assert "nan" not in page.words.lower().split()


@pytest.mark.usefixtures("without_pictures")
def test_a_single_run_shows_levels_only_and_says_so():
    page = Page(render(factorial(seeds=1, arms=("OIS",))))
    assert "This is a single run (arm OIS): it shows levels only." in page.words
    assert "What is found" not in page.words
    assert page.tags.count("svg") == 2
    assert [row[0] for row in page.table("population", "Gini")] == [
        "all residents",
        "urban residents",
        "rural residents",
        "registered residents",
        "floating population",
    ]


@pytest.mark.usefixtures("without_pictures")
def test_arms_that_are_missing_are_named():
    page = Page(render(factorial(seeds=1, arms=ARMS[:-2], last=2016)))
    assert "missing: S, none" in page.words, "also where the runs end before the switch"


def test_a_measure_without_numbers():
    results = factorial(seeds=2)
    results.outcomes["headcount_anchored_60"] = np.nan
    with undrawn("levels_figure"):
        page = Page(render(results))
    assert "not measured" in page.svg_text
    assert "Organizational joint-points: not measured in any seed." in page.words


def test_dynamics_stand_beside_the_literature(page):
    rows = page.table("measure", "all residents, all three on")
    names = [row[0] for row in rows]
    assert "return to poverty within three years, % (返贫率)" in names
    assert rows[names.index("Shorrocks' mobility R over five years (肖洛克斯流动指数)")][-1].endswith(
        "(Clément 2016); no figure found"
    )
    assert all(len(row) == 5 for row in rows)
    assert "Where the persons" not in page.words, "a folder without the tables has no such pictures"


def test_the_tables_of_newer_folders_bring_pictures():
    with undrawn("fifths_figure", "mobility_figure", "burn_in_figure"):
        page = Page(render(with_dynamics(factorial(seeds=2))))
    assert page.tags.count("svg") == page.tags.count("figcaption") == 10
    for text in (
        "Where the persons of each fifth stand later (流动矩阵)",
        "Income by source and fifth of households (五等份)",
        "The last years of the burn-in, 2004–2013, all residents",
        "No printed table is at hand.",
    ):
        assert text in page.words, text
    assert {"80", "44", "Wages", "Sources of income"} <= set(page.svg_text)
    with undrawn():
        single = Page(render(with_dynamics(factorial(seeds=1, arms=("OIS",)), burn_in=False)))
    assert "The last years of the burn-in" not in single.words
    assert single.tags.count("svg") == 4


def test_printed_fifths_of_the_scenario_stand_in_the_picture():
    results = with_dynamics(factorial(seeds=2), burn_in=False)
    results.manifest["scenario"]["name"] = "t_district"
    with undrawn("fifths_figure"):
        page = Page(render(results))
    assert "Sanming 2022, all households" in page.svg_text
    assert "model 2022, all residents" in page.svg_text
    assert "levels of another place and year do not compare" in page.words


@pytest.mark.usefixtures("without_pictures")
def test_measures_that_nobody_filled_make_no_row_and_empty_tables_no_picture():
    results = with_dynamics(factorial(seeds=2))
    results.outcomes = results.outcomes.assign(shorrocks_r_5=np.nan, wolfson=np.nan)
    results.mobility, results.fifths = results.mobility.iloc[:0], results.fifths.iloc[:0]
    page = Page(render(results))
    names = [row[0] for row in page.table("measure", "all residents, all three on")]
    assert not [name for name in names if name.startswith(("Shorrocks", "Wolfson"))]
    assert page.tags.count("svg") == 8
    before = results.outcomes.drop(
        columns=[n for n in results.outcomes if n.startswith(("poverty_", "rank_"))]
    )
    results.outcomes = before.drop(columns=["chronic_poverty", "transient_poverty", "middle_share"])
    assert "Dynamics: who moves" in Page(render(results)).words, "the burn-in alone still makes the section"
    results.burn_in = results.burn_in.iloc[:0]
    assert "Dynamics" not in Page(render(results)).words


@pytest.mark.usefixtures("without_pictures")
def test_budgets_stand_apart():
    one, other = factorial(seeds=2), factorial(seeds=2, budget="withheld")
    one.outcomes = pd.concat([one.outcomes, other.outcomes], ignore_index=True)
    one.flows = pd.concat([one.flows, other.flows], ignore_index=True)
    page = Page(render(one))
    assert "Question: cut; budget: neutral" in page.words
    assert "Question: cut; budget: withheld" in page.words
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("svg") == 14


@pytest.mark.usefixtures("without_pictures")
def test_unfinished_experiments_say_so():
    results = factorial(seeds=1, arms=("OIS",))
    results.manifest |= {"complete": False, "failures": [{"run_id": "x", "message": "the disk is full"}]}
    words = Page(render(results)).words
    assert "not complete" in words
    assert "the disk is full" in words


@pytest.mark.usefixtures("without_pictures")
def test_written_at_once_or_not_at_all(tmp_path, monkeypatch):
    results = factorial(seeds=1, arms=("OIS",))
    path = write_report(results, tmp_path)
    assert path == tmp_path / "report.html"
    before = path.read_text(encoding="utf-8")
    assert before == render(results)

    def fail(self, target):
        raise OSError("no space left")

    monkeypatch.setattr(type(tmp_path), "replace", fail)
    with pytest.raises(OSError, match="no space left"):
        write_report(factorial(seeds=1, arms=("O",)), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert path.read_text(encoding="utf-8") == before


def test_no_outcomes_is_bad_input(tmp_path, results):
    empty = factorial(seeds=1)
    empty.outcomes = empty.outcomes.iloc[:0]
    with pytest.raises(InputError, match="no outcomes"):
        write_report(empty, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_report_shows_draw_0_alone_where_draws_lie_beside_it():
    own, both = with_dynamics(factorial(3)), with_dynamics(factorial(3))
    for name in ("outcomes", "flows", "fifths", "mobility"):
        table = getattr(both, name)
        drawn = table.assign(draw=1, seed=table["seed"] + 1000)
        for column in ("mean_income", "gini", "amount", "income"):
            if column in drawn:
                drawn[column] *= 3.0
        setattr(both, name, pd.concat([table, drawn], ignore_index=True))
    alone, beside = numbers_of(own)[0], numbers_of(both)[0]
    assert (beside.units, seeds(beside)) == (3, "3 seeds")
    assert "'abm signs'" in limits(beside)[0]
    for part in (
        "effects",
        "shapley",
        "interactions",
        "flow_means",
        "flow_differences",
        "income_differences",
    ):
        pd.testing.assert_frame_equal(getattr(beside, part), getattr(alone, part))
    assert len(beside.fifths) == len(alone.fifths)
    both.outcomes.loc[both.outcomes["draw"] == 1, "ledger_imbalance"] = 7
    assert numbers_of(both)[0].imbalance == 7, "the checks look at every draw"
    both.outcomes, both.flows = both.outcomes.query("draw == 1"), both.flows.query("draw == 1")
    assert numbers_of(both)[0].units == 3, "the seeds of a draw that is alone"


def without_run(results, seed, arm):
    """The same results with one run that failed."""
    for name, table in vars(results).items():
        if isinstance(table, pd.DataFrame):
            setattr(results, name, table[~((table.seed == seed) & (table.arm == arm))].reset_index(drop=True))
    return results


@pytest.mark.usefixtures("without_pictures")
@pytest.mark.parametrize("arm", ["none", "OIS"])
def test_a_seed_that_lacks_an_arm_is_left_out_and_told(arm):
    results = without_run(factorial(seeds=4), 1000, arm)
    (numbers,) = numbers_of(results)
    assert set(numbers.outcomes.seed) == set(numbers.flows.seed) == {1001, 1002, 1003}
    words = Page(render(results)).words
    assert "1 seed lacks some arm, whose run failed or is not done, and is left out" in words
    assert "A check of honesty is broken" not in words
    assert "with 4 seeds" not in words
    assert "with 3 seeds" in words
    assert "1 seed lacks some arm" in shown(results)


@pytest.mark.usefixtures("without_pictures")
def test_where_every_seed_lacks_some_arm_all_stay():
    """As in a shard of a batch."""
    results = without_run(without_run(factorial(seeds=2), 1000, "OIS"), 1001, "none")
    (numbers,) = numbers_of(results)
    assert (set(numbers.outcomes.seed), numbers.left_out) == ({1000, 1001}, 0)
    assert "the page shows levels only" in Page(render(results)).words


def test_a_sentence_counts_the_seeds_that_have_the_measure():
    results = factorial(seeds=4)
    lacks = (results.outcomes.seed == 1000) & (results.outcomes.year == 2026)
    results.outcomes["gini"] = results.outcomes["gini"].mask(lacks)
    sentences = findings(numbers_of(results)[0])[0].sentences
    told = [text for text in sentences if "can be told from luck" in text]
    assert told
    assert all("with 3 seeds" in text for text in told)


@pytest.mark.parametrize(("errors", "told"), [(4.0, False), (8.0, True)])
def test_an_interaction_is_claimed_where_it_holds_beside_all_others(errors, told):
    """Of pure noise a third of the pages would claim one, were each of the nine intervals taken by itself."""
    (numbers,) = numbers_of(factorial(seeds=4))
    table = numbers.interactions.assign(mean=0.0, se=0.001, low=-0.003, high=0.003)
    one = table.index[0]
    table.loc[one, "mean"] = errors * 0.001
    half = stats.t.ppf(0.975, 3) * 0.001
    table.loc[one, ["low", "high"]] = errors * 0.001 - half, errors * 0.001 + half
    assert table.loc[one, "low"] > 0
    vars(numbers)["interactions"] = table
    together = about(numbers, "interactions")
    assert any("do other than the sum" in text for text in together) == told
    assert any("cannot be told from luck, all 9" in text for text in together) != told


def about(numbers, word):
    """The sentences under the heading with this word."""
    return next(found.sentences for found in findings(numbers) if word in found.about)


def test_shares_have_intervals_and_one_seed_tells_none():
    several, single = (" ".join(about(numbers_of(factorial(seeds=n))[0], "Shares")) for n in (4, 1))
    assert re.search(r"interest \S+ \(\d+ %, \d+ to \d+ %\)", several)
    assert "%" not in single.replace("60 %", "")


def test_what_the_named_flows_leave_over_is_said():
    (numbers,) = numbers_of(factorial(seeds=4))
    sentences = about(numbers, "flows")
    sentence = next(text for text in sentences if text.startswith("Interest"))
    named, rest, whole = re.fullmatch(
        r".*?: (.*), all others together (\S+); mean income in all (\S+) \(.*\)\.", sentence
    ).groups()

    def number(text):
        return float(text.replace("−", "-").replace("\N{NARROW NO-BREAK SPACE}", ""))

    parts = [number(text.rpartition(" ")[2]) for text in named.split(", ")]
    assert sum(parts) + number(rest) == pytest.approx(number(whole), abs=3)
    assert "one that cannot may be as large" in " ".join(sentences)
