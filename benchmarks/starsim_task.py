"""Starsim's side of ``beside_starsim.py``: the rules of ``sick_pay.py`` as a user of Starsim would write them.

It runs in an environment that has Starsim and not this project: the task comes as JSON in the first argument, each
line of the standard input asks for one run (``{"seed": 1, "lean": false}``), and each answer is one line of JSON.
"""

import json
import sys
from time import process_time

import numpy as np
import starsim as ss


class Replacement(ss.Demographics):
    """Each person dies at a rate and a newborn takes its place.

    The newborn's slot is drawn by that of the dead, as ss.Pregnancy draws it by the mother's, so that its random
    numbers do not depend on who else has died.
    """

    def __init__(self, task: dict) -> None:
        super().__init__()
        self.define_pars(
            dies=ss.bernoulli(p=ss.peryear(task["dies"])),
            slot=ss.randint(low=task["persons"] + 1, high=100 * task["persons"]),
        )

    def step(self) -> None:
        people = self.sim.people
        dead = self.pars.dies.filter()
        people.request_death(dead)
        people.grow(len(dead), self.pars.slot.rvs(dead))


class Illness(ss.Disease):
    """Falling ill and recovering at rates, and what it costs."""

    def __init__(self, task: dict) -> None:
        super().__init__()
        self.define_pars(
            falls_ill=ss.bernoulli(p=ss.peryear(task["falls_ill"])),
            recovers=ss.bernoulli(p=ss.peryear(task["recovers"])),
            income=task["income"] / task["ticks_per_year"],
            loss=task["loss"],
        )
        self.define_states(ss.BoolState("ill", label="Ill"), ss.FloatArr("cash", default=0.0, label="Cash"))

    def init_results(self) -> None:
        super().init_results()
        self.define_results(ss.Result("mean_cash", dtype=float, scale=False, label="Mean cash"))

    def step(self) -> None:
        better = self.pars.recovers.filter(self.ill)
        worse = self.pars.falls_ill.filter(~self.ill)
        self.ill[better] = False
        self.ill[worse] = True
        self.cash += self.pars.income
        self.cash[self.ill] -= self.pars.income * self.pars.loss

    def step_die(self, uids: ss.uids) -> None:
        self.ill[uids] = False

    def update_results(self) -> None:
        super().update_results()  # counts who is ill
        self.results.mean_cash[self.ti] = self.cash[self.sim.people.alive].mean()


def run(task: dict, seed: int, lean: bool) -> dict[str, float]:
    """One run; ``lean`` leaves out what Starsim records of the people in each tick unless told otherwise."""
    began = process_time()
    years = (task["ticks"] - 1) / task["ticks_per_year"]  # both ends are ticks
    sim = ss.Sim(
        n_agents=task["persons"],
        dt=ss.years(1 / task["ticks_per_year"]),
        start=2000,
        dur=ss.years(years),
        demographics=Replacement(task) if task["dies"] else None,
        diseases=Illness(task),
        use_aging=False,
        people_results=not lean,
        rand_seed=seed,
        verbose=0,
    )
    sim.init()
    ready = process_time()
    sim.run()
    done = process_time()
    if sim.t.npts != task["ticks"]:
        raise RuntimeError(f"Starsim made {sim.t.npts} ticks, not {task['ticks']}")
    illness = sim.diseases.illness
    cash = np.asarray(illness.cash.values, np.float64)
    return {
        "share_ill": float(np.mean(illness.ill.values)),
        "mean_cash": float(cash.mean()),
        "sd_cash": float(cash.std()),
        "setup": ready - began,
        "ticks": done - ready,
    }


def main() -> None:
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever Starsim says is no answer
    ss.options.crn = True
    task = json.loads(sys.argv[1])
    python = ".".join(str(part) for part in sys.version_info[:3])
    print(
        json.dumps({"starsim": ss.__version__, "numpy": np.__version__, "python": python}),
        file=answers,
        flush=True,
    )
    for line in sys.stdin:
        print(json.dumps(run(task, **json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
