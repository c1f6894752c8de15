"""Lines of work on own account: what households of a village live by beside jobs.

Crops use land, herds and shops capital, the yard little of either. At the mean land of a village and the capital norm
all four pay the same, so that endowments, the place and prices decide who does what.
"""

import numpy as np

LINES = ("crops", "herds", "yard", "trade")
"""Crops (种植), herds (养殖), the yard (庭院), small trade (小买卖)."""
CROPS, HERDS, YARD, TRADE = range(4)
OF_LAND = np.array([1.2, 0.25, 0.5, 0.0])
"""Exponent of land in each line over ``own_account.land_exponent``; assumed."""
OF_CAPITAL = np.array([0.5, 1.2, 0.7, 1.0])
"""Exponent of capital in each line over ``own_account.capital_exponent``; assumed."""
BRANCHES = ("primary", "secondary", "tertiary")
"""第一、第二、第三产业."""
BRANCH_OF_LINE = np.array([0, 0, 0, 2])
"""Branch of the economy of each line."""
BRANCH_OF_SECTOR = np.array([0, 2, 1, 1, 2])
"""Branch of each sector of enterprises, in the order of ``SECTORS``."""
SECTOR_OF_LINE = (0, 0, 1, 4)
"""The sector whose natural advantage in a place serves the line: farm, farm, tourism, services."""
