"""Words of small commands, and what a folder holds."""

from pathlib import Path

from abm.records.store import LOCK, LOG

SMALL_RUN = ("t_district", "--households", "200", "--years", "2")
EARLY_SWITCH = ("--set", "scenario.switch_year=2015")
SMALL_FACTORIAL = (*SMALL_RUN, *EARLY_SWITCH, "--replications", "1", "--workers", "1")

SMALL_PILOT = (
    *(*SMALL_RUN[:3], "--years", "6", "--set", "scenario.burn_in=0"),
    *("--replications", "2", "--workers", "1"),
)
"""To the pilot's first year."""


def content_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder, with their bytes; but for a batch's log, which alone holds times, and its lock."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in (LOG, LOCK))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
