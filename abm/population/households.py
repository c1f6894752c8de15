"""The two tables of people: households, and their able workers.

Columns that several rules read are declared here; those of one mechanism are declared by it. Money is not here:
cash and incomes belong to the ledger.
"""

import numpy as np

from abm.core.columns import Columns

OWN_ACCOUNT, LOCAL_JOB, MIGRANT = 0, 1, 2
"""What a worker does: on own account (and free to search), in a local job, or in a city elsewhere."""


def household_columns(rows: int) -> Columns:
    """An empty table of households."""
    table = Columns(rows)
    whole, real, flag = np.int16, np.float64, np.bool_
    for name, dtype in (
        ("key", np.uint64),  # luck's name for the household, of (place id, founder number, birth order)
        ("number", np.int32),  # founder number within its place
        ("place", whole),  # row of its village or community
        ("urban", flag),  # lives in a community
        ("registered", flag),  # has its household registration (户籍) in the district
        ("party_member", flag),
        ("children", whole),
        ("workers", whole),  # able to work
        ("elders", whole),
        ("standing", real),  # standard normal score of its rank at the start
        ("schooling", real),  # mean years of its workers
        ("skill", real),  # own-account log productivity, fixed part
        ("fortune", real),  # its slowly moving part z
        ("season", real),  # its part of this year ε
        ("land", real),  # mu
        ("capital", real),  # productive capital, yuan
        ("debt", np.int64),  # owed to the bank, fen
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
        ("news_organizational", real),  # chance to hear of vacancies through joint-points this tick
        ("news_interest", real),
        ("news_social", real),
        ("spent", real),  # consumption of this tick, yuan
    ):
        table.declare(name, dtype)
    return table


def worker_columns(rows: int) -> Columns:
    """An empty table of able workers."""
    table = Columns(rows)
    for name, dtype, fill in (
        ("key", np.uint64, 0),
        ("household", np.int32, 0),
        ("activity", np.int8, OWN_ACCOUNT),
        ("employer", np.int32, -1),  # row of the enterprise, -1 without a local job
        ("ticks_away", np.int16, 0),  # ticks since it left as a migrant
        ("skill", np.float64, 1.0),  # exp(return · (schooling − mean) + own effect)
        ("fit", np.float64, 0.0),  # log fit to the present job
        ("moving_cost", np.float64, 0.0),  # its own fixed cost of migration, in logs
    ):
        table.declare(name, dtype, fill)
    return table
