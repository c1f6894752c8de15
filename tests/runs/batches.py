"""What tests of batches share: a size, and what a folder holds."""

from pathlib import Path

from abm.records.store import LOCK, LOG

REPLICATIONS = 2
RUNS = 8 * REPLICATIONS


def files(folder: Path) -> dict[str, bytes]:
    """All files but the log, which alone holds times, and the lock of shards."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name not in (LOG, LOCK))
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
