"""``abm``: the list of commands, and what becomes of errors.

Exit codes: 0 good, 1 a failure of ours, 2 bad input, 130 stopped by the user. An error is one line on stderr.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any, NoReturn

import typer

import abm
from abm.cli.batch import batch
from abm.cli.calibrate import calibrate
from abm.cli.check import check
from abm.cli.describe import describe
from abm.cli.digest import digest
from abm.cli.displacement import displacement
from abm.cli.effects import effects
from abm.cli.export import export
from abm.cli.factorial import factorial
from abm.cli.hypotheses import hypotheses
from abm.cli.laws import laws
from abm.cli.merge import merge
from abm.cli.pack import pack
from abm.cli.placebo import placebo
from abm.cli.plan import plan
from abm.cli.replicate import replicate
from abm.cli.report import report
from abm.cli.run import run
from abm.cli.sensitivity import sensitivity
from abm.cli.show import one_line
from abm.cli.signs import signs
from abm.cli.torture import torture
from abm.cli.validate import validate
from abm.cli.verify import verify
from abm.core.errors import DamageError, InputError, StoppedError

GOOD, FAILED, BAD_INPUT, STOPPED = 0, 1, 2, 130

app = typer.Typer(
    name="abm",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
COMMANDS = (
    run,
    factorial,
    placebo,
    displacement,
    batch,
    calibrate,
    validate,
    hypotheses,
    effects,
    signs,
    sensitivity,
    report,
    check,
    describe,
    plan,
    digest,
    export,
    pack,
    replicate,
    merge,
    verify,
    torture,
    laws,
)
for command in COMMANDS:
    app.command()(command)


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
) -> None:
    """Who gains and who loses when joint-points (接点) are connected or cut.

    An agent-based laboratory of integrative governance (融合治理): households, party branches, enterprises,
    collectives and social organisations on a graph of organizational, interest and social joint-points.

    \b
    Examples:
      abm run t_district --households 3000
      abm factorial t_district --households 3000 --out r
      abm report r
    """
    if version:
        typer.echo(f"abm {abm.__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> NoReturn:
    """Entry point of the command."""
    sys.exit(execute(sys.argv[1:]))


def execute(words: Sequence[str]) -> int:
    """Do one command and return its exit code; whatever goes wrong is told in one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese shows a mark instead
    try:
        code = app(list(words), prog_name="abm", standalone_mode=False)
        sys.stdout.flush()
    except InputError as error:
        return _told(str(error), BAD_INPUT)
    except (StoppedError, DamageError) as error:
        return _told(str(error), FAILED)
    except (KeyboardInterrupt, typer.Abort):
        code = STOPPED
    except BrokenPipeError:  # whoever read our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if hasattr(error, "format_message"):
            return _told(_usage(error, words), BAD_INPUT)
        if os.environ.get("ABM_TRACEBACK"):
            sys.excepthook(type(error), error, error.__traceback__)
        what = f"{type(error).__name__}: {error}".strip(": ")
        return _told(f"FAILURE {what}; set ABM_TRACEBACK=1 to see where", FAILED)
    if code == STOPPED:
        return _told("stopped; what is finished is kept, the same command goes on from there", STOPPED)
    return code if isinstance(code, int) else GOOD


def _told(message: str, code: int) -> int:
    print("abm:", one_line(message), file=sys.stderr)
    return code


def _usage(error: Any, words: Sequence[str]) -> str:
    """A complaint about the words of the command line: option, what is wrong, where to read more."""
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    where = " ".join(["abm", *(word for word in words[:1] if word in known)])
    param, message = getattr(error, "param", None), str(error.message)
    if param is not None and message:
        wrong = "must be a whole number" if "integer" in message else message
        message = f"{(param.opts or [param.name])[0]}: {wrong}"
    else:
        message = error.format_message()
    return f"{message.rstrip('.')}; see '{where} --help'"
