"""Programmes: yearly envelopes fixed in the scenario, the same in every arm.

An arm must not look better because somebody outside paid for it. The money for each kind of joint-point comes in
at the start of a year, whatever is masked; what no active link has spent by year-end goes to a named use in the
same place that is no household's income (``neutral``), or back outside (``withheld``).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from abm.core.ledger import Ledger
from abm.scenario.schema import Programme


@dataclass(frozen=True)
class Envelope:
    """The accounts of all programmes that pay for one kind of link out of one purse.

    Args:
        pays_for: kind of link.
        purse: ``public`` or ``capital``.
        layer: layer of the link.
        accounts: ledger rows of kind ``programme``, one per place.
        sources: the scenario's programmes with the places that each covers, as row masks.
    """

    pays_for: str
    purse: str
    layer: str
    accounts: NDArray[np.int64]
    sources: tuple[tuple[Programme, NDArray[np.bool_]], ...]

    @property
    def first_year(self) -> NDArray[np.int64]:
        """The year in which money first comes to each place, a year beyond all where none does; shape (places,)."""
        first = np.full(len(self.accounts), 9999)
        for programme, covered in self.sources:
            first[covered] = np.minimum(first[covered], programme.from_year)
        return first

    def per_head(self, year: int, begun_since: int = 0) -> NDArray[np.float64]:
        """Yuan a year per person of the place, at base-year trend; shape (places,).

        ``begun_since``: only of programmes that began in that year or later.
        """
        sums = np.zeros(len(self.accounts))
        for programme, covered in self.sources:
            if begun_since <= programme.from_year <= year and (
                programme.to_year is None or year <= programme.to_year
            ):
                sums += np.where(covered, programme.per_head, 0.0)
        return sums


def open_envelopes(
    programmes: tuple[tuple[Programme, NDArray[np.bool_]], ...],
    places: int,
    ledger: Ledger,
    opened: tuple[Envelope, ...] = (),
) -> tuple[Envelope, ...]:
    """Accounts for the programmes of a scenario, given with the places that each covers.

    Args:
        opened: envelopes that are open already; they keep their accounts, and what is in them.
    """
    accounts = {(e.pays_for, e.purse, e.layer): e.accounts for e in opened}
    groups: dict[tuple[str, str, str], list[tuple[Programme, NDArray[np.bool_]]]] = {}
    for programme, covered in programmes:
        key = (programme.pays_for, programme.purse, programme.layer)
        groups.setdefault(key, []).append((programme, covered))
    return tuple(
        Envelope(
            *key,
            accounts[key] if key in accounts else ledger.open_accounts("programme", places),
            tuple(sources),
        )
        for key, sources in groups.items()
    )
