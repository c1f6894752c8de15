"""Party branches (党组织) of district, village and grid: they hear cases, queue them and handle them."""

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
        self.trifles = 0.0
        """Small matters whistled up that wait in the queue beside real cases."""
        self.queue = 0
        self.served = 0
        self._carry = 0.0

    @property
    def name(self) -> str:
        tier = {"district": "branch", "village": "branch", "grid": "grid"}[self.tier]
        return f"{tier}:{self.village or 'district'}"

    def slots(self, dt: float, waiting: int) -> int:
        """Real cases it handles in a tick of ``dt`` years while ``waiting`` wait.

        Its capacity is shared between real cases and trifles in proportion to their number, since nobody can
        tell them apart before looking: a queue full of trifles serves few (一针串起千条线). Parts of a case are
        carried over.
        """
        self.queue = waiting
        handled = self.capacity * dt
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
