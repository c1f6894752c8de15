"""What is shown of an experiment: the analysis that fits the design, its words in both languages, its picture."""

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from SALib.sample import latin, morris, sobol

from abm.analysis.coalitions import shapley_design
from abm.analysis.designed import Designed
from abm.core.errors import InputError
from abm.reports.drawing import pictured
from abm.reports.language import speaking
from abm.reports.sensitivity import answer_of
from abm.reports.sensitivity_figures import as_file
from abm.reports.shapley_answer import shapley_answer

NAMES = ["fund.set_aside", "whistle.loss", "fund.fee"]
GROUPS = {"fund.set_aside": "fund", "fund.fee": "fund", "whistle.loss": "whistle"}
SLOPES = np.array([0.02, -0.001, 0.01])


def problem(grouped=False):
    made = {"num_vars": 3, "names": NAMES, "bounds": [[0.0, 1.0]] * 3}
    return made | ({"groups": [GROUPS[name] for name in NAMES]} if grouped else {})


def designed(kind, x, level=None, *, seeds=3, noise=0.0, contrast="", names=NAMES, groups=None, **options):
    luck = np.random.default_rng(1)
    frame = pd.DataFrame(x, columns=names).rename_axis("point")
    level = frame.to_numpy(dtype=float) @ SLOPES if level is None else np.asarray(level, dtype=float)
    shared = np.linspace(-0.01, 0.01, seeds)[None, :]  # level of a seed, which no difference sees
    values = pd.DataFrame(level[:, None] + shared + luck.normal(0, 1, (len(x), seeds)) * noise)
    values.attrs["common"] = True
    years = (2020, 2021, 2022, 2023, 2024)
    return Designed(
        *(kind, frame, values, "gini", "rural", years, "cut", "neutral"),
        *(groups or dict(zip(names, names, strict=True)), options, contrast),
    )


GRID = [(x, y) for x in (0.0, 1.0) for y in (0.0, 0.5, 1.0)]
TWO = ["switches.social", "whistle.loss"]
ALL = {
    "morris": lambda: designed(
        "morris", morris.sample(problem(True), 6, seed=1), noise=1e-4, groups=GROUPS, trajectories=6
    ),
    "sobol": lambda: designed(
        "sobol", sobol.sample(problem(), 64, calc_second_order=False, seed=1), noise=1e-4, samples=64
    ),
    "second_order": lambda: designed(
        "sobol", sobol.sample(problem(), 64, seed=1), second_order=True, samples=64
    ),
    "latin_hypercube": lambda: designed("latin_hypercube", latin.sample(problem(), 40, seed=1), samples=40),
    "one_at_a_time": lambda: designed("one_at_a_time", [[0, 0, 0], [1, 0, 0], [0, 0, 1]]),
    "timing": lambda: designed(
        "timing", [["never"], [2019], [2022]], [0.3, 0.2, 0.25], names=["switches.social.off_from"]
    ),
    "grid": lambda: designed("grid", GRID, [0.3 + x / 100 - y / 50 for x, y in GRID], names=TWO),
    "effect": lambda: designed(
        "grid", GRID, [x / 5 - y / 7.5 for x, y in GRID], names=TWO, contrast="switches.interest: 1 − 0"
    ),
    "villages_in_steps": lambda: designed(
        "villages_in_steps", [[0], [5], [9]], [0.3, 0.31, 0.35], names=["villages_cut"]
    ),
}


@pytest.mark.parametrize("which", ALL)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_design_has_its_table_and_picture(which, language):
    with speaking(language):
        answer = answer_of(ALL[which]())
        svg = pictured(answer.picture)  # in English on a computer without a Chinese font
    assert all(len(row) == len(answer.head) for row in answer.rows)
    assert answer.rows
    assert ("Gini" if language == "en" else "基尼系数") in answer.title
    assert "2020–2024" in answer.title
    assert set(answer.frame["measure"]) == {"gini"}
    root = ElementTree.fromstring(as_file(svg).split("\n", 1)[1])
    texts = {"".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")}
    assert len(texts) > 4


def test_the_same_numbers_give_the_same_picture():
    found = ALL["effect"]()
    assert answer_of(found).picture() == answer_of(found).picture()


def rows_of(answer):
    return {row[0]: row[1:] for row in answer.rows}


def test_morris_names_groups_and_says_what_goes_on():
    answer = answer_of(ALL["morris"]())
    assert [row[0] for row in answer.rows] == ["fund", "whistle"]
    # .001 per whole range, in thousandths
    assert float(rows_of(answer)["whistle"][0]) == pytest.approx(1, abs=0.15)
    assert rows_of(answer)["fund"][2] == "–"
    text = " ".join(answer.notes)
    assert "luck of seeds" in text
    assert "may matter: fund" in text
    assert "samples = 256 (2304 runs on 3 seeds)" in text  # 3 000 runs allow 256 · (1 + 2) · 3


def test_morris_says_what_its_intervals_are_over():
    made = ALL["morris"]()
    assert any("over trajectories and seeds, crossed (3 seeds)" in note for note in answer_of(made).notes)
    assert set(answer_of(made).frame["over"]) == {"trajectories and seeds"}
    made.values.attrs["common"] = False
    assert any("each on seeds of its own" in note for note in answer_of(made).notes)
    one = Designed(**{**made.__dict__, "values": made.values[[0]]})
    assert any("on the one seed that was run" in note for note in answer_of(one).notes) is False
    one.values.attrs["common"] = True
    assert any("on the one seed that was run" in note for note in answer_of(one).notes)


def test_the_next_step_counts_the_runs_of_all_arms():
    """3 000 runs allow 128 · (1 + 2) · 3 · 2: each row is run with the switch on and off."""
    x = morris.sample(problem(True), 6, seed=1)
    each = [{}, {"switches.organizational": 0}]
    made = designed(
        "morris",
        x,
        noise=1e-4,
        groups=GROUPS,
        trajectories=6,
        each=each,
        contrast="switches.organizational: 1 − 0",
    )
    assert "samples = 128 (2304 runs on 3 seeds under 2 arms)" in " ".join(answer_of(made).notes)


def test_sobol_says_how_much_is_owed_to_each_alone():
    answer = answer_of(ALL["sobol"]())
    assert answer.rows[0][0] == "fund.set_aside"
    assert float(rows_of(answer)["fund.set_aside"][0]) == pytest.approx(0.8, abs=0.1)
    assert any("by themselves together" in note for note in answer.notes)


def test_a_sample_says_at_how_many_points_an_effect_is_positive():
    x = latin.sample(problem(), 41, seed=1)
    level = np.arange(41) / 1000 - 0.0094  # -9.4 to 30.6 thousandths: 31 of 41 above 0
    answer = answer_of(designed("latin_hypercube", x, level, contrast="switches.social: 1 − 0", samples=41))
    low = "\N{MINUS SIGN}7.4"
    luck = "over the points, luck included"
    above = f"above 0 at 76 %, 90 % lie from {low} to +28.6, median +10.6"
    assert answer.notes[0] == f"{luck} (Gini × 1000): {above}"
    levels = answer_of(designed("latin_hypercube", x, level + 0.3, samples=41))
    assert levels.notes[0] == f"{luck} (Gini): 90 % lie from 0.293 to 0.329, median 0.311"


def test_changes_name_their_base():
    answer = answer_of(ALL["one_at_a_time"]())
    assert answer.rows == [
        ("fund.set_aside", "1", "+20.0*", "+20.0 to +20.0"),
        ("fund.fee", "1", "+10.0*", "+10.0 to +10.0"),
    ]
    assert answer.notes[0].startswith("base: fund.set_aside = 0")
    at_once = "* told from 0, all 2 at once (Bonferroni); 95 % intervals hold one by one"
    assert answer_of(ALL["timing"]()).notes == ["base: switches.social.off_from = never", at_once]


def test_a_response_says_whether_it_is_monotone():
    answer = answer_of(ALL["villages_in_steps"]())
    assert answer.head[-2:] == ["change, × 1000", "its 95 %"]
    assert answer.notes == [
        "step by step, all at once: rises at every step; the intervals shown hold one by one"
    ]
    assert answer.rows[0][-2:] == ("–", "–")
    assert answer.rows[2][3] == "+50.0"


def test_a_map_is_a_rectangle_and_its_sign_turns():
    answer = answer_of(ALL["effect"]())
    assert answer.head[1:] == ["0", "1"]
    assert [row[0] for row in answer.rows] == ["1", "0.5", "0"]
    assert "Interest joint-points" not in answer.head[0]
    assert "Interest joint-points: 1 − 0" in answer.title
    turns = [note for note in answer.notes if "sign turns" in note]
    assert turns == [
        "whistle.loss = 0.5: the sign turns near Social joint-points = 0.333",
        "whistle.loss = 1: the sign turns near Social joint-points = 0.667",
    ]
    small = designed(
        "grid", GRID, [x / 10 - y / 15 for x, y in GRID], names=TWO, contrast="switches.interest: 1 − 0"
    )
    assert [note for note in answer_of(small).notes if "sign" in note] == [
        "whistle.loss = 0.5: means change sign near Social joint-points = 0.333, but luck may have done it",
        "whistle.loss = 1: means change sign near Social joint-points = 0.667, but luck may have done it",
    ]
    # each of these six points but two leaves out 0 by itself, and of six that is not enough
    alone = (answer_of(small).frame["low"] > 0) | (answer_of(small).frame["high"] < 0)
    stars = [row[1:].count("*") for row in map("".join, answer_of(small).rows)]
    assert (alone.sum(), sum(stars)) == (5, 3)
    level = answer_of(ALL["grid"]())
    assert level.rows[0] == ("1", "0.280", "0.290")
    assert level.notes == []


def test_a_gap_in_a_map_is_no_finding():
    """Five of the six places of a rectangle were run."""
    level = [x / 5 - y / 7.5 for x, y in GRID]
    found = designed("grid", GRID[:5], level[:5], names=TWO, contrast="switches.interest: 1 − 0")
    assert answer_of(found).rows[0] == ("1", "−133.3*", "–")


def test_what_is_the_same_in_all_runs_is_not_put_down_to_one_seed():
    flat = ALL["sobol"]()
    flat.values.loc[:] = 0.25
    notes = answer_of(flat).notes
    assert "the outcome is the same in all runs" in notes
    assert not any("one seed" in note or "together: 0" in note for note in notes)
    lacking = ALL["sobol"]()
    lacking.values.iloc[1:, 0] = np.nan
    assert "fewer than two points have all their runs" in answer_of(lacking).notes


def test_sigma_of_luck_stands_beside_sigma():
    """Luck of .003 in each run, and nothing else: the difference of two means of 3 has √(2/3) of it, over Δ = 2/3."""
    x = morris.sample(problem(), 200, seed=2)
    made = designed("morris", x, np.full(len(x), 0.3), noise=3e-3, trajectories=200)
    (note,) = [note for note in answer_of(made).notes if note.startswith("of luck alone")]
    mu, sigma = (float(word.strip(",;")) for word in note.split() if word[0].isdigit())
    assert sigma == pytest.approx(3 * np.sqrt(2 / 3) * 1.5, abs=0.15)
    assert mu == pytest.approx(sigma * np.sqrt(2 / np.pi), abs=0.1)
    assert [float(row[3]) for row in answer_of(made).rows] == pytest.approx([sigma] * 3, rel=0.15)


def test_points_that_lack_a_run_are_counted():
    found = ALL["villages_in_steps"]()
    found.values.iloc[1, 0] = np.nan
    assert "1 of 3 points lack a run" in answer_of(found).notes


def test_what_fits_no_picture_is_refused():
    with pytest.raises(InputError, match="3 names vary"):
        answer_of(designed("grid", np.eye(3)))
    with pytest.raises(InputError, match="nothing varies"):
        answer_of(designed("list", [[0, 0, 0]]))
    cut = ALL["morris"]()
    part = Designed(**{**cut.__dict__, "x": cut.x.iloc[3:], "values": cut.values.iloc[3:]})
    with pytest.raises(InputError, match="not the 18 of the sample"):
        answer_of(part)
    with pytest.raises(InputError, match="is no number"):
        answer_of(designed("grid", [["rewired", 1.0], [1.0, 0.0]], [0.1, 0.2], names=TWO))


def test_words_are_compared_with_the_first():
    """The other columns may hold words, too, as long as they stay the same."""
    x = [[0.02, "neutral", 1.0], [0.02, "withheld", 1.0]]
    names = ["fund.set_aside", "budget", "switches.social"]
    answer = answer_of(designed("grid", x, [0.30, 0.31], names=names))
    assert answer.rows == [("budget", "withheld", "+10.0*", "+10.0 to +10.0")]
    assert "* the 95 % interval leaves out 0" in answer.notes
    dose = answer_of(designed("grid", [[0.01, "neutral", 1.0], x[0]], [0.30, 0.31], names=names))
    assert dose.rows[1][3] == "+10.0"


@pytest.mark.parametrize("seeds", [1, 3])
def test_shapley_values_of_one_seed_have_no_shares(seeds):
    players = [f"switches.kind.{kind}" for kind in ("grid", "liaison", "project", "volunteer")]
    settings = shapley_design(players, 4).settings()
    level = settings.to_numpy() @ np.array([0.04, 0.03, 0.02, 0.01])
    answer = shapley_answer(designed("list", settings.to_numpy(), level, seeds=seeds, names=players), 4)
    shares = [row[-1] for row in answer.rows]
    assert shares == (["–"] * 5 if seeds == 1 else ["40 %", "30 %", "20 %", "10 %", "100 %"])
    assert any("orders alone" in note for note in answer.notes) is (seeds == 1)
