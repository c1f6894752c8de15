"""What ``abm replicate`` says about a replication."""

from abm.runs.replicate import Difference, Replication


def lines_of(done: Replication) -> list[str]:
    """The verdict in one line, and what else there is to say in others."""
    lines = _verdict(done)
    if done.before:
        lines.append(
            f"{done.before} of them lay in the folder of the new results already, and were not repeated now"
        )
    return lines


def _verdict(done: Replication) -> list[str]:
    some = f"{done.compared} of {done.runs} runs were repeated"
    every = f"all {done.runs} runs were repeated" if done.runs > 1 else "the run was repeated"
    head = f"{done.verdict}: {every if done.compared == done.runs else some}"
    if done.verdict == "equal":
        return [f"{head}, and all digests are equal"]
    if done.verdict == "within tolerance":
        return [
            f"{head}; the largest relative difference is {done.largest:.2g} (tolerance {done.tolerance:g})"
        ]
    lines = [f"{head}, and {done.differing} of them differ (tolerance {done.tolerance:g})"]
    if done.difference is not None:
        lines.append(f"first difference: {_said(done.difference)}")
    lines += [f"failed here: run {run}: {message}" for run, message in list(done.failures.items())[:5]]
    return lines


def _said(one: Difference) -> str:
    drawn = f", draw {one.draw}" if one.draw else ""
    head = f"run {one.run_id} (arm {one.arm}, seed {one.seed}{drawn})"
    if one.where is None:
        digests = f"digest {one.published} published, {one.now or 'none'} now"
        return f"{head}, table {one.table}: {digests}"
    year = f", year {one.where.year}" if one.where.year is not None else ""
    row = f" ({one.where.row})" if one.where.row else ""
    values = f"{one.where.published!r} published, {one.where.now!r} now"
    return f"{head}{year}, table {one.table}, column {one.where.column}{row}: {values}"
