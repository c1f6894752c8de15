"""The command line of a script that runs designs of levels: ``sys.exit(run_designs(DESIGNS, __doc__))``."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from abm.cli.main import BAD_INPUT, FAILED, GOOD, STOPPED
from abm.cli.options import check_limits
from abm.core.errors import InputError, nearest
from abm.model.plan import load_scenario
from abm.runs.levels import Level, run_levels
from abm.scenario.schema import Scenario

Designs = Mapping[str, Callable[[Scenario], Mapping[str, Level]]]
"""By name: the levels of a design, from the scenario without settings."""


def run_designs(
    designs: Designs, about: str | None, words: Sequence[str] | None = None, scenario: str = "t_district"
) -> int:
    """Run designs as the command line asks; what is done already is not done again.

    Args:
        about: the script's docstring, its first line for ``--help``.
        words: of the command line; None: those of this process.

    Returns:
        The exit code: 0 good, 1 runs have failed, 2 bad input, 130 stopped; an error is one line on stderr.
    """
    given = _options(designs, about).parse_args(words)
    try:
        check_limits(
            households=given.households,
            seed=given.seed,
            replications=given.replications,
            workers=given.workers,
        )
        for name in given.designs:
            if name not in designs:
                raise InputError(f"there is no design '{name}'", mend=nearest(name, designs))
        plain = load_scenario(scenario)
        failed = 0
        for name in given.designs or designs:
            for label, results in run_levels(
                name,
                designs[name](plain),
                given.out,
                scenario=scenario,
                replications=given.replications,
                seed=given.seed,
                households=given.households,
                workers=given.workers,
            ):
                failed += len(results.failures)
                print(f"{name} {label}: {results.ran} runs done, {len(results.failures)} failed", flush=True)
    except InputError as error:
        print(Path(sys.argv[0]).name, error, sep=": ", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("stopped; what is finished is kept, the same command goes on from there", file=sys.stderr)
        return STOPPED
    return FAILED if failed else GOOD


def _options(designs: Designs, about: str | None) -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=(about or "").strip().partition("\n")[0])
    options.add_argument(
        "designs", nargs="*", metavar="DESIGN", help=f"{', '.join(designs)}; all if left out"
    )
    options.add_argument("--out", type=Path, required=True, help="results go to OUT/DESIGN/LEVEL")
    options.add_argument("--households", type=int, default=5000)
    options.add_argument("--replications", type=int, default=16, help="seeds of each level")
    options.add_argument("--seed", type=int, default=1, help="the first seed, as in abm factorial")
    options.add_argument("--workers", type=int, help="processes; one per core if left out")
    return options
