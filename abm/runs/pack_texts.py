"""Texts of a pack: what its README says, and the versions that its runs had."""

import re
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, entry_points, requires, version
from pathlib import Path
from typing import Any

import abm
from abm.model.environment import PACKAGES

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def versions_of(manifest: Mapping[str, Any]) -> bytes:
    """``name==version`` of all libraries that the runs stood on.

    Those that decide a last bit are as the runs had them; the others, which the manifest does not name, as they are
    installed now.
    """
    used = manifest["environment"]
    found = _installed()
    found |= {_plain(name): used[name] for name in PACKAGES if name in used}
    for mechanism in manifest["scenario"]["mechanisms"]:
        for entry in entry_points(group="abm.mechanisms"):
            if entry.name == mechanism and entry.dist is not None:
                found[_plain(entry.dist.name)] = entry.dist.version
    head = f"# Python {used['python']} ({used['implementation']}), jiedian {manifest['version']}\n"
    return (head + "".join(f"{name}=={found[name]}\n" for name in sorted(found))).encode()


def lock_of(manifest: Mapping[str, Any]) -> bytes | None:
    """The lock, with hashes, for the Python of the runs; None where there is none or the runs had other versions."""
    used = manifest["environment"]
    series = "".join(str(used["python"]).split(".")[:2])
    path = Path(abm.__file__).resolve().parents[1] / "locks" / f"py{series}.txt"
    if not path.is_file():
        return None
    text = path.read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE))
    same = all(locked.get(name) == used.get(name) for name in PACKAGES)
    return text.encode() if same else None


def readme(manifest: Mapping[str, Any], runs: int, tables: bool, files: Sequence[str]) -> bytes:
    """What the pack is and how to repeat it."""
    scenario, used = manifest["scenario"], manifest["environment"]
    title = f"{scenario['title']} {scenario['title_zh']}".strip()
    size = f"{manifest['households']} households" if manifest["households"] else "households at full size"
    python = ".".join(str(used["python"]).split(".")[:2])
    own = sorted(name for name in files if name.startswith("code/"))
    lock = "environment/lock.txt" in files
    arms, seeds = _counted(len(manifest["arms"]), "arm"), _counted(manifest["replications"], "seed")
    counts = f"{_counted(runs, 'run')} in {arms}, {seeds}"
    lines = [
        f"# {title}",
        "",
        f"Results of `abm {manifest['command']}` with the scenario `{scenario['name']}`: {counts}, {size}, "
        f"{_counted(manifest['years'], 'year')} from {scenario['start_year']}. Made with abm (the distribution "
        f"jiedian) {manifest['version']}.",
        "",
        "## How to repeat it",
        "",
        f"1. Install Python {python} and "
        + (
            "the versions of `environment/lock.txt`: `pip install --require-hashes -r environment/lock.txt`."
            if lock
            else "the versions of `environment/versions.txt`: `pip install -r environment/versions.txt`."
        ),
        f"2. Install jiedian {manifest['version']}; other code may give other numbers, and the comparison says so.",
        "3. Run `abm replicate PACK`, PACK being this zip or this folder. `--sample 8` repeats eight runs, spread "
        "over the arms; `--workers 4` uses four processes.",
        "",
        "It says that the results are equal to the last bit, or equal within a tolerance, or names the first run, "
        "year, table and column that differ, and what differs between the two machines. Equal versions on a processor "
        "with the same features give equal bits.",
        "",
        "## What is in it",
        "",
        "| | |",
        "|---|---|",
        "| `scenario/` | the scenario file, what it extends, and its data |",
        "| `results/manifest.json` | every run in full, the digest of each table, and the environment |",
        "| `results/runs/` | for each run the digest of each of its tables |",
        *(
            ["| `results/outcomes/` and so on | the tables, one Parquet file a run |"]
            if tables
            else ["| no tables | they were left out; `abm replicate` compares digests alone |"]
        ),
        *([f"| `code/` | the study's own mechanisms: {', '.join(own)} |"] if own else []),
        *(["| `experiment/` | the design |"] if any(f.startswith("experiment/") for f in files) else []),
        "| `environment/` | versions of the libraries |",
        "| `ro-crate-metadata.json` | authors, licence, software and files, for archives (RO-Crate 1.2) |",
        "| `checksums.sha256` | for `sha256sum --check checksums.sha256` |",
        "",
        "`abm report results` makes a page of the results; any program that reads Parquet reads the tables.",
    ]
    if own:
        lines += [
            "",
            "The study has rules of its own. They are programs: read `code/` first, and if you trust it add "
            "`--allow-code` to `abm replicate`. Only the files that hold the rules are here, not what they import.",
        ]
    failed = manifest["failures"]
    if failed:
        lines += [
            "",
            f"Without results, since they failed: {_counted(len(failed), 'run')}; `results/manifest.json` says why.",
        ]
    return ("\n".join(lines) + "\n").encode()


def _installed() -> dict[str, str]:
    """Versions of this distribution's dependencies, theirs included, as far as they are installed."""
    found: dict[str, str] = {}
    waiting = ["jiedian"]
    while waiting:
        name = waiting.pop()
        try:
            if name != "jiedian":
                found[name] = version(name)
            needed = requires(name) or []
        except PackageNotFoundError:
            continue
        for text in needed:
            match = _NAME.match(text)
            if match and "extra ==" not in text and _plain(match.group()) not in found:
                waiting.append(_plain(match.group()))
    return found


def _plain(name: str) -> str:
    """A distribution's name in the one form that all its spellings share."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
