"""The two tables of people: households, and their able workers.

Columns that several rules read are declared here; those of one mechanism are declared by it. Money is not here:
cash and incomes belong to the ledger.
"""

import numpy as np
from numpy.typing import NDArray

from abm.core.columns import Columns

OWN_ACCOUNT, LOCAL_JOB, MIGRANT = 0, 1, 2
"""What a worker does: on own account (and free to search), in a local job, or in a city elsewhere."""
IDLE, OWN_TRADE, LET = 0, 1, 2
"""What a household does with an idle yard: nothing, side production of its own, or it lets it."""


def household_columns(rows: int) -> Columns:
    """An empty table of households."""
    table = Columns(rows)
    whole, real, flag = np.int16, np.float64, np.bool_
    row = np.int64  # indices of another type would be converted at every use
    for name, dtype in (
        ("key", np.uint64),  # luck's name for the household, of (place id, founder number, birth order)
        ("number", np.int32),  # founder number within its place
        ("place", row),  # row of its village or community
        ("urban", flag),  # lives in a community
        ("registered", flag),  # has its household registration (户籍) in the district
        ("party_member", flag),
        ("children", whole),
        ("workers", whole),  # able to work
        ("elders", whole),
        ("disabled", whole),  # of working age, unable to work
        (
            "worker_effect",
            real,
        ),  # what workers who come of age share of skill in jobs beside schooling, standard normal
        ("school_missed", real),  # years of schooling that its children lose for want of money
        ("generation", np.int32),  # how many households lived in the dwelling before this one
        ("persons_born", np.int32),  # who came of age in it so far: numbers the keys of new workers
        ("standing", real),  # standard normal score of its rank at the start
        ("schooling", real),  # mean years of its workers
        ("skill", real),  # own-account log productivity, fixed part
        ("fortune", real),  # its slowly moving part z
        ("season", real),  # its part of this year ε
        ("land", real),  # mu under contract to it
        ("land_used", real),  # mu that it works this year: its own, less what it lets, plus what it rents
        ("line", row),  # its work on own account, abm.world.own_lines
        ("capital", real),  # productive capital, yuan
        ("improved_needs", real),  # capital that its improved technique needs, yuan of the base year
        ("improved", flag),  # works with the improved technique, abm.world.technique
        ("cash_first", real),  # money at the start of the tick, before its income, yuan
        ("debt", np.int64),  # owed to the bank, fen
        ("no_credit_until", whole),  # gets no credit before this year, after a default
        ("insured", flag),  # medical insurance paid for this year
        ("expected_income", real),  # yuan a year, adapts
        ("income_last", real),  # disposable income of the last full year, yuan
        ("residents_last", whole),  # usual residents at the last year-end
        ("own_workers", whole),
        ("local_workers", whole),
        ("migrants", whole),
        ("settled_migrants", whole),  # away for over half a year: no usual residents
        ("trust", real),  # 0–1
        ("participation", real),  # 0–1
        ("busy", real),  # share of own-account time taken up by other things this tick
        ("care_due", real),  # medical care to be paid by the household this tick, yuan
        ("own_product", real),  # net product per worker on own account, yuan a year
        ("own_value", real),  # net product of the household on own account, yuan a year
        ("waiting", flag),  # a need of its own has been open for half a year
        ("contact", real),  # times it was helped or had a case handled this tick
        ("ill", flag),
        ("claim", real),  # reimbursement due and not yet received, yuan
        ("untreated", flag),  # ill, and could not pay for care
        ("dispute", flag),  # in an open dispute
        ("dibao", flag),  # on the list of the subsistence allowance
        ("entitled", flag),  # its true income lies under the line, and it knows it
        ("applied", flag),  # its application waits for a decision
        ("joint_activity", real),  # part taken in joint activities this tick, 0–1
        (
            "helping",
            real,
        ),  # giving to kin or neighbours in need: 1 all the tick; once, with care, a quarter's
        ("rewarded", real),  # rewards for taking part that it has seen of late, 0–1
        ("unfair", real),  # rewards without taking part, or lists that favour some, seen of late, 0–1
        ("relied", real),  # its affairs that the branch has seen to of late, a year, at most 1
        ("at_stake", real),  # support that it would lose by earning more, yuan a year
        ("shown", real),  # chance to be shown the improved technique this tick
        ("shown_product", real),  # own-account product of who shows it, with the traditional one, yuan a year
        ("online", flag),  # uses a platform (平台) this tick
        ("news_organizational", real),  # chance to hear of vacancies through joint-points this tick
        ("news_interest", real),
        ("news_social", real),
        ("yard", real),  # size of its idle yard (闲置庭院), 1 being ordinary; 0 without one
        ("yard_use", whole),  # what it does with it: IDLE, OWN_TRADE or LET
        ("yard_worth", real),  # what its own trade there would leave beyond its costs, yuan a year
        ("spent", real),  # consumption of this tick, yuan
    ):
        table.declare(name, dtype)
    table.declare("effort", real, 1.0)  # part of the free own-account time that is worked, 0–1
    return table


def members(h: Columns) -> NDArray[np.int64]:
    """Persons who belong to each household, those away included; 0 where the dwelling stands empty."""
    persons: NDArray[np.int64] = (h.children + h.workers + h.elders + h.disabled).astype(np.int64)
    return persons


def worker_columns(rows: int) -> Columns:
    """An empty table of able workers."""
    table = Columns(rows)
    for name, dtype, fill in (
        ("key", np.uint64, 0),
        ("household", np.int64, 0),
        ("activity", np.int8, OWN_ACCOUNT),
        ("employer", np.int64, -1),  # row of the enterprise, -1 without a local job
        ("undecided", np.bool_, False),  # has come of age and not yet chosen whether to leave
        ("ticks_away", np.int16, 0),  # ticks since it left as a migrant, this one included
        ("skill", np.float64, 1.0),  # exp(return · (schooling − mean) + own effect)
        ("fit", np.float64, 0.0),  # log fit to the present job: its product is wage · skill · e^fit
        ("terms", np.float64, 0.0),  # log pay in the present job over wage · skill
        ("pay", np.float64, 0.0),  # wage received this tick from an enterprise of the district, yuan
        ("schooling", np.float64, 0.0),  # years
        ("trained_sector", np.int8, -1),  # the sector that it has taken courses for, -1 for none
        ("trained_years", np.float64, 0.0),  # years of schooling that its courses are worth in that sector
        ("moving_cost", np.float64, 0.0),  # its own fixed cost of migration, in logs
    ):
        table.declare(name, dtype, fill)
    return table
