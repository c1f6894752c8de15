"""Words of small commands, and what a folder holds."""

from pathlib import Path

SMALL_RUN = ("t_district", "--households", "200", "--years", "2")
EARLY_SWITCH = ("--set", "scenario.switch_year=2015")
SMALL_FACTORIAL = (*SMALL_RUN, *EARLY_SWITCH, "--replications", "1", "--workers", "1")

SMALL_PILOT = (
    *(*SMALL_RUN[:3], "--years", "6", "--set", "scenario.burn_in=0"),
    *("--replications", "2", "--workers", "1"),
)
"""To the pilot's first year."""


def content_of(folder: Path) -> dict[str, bytes]:
    """All files below a folder, with their bytes."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
