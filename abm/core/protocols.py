"""What agents may know of the world they stand in."""

from typing import Protocol

from abm.core.columns import Columns
from abm.core.ledger import Ledger


class WorldTables(Protocol):
    """The tables that row views read and write."""

    households: Columns
    workers: Columns
    enterprises: Columns
    places: Columns
    ledger: Ledger
    place_names: tuple[str, ...]
