"""The kinds of links that there are (接点的种类): which layer each belongs to, what it ties and what passes along it.

Source: 000_dc7ebc0f9aeec511.txt, 三、创设接点 (the three kinds).
"""

from dataclasses import dataclass

from abm.core.names import BACKGROUND


@dataclass(frozen=True)
class LinkKind:
    """A kind of link.

    Args:
        layer: organizational, interest, social, or background.
        ends: what it ties: ``institutions``, ``household`` (to an institution) or ``households`` (to each other).
        resource: what passes along it.
        chinese: the papers' term.
    """

    layer: str
    ends: str
    resource: str
    chinese: str


LINK_KINDS = {
    "vertical": LinkKind(
        "organizational", "institutions", "instructions and cases between tiers", "纵向贯穿"
    ),
    "liaison": LinkKind("organizational", "institutions", "news of vacancies from enterprises", "横向联结"),
    "grid_branch": LinkKind("organizational", "institutions", "cases from the grid", "党支部设在网格上"),
    "alliance": LinkKind("organizational", "institutions", "staff and news between villages", "党建联盟"),
    "pairing": LinkKind(
        "organizational", "institutions", "news of vacancies from enterprises elsewhere", "村企结对"
    ),
    "case_channel": LinkKind("organizational", "household", "cases handed in at the village", "便民服务"),
    "grid": LinkKind("organizational", "household", "patrol, news, cases whistled up", "网格·吹哨办理"),
    "digital": LinkKind(
        "organizational", "household", "cases and vacancies over a platform", "数据赋能·智慧平台"
    ),
    "grant": LinkKind("organizational", "institutions", "earmarked money for the village", "专项资金"),
    "academy": LinkKind("organizational", "institutions", "courses in technique", "科研院所·支部共建"),
    "project": LinkKind("interest", "institutions", "contract on jobs and profit", "共富项目"),
    "membership": LinkKind("interest", "household", "reserved jobs and a share of profit", "利益联结"),
    "rural_bank": LinkKind(
        "interest", "institutions", "credit that the association vouches for", "农村商业银行"
    ),
    "station": LinkKind("social", "institutions", "guidance of volunteers", "社会工作服务站"),
    "volunteer": LinkKind("social", "household", "joint activity", "志愿服务"),
    "points": LinkKind("social", "household", "points for taking part, goods for points", "积分制·清单制"),
    "courtyard": LinkKind("social", "household", "joint sales, news of the courtyard trade", "庭院经济协会"),
    "fund": LinkKind("social", "household", "gifts, scholarships, help in hardship", "共富基金"),
    "course": LinkKind("social", "household", "courses for a sector", "韧性就业·培训"),
    "mutual_aid": LinkKind("social", "households", "help in need, news of jobs", "互助"),
    "kin": LinkKind(BACKGROUND, "households", "help in need, news of jobs", "亲属"),
}

TIED_IN_BY = {
    "village": "vertical",
    "grid": "grid_branch",
    "enterprise": "liaison",
    "collective": "project",
    "social_organization": "station",
    "association": "rural_bank",
}
"""The kind of link that ties an institution, by its tier or type, to the others."""

INSTITUTION_OF = {
    "case_channel": "branch",
    "grid": "grid",
    "membership": "collective",
    "volunteer": "volunteers",
    "points": "volunteers",
    "courtyard": "association",
    "fund": "fund",
    "course": "volunteers",
    "digital": "platform",
}
"""Which institution of its place a household link of each kind leads to."""
