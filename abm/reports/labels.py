"""Names of measures, layers, arms and flows as a reader sees them, with units and the Chinese terms."""

from dataclasses import dataclass
from math import isfinite

from abm.analysis.arms import LETTERS, arm_of
from abm.analysis.contrasts import EVERY_LAYER
from abm.analysis.money import LEFT_OUT
from abm.core.ledger import FLOW_KINDS
from abm.core.names import LAYERS
from abm.graph.kinds import LINK_KINDS
from abm.records.schema import OUTCOME_COLUMNS
from abm.reports.flows_in_chinese import FLOWS_IN_CHINESE
from abm.reports.language import language, say

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
    def name(self) -> str:
        """In the language spoken."""
        return say(self.english, self.chinese or self.english)

    @property
    def with_unit(self) -> str:
        """Name and unit of a level."""
        unit = unit_name(self.unit)
        return f"{self.name}{say(', ', '，')}{unit}" if unit else self.name

    @property
    def with_chinese(self) -> str:
        """The same with the Chinese term beside an English name."""
        beside = f" ({self.chinese})" if self.chinese and language() == "en" else ""
        return self.with_unit + beside

    @property
    def axis(self) -> str:
        """What an axis of levels says under a title that names the measure."""
        if self.english.startswith("headcount"):
            return say(f"share of people, {self.unit}", f"人口占比，{self.unit}")
        return self.with_unit

    @property
    def is_index(self) -> bool:
        """Whether its differences are shown in thousandths."""
        return self.effect_unit.startswith("\N{MULTIPLICATION SIGN}")

    @property
    def with_effect_unit(self) -> str:
        """Name and unit of a difference: for an index "Gini × 1000", else "mean income, yuan"."""
        joint = " " if self.is_index else say(", ", "，")
        return f"{self.name}{joint}{unit_name(self.effect_unit)}"

    @property
    def spoken_unit(self) -> str:
        """The unit of a difference in a sentence."""
        return say("thousandths", "千分点") if self.is_index else unit_name(self.effect_unit)


_UNITS = {
    "yuan a year": "元/年",
    "percentage points": "个百分点",
    "years": "年",
    "years of income": "年收入",
    "messages a year": "条/年",
}


def unit_name(unit: str) -> str:
    """A unit in the language spoken."""
    return say(unit, _UNITS.get(unit, unit))


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
    "theil_t_between_villages": Label(
        "Theil's T between places (villages and communities)", "村居间泰尔指数"
    ),
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
    "relative_deprivation": _yuan("mean relative deprivation", "平均相对剥夺"),
    "gini_grouped": Label("Gini of fifths", "分组基尼系数"),
    "share_fifth_1": _share("income share of the poorest fifth", "最低五分之一收入份额"),
    "share_fifth_2": _share("income share of the second fifth", "第二个五分之一收入份额"),
    "share_fifth_3": _share("income share of the middle fifth", "中间五分之一收入份额"),
    "share_fifth_4": _share("income share of the fourth fifth", "第四个五分之一收入份额"),
    "share_fifth_5": _share("income share of the richest fifth", "最高五分之一收入份额"),
    "savings_years": Label("savings", "储蓄存量", "years of income", 1.0, 2, "years of income", 1.0, 2),
    "vacancy_rate": _share("jobs that stand open", "职位空缺率"),
    "local_job_share": _share("able workers with a local job", "本地就业比例"),
    "workers_primary": _share("workers at home in farming", "第一产业从业比例"),
    "workers_secondary": _share("workers at home in processing and solar power", "第二产业从业比例"),
    "workers_tertiary": _share("workers at home in services, tourism and trade", "第三产业从业比例"),
    "children_share": _share("children among residents", "少儿比例"),
    "elder_share": _share("elders among residents", "老年人比例"),
    "dwellings_empty": _share("dwellings that stand empty", "空置住宅比例"),
    "employment_rate": _share("able workers with a job, here or away", "受雇或外出比例"),
    "migrant_share": _share("able workers working away", "外出务工比例"),
    "collective_income": _yuan("income of the collectives, in all", "村集体收入合计"),
    "mean_trust": Label("mean trust (0 to 1)", "平均信任度 (0–1)"),
    "mean_participation": Label("mean participation (0 to 1)", "平均参与度 (0–1)"),
    "mean_effort": _share("own-account time that is worked", "自主经营劳动投入"),
    "integration_index": Label("integration index (0 to 1)", "融合度 (0–1)"),
    "reach_poor": _share(
        "poorest two fifths before the switch whom interest joint-points pay",
        "切换前收入最低 40 % 人口的利益接点覆盖率",
    ),
    "outside_net_per_head": _yuan("net money from outside per head", "人均外部净流入"),
    "bottom_coded": _share("people whose income was bottom-coded", "下限编码比例"),
}


def label(measure: str) -> Label:
    """The label of a measure; one that has none of its own is shown by its column's name."""
    if measure in _LABELS:
        return _LABELS[measure]
    unit = OUTCOME_COLUMNS.get(measure, ("", ""))[0]
    return Label(measure.replace("_", " "), "", unit, 1.0, 0, unit, 1.0, 1)


def population_name(population: str) -> str:
    """A population in words."""
    return say(*POPULATION_NAMES[population])


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


def layer_name(layer: str, *, chinese: bool = False) -> str:
    """A layer's name; with ``chinese`` the term of the papers in brackets beside an English one."""
    english, term = LAYER_NAMES[layer]
    return say(f"{english} ({term})" if chinese else english, term)


def joint_points(layer: str) -> str:
    """The joint-points of a layer, to begin a sentence or a title with."""
    every = layer == EVERY_LAYER
    english = "All three kinds of joint-points" if every else f"{capital(layer)} joint-points"
    return say(english, LAYER_NAMES[layer][1])


def arm_name(arm: str) -> str:
    """An arm in words: what is on, what is cut or rewired, and where if not everywhere."""
    letters, _, places = arm.partition("@")
    if places:
        named = places.replace("+", ", ")
        return say(f"{arm_name(letters)} in {named}", f"{arm_name(letters)}（{named}）")
    if "*" in arm:
        rewired = [layer for layer in LAYERS if f"{LETTERS[layer]}*" in arm]
        others = arm.replace("*", "")
        beside = "" if others == arm_of(set(LAYERS)) else f" ({others})"
        chinese = "、".join(LAYER_NAMES[layer][1] for layer in rewired)
        return say(f"{' and '.join(rewired)} rewired{beside}", f"{chinese}随机重连{beside}")
    everything = set(LAYERS)
    if arm == arm_of(everything):
        return say("all three on", "三类全开")
    if arm == arm_of(set()):
        return say("all three cut", "三类全断")
    on = [layer for layer in LAYERS if LETTERS[layer] in arm]
    if arm != arm_of(set(on)):
        return arm  # a strength between 0 and 1: the arm's own name says it best
    cut = [layer for layer in LAYERS if layer not in on]
    if len(cut) == 1:
        return say(f"{cut[0]} cut", f"断开{LAYER_NAMES[cut[0]][1]}")
    return say(f"only {on[0]} on", f"仅开{LAYER_NAMES[on[0]][1]}")


def arm_short(arm: str) -> str:
    """An arm in one or two words, for the end of a line."""
    if arm == arm_of(set(LAYERS)):
        return say("all on", "全开")
    if arm == arm_of(set()):
        return say("all cut", "全断")
    return arm_name(arm)


ACCOUNTS = {
    "household": ("households", "居民户"),
    "enterprise": ("enterprises", "企业"),
    "collective": ("collectives", "村集体"),
    "social_organization": ("social organisations", "社会组织"),
    "association": ("associations", "行业协会"),
    "fund": ("funds", "共富基金"),
    "government": ("government", "政府"),
    "programme": ("programmes", "专项资金"),
    "bank": ("bank", "银行"),
    "outside": ("outside", "区外"),
}


def account_name(kind: str) -> str:
    """A kind of account in the plural."""
    plain = kind.replace("_", " ")
    return say(*ACCOUNTS.get(kind, (plain, plain)))


def flow_name(kind: str) -> str:
    """A kind of flow in words."""
    plain = kind.replace("_", " ")
    return say(plain, FLOWS_IN_CHINESE.get(kind, plain))


def income_name(kind: str, layer: str) -> str:
    """A part of mean income: the kind of flow and, in brackets, what it passed."""
    if kind == LEFT_OUT:
        return say("left out: all members away", "未计入：全家外出")
    return f"{flow_name(kind)} ({channel_name(layer)})"


def link_name(kind: str) -> str:
    """A kind of link in words."""
    plain = kind.replace("_", " ")
    return say(plain, LINK_KINDS[kind].chinese if kind in LINK_KINDS else plain)


PLACE_KINDS = {
    "mountain": ("mountain villages", "山区村"),
    "suburban": ("suburban villages", "近郊村"),
    "urban_village": ("urban villages", "城中村"),
    "community": ("communities", "社区"),
}


def place_kind_name(kind: str) -> str:
    """A kind of place of the scenario in the plural; one of a user's own is shown by its name."""
    plain = kind.replace("_", " ")
    return say(*PLACE_KINDS.get(kind, (plain, plain)))


def flow_meaning(kind: str) -> str:
    """The phrase that says what a kind of flow is; empty where the ledger knows none."""
    booked = FLOW_KINDS.get(kind)
    return "" if booked is None else booked.meaning


def channel_name(layer: str) -> str:
    """What a flow passed: a joint-point's layer, kin, or an ordinary market or office."""
    if layer in LAYERS:
        return layer_name(layer)
    known = {"": ("no joint-point", "无接点"), "background": ("kin and market ties", "亲属和市场联系")}
    return say(*known.get(layer, (layer, layer)))


def question_name(question: str) -> str:
    """What is asked: to cut all links of a layer, or only those of the programmes."""
    known = {"cut": "全部断开", "programme": "仅断开新增项目"}
    return say(question, known.get(question, question))


def budget_name(budget: str) -> str:
    """What becomes of money that a cut programme does not spend."""
    known = {"neutral": "资金中性", "withheld": "资金不投入"}
    return say(budget, known.get(budget, budget))


def capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


def number(value: float, digits: int = 0) -> str:
    """A number with thin spaces between thousands and a real minus sign."""
    if not isfinite(value):
        infinite = say("infinite", "无穷大")
        return NONE if value != value else (infinite if value > 0 else f"{MINUS}{infinite}")
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
    return f"{signed(low, digits)} {say('to', '至')} {signed(high, digits)}"


def percent(share: float, digits: int = 0) -> str:
    """A share in percent."""
    return NONE if not isfinite(share) else f"{number(share * 100, digits)} %"


def _minus(text: str) -> str:
    if text.startswith("-") and any(figure in "123456789" for figure in text):
        return MINUS + text[1:]
    return text.removeprefix("-")
