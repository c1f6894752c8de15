"""The rules that are restated; the scenario's list says in which order they act."""

from tests.reference.model import Rule
from tests.reference.rules.ageing import Ageing
from tests.reference.rules.births import Births
from tests.reference.rules.casual_work import CasualWork
from tests.reference.rules.consumption import Consumption
from tests.reference.rules.debt import Debt
from tests.reference.rules.demand import Demand
from tests.reference.rules.dibao import Dibao
from tests.reference.rules.disability import Disability
from tests.reference.rules.effort import Effort
from tests.reference.rules.enterprises import Enterprises
from tests.reference.rules.floating import Floating
from tests.reference.rules.illness import Illness
from tests.reference.rules.insurance import Insurance
from tests.reference.rules.investment import Investment
from tests.reference.rules.kin_help import KinHelp
from tests.reference.rules.labour import Labour
from tests.reference.rules.land_rental import LandRental
from tests.reference.rules.migration import Migration
from tests.reference.rules.needs import Needs
from tests.reference.rules.own_account import OwnAccount
from tests.reference.rules.pensions import Pensions
from tests.reference.rules.productivity import Productivity
from tests.reference.rules.public_budget import PublicBudget
from tests.reference.rules.schooling import Schooling
from tests.reference.rules.succession import Succession
from tests.reference.rules.taxes import Taxes
from tests.reference.rules.trust import Trust
from tests.reference.rules.wages import Wages

BACKGROUND: tuple[type[Rule], ...] = (
    Ageing, Births, Succession, Floating,
    Productivity, Insurance, Illness, Disability, Needs, Dibao, Effort, Pensions, Taxes,
    Schooling, Consumption, Debt, Investment, Demand, Enterprises, Labour, Migration, CasualWork,
    OwnAccount, LandRental, Wages, KinHelp, PublicBudget, Trust,
)  # fmt: skip
RULES = BACKGROUND
