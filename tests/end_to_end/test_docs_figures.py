"""What the studies' pages say is what their tables hold, and the Chinese page says what the English one says."""

import re
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from scipy import stats

ROOT = Path(__file__).resolve().parents[2]
STUDIES = ROOT / "experiments"
JOINT_POINTS, HYPOTHESES = STUDIES / "joint_points", STUDIES / "hypotheses"
LAYERS = ("organizational", "interest", "social")


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


# --- tables and the pages that hold them ------------------------------------------------------------------


def test_the_table_of_effects_has_one_unit() -> None:
    """An interval is so many standard errors to either side, and lies in that without pairing."""
    table = pd.read_csv(JOINT_POINTS / "effects.csv")
    half = stats.t.ppf(0.975, table.n - 1) * table.se
    assert ((table.high - table["mean"]) / half).to_numpy() == pytest.approx(1.0, rel=1e-4)
    assert ((table["mean"] - table.low) / half).to_numpy() == pytest.approx(1.0, rel=1e-4)
    middle = (table.unpaired_low + table.unpaired_high) / 2.0
    assert middle.to_numpy() == pytest.approx(table["mean"].to_numpy(), rel=1e-3, abs=1e-3)


def script(name: str) -> ModuleType:
    """A script of the study of the joint-points."""
    spec = spec_from_file_location(f"{name}_of_joint_points", JOINT_POINTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_page_of_the_joint_points_holds_its_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(JOINT_POINTS))  # where one script finds the other
    for name, maker in {"effects": "tables", "kinds": "kinds", "jobs": "jobs"}.items():
        table = script(maker).as_markdown(pd.read_csv(JOINT_POINTS / f"{name}.csv"))
        assert table == text_of(JOINT_POINTS / f"{name}.md")
        assert table in text_of(JOINT_POINTS / "README.md")


@pytest.mark.parametrize(
    ("name", "said"), [("programme", "programme, neutral"), ("withheld", "cut, withheld")]
)
def test_the_page_of_the_joint_points_holds_the_other_comparisons(name: str, said: str) -> None:
    table = text_of(JOINT_POINTS / f"{name}.md")
    assert script("tables").as_markdown(pd.read_csv(JOINT_POINTS / f"{name}.csv")) == table
    rows = [
        line.replace("| rural", f"| {said}: rural", 1) for line in table.splitlines() if "| rural" in line
    ]
    assert len(rows) == 3
    assert "\n".join(rows) in text_of(JOINT_POINTS / "README.md")


def test_the_page_of_the_joint_points_gives_the_p_of_its_kinds() -> None:
    """Holm's step-down, done once more: the smallest p times 45, the next times 44 and so on, never falling."""
    table = pd.read_csv(JOINT_POINTS / "kinds.csv").sort_values("p")
    assert len(table) == 45
    stepped = [min(1.0, p * (45 - place)) for place, p in enumerate(table.p)]
    assert table.p_holm.to_list() == pytest.approx([max(stepped[: k + 1]) for k in range(45)], rel=1e-4)


def test_the_page_of_the_joint_points_holds_the_signs() -> None:
    signs = pd.read_csv(JOINT_POINTS / "signs_rural.csv").set_index(["measure", "layer"])
    names = {"gini": "rural Gini", "headcount_anchored_60": "rural poor", "mean_income": "rural mean"}
    for measure, name in names.items():
        shares = [
            f"{100 * row.raises:.0f} % ({100 * row.raises_low:.0f}–{100 * row.raises_high:.0f})"
            for row in (signs.loc[(measure, layer)] for layer in LAYERS)
        ]
        assert f"| {name} | {' | '.join(shares)} |" in text_of(JOINT_POINTS / "README.md")


def test_the_page_of_the_searching_holds_its_table() -> None:
    assert text_of(STUDIES / "searching" / "effects.md") in text_of(STUDIES / "searching" / "README.md")


@pytest.mark.parametrize("name", ["sizes", "breaks", "demography", "by_size"])
def test_the_page_of_the_economy_holds_its_tables(name: str) -> None:
    assert text_of(STUDIES / "economy" / f"{name}.md").strip() in text_of(STUDIES / "economy" / "README.md")


def test_the_page_of_the_claims_says_the_verdicts() -> None:
    table = pd.read_csv(HYPOTHESES / "verdicts.csv").groupby("id").verdict.first()
    rows = re.findall(
        r"^\| ([HR]\d\w?) .*? \| \**(\w+)\** \|", text_of(HYPOTHESES / "README.md"), re.MULTILINE
    )
    assert dict(rows) == table.to_dict()
    assert len(rows) == len(list(HYPOTHESES.glob("[HR]*.toml")))


def test_no_study_names_a_folder_of_the_machine_that_ran_it() -> None:
    files = [f for f in STUDIES.rglob("*") if f.suffix in (".csv", ".md", ".toml", ".txt")]
    assert len(files) > 20
    assert [f.name for f in files if re.search(r"(?<![\w.])/(tmp|home|root|work)/", text_of(f))] == []


# --- two languages ----------------------------------------------------------------------------------------

SECTIONS = {
    "What came out": "结果如何",
    "What surprised us": "我们没有料到的",
    "What the model cannot say": "模型说不了的",
}


def section(name: str, heading: str) -> str:
    found = re.search(
        rf"^## {heading}\n(.*?)(?=^## |\Z)", text_of(ROOT / "docs" / name), re.MULTILINE | re.DOTALL
    )
    assert found
    return found[1]


def numbers(text: str) -> Counter[float]:
    return Counter(float(number) for number in re.findall(r"\d*\.?\d+", re.sub(r"\]\(.*?\)", "]", text)))


@pytest.mark.parametrize("heading", SECTIONS)
def test_both_languages_give_the_same_numbers(heading: str) -> None:
    english, chinese = section("t_district.md", heading), section("t_district.zh.md", SECTIONS[heading])
    assert numbers(english) == numbers(chinese)
    assert english.count("**") == chinese.count("**")
    assert heading != "What came out" or numbers(english).total() > 20


def test_the_page_of_t_district_gives_the_effects_of_the_table() -> None:
    table = pd.read_csv(JOINT_POINTS / "effects.csv").query(
        "population == 'rural' and measure == 'mean_income'"
    )
    said = section("t_district.md", "What came out")
    for layer, form in {
        "all": "+{:.0f} yuan; {:.0f}, {:.0f}",
        "social": "{:.0f} yuan; {:.0f}, {:.0f}",
    }.items():
        row = table.set_index("layer").loc[layer]
        assert f"({form.format(row['mean'], row.low, row.high)})".replace("-", "−") in said
