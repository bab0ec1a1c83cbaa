"""What is left of a person after they were erased. Pure: rewrites values; which tables hold them is in `storage.erasure`.

The id in each of their accounts becomes a pseudonym, the same everywhere and drawn at random: histories still fold, rows of one
person still belong together, and nobody finds the person from it. Names, and what they wrote themselves, become a tombstone. Plans
stay: the parameters of a run are what was approved. What others wrote stays, but for mentions and the full name in it; a name of
one word is replaced only where it is marked as one (`@Dana`, `**Dana**`), since it may be a word of the language, too.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from core.messages import Account, Platform
from core.ports.records import AuditRow

_OWN_WORDS = frozenset({"comment", "reason", "text", "name", "title", "summary", "message"})
"""Names of fields in which people write."""


@dataclass(frozen=True)
class Erased:
    """A person to erase, and what takes their place."""

    accounts: frozenset[Account]
    pseudonym: str
    """`erased-` and 8 hexadecimal digits."""
    names: frozenset[str] = frozenset()
    """Display names they went by."""
    rooms: frozenset[str] = field(default=frozenset())
    """Lanes of their direct messages; on Slack a person's id names one, too."""
    entries: frozenset[str] = field(default=frozenset())
    """Ids of what they sent."""

    @property
    def tombstone(self) -> str:
        """Stands where words of theirs stood."""
        return f"[{self.pseudonym}]"

    def instead_of(self, account: Account) -> Account:
        """The account that stands for one of theirs."""
        return replace(account, id=self.pseudonym)

    @cached_property
    def marks(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        """What is replaced in any text, with what."""
        found = [mark for account in sorted(self.accounts, key=str) for mark in self._account_marks(account)]
        for room in sorted(self.rooms):
            instead = f"{room.rpartition('/')[0]}/{self.pseudonym}"
            found.append((re.compile(rf"(?<![\w:.-]){re.escape(room)}(?![\w.-])"), instead))
        for name in sorted(filter(None, self.names), key=len, reverse=True):
            whole = rf"(?<!\w){re.escape(name)}(?!\w)"
            told = (
                whole if " " in name.strip() else rf"(?<=@){re.escape(name)}(?!\w)|(?<=\*\*){re.escape(name)}(?=\*\*)"
            )
            found.append((re.compile(told), self.tombstone))
        return tuple(found)

    def _account_marks(self, account: Account) -> list[tuple[re.Pattern[str], str]]:
        """A mention of ours with its label, the account as text, the id behind `@` or `~` in keys, and the platform's mention."""
        text, id_ = re.escape(str(account)), re.escape(account.id)
        other = str(self.instead_of(account))
        place = re.escape(f"{account.platform}:{account.workspace}/")
        marks = [
            (rf"\[@[^\]]*\]\(user:{text}\)", f"[@{self.pseudonym}](user:{other})"),
            (rf"(?<![\w:.-]){text}(?![\w.-])|(?<=user:){text}(?![\w.-])", other),
            (rf"({place}[^\s@~]*[@~]){id_}(?![\w.-])", rf"\g<1>{self.pseudonym}"),
        ]
        if account.platform in (Platform.SLACK, Platform.DISCORD):
            marks.append((rf"<@!?{id_}(\|[^>]*)?>", self.tombstone))
        return [(re.compile(pattern), instead) for pattern, instead in marks]


def without(value: Any, gone: Erased) -> Any:  # noqa: ANN401 -- JSON-like values of any shape
    """The value without the person: their accounts, names and mentions."""
    if isinstance(value, str):
        for mark, instead in gone.marks:
            value = mark.sub(instead, value)
        return value
    if isinstance(value, Mapping):
        if account := _account(value, gone):
            return {**value, "id": gone.instead_of(account).id}
        inner = {name: without(under, gone) for name, under in value.items()}
        if "channel" in inner and _lane(value) in gone.rooms:
            inner["channel"] = gone.pseudonym
        if "name" in inner and isinstance(inner["name"], str) and _is_theirs(value, gone):
            inner["name"] = gone.tombstone
        return inner
    if isinstance(value, list):
        return [without(inner, gone) for inner in value]
    return value


def without_words(value: Any, gone: Erased) -> Any:  # noqa: ANN401 -- JSON-like values of any shape
    """The same for a value that the person made: what people write in is emptied, too."""
    if isinstance(value, Mapping):
        return {
            name: gone.tombstone
            if name in _OWN_WORDS and isinstance(inner, str) and inner
            else without_words(inner, gone)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [without_words(inner, gone) for inner in value]
    return without(value, gone)


def from_incoming(item: dict[str, Any], gone: Erased) -> dict[str, Any]:
    """A stored `Incoming`: of what they sent nothing is left but that it came."""
    person = item["person"]
    if not _is_theirs(person, gone):
        return {**without(item, gone), "claim": item["claim"]}
    left = {**item, "person": {**person, "groups": [], "home": ""}}
    if "text" in item:
        left["text"] = gone.tombstone
    if "fields" in item:
        left["fields"] = dict.fromkeys(item["fields"], gone.tombstone)
    if "values" in item:
        left["values"] = []
    if "handle" in item:
        left["handle"] = None
    return {**without(left, gone), "claim": from_claim(item["claim"], gone)}


def from_claim(claim: str, gone: Erased) -> str:
    """A natural key. That of a message is its channel and number and stays: it is recognised when the platform sends it again."""
    for account in gone.accounts:
        claim = re.sub(rf"(?<![^:]){re.escape(account.id)}(?![^:])", gone.pseudonym, claim)
    return claim


def from_event(data: dict[str, Any], gone: Erased) -> dict[str, Any]:
    """The data of an event of a run: with what they said about it, if it was they."""
    by = data.get("by")
    if not isinstance(by, Mapping) or not _is_theirs(by, gone):
        return {**data, **{name: without(inner, gone) for name, inner in data.items() if name != "parameters"}}
    own = {name: gone.tombstone for name in ("comment", "reason", "text") if data.get(name)}
    return {**data, "by": without(by, gone), **own}


def from_audit(row: AuditRow, gone: Erased) -> AuditRow:
    """A record of the audit."""
    theirs = row.actor in {str(account) for account in gone.accounts}
    rewrite = without_words if theirs else without
    return replace(
        row,
        actor=without(row.actor, gone),
        target=without(row.target, gone),
        reason=gone.tombstone if theirs and row.reason else without(row.reason, gone),
        place=without(row.place, gone),
        details=rewrite(row.details, gone),
        before=rewrite(row.before, gone),
        after=rewrite(row.after, gone),
    )


def _account(value: Mapping[str, Any], gone: Erased) -> Account | None:
    """The person's account that a mapping stands for."""
    if set(value) != {"platform", "workspace", "id"} or value["platform"] not in set(Platform):
        return None
    account = Account(Platform(value["platform"]), value["workspace"], value["id"])
    return account if account in gone.accounts else None


def _lane(place: Mapping[str, Any]) -> str:
    return f"{place.get('platform')}:{place.get('workspace')}/{place['channel']}"


def _is_theirs(value: Mapping[str, Any], gone: Erased) -> bool:
    account = value.get("account")
    return isinstance(account, Mapping) and _account(account, gone) is not None
