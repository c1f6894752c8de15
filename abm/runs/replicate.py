"""Replication: rerun what somebody published and compare, to the last bit and then within a tolerance."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from abm.core.errors import DamageError, InputError
from abm.model.environment import environment
from abm.records import store
from abm.records.schema import TABLES
from abm.runs.batch import run_batch
from abm.runs.checking import check_tables, digest_of, markers_of
from abm.runs.design import RunSpec, check_number
from abm.runs.differences import Cell, Unlike, compared, unlike
from abm.runs.digest import read_table
from abm.runs.manifest import read_manifest
from abm.runs.rebuild import own_code, specs_of
from abm.runs.unpack import Opened, check_name, opened_pack

TOLERANCE = 1e-9
Verdict = Literal["equal", "within tolerance", "differs"]


@dataclass(frozen=True)
class Difference:
    """The first difference of a replication: which run, which table, and where in it.

    ``where`` is None where digests alone could be compared, or where the new run has no such table; ``published``
    and ``now`` are the two digests, None for a table that is not there.
    """

    run_id: str
    arm: str
    seed: int
    draw: int
    table: str
    where: Cell | None
    published: str
    now: str | None


@dataclass(frozen=True)
class Replication:
    """What became of a replication.

    Args:
        verdict: ``equal`` (all digests), ``within tolerance``, or ``differs``.
        compared: how many runs were compared, of the ``runs`` that were published.
        before: how many of these lay in ``out`` already, from a replication that was stopped.
        differing: how many of them differ beyond the tolerance or failed.
        tolerance: the relative tolerance.
        largest: the largest relative difference within it; 0 where all digests are equal.
        difference: the first difference beyond it.
        failures: runs that failed when they were rerun, with what went wrong.
        environment: what is not here as it was there.
        tables: False where the pack has digests alone.
    """

    verdict: Verdict
    compared: int
    before: int
    runs: int
    differing: int
    tolerance: float
    largest: float
    difference: Difference | None
    failures: Mapping[str, str]
    environment: tuple[Unlike, ...]
    tables: bool


def replicate(
    source: str | Path,
    *,
    sample: int | None = None,
    tolerance: float = TOLERANCE,
    workers: int | None = None,
    out: str | Path | None = None,
    allow_code: bool = False,
    cache: bool = True,
    progress: bool = False,
) -> Replication:
    """Rerun a pack or a results folder and compare.

    Checksums come first. Nothing of the pack is run as a program unless ``allow_code`` says so, and nothing is
    written outside a temporary folder, ``out``, and the cache of burn-ins.

    Args:
        source: a pack (zip or folder), or a results folder.
        sample: how many runs to repeat, spread over the arms, always the same ones; None: all.
        tolerance: relative tolerance for numbers, 0 or more.
        workers: processes of this machine; 1: this process; None: one per core.
        out: folder that keeps the new results; None: they go. A replication that was stopped goes on there.
        allow_code: whether mechanisms of the study's own may be imported.
        cache: keep burn-ins and use those that are kept; the results are the same.
        progress: whether to show a progress bar on stderr.

    Raises:
        InputError: no pack, one that is not safe to open, one that cannot be rerun by this version, one with own
            mechanisms that are not allowed, or an ``out`` that holds all runs, so that none would be rerun.
        DamageError: a file is missing, damaged or altered.
    """
    if sample is not None:
        check_number(sample, 1, "--sample")
    if not (isfinite(tolerance) and tolerance >= 0):
        raise InputError(f"cannot be {tolerance}", key="--tolerance", mend="give a number of 0 or more")
    _check_out(out, Path(source))
    with opened_pack(Path(source)) as opened:
        manifest = _manifest(opened)
        markers = markers_of(opened.results, manifest)
        if opened.is_pack:
            _check_texts(opened, manifest)
        with own_code(manifest) if allow_code else nullcontext():
            file = Path(opened.name) / store.MANIFEST
            specs = [s for s in specs_of(manifest, file, allow_code=allow_code) if s.run_id in markers]
            if not specs:
                raise InputError("has no finished run", file=opened.name, mend="get a complete one")
            chosen = sampled(specs, sample)
            tables = not opened.is_pack or any((opened.results / name).is_dir() for name in TABLES)
            if tables:  # a pack's files have been checked already, each by its SHA-256
                runs = chosen if opened.is_pack else specs
                check_tables(opened.results, markers, [spec.run_id for spec in runs])
            again = run_batch(
                [replace(spec, cache=cache) for spec in chosen],
                command=str(manifest.get("command")),
                seed=chosen[0].seed,
                workers=workers,
                out=out,
                progress=progress,
            )
            failures = dict(again.failures)
            before = len(chosen) - (again.ran or 0) - len(failures)
            if before == len(chosen):  # such as the published results themselves
                mend = "name a new folder"
                raise InputError(
                    "holds these runs already, and none was rerun", file=out, key="--out", mend=mend
                )
            done = [spec for spec in chosen if spec.run_id not in failures]
            old = opened.results if tables else None
            found = [_compared(spec, markers[spec.run_id], old, again.folder, tolerance) for spec in done]
            first = next((difference for difference, _ in found if difference is not None), None)
            about = markers[first.run_id if first else chosen[0].run_id].get("environment")
            return Replication(
                verdict=_verdict(found, failures),
                compared=len(chosen),
                before=before,
                runs=len(specs),
                differing=sum(difference is not None for difference, _ in found) + len(failures),
                tolerance=tolerance,
                largest=max((size for _, size in found if size is not None), default=0.0),
                difference=first,
                failures=failures,
                environment=unlike(about if isinstance(about, dict) else {}, environment(chosen[0].scenario)),
                tables=tables,
            )


def sampled(specs: Sequence[RunSpec], count: int | None) -> list[RunSpec]:
    """Some of the runs, spread over the arms, always the same ones; in their own order.

    Each round takes one run of every arm; within an arm the order is that of the runs' ids, which are hashes. A
    round that has fewer runs left than arms takes arms at even distances.
    """
    if count is None or count >= len(specs):
        return list(specs)
    groups: dict[tuple[object, ...], list[RunSpec]] = {}
    for spec in specs:
        arm = (spec.arm.name, spec.question, spec.budget, spec.arm.from_year, spec.arm.years)
        groups.setdefault(arm, []).append(spec)
    waiting = [sorted(group, key=lambda spec: spec.run_id) for group in groups.values()]
    taken: set[str] = set()
    while len(taken) < count:
        waiting = [group for group in waiting if group]
        here = min(count - len(taken), len(waiting))
        for i in range(here):
            taken.add(waiting[i * len(waiting) // here].pop(0).run_id)
    return [spec for spec in specs if spec.run_id in taken]


def _check_out(out: str | Path | None, source: Path) -> None:
    if out is not None and (
        Path(out).resolve().is_relative_to(source.resolve())
        or source.resolve().is_relative_to(Path(out).resolve())
    ):
        mend = "name a new folder elsewhere"
        raise InputError("is where the published results lie", file=out, key="--out", mend=mend)


def _manifest(opened: Opened) -> dict[str, Any]:
    try:
        return read_manifest(opened.results)
    except (InputError, RecursionError) as error:
        if isinstance(error, InputError) and error.problem != "is damaged":
            raise
        raise DamageError(f"{opened.name}: {store.MANIFEST}: is damaged") from None


def _check_texts(opened: Opened, manifest: Mapping[str, Any]) -> None:
    """The scenario and the code that lie open in a pack are those that the manifest keeps and the runs are made of."""
    sources = manifest.get("sources") or {}
    try:
        texts = {f"scenario/{name}": text for name, text in sources.get("texts", {}).items()}
        texts |= {f"code/{kept['file']}": kept["text"] for kept in sources.get("code", {}).values()}
        for name, text in texts.items():
            path = opened.results.parent / name
            if check_name(name) or not path.is_file() or path.read_bytes() != text.encode():
                raise DamageError(
                    f"{opened.name}: {name}: is not what {store.MANIFEST} says the runs were made of"
                )
    except (AttributeError, KeyError, TypeError):
        raise DamageError(f"{opened.name}: {store.MANIFEST}: is damaged") from None


def _verdict(found: Sequence[tuple[Difference | None, float | None]], failures: Mapping[str, str]) -> Verdict:
    if failures or any(difference is not None for difference, _ in found):
        return "differs"
    return "within tolerance" if any(size is not None for _, size in found) else "equal"


def _compared(
    spec: RunSpec, marker: Mapping[str, Any], old: Path | None, new: Path, tolerance: float
) -> tuple[Difference | None, float | None]:
    """The first difference of a run, and the largest within the tolerance; None where its digests are equal.

    Tables that were not published are not looked at.

    Args:
        old: the published tables; None: there are digests alone.
    """
    published, now = marker["digests"], {}
    for table in published:
        path = new / table / f"{spec.run_id}.parquet"
        if table in TABLES and path.is_file():
            now[table] = digest_of(path, table)
    apart = [table for table in published if published[table] != now.get(table)]
    if not apart:
        return None, None
    largest, found = 0.0, []
    for table in apart:
        difference = Difference(
            run_id=spec.run_id,
            arm=spec.arm.name,
            seed=spec.seed,
            draw=spec.draw,
            table=table,
            where=None,
            published=published[table],
            now=now.get(table),
        )
        if old is None or table not in now:
            found.append(difference)
            continue
        name = f"{spec.run_id}.parquet"
        cell, size = compared(
            table, read_table(old / table / name), read_table(new / table / name), tolerance
        )
        largest = max(largest, size)
        if cell is not None:
            found.append(replace(difference, where=cell))
    return min(found, key=_year, default=None), largest


def _year(difference: Difference) -> int:
    return (difference.where.year or 0) if difference.where is not None else 0
