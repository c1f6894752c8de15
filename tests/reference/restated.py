"""The rules that are restated; the scenario's list says in which order they act."""

from tests.reference.model import Rule
from tests.reference.rules.ageing import Ageing
from tests.reference.rules.alliance import Alliance
from tests.reference.rules.births import Births
from tests.reference.rules.casual_work import CasualWork
from tests.reference.rules.consumption import Consumption
from tests.reference.rules.courtyard import Courtyard
from tests.reference.rules.debt import Debt
from tests.reference.rules.demand import Demand
from tests.reference.rules.dibao import Dibao
from tests.reference.rules.digital import Digital
from tests.reference.rules.disability import Disability
from tests.reference.rules.effort import Effort
from tests.reference.rules.enterprises import Enterprises
from tests.reference.rules.example import Example
from tests.reference.rules.floating import Floating
from tests.reference.rules.fund import Fund
from tests.reference.rules.grant import Grant
from tests.reference.rules.homestay import Homestay
from tests.reference.rules.hub_failure import HubFailure
from tests.reference.rules.illness import Illness
from tests.reference.rules.insurance import Insurance
from tests.reference.rules.investment import Investment
from tests.reference.rules.kin_help import KinHelp
from tests.reference.rules.labour import Labour
from tests.reference.rules.land_rental import LandRental
from tests.reference.rules.migration import Migration
from tests.reference.rules.mutual_aid import MutualAid
from tests.reference.rules.needs import Needs
from tests.reference.rules.own_account import OwnAccount
from tests.reference.rules.pensions import Pensions
from tests.reference.rules.points import Points
from tests.reference.rules.productivity import Productivity
from tests.reference.rules.profit_sharing import ProfitSharing
from tests.reference.rules.project import Project
from tests.reference.rules.public_budget import PublicBudget
from tests.reference.rules.schooling import Schooling
from tests.reference.rules.succession import Succession
from tests.reference.rules.taxes import Taxes
from tests.reference.rules.training import Training
from tests.reference.rules.trust import Trust
from tests.reference.rules.volunteers import Volunteers
from tests.reference.rules.wages import Wages
from tests.reference.rules.whistle import Whistle

BACKGROUND: tuple[type[Rule], ...] = (
    Ageing, Births, Succession, Floating,
    Productivity, Insurance, Illness, Disability, Needs, Dibao, Effort, Pensions, Taxes,
    Schooling, Consumption, Debt, Investment, Demand, Enterprises, Labour, Migration, CasualWork,
    OwnAccount, LandRental, Wages, KinHelp, PublicBudget, Trust,
)  # fmt: skip
LAYERED: tuple[type[Rule], ...] = (
    HubFailure, Digital, Whistle, Alliance, Example, Project, Homestay, Volunteers, Training, Courtyard,
    ProfitSharing, MutualAid, Points, Grant, Fund,
)  # fmt: skip
"""Those of the joint-points."""
RULES = BACKGROUND + LAYERED
