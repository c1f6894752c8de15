"""Ids of links that users write: what can never be one is refused, what may form some day is not."""

import pytest

from abm.core.errors import InputError
from abm.graph.link_ids import INSTITUTIONS, check_link_id
from abm.model.model import JointPointModel
from tests.worlds import t_district

VILLAGES = ("BQ", "BL")


@pytest.mark.parametrize(
    "link",
    [
        "vertical:branch:district>branch:BQ",
        "grid_branch:branch:BQ>grid:BQ/1",
        "liaison:branch:BQ>enterprise:BL/12",
        "project:enterprise:BQ/900>collective:BQ",
        "station:station:district>volunteers:BL",
    ],
)
def test_ids_that_may_be(link: str) -> None:
    check_link_id(link, VILLAGES, key="link")


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("", "'' names no link; write KIND:SOURCE>TARGET"),
        ("vertical", "names no link"),
        ("vertical:branch:district", "names no link"),
        ("branch:district>branch:BQ", "there is no kind of link 'branch'"),
        ("vertcal:branch:district>branch:BQ", "there is no kind of link 'vertcal'; did you mean 'vertical'?"),
        (
            "grid:household 5>grid:BQ/1",
            "links of kind 'grid' have no id, being households'; switch it by kind",
        ),
        ("vertical:branch:district>branch:BQQ", "there is no place 'BQQ'; did you mean 'BQ'?"),
        (
            "vertical:brunch:district>branch:BQ",
            "there is no institution 'brunch:district'; did you mean 'branch'?",
        ),
        (
            "liaison:branch:BQ>enterprise:BQ/x",
            "there is no institution 'enterprise:BQ/x'; a number stands behind",
        ),
    ],
)
def test_ids_that_cannot_be(link: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        check_link_id(link, VILLAGES, key="switches.1.link", file="x.toml")
    assert str(caught.value).startswith("x.toml: switches.1.link: ")
    assert said in str(caught.value)


def test_all_links_and_institutions_of_a_run_have_such_names() -> None:
    """A new type of institution needs a line in ``INSTITUTIONS``."""
    model = JointPointModel(t_district(), households=400, years=9, views=False, rng=1)
    model.run()
    points, villages = model.world.points, model.world.scenario.village_names
    assert len(points.links) > 20
    for link in points.links:
        check_link_id(link, villages, key="link")
    assert {name.partition(":")[0] for name in points.graph} <= set(INSTITUTIONS)


def test_the_model_refuses_them_too() -> None:
    model = JointPointModel(t_district(), households=200, years=1, views=False, rng=1)
    with pytest.raises(InputError, match="link: there is no place 'XX'"):
        model.switch(link="vertical:branch:district>branch:XX")
    assert not model.world.switches
