"""Symmetry: nothing hangs on names, titles or the order of a list. All to the last bit."""

from collections.abc import Iterator, Mapping
from functools import partial

from abm.laws.trial import Trial, with_head
from abm.laws.verdicts import Breach, Law, breach_of
from abm.scenario.schema import Place, Scenario


def with_names(scenario: Scenario, names: Mapping[str, str]) -> Scenario:
    """The scenario with other names of places, in the plan and the programmes, too."""

    def renamed(places: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if isinstance(places, str):
            return names.get(places, places)
        return tuple(names.get(place, place) for place in places)

    rows = tuple(p.model_copy(update={"name": names.get(p.name, p.name)}) for p in scenario.places.rows)
    return with_places(scenario, rows).model_copy(
        update={
            table: tuple(x.model_copy(update={"places": renamed(x.places)}) for x in getattr(scenario, table))
            for table in ("joint_points", "programmes")
        }
    )


def with_places(scenario: Scenario, rows: tuple[Place, ...]) -> Scenario:
    """The scenario with these rows of places."""
    return scenario.model_copy(update={"places": scenario.places.model_copy(update={"rows": rows})})


def turned(scenario: Scenario, simulated: tuple[str, ...]) -> Scenario:
    """The scenario in which each simulated place has the name of the next."""
    return with_names(scenario, dict(zip(simulated, (*simulated[1:], simulated[0]), strict=True)))


def relabelled(scenario: Scenario) -> Scenario:
    """The scenario with another title, and other Chinese names of places."""
    rows = tuple(place.model_copy(update={"name_zh": f"甲{place.id}"}) for place in scenario.places.rows)
    return with_head(with_places(scenario, rows), title="another title", title_zh="另一个")


def laws(trial: Trial) -> Iterator[Law]:
    """Names in a circle, places in another order, other titles."""
    scenario, names = trial.scenario, trial.places
    here = [place for place in scenario.places.rows if place.name in names]
    elsewhere = [place for place in scenario.places.rows if place.name not in names]
    cases = {
        "names of villages are labels": (turned(scenario, names), f"{len(names)} names turned round"),
        "the order of places in the file": (
            with_places(scenario, (*reversed(here), *elsewhere)),
            f"{len(here)} places in reverse",
        ),
        "titles and Chinese names are labels": (relabelled(scenario), "another title, other names"),
    }
    for what, (case, compared) in cases.items():
        yield Law(
            f"symmetry: {what}",
            f"{compared}, {trial.years} years to the last bit",
            partial(_the_same, trial, case),
        )


def _the_same(trial: Trial, case: Scenario) -> Breach | None:
    return breach_of(trial.parting(case))
