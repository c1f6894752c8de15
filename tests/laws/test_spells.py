"""How long states last is part of the law of time: seen where it is told from luck, and not where too few begin."""

import pytest

from abm.laws.time import SPELLS, Seen, apart

YEARS = [0.34, 0.35, 0.36, 0.35]
"""That a spell lasts, for each seed."""


def seen(factor: float, began: int) -> Seen:
    """Spells of illness that last so many times as long, so many of them for each seed."""
    found = Seen()
    found.spells["ill"] = [(began, factor * years * began) for years in YEARS]
    found.movers["ill", "illness"] = 1
    return found


@pytest.mark.parametrize(
    ("factor", "began", "broken"),
    [(1.0, 500, False), (0.72, 500, False), (0.6, 500, True), (0.6, SPELLS, True), (0.6, SPELLS - 1, False)],
)
def test_a_state_that_lasts_much_less_long_by_the_month_breaks_the_law(
    factor: float, began: int, broken: bool
) -> None:
    breach = apart(seen(1.0, began), seen(factor, began))
    assert (breach is not None) is broken
    if breach:
        assert str(breach).startswith("illness")
        assert "spell ill: 0.35 years at 4 ticks, 0.21 at 12" in str(breach)


def test_what_differs_from_seed_to_seed_is_no_breach() -> None:
    """A third less on average, and as far apart between seeds."""
    coarse, fine = seen(1.0, 500), seen(1.0, 500)
    fine.spells["ill"] = [(500, 500 * years) for years in (0.05, 0.45, 0.1, 0.34)]
    assert apart(coarse, fine) is None
