"""A mechanism in a file outside the package."""

from abm.laws.idle import Idle


class Lodger(Idle):
    """Does what ``Idle`` does: nothing."""

    name = "lodger"
