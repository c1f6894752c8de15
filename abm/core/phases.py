"""The order of a tick. A mechanism acts in a phase by having a method of that name."""

PHASES = (
    (
        "calendar",
        "Dated changes take effect: planned joint-points, switches, programmes, the outside; then rules act.",
    ),
    (
        "people",
        "Members of households change, at the start of each year but the first (yearly).",
    ),
    ("ties", "Joint-points form, strengthen, decay and fail."),
    ("shocks", "Illness, job loss, good and bad years."),
    ("needs", "Households raise cases; branches patrol, handle, pass on, and lose some on the way."),
    ("targeting", "Who is listed for which support."),
    ("enterprise", "Firms enter and leave, see demand, plan jobs, negotiate contracts."),
    ("labour", "Separations, vacancies, search, matching, migration and return."),
    ("production", "Own account, wages and sales."),
    ("distribution", "Profit shares, dividends, pensions, support, insurance and gifts."),
    ("spending", "Consumption, care, debt service, investment."),
    ("adaptation", "Trust and participation learn from what happened."),
    ("year_end", "Budgets are settled and incomes are measured (yearly)."),
)

PHASE_NAMES = tuple(name for name, _ in PHASES)
"""Names in order; ``people`` runs in the first tick of each year but the first, ``year_end`` in the last of each, so
that the income of a year is that of the persons who lived on it."""

YEARLY = frozenset({"people", "year_end"})
