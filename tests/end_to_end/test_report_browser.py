"""The report page in a real browser: its elements are there, and something is seen."""

import os
import shutil
import subprocess

import numpy as np
import pytest
from matplotlib.image import imread

from abm.reports.drawing import COLOURS
from abm.reports.language import LANGUAGES
from abm.reports.page import write_report
from tests.unit.reports_data import factorial, with_distribution

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # a page that needs the network would show it
]
WIDTH, HEIGHT = 1280, 6000


@pytest.fixture(scope="module")
def browser():
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        message = "there is no chromium on the path; install it: apt-get install chromium"
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The page in both languages."""
    folder, results = tmp_path_factory.mktemp("results"), with_distribution(factorial(seeds=3))
    return {lang: write_report(results, folder, lang) for lang in LANGUAGES}


def opened(browser, report, profile, *options):
    """What the browser prints."""
    command = [browser, *FLAGS, f"--user-data-dir={profile}", f"--window-size={WIDTH},{HEIGHT}", *options]
    done = subprocess.run([*command, report.as_uri()], capture_output=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")[-2000:]
    return done.stdout.decode("utf-8")


WORDS = {
    "en": (
        "What is found",
        "Effect of each layer",
        "Who gains, who loses when joint-points are cut",
        "Money: who pays whom",
        "The joint-point graph",
        "The eight arms",
        "All checks hold.",
        "What is only assumed",
        "组织接点",
        "利益接点",
        "社会接点",
        ">organizational cut</text>",  # text in pictures stays text
        ">Poorest fifth</text>",
    ),
    "zh": (
        "发现",
        "各类接点的作用",
        "断开接点，谁得谁失",
        "资金：谁付给谁",
        "接点图",
        "八个方案",
        "全部检验成立。",
        "仅为假定的部分",
        ">断开组织接点</text>",
        ">最低五分之一</text>",
    ),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_browser_reads_the_page(browser, reports, lang, tmp_path):
    dom = opened(browser, reports[lang], tmp_path, "--dump-dom")
    assert dom.count("<svg") == 10
    assert dom.count("<figcaption") == 10
    for text in WORDS[lang]:
        assert text in dom


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_seen(browser, reports, lang, tmp_path):
    picture = tmp_path / "page.png"
    opened(browser, reports[lang], tmp_path / "profile", f"--screenshot={picture}")
    pixels = imread(picture)[:, :, :3]
    assert pixels.shape[:2] == (HEIGHT, WIDTH)
    inked = (pixels < 0.97).any(axis=2)
    assert 0.02 < inked.mean() < 0.5
    assert inked.any(axis=1).mean() > 0.5, "there is ink from top to bottom"
    for layer in ("organizational", "interest", "social"):
        colour = [int(COLOURS[layer][i : i + 2], 16) / 255 for i in (1, 3, 5)]
        seen = (np.abs(pixels - colour) < 0.02).all(axis=2).sum()
        assert seen > 200, f"the colour of the {layer} layer is seen in the pictures"
