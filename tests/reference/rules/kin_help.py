"""Help among kin."""

from tests.reference.model import Rule
from tests.reference.shared.helping import help_along, in_need


class KinHelp(Rule):
    name = "kin_help"

    def distribution(self) -> None:
        """Kin give to who can pay neither care nor food."""
        m = self.model
        help_along(
            m,
            "kin",
            in_need(m, m.parameters["consumption"].floor * m.index),
            generosity=self.p.generosity,
            buffer=self.p.buffer,
            by_trust=False,
            kind="kin_help",
            layer="background",
        )
