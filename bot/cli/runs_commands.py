"""`copilot runs`: its options. What they do is in `bot.cli.runs`, imported when a command runs."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.arguments import Config, Since

runs = typer.Typer(no_args_is_help=True, help="Runs of workflows: list, show, replay, export and steer them.")

RunId = Annotated[str, typer.Argument(metavar="RUN", help="Such as RUN-7K3QX2, in any case.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Reason = Annotated[str, typer.Option(help="Stands on the run's card and in the audit.")]


@runs.command("list")
def list_(
    config: Config = None,
    status: Annotated[list[str] | None, typer.Option(help="running, waiting, failed, …; may be repeated.")] = None,
    workflow: Annotated[str, typer.Option(help="Name of the workflow.")] = "",
    since: Since = "",
    limit: Annotated[int, typer.Option(min=1, help="Runs at most.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """List runs, latest first. Example: `copilot runs list --status failed --workflow deploy --since 7d`"""
    from bot.cli import runs as command

    command.list_runs(config, command.wanted(status or [], workflow, since, limit), json)


@runs.command()
def show(run: RunId, config: Config = None, json: Json = False) -> None:
    """Show how a run stands: parameters, steps, approvals, failure. Example: `copilot runs show RUN-7K3QX2`"""
    from bot.cli import runs as command

    command.show(config, run, json)


@runs.command()
def replay(
    run: RunId,
    config: Config = None,
    until: Annotated[int | None, typer.Option(min=1, help="Stop after this event.")] = None,
) -> None:
    """Fold a run's history again and say what each event did; ends with 1 when lists and cards would say something else.
    Example: `copilot runs replay RUN-7K3QX2 --until 12`"""
    from bot.cli import runs as command

    if not command.replay(config, run, until):
        raise typer.Exit(1)


@runs.command()
def export(
    run: Annotated[str, typer.Argument(metavar="[RUN]", help="One run; or --all.")] = "",
    config: Config = None,
    every: Annotated[bool, typer.Option("--all", help="All runs, latest first.")] = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; else standard output.")] = None,
) -> None:
    """Write runs with their histories, a JSON line each: names and texts as stored, secret parameters never.
    Example: `copilot runs export --all -o runs.jsonl`"""
    from bot.cli import runs as command

    command.export(config, run, every=every, output=output)


@runs.command()
def pause(run: RunId, config: Config = None, reason: Reason = "") -> None:
    """Let a run begin nothing new; what is under way goes on to its end."""
    _steer("pause", config, run, reason)


@runs.command()
def resume(run: RunId, config: Config = None, reason: Reason = "") -> None:
    """Go on with a run that is paused."""
    _steer("resume", config, run, reason)


@runs.command()
def cancel(run: RunId, config: Config = None, reason: Reason = "") -> None:
    """Stop a run; what has acted and can be undone is undone. Example: `copilot runs cancel RUN-7K3QX2 --reason "wrong version"`"""
    _steer("cancel", config, run, reason)


@runs.command()
def retry(run: RunId, config: Config = None, reason: Reason = "") -> None:
    """Go on with a run that failed, was stopped or ran out of time: what failed happens again."""
    _steer("retry", config, run, reason)


@runs.command()
def skip(run: RunId, config: Config = None, reason: Reason = "") -> None:
    """Go on with a run that failed, without the step that failed."""
    _steer("skip", config, run, reason)


@runs.command()
def rollback(run: RunId, config: Config = None, reason: Reason = "") -> None:
    """Undo what a run that is over has done, in reverse order."""
    _steer("rollback", config, run, reason)


def _steer(verb: str, config: Path | None, run: str, reason: str) -> None:
    from bot.cli import runs as command

    command.steer(config, run, verb, reason)
