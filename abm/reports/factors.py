"""Names of what an experiment varies, as a reader sees them."""

from abm.core.names import LAYERS
from abm.graph.kinds import LINK_KINDS
from abm.reports.labels import joint_points, link_name
from abm.reports.language import say


def factor_name(name: str) -> str:
    """A dotted name in words where it is a switch of a layer or of a kind of link; parameters keep theirs."""
    first, _, rest = name.partition(".")
    if first == "switches" and rest in LAYERS:
        return joint_points(rest)
    kind = rest.removeprefix("kind.")
    if first == "switches" and kind != rest and kind in LINK_KINDS:
        return say(f"links: {link_name(kind)}", f"接点：{link_name(kind)}")
    if name == "villages_cut":
        return say("places in which links are cut", "断开接点的村居数")
    return name
