"""Party branches (党组织) of district, village and grid: they hear cases, queue them and handle them."""

from collections.abc import Sequence

import mesa


class PartyBranch(mesa.Agent):
    """A branch with a capacity and a queue.

    Args:
        tier: ``district``, ``village`` or ``grid``.
        village: name of its place; empty for the district.
        place: row of its place, -1 for the district.
    """

    def __init__(self, model: mesa.Model, tier: str, village: str, place: int) -> None:
        super().__init__(model)
        self.tier, self.village, self.place = tier, village, place
        self.capacity = 0.0
        """Cases a year that it can handle."""
        self.meetings = 0.0
        """Share of its capacity that meetings with allies take, whether help is needed or not."""
        self.allies: list[tuple[int, float]] = []
        """Places of the branches that it helps with what it can spare, and how much of the help gets there."""
        self.trifles = 0.0
        """Small matters whistled up that wait in the queue beside real cases."""
        self.queue = 0
        self.served = 0
        self._carry = 0.0

    @property
    def name(self) -> str:
        tier = {"district": "branch", "village": "branch", "grid": "grid"}[self.tier]
        return f"{tier}:{self.village or 'district'}"

    def able(self, dt: float) -> float:
        """Cases that its own staff can handle in a tick of ``dt`` years."""
        return self.capacity * (1.0 - self.meetings) * dt

    def slots(self, dt: float, waiting: int, helped: float = 0.0) -> int:
        """Real cases handled in a tick of ``dt`` years while ``waiting`` wait, ``helped`` of all by allies.

        Its capacity is shared between real cases and trifles in proportion to their number, since nobody can
        tell them apart before looking: a queue full of trifles serves few (一针串起千条线). Parts of a case are
        carried over.
        """
        self.queue = waiting
        handled = self.able(dt) + helped
        load = waiting + self.trifles
        if load <= 0:
            self._carry = 0.0
            return 0
        served = min(1.0, handled / load)
        self.trifles *= 1.0 - served
        self._carry = min(self._carry + waiting * served, float(waiting))
        whole = int(self._carry)
        self._carry -= whole
        self.served += whole
        return whole


def help_from_allies(branches: Sequence[PartyBranch], waiting: Sequence[int], dt: float) -> list[float]:
    """Cases of each branch that allies see to in a tick, beyond what it can handle itself.

    Who has capacity left over shares it equally among those allies that are overloaded; of the work done for an
    ally only a part gets there.

    Args:
        branches: by row of their place.
        waiting: real cases that wait at each.
    """
    load = [n + branch.trifles for n, branch in zip(waiting, branches, strict=True)]
    left = [branch.able(dt) - n for n, branch in zip(load, branches, strict=True)]
    helped = [0.0] * len(branches)
    for branch, spare in zip(branches, left, strict=True):
        overloaded = [(place, kept) for place, kept in branch.allies if left[place] < 0.0]
        for place, kept in overloaded if spare > 0.0 else ():
            helped[place] += min(kept * spare / len(overloaded), -left[place])
    return helped
