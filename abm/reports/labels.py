"""Names of measures, layers, arms and flows as a reader sees them, with units and the Chinese terms."""

from dataclasses import dataclass
from math import isfinite

from abm.analysis.arms import LETTERS, arm_of
from abm.analysis.contrasts import EVERY_LAYER
from abm.analysis.money import LEFT_OUT
from abm.core.ledger import FLOW_KINDS
from abm.core.names import LAYERS
from abm.records.schema import OUTCOME_COLUMNS

MINUS = "\N{MINUS SIGN}"
NONE = "\N{EN DASH}"
"""Stands where there is no number."""


@dataclass(frozen=True)
class Label:
    """How one measure is written.

    Args:
        english, chinese: its name.
        unit: unit of a level, after multiplying by ``scale``; "" for a pure number.
        effect_unit: unit of a difference, after multiplying by ``effect_scale``.
        digits, effect_digits: decimals shown.
    """

    english: str
    chinese: str
    unit: str = ""
    scale: float = 1.0
    digits: int = 3
    effect_unit: str = "\N{MULTIPLICATION SIGN} 1000"
    effect_scale: float = 1000.0
    effect_digits: int = 1

    def level(self, value: float) -> str:
        """A level as text, without its unit."""
        return number(value * self.scale, self.digits)

    def effect(self, value: float) -> str:
        """A difference as text with its sign, without its unit."""
        return signed(value * self.effect_scale, self.effect_digits)

    def effect_interval(self, low: float, high: float) -> str:
        """An interval of a difference as text."""
        return interval(low * self.effect_scale, high * self.effect_scale, self.effect_digits)

    @property
    def with_unit(self) -> str:
        """Name and unit of a level."""
        return f"{self.english}, {self.unit}" if self.unit else self.english

    @property
    def axis(self) -> str:
        """What an axis of levels says under a title that names the measure."""
        return f"share of people, {self.unit}" if self.english.startswith("headcount") else self.with_unit

    @property
    def with_effect_unit(self) -> str:
        """Name and unit of a difference: for an index "Gini × 1000", else "mean income, yuan"."""
        joint = " " if self.effect_unit.startswith("\N{MULTIPLICATION SIGN}") else ", "
        return f"{self.english}{joint}{self.effect_unit}"


def _share(english: str, chinese: str) -> Label:
    return Label(english, chinese, "%", 100.0, 1, "percentage points", 100.0, 2)


def _yuan(english: str, chinese: str) -> Label:
    return Label(english, chinese, "yuan a year", 1.0, 0, "yuan a year", 1.0, 0)


def _ratio(english: str, chinese: str) -> Label:
    return Label(english, chinese, "", 1.0, 2)


_LABELS = {
    "mean_income": _yuan("mean income per head", "人均可支配收入"),
    "median_income": _yuan("median income per head", "可支配收入中位数"),
    "gini": Label("Gini", "基尼系数"),
    "theil_t": Label("Theil's T", "泰尔指数 T"),
    "theil_l": Label("Theil's L", "泰尔指数 L"),
    "theil_t_between_villages": Label("Theil's T between villages", "村际泰尔指数"),
    "theil_t_between_urban_rural": Label("Theil's T between urban and rural", "城乡间泰尔指数"),
    "atkinson_05": Label("Atkinson index, aversion 0.5", "阿特金森指数 (0.5)"),
    "atkinson_1": Label("Atkinson index, aversion 1", "阿特金森指数 (1)"),
    "atkinson_2": Label("Atkinson index, aversion 2", "阿特金森指数 (2)"),
    "palma": _ratio("Palma ratio", "帕尔马比值"),
    "s80_s20": _ratio("S80/S20 ratio", "五等分收入比"),
    "headcount_40": _share("headcount, floating 40 % line", "贫困率 (40 %)"),
    "headcount_50": _share("headcount, floating 50 % line", "贫困率 (50 %)"),
    "headcount_60": _share("headcount, floating 60 % line", "贫困率 (60 %)"),
    "headcount_anchored_40": _share("headcount, anchored 40 % line", "贫困率 (锚定 40 %)"),
    "headcount_anchored_50": _share("headcount, anchored 50 % line", "贫困率 (锚定 50 %)"),
    "headcount_anchored_60": _share("headcount, anchored 60 % line", "贫困率 (锚定 60 %)"),
    "poverty_gap_60": _share("poverty gap, floating 60 % line", "贫困缺口"),
    "poverty_severity_60": _share("poverty severity, floating 60 % line", "贫困强度"),
    "urban_rural_ratio": _ratio("urban over rural mean income", "城乡收入比"),
    "share_wage": _share("share of wages in income", "工资性收入占比"),
    "share_business": _share("share of business income", "经营净收入占比"),
    "share_property": _share("share of property income", "财产净收入占比"),
    "share_transfer": _share("share of transfers in income", "转移净收入占比"),
    "poverty_entry": _share("entry into poverty", "致贫率"),
    "poverty_exit": _share("exit from poverty", "脱贫率"),
    "poverty_reentry": _share("return to poverty within three years", "返贫率"),
    "poverty_spell": Label(
        "length of spells of poverty so far", "贫困持续时间", "years", 1.0, 2, "years", 1.0, 2
    ),
    "chronic_poverty": Label("chronic poverty", "长期贫困"),
    "transient_poverty": Label("transient poverty", "暂时贫困"),
    "rank_correlation_1": Label("rank correlation with the year before", "相邻年份位次相关"),
    "rank_correlation_5": Label("rank correlation over five years", "五年位次相关"),
    "shorrocks_r_5": Label("Shorrocks' mobility R over five years", "肖洛克斯流动指数"),
    "wolfson": Label("Wolfson's polarisation", "沃尔夫森极化指数"),
    "middle_share": _share("people with 0.75 to 2 times the median", "中等收入群体占比"),
    "relative_deprivation": _yuan("mean relative deprivation", "相对剥夺"),
    "gini_grouped": Label("Gini of fifths", "分组基尼系数"),
    "share_fifth_1": _share("income share of the poorest fifth", "最低五分之一收入份额"),
    "share_fifth_2": _share("income share of the second fifth", "第二个五分之一收入份额"),
    "share_fifth_3": _share("income share of the middle fifth", "中间五分之一收入份额"),
    "share_fifth_4": _share("income share of the fourth fifth", "第四个五分之一收入份额"),
    "share_fifth_5": _share("income share of the richest fifth", "最高五分之一收入份额"),
    "savings_years": Label("savings", "储蓄", "years of income", 1.0, 2, "years of income", 1.0, 2),
    "vacancy_rate": _share("jobs that stand open", "职位空缺率"),
    "local_job_share": _share("able workers with a local job", "本地就业比例"),
    "workers_primary": _share("workers at home in farming", "第一产业从业比例"),
    "workers_secondary": _share("workers at home in processing and solar power", "第二产业从业比例"),
    "workers_tertiary": _share("workers at home in services, tourism and trade", "第三产业从业比例"),
    "children_share": _share("children among residents", "少儿比例"),
    "elder_share": _share("elders among residents", "老年人比例"),
    "dwellings_empty": _share("dwellings that stand empty", "空置住宅比例"),
    "employment_rate": _share("able workers at work", "就业率"),
    "migrant_share": _share("able workers working away", "外出务工比例"),
    "collective_income": _yuan("income of the collectives, in all", "集体收入"),
    "mean_trust": Label("mean trust (0 to 1)", "信任"),
    "mean_participation": Label("mean participation (0 to 1)", "参与"),
    "integration_index": Label("integration index (0 to 1)", "融合度"),
    "reach_poor": _share("poor people with an active joint-point", "贫困人口覆盖率"),
    "outside_net_per_head": _yuan("net money from outside per head", "人均外部净流入"),
    "bottom_coded": _share("people whose income was bottom-coded", "下限编码比例"),
}


def label(measure: str) -> Label:
    """The label of a measure; one that has none of its own is shown by its column's name."""
    if measure in _LABELS:
        return _LABELS[measure]
    unit = OUTCOME_COLUMNS.get(measure, ("", ""))[0]
    return Label(measure.replace("_", " "), "", unit, 1.0, 0, unit, 1.0, 1)


LAYER_NAMES = {
    "organizational": ("organizational", "组织接点"),
    "interest": ("interest", "利益接点"),
    "social": ("social", "社会接点"),
    EVERY_LAYER: ("all three", "三类接点"),
}
"""English and Chinese by layer."""

POPULATION_NAMES = {
    "all": ("all residents", "全体居民"),
    "urban": ("urban residents", "社区居民"),
    "rural": ("rural residents", "村居民"),
    "registered": ("registered residents", "本地户籍人口"),
    "floating": ("floating population", "流动人口"),
}

OTHERS_NAMES = {
    "on": "the other two on",
    "off": "the other two off",
    "averaged": "averaged over the other two",
}
"""State of the other layers in a contrast."""


def layer_name(layer: str, *, chinese: bool = False) -> str:
    """A layer's name; with ``chinese`` the term of the papers in brackets."""
    english, term = LAYER_NAMES[layer]
    return f"{english} ({term})" if chinese else english


def arm_name(arm: str) -> str:
    """An arm in words: what is on and what is cut."""
    everything = set(LAYERS)
    if arm == arm_of(everything):
        return "all three on"
    if arm == arm_of(set()):
        return "all three cut"
    on = [layer for layer in LAYERS if LETTERS[layer] in arm]
    if arm != arm_of(set(on)):
        return arm  # a strength between 0 and 1: the arm's own name says it best
    cut = [layer for layer in LAYERS if layer not in on]
    return f"{' and '.join(cut)} cut" if len(cut) == 1 else f"only {on[0]} on"


def arm_short(arm: str) -> str:
    """An arm in one or two words, for the end of a line."""
    return {"all three on": "all on", "all three cut": "all cut"}.get(arm_name(arm), arm_name(arm))


ACCOUNTS = {
    "household": "households",
    "enterprise": "enterprises",
    "collective": "collectives",
    "social_organization": "social organisations",
    "association": "associations",
    "fund": "funds",
    "government": "government",
    "programme": "programmes",
    "bank": "bank",
    "outside": "outside",
}


def account_name(kind: str) -> str:
    """A kind of account in the plural."""
    return ACCOUNTS.get(kind, kind.replace("_", " "))


def flow_name(kind: str) -> str:
    """A kind of flow in words."""
    return kind.replace("_", " ")


def income_name(kind: str, layer: str) -> str:
    """A part of mean income: the kind of flow and, in brackets, what it passed."""
    if kind == LEFT_OUT:
        return "left out: all members away"
    return f"{flow_name(kind)} ({channel_name(layer)})"


def flow_meaning(kind: str) -> str:
    """The phrase that says what a kind of flow is; empty where the ledger knows none."""
    booked = FLOW_KINDS.get(kind)
    return "" if booked is None else booked.meaning


def channel_name(layer: str) -> str:
    """What a flow passed: a joint-point's layer, kin, or an ordinary market or office."""
    if layer in LAYERS:
        return layer
    return {"": "no joint-point", "background": "kin and market ties"}.get(layer, layer)


def capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def number(value: float, digits: int = 0) -> str:
    """A number with thin spaces between thousands and a real minus sign."""
    if not isfinite(value):
        return NONE if value != value else ("infinite" if value > 0 else f"{MINUS}infinite")
    text = f"{value:,.{digits}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return _minus(text)


def signed(value: float, digits: int = 0) -> str:
    """A number with its sign; what rounds to zero has none."""
    text = number(value, digits)
    positive = value > 0 and any(figure in "123456789" for figure in text)
    return f"+{text}" if positive else text


def interval(low: float, high: float, digits: int = 0) -> str:
    """An interval, "−10.5 to −7.1"; a dash where there is none."""
    if not (isfinite(low) and isfinite(high)):
        return NONE
    return f"{signed(low, digits)} to {signed(high, digits)}"


def percent(share: float, digits: int = 0) -> str:
    """A share in percent."""
    return NONE if not isfinite(share) else f"{number(share * 100, digits)} %"


def _minus(text: str) -> str:
    if text.startswith("-") and any(figure in "123456789" for figure in text):
        return MINUS + text[1:]
    return text.removeprefix("-")
