"""Columns of all result tables: name, type, unit and meaning, stated once.

The documentation's list of outputs is made from here, and no table is written that does not fit.
"""

from dataclasses import asdict, dataclass

import pyarrow as pa

_T, _F, _I64, _I32, _I16, _B = (
    pa.string(),
    pa.float64(),
    pa.int64(),
    pa.int32(),
    pa.int16(),
    pa.bool_(),
)


@dataclass(frozen=True)
class RunKey:
    """What tells the rows of one run from another's: the first columns of every table, before ``year``.

    ``seed`` is the replication's own, derived seed, the same in every arm. The booleans describe the arm, not
    the year: False where the arm cuts the layer, also in the years before it does.
    """

    run_id: str
    scenario: str
    arm: str
    question: str
    budget: str
    draw: int
    organizational: bool
    interest: bool
    social: bool
    seed: int


@dataclass(frozen=True)
class Column:
    """One column: Arrow type, unit (empty for names) and meaning."""

    type: pa.DataType
    unit: str
    meaning: str


KEYS: dict[str, Column] = {
    "run_id": Column(_T, "", "hash of scenario, arm, question, budget, seed, draw, households and years"),
    "scenario": Column(_T, "", "name of the scenario"),
    "arm": Column(
        _T,
        "",
        "layers that are on: OIS, OI, … O, none; O0.5: at half strength; O*: rewired at random; OI@BQ: cut in BQ only",
    ),
    "question": Column(_T, "", "cut: all links of a layer; programme: those since the switch year"),
    "budget": Column(_T, "", "unspent programme money: neutral, to a named other use; withheld, stays out"),
    "draw": Column(_I32, "", "number of the parameter draw; 0 has the scenario's own values"),
    "organizational": Column(_B, "", "organizational joint-points (组织接点) are on in this arm"),
    "interest": Column(_B, "", "interest joint-points (利益接点) are on in this arm"),
    "social": Column(_B, "", "social joint-points (社会接点) are on in this arm"),
    "seed": Column(_I64, "", "seed of the replication, the same in every arm"),
    "year": Column(_I16, "calendar year", "the year that the row is about"),
}
KEY_COLUMNS = tuple(KEYS)

_YUAN = "yuan a year, at prices of the base year"
_SHARE = "share"

_MEASURES: dict[str, Column] = {
    "households": Column(
        _I64, "households", "households with usual residents or members away; empty dwellings are none"
    ),
    "persons": Column(_F, "persons", "usual residents at year-end; divisor and weight of all that follows"),
    "mean_income": Column(_F, _YUAN, "mean disposable income per head (人均可支配收入)"),
    "median_income": Column(_F, _YUAN, "smallest income per head with half of the persons at or below it"),
    "gini": Column(_F, "0 to 1", "Gini coefficient (基尼系数) of income per head, over persons"),
    "theil_t": Column(_F, "0 and more", "Theil's T of income per head, bottom-coded for the logarithm"),
    "theil_l": Column(_F, "0 and more", "Theil's L, the mean logarithmic deviation, bottom-coded"),
    "theil_t_between_villages": Column(_F, "0 and more", "part of theil_t between villages (or communities)"),
    "theil_t_between_urban_rural": Column(_F, "0 and more", "part of theil_t between urban and rural"),
    "atkinson_05": Column(_F, "0 to 1", "Atkinson index with aversion 0.5, bottom-coded"),
    "atkinson_1": Column(_F, "0 to 1", "Atkinson index with aversion 1, bottom-coded"),
    "atkinson_2": Column(_F, "0 to 1", "Atkinson index with aversion 2, bottom-coded"),
    "palma": Column(_F, "ratio", "income of the top tenth over that of the bottom four tenths"),
    "s80_s20": Column(_F, "ratio", "income of the top fifth over that of the bottom fifth"),
    "share_fifth_1": Column(
        _F, _SHARE, "mean of the poorest fifth of households over the sum of the five means (五等份)"
    ),
    "share_fifth_2": Column(_F, _SHARE, "that of the second fifth"),
    "share_fifth_3": Column(_F, _SHARE, "that of the middle fifth"),
    "share_fifth_4": Column(_F, _SHARE, "that of the fourth fifth"),
    "share_fifth_5": Column(_F, _SHARE, "that of the richest fifth"),
    "gini_grouped": Column(
        _F,
        "0 to 1",
        "Gini coefficient of the five means of fifths of households, each a fifth, as printed tables allow",
    ),
    "wolfson": Column(
        _F, "0 and more", "polarisation (两极分化), 2 (1 − 2 L(1/2) − G) mean/median (Wolfson 1994)"
    ),
    "middle_share": Column(
        _F, _SHARE, "persons with 0.75 to 2 times the median of this population and year (OECD 2019)"
    ),
    "relative_deprivation": Column(
        _F,
        _YUAN,
        "how much more others of this population have, mean over persons: mean · Gini (Yitzhaki 1979)",
    ),
    "headcount_40": Column(_F, _SHARE, "persons below 40 % of the median of this population and year"),
    "headcount_50": Column(_F, _SHARE, "persons below 50 % of the median of this population and year"),
    "headcount_60": Column(_F, _SHARE, "persons below 60 % of the median of this population and year"),
    "headcount_anchored_40": Column(
        _F, _SHARE, "persons below 40 % of the run's rural median before the switch"
    ),
    "headcount_anchored_50": Column(
        _F, _SHARE, "persons below 50 % of the run's rural median before the switch"
    ),
    "headcount_anchored_60": Column(
        _F, _SHARE, "persons below 60 % of the run's rural median before the switch"
    ),
    "poverty_gap_60": Column(_F, "0 and more", "mean shortfall, as share of the floating 60 % line (FGT 1)"),
    "poverty_severity_60": Column(_F, "0 and more", "mean squared shortfall, likewise (FGT 2)"),
    "urban_rural_ratio": Column(_F, "ratio", "mean income per head of urban over that of rural residents"),
    "share_wage": Column(_F, _SHARE, "wage income (工资性收入) over all income"),
    "share_business": Column(_F, _SHARE, "net business income (经营净收入) over all income"),
    "share_property": Column(_F, _SHARE, "net property income (财产净收入) over all income"),
    "share_transfer": Column(_F, _SHARE, "net transfer income (转移净收入) over all income"),
    "poverty_entry": Column(_F, _SHARE, "of those not below the anchored 60 % line last year, now below"),
    "poverty_exit": Column(_F, _SHARE, "of those below the anchored 60 % line last year, now not below"),
    "poverty_reentry": Column(
        _F,
        _SHARE,
        "below the anchored 60 % line again (返贫率), of those not below it last year who were in one of the three "
        "years before; households that lived there in all these years",
    ),
    "poverty_spell": Column(
        _F,
        "years",
        "years in a row below the anchored 60 % line, this one included, mean over the persons below it now; counted "
        "from five years before the first year at most",
    ),
    "chronic_poverty": Column(
        _F,
        "0 and more",
        "squared gap under the anchored 60 % line of the mean income of these five years (Jalan and Ravallion 1998)",
    ),
    "transient_poverty": Column(
        _F,
        "0 and more",
        "mean squared gap over these five years less chronic_poverty (Jalan and Ravallion 1998)",
    ),
    "rank_correlation_1": Column(
        _F, "-1 to 1", "Spearman correlation of income per head with last year's, by persons of this year"
    ),
    "rank_correlation_5": Column(
        _F, "-1 to 1", "the same with the year five years before (固化); households that stayed throughout"
    ),
    "shorrocks_r_5": Column(
        _F,
        "0 to 1",
        "mobility over these five years: 1 − Gini of mean incomes over the yearly Ginis weighted by mean income "
        "(Shorrocks 1978)",
    ),
    "savings_years": Column(_F, "years", "money of households over their disposable income of the year"),
    "employment_rate": Column(
        _F, _SHARE, "able workers with a local job or away; the others work on own account"
    ),
    "migrant_share": Column(_F, _SHARE, "able workers who work away"),
    "local_job_share": Column(_F, _SHARE, "able workers with a job at an enterprise of the district"),
    "workers_primary": Column(
        _F, _SHARE, "workers in farming (第一产业), jobs and own account, over those at home"
    ),
    "workers_secondary": Column(_F, _SHARE, "the same in processing and solar power (第二产业)"),
    "workers_tertiary": Column(_F, _SHARE, "the same in services, tourism and small trade (第三产业)"),
    "vacancy_rate": Column(
        _F, _SHARE, "open vacancies over jobs, filled and open, of enterprises in these places; at year-end"
    ),
    "children_share": Column(_F, _SHARE, "children among the usual residents"),
    "elder_share": Column(_F, _SHARE, "elders among the usual residents"),
    "dwellings_empty": Column(_F, _SHARE, "dwellings (宅基地) that no household lives in, at year-end"),
    "collective_income": Column(_F, _YUAN, "income of the village collectives (集体收入), in all"),
    "mean_trust": Column(_F, "0 to 1", "mean trust of households, by persons"),
    "mean_participation": Column(_F, "0 to 1", "mean participation of households, by persons"),
    "mean_effort": Column(
        _F,
        _SHARE,
        "of the time that workers on own account are free to work, what they do; 1: nobody holds back",
    ),
    "integration_index": Column(_F, "0 to 1", "integration (融合度) of the joint-point graph"),
    "reach_poor": Column(
        _F,
        _SHARE,
        "of the persons who stood in the poorest two fifths in the year before the switch (until then: who stand "
        "there) and still live in their dwelling, those whom interest joint-points pay 1 % of the anchored 60 % line "
        "a head or more; fifths of the own side, urban or rural, for urban, rural and villages, else of all residents",
    ),
    "messages_organizational": Column(_F, "messages a year", "messages through organizational joint-points"),
    "messages_interest": Column(_F, "messages a year", "messages through interest joint-points"),
    "messages_social": Column(_F, "messages a year", "messages through social joint-points"),
    "outside_net_per_head": Column(_F, _YUAN, "money from outside less money to outside, per resident"),
    "bottom_coded": Column(_F, _SHARE, "persons whose income was bottom-coded for logarithms and Atkinson"),
    "ledger_imbalance": Column(_I64, "fen", "sum of all accounts, the outside world included; always 0"),
}
MEASURE_COLUMNS = tuple(_MEASURES)

_POPULATION = Column(_T, "", "all, urban, rural, registered, floating (流动人口: registered elsewhere)")

_TABLES: dict[str, dict[str, Column]] = {
    "outcomes": {"population": _POPULATION, **_MEASURES},
    "villages": {"village": Column(_T, "", "village (行政村) or community (社区)"), **_MEASURES},
    "fifths": {
        "population": _POPULATION,
        "fifth": Column(
            _I16, "1 to 5", "fifth of the households by income per head (五等份), the poorest first"
        ),
        "persons": Column(
            _F, "persons", "usual residents in it; a household on a boundary is split by weight"
        ),
        "income": Column(_F, _YUAN, "mean disposable income per head"),
        "income_wage": Column(_F, _YUAN, "of which wages"),
        "income_business": Column(_F, _YUAN, "of which from business, net"),
        "income_property": Column(_F, _YUAN, "of which from property, net"),
        "income_transfer": Column(_F, _YUAN, "of which transfers, net"),
        "consumption": Column(_F, _YUAN, "consumption per head, medical care and school fees included"),
        "savings": Column(_F, "yuan", "money held at year-end per head"),
    },
    "lorenz": {
        "population": _POPULATION,
        "persons_share": Column(_F, "0 to 1", "of the persons, the poorest by income per head: 0.05 to 0.95"),
        "income_share": Column(
            _F,
            "share",
            "of all income, what they have together (洛伦兹曲线); a household on a boundary is split by weight",
        ),
    },
    "gains": {
        "population": Column(_T, "", "all, urban, rural: whose fifths they are"),
        "place_kind": Column(
            _T,
            "",
            "kind of place of the scenario where the households live, fifths of all; empty: all places",
        ),
        "start_fifth": Column(
            _I16,
            "0 to 5",
            "fifth of the persons by income per head in the year before the switch, the poorest first; 0: all five",
        ),
        "persons": Column(
            _F,
            "persons",
            "usual residents now of those same households as far as they still live in their dwellings; years from the "
            "one before the switch on",
        ),
        "income": Column(_F, _YUAN, "their mean disposable income per head now"),
    },
    "mobility": {
        "population": _POPULATION,
        "lag": Column(_I16, "years", "how many years before this one the earlier fifth is: 1 or 5"),
        "from_fifth": Column(_I16, "1 to 5", "fifth of the persons in the earlier year"),
        "to_fifth": Column(_I16, "1 to 5", "fifth in this year"),
        "share": Column(
            _F,
            _SHARE,
            "of the persons who stood in from_fifth, those who stand in to_fifth; adds up to 1 over to_fifth. "
            "Households that lived there throughout, fifths among them alone, persons of this year",
        ),
    },
    "burn_in": {"population": _POPULATION, **_MEASURES},
    "graph": {
        "village": Column(_T, "", "village or community; empty above them. Year-end"),
        "kind": Column(_T, "", "kind of link; a place without any of a kind has a row with 0 for it"),
        "layer": Column(_T, "", "organizational, interest, social, or background"),
        "source": Column(
            _T,
            "",
            "one end: district, branch, grid, collective, volunteers, station, enterprise/SECTOR, household; empty "
            "where no link has formed",
        ),
        "target": Column(_T, "", "the other end"),
        "formed": Column(_I64, "links", "links that have formed, masked ones too"),
        "active": Column(
            _I64, "links", "links that carry something; 0 of a kind in a village: a break-point (断点)"
        ),
        "reached": Column(
            _F,
            _SHARE,
            "of the households of the place, those with an active one; missing between institutions",
        ),
    },
    "flows": {
        "payer": Column(_T, "", "kind of account that paid"),
        "payee": Column(_T, "", "kind of account that was paid"),
        "kind": Column(_T, "", "what for"),
        "layer": Column(_T, "", "layer of the link that it passed, background, or empty for none"),
        "amount": Column(_F, _YUAN, "sum over the year"),
    },
    "events": {
        "tick": Column(_I32, "ticks", "when, counted from 0 at the start of the run"),
        "village": Column(_T, "", "where; empty for the whole district"),
        "event": Column(_T, "", "what happened"),
        "detail": Column(_T, "", "more about it"),
    },
    "households": {
        "household": Column(_I64, "", "number of the dwelling within its run"),
        "generation": Column(_I32, "", "how many households lived in the dwelling before this one"),
        "village": Column(_T, "", "village or community that it belongs to"),
        "urban": Column(_B, "", "lives in a community"),
        "registered": Column(_B, "", "locally registered (本地户籍)"),
        "party_member": Column(_B, "", "has a party member"),
        "dibao": Column(_B, "", "on the list of the subsistence allowance (低保)"),
        "ill": Column(_B, "", "somebody is ill at year-end"),
        "trust": Column(_F, "0 to 1", "trust"),
        "participation": Column(_F, "0 to 1", "participation"),
        "persons": Column(_F, "persons", "usual residents at year-end"),
        "income": Column(_F, _YUAN, "disposable income of the household"),
        "income_wage": Column(_F, _YUAN, "of which wages"),
        "income_business": Column(_F, _YUAN, "of which from business of its own, net"),
        "income_property": Column(_F, _YUAN, "of which from property, net"),
        "income_transfer": Column(_F, _YUAN, "of which transfers, net"),
        "savings": Column(_F, "yuan", "money held at year-end"),
        "debt": Column(_F, "yuan", "money owed at year-end"),
    },
}

COLUMNS: dict[str, dict[str, Column]] = {name: {**KEYS, **own} for name, own in _TABLES.items()}
"""All columns of each table with type, unit and meaning, in order."""

OUTCOME_COLUMNS: dict[str, tuple[str, str]] = {n: (c.unit, c.meaning) for n, c in _MEASURES.items()}
"""The measures of ``outcomes``, ``villages`` and ``burn_in``: name to (unit, meaning), in order."""

ANCHORED_COLUMNS = (
    "headcount_anchored_40",
    "headcount_anchored_50",
    "headcount_anchored_60",
    "poverty_entry",
    "poverty_exit",
    "poverty_reentry",
    "poverty_spell",
    "chronic_poverty",
    "transient_poverty",
)
"""Measures that rest on an anchored line: missing until its year has come, and in ``burn_in``."""

HISTORY_COLUMNS = ("rank_correlation_1", "rank_correlation_5", "shorrocks_r_5")
"""Further measures that need earlier years: missing in a run's first ones."""

TABLES: dict[str, pa.Schema] = {
    name: pa.schema([pa.field(column, c.type) for column, c in columns.items()])
    for name, columns in COLUMNS.items()
}

MENDS = {
    "households": "run it again with --snapshots",
    "burn_in": "use a scenario with a burn-in",
}
"""What brings a table that not every run keeps."""

SORT_KEYS: dict[str, tuple[str, ...]] = {
    "outcomes": ("run_id", "year", "population"),
    "villages": ("run_id", "year", "village"),
    "fifths": ("run_id", "year", "population", "fifth"),
    "lorenz": ("run_id", "year", "population", "persons_share"),
    "gains": ("run_id", "year", "population", "place_kind", "start_fifth"),
    "mobility": ("run_id", "year", "population", "lag", "from_fifth", "to_fifth"),
    "burn_in": ("run_id", "year", "population"),
    "graph": ("run_id", "year", "village", "kind", "source", "target"),
    "flows": ("run_id", "year", "payer", "payee", "kind", "layer"),
    "events": ("run_id", "year", "tick", "village", "event", "detail"),
    "households": ("run_id", "year", "household"),
}
"""What tells the rows of a table apart; two rows with equal keys are the same event, or a mistake."""


def key_columns(key: RunKey, rows: int) -> dict[str, pa.Array]:
    """The key columns of one run, ``year`` excepted, each with ``rows`` equal values."""
    return {name: pa.repeat(pa.scalar(value, KEYS[name].type), rows) for name, value in asdict(key).items()}
