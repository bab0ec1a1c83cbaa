"""The database: reachable, of this version, writable, with room, and nothing stuck in it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

from bot.doctor import probes
from bot.doctor.findings import Finding, ok, problem, warning
from bot.settings import Settings
from core.errors import UnavailableError

_MEGABYTE = 1024 * 1024
_LITTLE_ROOM, _NO_ROOM = 1024 * _MEGABYTE, 100 * _MEGABYTE
_LARGE_LOG = 256 * _MEGABYTE
_LATE = 300.0
"""Seconds that a row of the outbox may wait."""


async def database(settings: Settings) -> AsyncGenerator[Finding, None]:
    """The records, looked at without changing them."""
    on_disk = probes.disk(settings.database_url)
    if on_disk:
        for finding in judge_disk(on_disk):
            yield finding
        if not on_disk.exists:
            return
    try:
        found = await probes.inspect(settings.database_url)
    except UnavailableError as error:
        fix = (
            "See that no other program holds the file, that its folder is writable, and that the disk has room."
            if on_disk
            else "See that the server runs and that database_url names the right host, user and database."
        )
        yield problem(probes.told(error), "The bot cannot work.", error.hint if "newer" in error.message else fix)
        return
    for finding in judge(found, datetime.now(UTC)):
        yield finding


def judge_disk(disk: probes.Disk) -> list[Finding]:
    """The file of a SQLite database and the room around it."""
    found: list[Finding] = []
    if not disk.exists:
        fix = "Nothing, if this is the first start; else mend database_url."
        found.append(warning("The database file does not exist yet.", "The bot makes it when it starts.", fix))
    free = f"{disk.free // _MEGABYTE} MB are free on the database's disk."
    if disk.free < _NO_ROOM:
        found.append(problem(free, "Soon nothing can be recorded, and the bot stops answering.", "Make room."))
    elif disk.free < _LITTLE_ROOM:
        found.append(warning(free, "It may run full.", "Make room."))
    if disk.wal > _LARGE_LOG:
        what = f"The write-ahead log has {disk.wal // _MEGABYTE} MB."
        fix = "See which program keeps the file open (`fuser copilot.db`), end it, and restart the bot."
        found.append(warning(what, "Something reads the database without end.", fix))
    return found


def judge(found: probes.Inspection, now: datetime) -> list[Finding]:
    """What was seen in the database."""
    if found.schema:
        what = f"The database is not ready: {found.schema}."
        return [problem(what, "The bot does not start on it.", "Run `copilot migrate`.")]
    findings: list[Finding] = []
    if found.unwritable:
        fix = "Give the bot's user the right to write, or use the primary server."
        findings.append(problem(f"The database cannot be written ({found.unwritable}).", "The bot cannot work.", fix))
    late = (now - found.waits_since).total_seconds() if found.waits_since else 0.0
    if late > _LATE:
        what = f"A message waits to be sent for {late / 60:.0f} minutes."
        fix = "See that the bot runs (`copilot serve`), and its log for sender.retry."
        findings.append(warning(what, "People do not see what the bot has to say.", fix))
    if found.posts_parked:
        why = "; ".join(f"{parked.what}: {parked.reason}" for parked in found.parked[:3])
        fix = "Let the bot into those channels (Slack: `/invite @Copilot`): what waits for them is sent then."
        findings.append(warning(f"{found.posts_parked} messages could not be sent.", why, fix))
    if found.work_parked:
        why = "; ".join(f"{parked.what}: {parked.reason}" for parked in found.parked[-3:])
        fix = "Look at these runs (`status RUN-…`) and start them again where they are still wanted."
        findings.append(warning(f"{found.work_parked} pieces of work were given up.", why, fix))
    return findings or [ok("The database is reachable, current and writable; nothing is stuck.")]
