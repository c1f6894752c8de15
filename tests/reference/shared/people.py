"""Where people come and go, as ``abm.world.people`` states it."""

from math import exp

from abm.population.households import LOCAL_JOB, OWN_ACCOUNT
from tests.reference.agents import Household, Worker
from tests.reference.model import PlainModel


def within_a_year(rate: float) -> float:
    """Probability of what happens at a rate per year."""
    return 1.0 - exp(-rate)


def release(worker: Worker) -> None:
    """It leaves its local job and is on own account again."""
    worker.employer.staff.remove(worker)
    worker.employer, worker.activity = None, OWN_ACCOUNT


def leave(model: PlainModel, worker: Worker) -> None:
    """It retires, becomes unable to work or moves away."""
    if worker.activity == LOCAL_JOB:
        release(worker)
    home = worker.household
    home.people.remove(worker)
    worker.remove()
    count_schooling(home)


def count_schooling(home: Household) -> None:
    """Mean years of its workers; one without any keeps what it had."""
    if home.people:
        home.schooling = sum(worker.schooling for worker in home.people) / len(home.people)
