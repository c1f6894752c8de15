"""Partners of the villages from outside: the rural bank (农村商业银行), the academies (林业、农业科学院)."""

import mesa


class Partner(mesa.Agent):
    """An institution that villages can tie themselves to.

    Args:
        kind: ``rural_bank`` or ``academy``. The bank's money is the ledger's account of that name.
    """

    def __init__(self, model: mesa.Model, kind: str) -> None:
        super().__init__(model)
        self.kind = kind

    @property
    def name(self) -> str:
        return f"{self.kind}:district"
