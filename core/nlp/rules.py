"""High-precision rules: explicit verbs first, then a few unmistakable phrases."""

import re
from collections.abc import Sequence
from dataclasses import replace

from core.incidents.incident import Role
from core.intents.verbs import BY_NAME
from core.nlp import entities
from core.nlp.interpretation import Command, EntityType, Interpretation
from core.planning.link_codes import looks_like_code

MAX_TEXT = 4_000
"""Characters of a sentence that rules look at; nobody says more in one breath, and every rule stays fast."""
_WHOLE_TEXT = 100
"""Characters of a sentence that is one phrase, at most."""

_NEEDS_RUN = frozenset(
    {
        Command.CHANGE,
        Command.CANCEL,
        Command.PAUSE,
        Command.RESUME,
        Command.RETRY,
        Command.SKIP,
        Command.ROLLBACK,
    }
)
_QUESTIONS = frozenset({Command.HELP, Command.WHOAMI, Command.STATUS, Command.APPROVALS})
"""What `ask …` may turn out to be."""
_STANDS_ALONE = frozenset(
    {
        Command.HELP,
        Command.APPROVALS,
        Command.ALERTS,
        Command.MUTE,
        Command.UNMUTE,
        Command.WHOAMI,
        Command.UNLINK,
        Command.SETTINGS,
    }
)
_OF_INCIDENTS = frozenset({Command.INCIDENT, Command.INCIDENTS, Command.TIMELINE, Command.POSTMORTEM, Command.ROLE})
_ROLES = frozenset(role.value for role in Role)

_PHRASES: tuple[tuple[Command, re.Pattern[str]], ...] = tuple(
    (asked, re.compile(pattern, re.IGNORECASE))
    for asked, pattern in (
        (Command.WHOAMI, r"\bwho am i\b|\bwhat (may|can|am) i (allowed to )?do\b"),
        (Command.HELP, r"\bwhat can you do\b|\bhow do(es)? (you|this|it) work\b|^(hi|hello|hey|help)\b[\s!.]*$"),
        (Command.DECLARE, r"\b(open|declare|create|start|raise|call|file)\b.{0,30}\b(incident|sev[ -]?[1-4]|p[1-4])\b"),
        (Command.RESOLVE, r"\b(resolve|close)\b.{0,30}\b(incident|INC-\d+)\b"),
        (Command.POSTMORTEM, r"\bpost-?mortem\b"),
        (Command.INCIDENTS, r"\b(open|current|active|any|which|what|list|all) incidents?\b|\bincidents? (are )?open\b"),
        (Command.APPROVALS, r"\b(what|anything|who).{0,20}\b(wait\w*|pending|open)\b|\b(pending|open) approvals?\b|\bapprovals?\b.{0,20}\b(wait|pending|open)"),
        (Command.ASK, r"\b(which|what) version\b|\bwhat('s| is).{0,40}\b(deployed|live|running) (in|on)\b|\bversion of\b"),
        (Command.PLAN, r"\bdry[ -]?run\b|\b(show|see|what is|what's)\b.{0,20}\bplan (of|for|to)\b"),
        (Command.STATUS, r"\b(is|are|did|has|have|how)\b.{0,40}\b(deploy\w*|rollout|run|runs|maintenance)\b|\bwhat('s| is) running\b|\bstatus of\b|\bwhere does .{0,40} stand\b"),
        (Command.CANCEL, r"\b(cancel|stop|abort|kill)\b.{0,40}\b(run|deploy\w*|rollout|RUN-\w+)\b"),
        (Command.WHY, r"^(why|how come)\b|\bwhat('s| is| has|s)? ?(just )?(happen\w*|chang\w*|wrong|broken?|going on|up with)\b|^is [\w-]+( service)? (ok|okay|fine|healthy|up|down|broken)\b"),
        (Command.RUN, r"^(please |can you |could you )?(deploy|ship|release|roll out)\b"),
    )
)  # fmt: skip

_WHOLE: tuple[tuple[Command, re.Pattern[str]], ...] = tuple(
    (asked, re.compile(rf"(?:(?:hey|hi|hello|ok|so|please|pls)[\s,]+)*(?:{pattern})(?:[\s,]+(?:please|pls|right now|now|today))?[\s?!.]*", re.IGNORECASE))
    for asked, pattern in (
        (Command.WHOAMI, r"who am i|what (?:may|can|am) i (?:allowed to )?do(?: here)?"),
        (Command.HELP, r"what can you do(?: here)?|how do you work|help(?: me)?|hi|hello|hey"),
        (Command.APPROVALS, r"(?:what|anything)(?:'s| is| are)? (?:still )?(?:waits?|waiting|pending|open) for (?:me|us|(?:my |our |an? )?approvals?)"
         r"|(?:show|list)(?: me)?(?: all| the| my)*(?: open| pending)? approvals|(?:open|pending) approvals"),
    )
)  # fmt: skip
"""Sentences that are a phrase and nothing else: whatever else they might mean, nobody has to work it out."""


def interpret(
    text: str, *, command: bool, services: Sequence[str] = (), workflows: Sequence[str] = (), looks: bool = True
) -> Interpretation:
    """Interpret a sentence. `command`: it came after `/copilot` or `!`, so its first word must be a verb. `looks`: for what a
    sentence names, too; without that it is for the caller to look, and to ask `by_id` about a sentence of no phrase."""
    text = text.strip()
    head, _, rest = text[:MAX_TEXT].partition(" ")
    verb = head.lower().rstrip(":,")
    if not text:
        return Interpretation(Command.HELP, explicit=True)
    if verb in BY_NAME and (command or _fits(Command(verb), rest, workflows)):
        # The rest is taken from the whole text: a long question stays whole.
        whole_rest = text[len(head) :].strip()
        if verb == Command.ASK and (inner := _by_phrase(whole_rest, services)).command in _QUESTIONS:
            return inner
        return Interpretation(Command(verb), whole_rest, explicit=True, entities=entities.find(rest, services=services))
    if command:
        return Interpretation(Command.UNKNOWN, text, unknown_verb=head[:40])
    for asked, pattern in _WHOLE:
        if pattern.fullmatch(text[:_WHOLE_TEXT]):
            return Interpretation(asked, text, explicit=True)
    return _by_phrase(text, services) if looks else Interpretation(_phrase(text), text)


def by_id(said: Interpretation) -> Command:
    """What a sentence without a phrase is about that names a run or an incident."""
    return Command.STATUS if said.run else Command.INCIDENT if said.named(EntityType.INCIDENT) else Command.UNKNOWN


def _fits(asked: Command, rest: str, workflows: Sequence[str]) -> bool:
    """Verbs are ordinary words too: "run" opens a sentence as often as a command. Without a slash the rest must look the part."""
    words = rest.split()
    if asked in _STANDS_ALONE:
        return not words or (asked is Command.APPROVALS and words[0].lower() in ("all", "approve", "deny"))
    if asked is Command.DELEGATE:
        return not words or words[0].lower() == "off" or words[0][0] in "@<" or "/" in words[0]
    if asked in (Command.RUN, Command.PLAN):
        return not words or words[0].lower() in workflows or any("=" in word for word in words)
    if asked is Command.LINK:
        return not words or looks_like_code(words[0])
    if asked is Command.STATUS or asked in _NEEDS_RUN:
        return not words or words[0].upper().startswith("RUN-")
    if asked in _OF_INCIDENTS:
        return not words or words[0].upper().startswith("INC-") or words[0].lower() in _ROLES or "=" in words[0]
    return bool(words) or asked is Command.RESOLVE


def _phrase(text: str) -> Command:
    head = text[:MAX_TEXT]
    return next((asked for asked, pattern in _PHRASES if pattern.search(head)), Command.UNKNOWN)


def _by_phrase(text: str, services: Sequence[str]) -> Interpretation:
    said = Interpretation(_phrase(text), text, entities=entities.find(text[:MAX_TEXT], services=services))
    return said if said.command is not Command.UNKNOWN else replace(said, command=by_id(said))
