"""Ids of links between institutions, as users write them in a switch: ``KIND:SOURCE>TARGET``.

Links form in the course of a run (an enterprise of 2025 has none in 2014), so an id is checked for what can be known
before: its shape, its kind, and the types and places of its ends.
"""

from collections.abc import Sequence
from pathlib import Path

from abm.core.errors import InputError, nearest
from abm.graph.kinds import LINK_KINDS

INSTITUTIONS = (
    *("branch", "grid", "government", "enterprise", "collective", "volunteers", "station"),
    *("association", "fund", "academy", "rural_bank", "platform"),
)
"""What names of institutions begin with: ``branch:BQ``, ``grid:BQ/1``, ``enterprise:BQ/12``, ``station:district``."""
DISTRICT = "district"
"""Stands for a place in the names of institutions of the whole district."""


def check_link_id(link: str, villages: Sequence[str], *, key: str, file: str | Path | None = None) -> None:
    """Refuse an id that no link can ever have.

    Raises:
        InputError: no such shape, kind, type of institution or place.
    """
    kind, colon, ends = link.partition(":")
    source, arrow, target = ends.partition(">")
    if not (colon and arrow and source and target):
        mend = "write KIND:SOURCE>TARGET, such as vertical:branch:district>branch:BQ"
        raise InputError(f"'{link}' names no link", file=file, key=key, mend=mend)
    between = [name for name, what in LINK_KINDS.items() if what.ends == "institutions"]
    if kind not in LINK_KINDS:
        raise InputError(
            f"there is no kind of link '{kind}'", file=file, key=key, mend=nearest(kind, between)
        )
    if kind not in between:
        mend = "switch it by kind and village"
        raise InputError(
            f"links of kind '{kind}' have no id, being households'", file=file, key=key, mend=mend
        )
    for end in (source, target):
        sort, _, where = end.partition(":")
        if sort not in INSTITUTIONS:
            mend = nearest(sort, INSTITUTIONS)
            raise InputError(f"there is no institution '{end}'", file=file, key=key, mend=mend)
        place, slash, number = where.rpartition("/") if "/" in where else (where, "", "")
        if slash and not (number.isascii() and number.isdecimal()):
            mend = "a number stands behind the slash"
            raise InputError(f"there is no institution '{end}'", file=file, key=key, mend=mend)
        if where and place not in (*villages, DISTRICT):
            raise InputError(
                f"there is no place '{place}'", file=file, key=key, mend=nearest(place, villages)
            )
