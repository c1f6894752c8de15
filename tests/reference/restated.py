"""The rules that are restated, in any order: the scenario's list says in which they act."""

from tests.reference.model import Rule
from tests.reference.rules.consumption import Consumption
from tests.reference.rules.debt import Debt
from tests.reference.rules.dibao import Dibao
from tests.reference.rules.disability import Disability
from tests.reference.rules.illness import Illness
from tests.reference.rules.insurance import Insurance
from tests.reference.rules.investment import Investment
from tests.reference.rules.needs import Needs
from tests.reference.rules.pensions import Pensions
from tests.reference.rules.productivity import Productivity
from tests.reference.rules.schooling import Schooling
from tests.reference.rules.taxes import Taxes

RULES: tuple[type[Rule], ...] = (
    Productivity,
    Insurance,
    Illness,
    Disability,
    Needs,
    Dibao,
    Pensions,
    Taxes,
    Schooling,
    Consumption,
    Debt,
    Investment,
)
