"""`copilot`: one command line for people and for process managers. Each command imports what it needs when it runs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from core.errors import BotError, DefinitionError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A chat-ops bot for Slack and Discord. Try `copilot demo`.",
)

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file; else COPILOT_CONFIG or ./copilot.toml.")
]


@app.command()
def demo(
    port: Annotated[
        int | None, typer.Option(envvar="COPILOT_DEMO_PORT", help="Port of the chat page; else 8090, or a free one.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Where the demo keeps its records.")] = Path(".demo"),
) -> None:
    """Run the bot against bundled Slack and Discord emulators, with a chat page in the browser. Needs no key and no account."""
    from bot.cli import demo as command

    command.run(port, data)


@app.command()
def serve(config: Config = None) -> None:
    """Run the bot: platforms, HTTP, and workers, in one process."""
    from bot.cli import serve as command

    command.serve(config)


@app.command()
def work(config: Config = None) -> None:
    """Run workers only: runs, timers and the outbox, for a bot scaled out over several processes."""
    from bot.cli import serve as command

    command.work(config)


@app.command()
def migrate(config: Config = None) -> None:
    """Bring the database to this version's schema. Safe to repeat."""
    from bot.cli import records as command

    command.migrate(config)


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Workflow files or folders; none: the configured ones.")
    ] = None,
    config: Config = None,
    options: Annotated[bool, typer.Option("--options", help="List every setting with its default.")] = False,
) -> None:
    """Check settings and workflow definitions; says file, line and reason."""
    from bot.cli import check as command

    command.run(paths or [], config, options)


@app.command()
def emulate(
    platform: Annotated[str, typer.Argument(help="slack or discord")],
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 0,
    page: Annotated[bool, typer.Option(help="Also serve the chat page.")] = True,
    limits: Annotated[bool, typer.Option(help="Keep to the platform's rate limits.")] = True,
) -> None:
    """Run an emulator for any bot, with a chat page to act as its people."""
    from bot.cli import emulate as command

    command.run(platform, port, page, limits)


@app.command()
def ask(
    question: Annotated[list[str], typer.Argument(help="A question, or a verb with its arguments.")],
    config: Config = None,
    json: Annotated[bool, typer.Option("--json", help="Print the reply as JSON, for programs.")] = False,
) -> None:
    """Ask the same engine from a terminal."""
    from bot.cli import ask as command

    command.run(" ".join(question), config, json)


@app.command()
def doctor(
    config: Config = None,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON, for programs.")] = False,
) -> None:
    """Check tokens, scopes, events, channels, clock, database, queue and services; says what is wrong and how to mend it."""
    from bot.cli import doctor as command

    command.run(config, json)


@app.command()
def manifest(
    platform: Annotated[str, typer.Argument(help="slack or discord")],
    config: Config = None,
    url: Annotated[str, typer.Option(help="Slack over HTTP: the bot's public address; else Socket Mode.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON, for programs.")] = False,
) -> None:
    """Print what sets the bot up on a platform: Slack's app manifest, or Discord's invitation and switches."""
    from bot.cli import manifest as command

    command.run(platform, config, url, json)


def main() -> None:
    """Run a command; expected errors are told in words, with the exit code 2 for wrong input and 1 for everything else."""
    try:
        app()
    except DefinitionError as error:
        print(error.message, file=sys.stderr)
        sys.exit(2)
    except BotError as error:
        print(f"copilot: {error.message}" + (f"\n{error.hint}" if error.hint else ""), file=sys.stderr)
        sys.exit(2 if error.status < 500 else 1)
    except KeyboardInterrupt:
        sys.exit(130)
