"""``abm hypotheses`` and ``abm signs`` as a user types them, on small but real runs."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from abm.analysis.contrasts import by_arm, contrast, layer_weights
from abm.analysis.design_results import results_for
from abm.analysis.hypotheses import read_hypotheses
from abm.analysis.judging import find, unit_values
from abm.cli.main import execute
from abm.runs.results import read_results
from tests.end_to_end.small import content_of
from tests.unit.hypothesis_data import GOOD, hypothesis, written
from tests.unit.test_registration import commit, git

pytestmark = pytest.mark.slow

SHIPPED = Path(__file__).resolve().parents[2] / "experiments" / "hypotheses"
SMALL = ("t_district", "--households", "300", "--years", "3", "--set", "scenario.burn_in=0")
EARLY = ("--set", "scenario.switch_year=2015")
FACTORIAL = (*SMALL, *EARLY, "--workers", "1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A factorial with two draws besides, and the levels of another design beside it."""
    made = tmp_path_factory.mktemp("judged")
    words = [*FACTORIAL, "--replications", "1", "--draws", "2", "--out", str(made / "factorial")]
    assert execute(["factorial", *words]) == 0
    for level, more in (("low", ["--strength", "social=0.5@2015"]), ("high", [])):
        for seed in (1, 2):
            out = made / "social_strength" / level / str(seed)
            words = [*SMALL, *EARLY, *more, "--snapshots", "--seed", str(seed), "--out", str(out)]
            assert execute(["run", *words]) == 0
    return made


@pytest.fixture
def claims(tmp_path):
    """The shipped hypotheses where git does not look."""
    return shutil.copytree(SHIPPED, tmp_path / "claims")


# --- abm hypotheses --------------------------------------------------------------------------------------


def test_every_shipped_hypothesis_is_judged_or_said_to_lack_results(abm, here, folder, claims):
    before = content_of(folder)
    said = abm("hypotheses", folder, "--hypotheses", claims, "--out", "v/verdicts.csv")
    assert said.code == 0, said.err
    assert said.err.startswith("abm: git does not hold H1, H2, H3, H4, H7, R1")
    assert content_of(folder) == before
    rows = pd.read_csv(here / "v" / "verdicts.csv")
    assert set(rows.id) == {path.stem for path in SHIPPED.glob("*.toml")}
    elsewhere = set(rows.id[rows.design != "factorial"])
    assert elsewhere == {"H5", "H6", "H6a", "H8", "R2", "R3"}
    assert set(rows.verdict[rows.id.isin(elsewhere)]) == {"no results"}
    assert "no results for the design 'three_villages'" in " ".join(rows.verdict_note.dropna())
    judged = rows[~rows.id.isin(elsewhere) & rows.test_verdict.ne("no results")]
    assert set(judged.unit) == {"draws"}
    assert set(judged.n) == {2}
    assert ((judged.low <= judged.estimate) & (judged.estimate <= judged.high)).all()
    undecided = judged[judged.test_verdict == "undecided"]
    assert len(undecided)
    assert (undecided.needed > 0).all()


def test_numbers_are_those_of_the_contrasts(abm, here, folder, claims):
    words = ("--hypotheses", claims, "--only", "H7", "--out", "v.csv")
    assert abm("hypotheses", folder / "factorial", *words).code == 0
    row = pd.read_csv(here / "v.csv").set_index("measure").loc["gini"]
    outcomes = read_results(folder / "factorial").outcomes
    drawn = outcomes[outcomes.draw > 0]
    values = by_arm(drawn, "gini", (2015, 2016), "rural")
    found = contrast(values, layer_weights("all"))
    assert row.population == "rural"
    assert row.code == read_results(folder / "factorial").manifest["environment"]["code"]
    assert row.verdict_note == "provisional: 2 draws of at least 16"
    assert (row.estimate, row.low, row.high) == pytest.approx((found.mean, found.low, found.high))


def test_without_draws_the_interval_is_over_seeds(abm, here, claims):
    assert abm("factorial", *FACTORIAL, "--replications", "2", "--out", "f").code == 0
    assert abm("hypotheses", "f", "--hypotheses", claims, "--out", "v.csv").code == 0
    rows = pd.read_csv(here / "v.csv").dropna(subset="estimate")
    assert set(zip(rows.unit, rows.n, strict=True)) == {("seeds", 2)}


def test_in_chinese(abm, folder, claims):
    said = abm("hypotheses", folder, "--hypotheses", claims, "--lang", "zh", "--only", "H4", "--only", "H5")
    assert said.code == 0
    for word in ("结论", "95 % 区间", "融合大于部分之和", "以元计的超可加性", "无结果"):
        assert word in said.out
    assert "verdict" not in said.out


def test_results_older_than_the_file_are_refused(abm, here, folder):
    repository = here / "repository"
    repository.mkdir()
    git(repository, "init", "-q")
    notes = sorted((folder / "factorial" / "runs").glob("*.json"))
    first = int(min(note.stat().st_mtime for note in notes))
    words = ("hypotheses", folder, "--hypotheses", repository / "claims", "--out", "v.csv")
    commit(repository, GOOD, first - 10)
    said = abm(*words)
    assert (said.code, said.err) == (0, "")
    (here / "v.csv").unlink()
    commit(repository, GOOD.replace("sesoi = 100.0", "sesoi = 90.0"), first + 10)
    said = abm(*words)
    assert said.code == 2
    assert "H1.toml: says what it says since" in said.err
    assert said.err.count("\n") == 1
    assert not (here / "v.csv").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--lang", "fr"), "--lang: there is no 'fr'"),
        (("--only", "H99"), "--only: there is no hypothesis 'H99'"),
        (("--hypotheses", "nowhere"), "nowhere: --hypotheses: there is no such folder"),
        (("--out", "verdicts.txt"), "--out: is no CSV file"),
    ],
)
def test_bad_words(abm, here, folder, claims, words, says):
    given = words if words[0] == "--hypotheses" else (*words, "--hypotheses", claims)
    said = abm("hypotheses", folder, *given)
    assert (said.code, said.out) == (2, "")
    assert says in said.err


def test_a_folder_without_results_or_of_something_else(abm, here, folder, claims):
    said = abm("hypotheses", "nowhere", "--hypotheses", claims)
    assert (said.code, said.out) == (2, "")
    assert "nowhere: there is no such folder" in said.err
    single = folder / "social_strength" / "high" / "1"
    said = abm("hypotheses", single, "--hypotheses", claims, "--only", "H1")
    assert said.code == 0
    assert "was made by 'abm run'" in " ".join(said.out.split())
    other = written(here / "other", GOOD.replace('scenario = "t_district"', 'scenario = "elsewhere"'))
    said = abm("hypotheses", folder, "--hypotheses", other.parent)
    assert "they are of the scenario 't_district'" in " ".join(said.out.replace("│", " ").split())


# --- other designs and other tables ------------------------------------------------------------------------

LEVELS = '\n[design]\nname = "social_strength"\nlevels = ["low", "high"]\nhow = "by hand"\n'


def of_levels(place, table, measure, row):
    """The contrast high − low of one cell by seed, and the results that it is made of."""
    text = GOOD.replace('"effect(I)"', f'{{ "{row}high" = 1.0, "{row}low" = -1.0 }}')
    text = text.replace('measure = "mean_income"', f'table = "{table}"\nmeasure = "{measure}"')
    cut = text.index("\n[[tests]]")
    written(place / "claims", text[:cut] + LEVELS + text[cut:])
    return read_hypotheses(place / "claims")[0]


@pytest.mark.parametrize(
    ("table", "measure", "row", "by_hand"),
    [
        ("outcomes", "mean_trust", "", lambda r: r.outcomes.query("population == 'all'").mean_trust),
        ("villages", "mean_income", "BQ: ", lambda r: r.villages.query("village == 'BQ'").mean_income),
        ("fifths", "income", "1: ", lambda r: r.fifths.query("population == 'all' and fifth == 1").income),
    ],
)
def test_levels_of_another_design(here, folder, table, measure, row, by_hand):
    read = of_levels(here, table, measure, row)
    results, missing = results_for(read, folder)
    assert missing == ""
    test, frame = read.tests[0], results.table(table, "all")
    within = unit_values(frame, test, read.weights(test), results.last_years(2))
    assert results.last_years(2) == (2015, 2016)
    expected = {}
    for level in ("high", "low"):
        for seed in (1, 2):
            part = read_results(folder / "social_strength" / level / str(seed))
            values = by_hand(part)
            years = (
                part.outcomes.loc[values.index, "year"] if table == "outcomes" else getattr(part, table).year
            )
            expected[level, seed] = values[years.reindex(values.index) >= 2015].mean()
    gaps = [expected["high", seed] - expected["low", seed] for seed in (1, 2)]
    assert any(gaps)
    assert within.to_list() == pytest.approx(gaps)
    assert find(test, within).estimate.mean == pytest.approx(np.mean(gaps))


def test_flows_are_yuan_a_head_and_nothing_counts_as_nothing(here, folder):
    read = of_levels(here, "flows", "amount_per_head", "mutual_aid: ")
    results, _ = results_for(read, folder)
    flows = results.table("flows")
    part = read_results(folder / "social_strength" / "high" / "1")
    persons = part.outcomes.query("population == 'all'").set_index("year").persons
    pensions = part.flows.query("kind == 'pension'").groupby("year").amount.sum() / persons
    mine = flows[(flows.arm == "high") & (flows.seed == 1)].set_index(["row", "year"]).amount_per_head
    assert mine["pension"].to_list() == pytest.approx(pensions.to_list())
    counts = flows.groupby("row").size()
    assert counts.nunique() == 1  # every kind has a row in every run and year
    assert (flows.amount_per_head == 0).any()


def test_dibao_among_the_poorest_by_party_membership(here, folder):
    read = of_levels(here, "households", "dibao", "member: ")
    results, _ = results_for(read, folder)
    frame = results.table("households")
    found = frame[(frame.arm == "high") & (frame.seed == 1) & (frame.year == 2016)].set_index("row").dibao
    people = read_results(folder / "social_strength" / "high" / "1").households.query(
        "year == 2016 and persons > 0 and registered"
    )
    people = people.assign(before=(people.income - people.income_transfer) / people.persons).sort_values(
        "before"
    )
    least = 0.4 * people.persons.sum()
    poor = people[people.persons.cumsum() <= least]
    middle = (people.persons.cumsum() - people.persons / 2)[poor.index]
    shares = {"member": 0.0, "other": 0.0}
    members = 0
    for _, band in poor.groupby((10 * middle / least).astype(int)):
        mine, others = band[band.party_member], band[~band.party_member]
        if len(mine) and len(others):
            weight = mine.persons.sum()
            members += weight
            shares["member"] += weight * np.average(mine.dibao, weights=mine.persons)
            shares["other"] += weight * np.average(others.dibao, weights=others.persons)
    for row, share in shares.items():
        assert found[row] == pytest.approx(share / members)
    assert 0 < found["other"] < 1


def test_parts_that_differ_in_more_than_their_level_are_not_compared(abm, here, folder):
    read = of_levels(here, "outcomes", "mean_trust", "")
    place = shutil.copytree(folder / "social_strength", here / "r" / "social_strength").parent
    assert results_for(read, place)[1] == ""
    file = place / "social_strength" / "high" / "2" / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8"))
    for key, says in (
        ("households", "households 300 in"),
        ("years", "years 3 in"),
        ("replications", "replications 1 in"),
    ):
        file.write_text(json.dumps({**manifest, key: 400}), encoding="utf-8")
        results, missing = results_for(read, place)
        assert results is None
        assert says in missing
        assert "400 in" in missing
    file.write_text(json.dumps({**manifest, "environment": {**manifest["environment"], "code": "0" * 64}}))
    assert "code " in results_for(read, place)[1]


def test_a_level_that_is_missing_is_named(here, folder):
    text = GOOD.replace('"effect(I)"', "{ high = 1.0, higher = -1.0 }")
    cut = text.index("\n[[tests]]")
    written(here, text[:cut] + LEVELS.replace('"low"', '"higher"') + text[cut:])
    results, missing = results_for(read_hypotheses(here)[0], folder)
    assert results is None
    assert (
        missing
        == f"no results for the design 'social_strength' in {folder}: social_strength/higher/ is missing"
    )


def test_a_factorial_may_lie_in_a_folder_of_its_name(here, folder):
    read = hypothesis(here)
    inside, _ = results_for(read, folder)
    itself, _ = results_for(read, folder / "factorial")
    assert inside.folders == itself.folders


# --- abm signs -----------------------------------------------------------------------------------------------


def test_signs(abm, here, folder):
    said = abm("signs", folder / "factorial", "--out", "signs.csv")
    assert said.code == 0, said.err
    assert "2015 to 2016" in said.out
    table = pd.read_csv(here / "signs.csv")
    assert len(table) == 9
    assert set(table.draws) == {2}
    assert ((table.raises + table.lowers) <= 1 + 1e-12).all()
    outcomes = read_results(folder / "factorial").outcomes
    effect = by_arm(outcomes[outcomes.draw > 0], "gini", (2015, 2016))
    gap = (effect["OIS"] - effect["OI"]).groupby("draw").mean()
    row = table[(table.measure == "gini") & (table.layer == "social")].iloc[0]
    assert row.raises == pytest.approx((gap > 0).mean())
    assert row.lowers == pytest.approx((gap < 0).mean())


def test_signs_need_a_factorial_with_draws(abm, here, folder, small_factorial):
    said = abm("signs", small_factorial)
    assert (said.code, said.out) == (2, "")
    assert "holds no draws of the parameters; run 'abm factorial' with --draws K" in said.err
    said = abm("signs", folder / "social_strength" / "high" / "1")
    assert said.code == 2
    assert "is no factorial" in said.err
    said = abm("signs", folder / "factorial", "--population", "poor")
    assert (said.code, "--population: there is no 'poor'" in said.err) == (2, True)


def test_the_shipped_hypotheses_are_the_default(abm, here, folder):
    """Found from the current folder first: a user's own experiments/hypotheses."""
    written(here / "experiments" / "hypotheses")
    said = abm("hypotheses", folder)
    assert said.code == 0, said.err
    assert "Interest joint-points raise the mean." in said.out
