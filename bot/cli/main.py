"""`copilot`: one command line for people and for process managers. Each command imports what it needs when it runs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.arguments import Config, Since, Until
from bot.cli.runs_commands import runs
from core.errors import BotError, DefinitionError, UserInputError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A chat-ops bot for Slack and Discord. Try `copilot demo`.",
)

audit = typer.Typer(
    no_args_is_help=True, help="The record of writes, decisions and refusals: check it, export it, search it."
)
app.add_typer(audit, name="audit")
app.add_typer(runs, name="runs")


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
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of workflow files.")] = False,
) -> None:
    """Check settings and workflow definitions; says file, line and reason. Example: `copilot check workflows/`"""
    from bot.cli import check as command

    command.run(paths or [], config, options, schema)


@app.command()
def graph(
    name: Annotated[str, typer.Argument(metavar="WORKFLOW|RUN", help="Name of a workflow, or RUN-7K3QX2.")],
    config: Config = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File, .svg or .png; else SVG on standard output.")
    ] = None,
) -> None:
    """Draw a workflow, or a run as it stands. Example: `copilot graph deploy -o deploy.png`"""
    from bot.cli import graph as command

    command.run(config, name, output)


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
def approvals(
    which: Annotated[
        list[str] | None, typer.Argument(help="all; or approve APR-… with a comment, deny APR-… with a reason.")
    ] = None,
    config: Config = None,
    json: Annotated[bool, typer.Option("--json", help="Print the reply as JSON, for programs.")] = False,
) -> None:
    """Show what waits for an approval, yours first, and decide it: `copilot approvals approve APR-7K3QX2 looks good`."""
    from bot.cli import ask as command

    command.run(" ".join(["approvals", *(which or ())]), config, json)


Service = Annotated[
    list[str] | None, typer.Option("--service", "-s", help="A service of the catalogue; may be repeated.")
]
Timezone = Annotated[str, typer.Option(help="The person's, such as Europe/Berlin.")]
Lines = Annotated[
    bool, typer.Option("--jsonl", help="Read one JSON object a line from standard input, write one a line, in order.")
]


@app.command()
def interpret(
    sentence: Annotated[list[str] | None, typer.Argument(help="What somebody says.")] = None,
    jsonl: Lines = False,
    service: Service = None,
    timezone: Timezone = "UTC",
) -> None:
    """Show what the bot understands of a sentence: intent, entities, severity. Needs no settings and no records.

    With --jsonl: {"text", "now"?, "timezone"?, "services"?}, or a conversation {"turns": [{"text", "reply"?}]}.
    """
    from bot.cli import interpret as command

    if jsonl:
        command.run_lines()
    else:
        command.run(_spoken(sentence), service or [], timezone)


@app.command()
def translate(
    question: Annotated[
        list[str] | None, typer.Argument(help="A question about metrics, logs, traces or records.")
    ] = None,
    language: Annotated[str, typer.Option("--language", "-l", help="promql, logql, traceql or sql.")] = "promql",
    jsonl: Lines = False,
    service: Service = None,
    timezone: Timezone = "UTC",
) -> None:
    """Translate a question to a checked query and say what it does. Needs no settings and no records.

    With --jsonl: {"text", "language", "now"?, "timezone"?, "services"?} gets "query", or "error" with the reason.
    """
    from bot.cli import translate as command

    if jsonl:
        command.run_lines()
    else:
        command.run(_spoken(question), language, service or [], timezone)


@app.command("eval")
def evaluate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Evaluation sets, JSON lines; none: those that --floor names.")
    ] = None,
    floor: Annotated[
        Path | None, typer.Option(help="Bounds by set and figure, YAML or JSON; ends with 1 when one is broken.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write the report to this Markdown file.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write all figures to this JSON file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write the reliability diagram to this PNG file.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say only which bounds are broken.")] = False,
) -> None:
    """Measure how well sentences are understood, on sets of labelled examples."""
    from bot.cli import eval as command

    command.run(files or [], floor=floor, plot=plot, as_json=json, as_markdown=report, quiet=quiet)


@app.command()
def corrections(
    config: Config = None,
    limit: Annotated[int, typer.Option(min=1, help="How many at most, latest first.")] = 1_000,
) -> None:
    """Print what people meant where the bot was unsure or wrong, as JSON lines without names: candidates for training, to be reviewed."""
    from bot.cli import corrections as command

    command.run(config, limit)


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


@audit.command("verify")
def audit_verify(
    config: Config = None,
    head: Annotated[str, typer.Option(help="Hash of a seal that an export told: it must still be in the chain.")] = "",
) -> None:
    """Walk the hash chain. Names the first bad record and ends with 1 when it is broken; tells how many records wait for a seal."""
    from bot.cli import audit as command

    if not command.verify(config, head):
        raise typer.Exit(1)


@audit.command("export")
def audit_export(
    config: Config = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; else standard output.")] = None,
    since: Since = "",
    until: Until = "",
) -> None:
    """Write every record with its seal as a JSON line, and tell the hash of the last seal: keep that elsewhere."""
    from bot.cli import audit as command

    command.export(config, output, since, until)


@audit.command("search")
def audit_search(
    config: Config = None,
    actor: Annotated[str, typer.Option(help="Account: slack:T0123/U1.")] = "",
    action: Annotated[str, typer.Option(help="How the action begins: run., approval.decide.")] = "",
    target: Annotated[str, typer.Option(help="What it was done to: RUN-7K3QX2.")] = "",
    outcome: Annotated[str, typer.Option(help="done, refused or failed.")] = "",
    since: Since = "",
    until: Until = "",
    text: Annotated[str, typer.Option(help="Stands anywhere in the record.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="Records at most.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")] = False,
) -> None:
    """Find records, latest first."""
    from bot.cli import audit as command

    command.search(config, command.filters(actor, action, target, outcome, since, until, text, limit), json)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="To write; .gz: a portable archive even of SQLite.")],
    config: Config = None,
) -> None:
    """Copy the records to a file while the bot works: a checked SQLite file, or an archive that fits both databases."""
    from bot.cli import backup as command

    command.backup(config, file)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="What `copilot backup` wrote.")],
    config: Config = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of the records that are there.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for programs.")] = False,
    broken_audit: Annotated[bool, typer.Option("--broken-audit", help="Even if its audit chain is broken.")] = False,
) -> None:
    """Bring a backup back, checked whole before anything changes. Stop the bot first."""
    from bot.cli import backup as command

    command.restore(config, file, replace=replace, yes=yes, broken_audit=broken_audit)


@app.command()
def forget(
    account: Annotated[str, typer.Argument(help="platform:workspace/ID, such as slack:T0123/U1.")],
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for programs.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased.")] = False,
) -> None:
    """Erase a person from all records: what they wrote, their names, their accounts. The audit chain stays valid."""
    from bot.cli import forget as command

    command.run(config, account, yes=yes, dry_run=dry_run)


def _spoken(words: list[str] | None) -> str:
    if not words:
        raise UserInputError("There is nothing said.", hint='Say "p99 of checkout since lunch", or --jsonl.')
    return " ".join(words)


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
