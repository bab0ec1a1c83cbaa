"""The hash chain over the audit. Pure: what is hashed, how a record is sealed, and what a look at the whole chain finds.

Every text in a record that may say something about a person (who, target, reason, place, and all texts in details, before and
after) enters the hash as a commitment: the hash of a random salt and the text. The texts stay in the audit, the salts beside the
seals, and both can be erased; a commitment without its salt tells nothing, and the chain stays valid. Names of fields, numbers,
times, actions, outcomes and correlations are hashed as they are: they name no person.

What a chain cannot show: rows removed before they were sealed, and a chain that was cut off or computed anew as a whole by
somebody who may write everywhere in the database. A head hash that was exported and is kept elsewhere shows the latter two.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from enum import StrEnum
from typing import Any

from core.ports.records import AuditRow

GENESIS = "0" * 64
"""What the first record follows."""
ERASED = "="
"""Begins what stands in a salt's place after its text was erased: the commitment."""
ERASURE = "person.forget"
"""The action of the row that says whose texts were erased; its target is the pseudonym."""

_PSEUDONYM = re.compile(r"erased-[0-9a-f]{8}")
_CLEAR = ("action", "outcome", "correlation")
_PERSONAL = ("actor", "target", "reason", "place", "details", "before", "after")


@dataclass(frozen=True, slots=True)
class Seal:
    """The place of one record in the chain."""

    number: int
    """1, 2, 3 ... in the order of sealing."""
    record: int
    """Id of the audit row."""
    previous: str
    """Hash of the seal before."""
    hash: str
    salts: Mapping[str, str]
    """By the path of a text in the record. See ERASED."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of the chain: where it begins (what its first seal follows) or how far it goes."""

    number: int = 0
    hash: str = GENESIS


class Wrong(StrEnum):
    """What can be wrong with a record."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    ORDER = "in the wrong order"
    UNRECORDED = "erased without a record of the erasure"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with a chain."""

    record: int
    """Id of the audit row; 0 when it is not known any more."""
    number: int
    """Where in the chain."""
    wrong: Wrong


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the chain found."""

    head: End
    """How far it is sound."""
    sealed: int
    """How many records are sound."""
    fault: Fault | None = None
    erased: int = 0
    """Records that had texts of an erased person."""


@dataclass(slots=True)
class _Walk:
    """Where the look at the chain stands."""

    head: End
    sealed: int = 0
    erased: int = 0
    forgotten: set[str] = field(default_factory=set)
    """Pseudonyms that an erasure is recorded for."""
    marked: dict[str, Fault] = field(default_factory=dict)
    """Pseudonyms in erased texts, with what is wrong if no erasure is recorded for them."""


def seal(number: int, row: AuditRow, *, previous: str, salt: Callable[[], str]) -> Seal:
    """The seal of a row. `salt` gives a fresh one, hexadecimal, for each text."""
    salts = {path: salt() for path, _ in texts(row)}
    return Seal(number, row.id, previous, chained(previous, row, salts), salts)


def texts(row: AuditRow) -> Iterable[tuple[str, str]]:
    """(path, text) of every text that is committed to. `details/parameters/host`; a slash in a name is written ~1, a tilde ~0."""
    for name in _PERSONAL:
        yield from _texts(getattr(row, name), name)


def chained(previous: str, row: AuditRow, salts: Mapping[str, str]) -> str:
    """The hash of a record that follows `previous`. A text without a salt is hashed as it is, which no sealed record is."""
    content = {name: _committed(getattr(row, name), name, salts) for name in _PERSONAL}
    record = {
        "id": row.id,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        **{name: getattr(row, name) for name in _CLEAR},
        # Fields that a row does not have are left out: more of them in later versions change no old hash.
        **{name: value for name, value in content.items() if value is not None},
    }
    return hashlib.sha256(canonical([previous, record])).hexdigest()


def canonical(value: Any) -> bytes:  # noqa: ANN401 -- JSON-like values of any shape
    """The one way to write a JSON-compatible value: sorted names, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def commitment(salt: str, text: str) -> str:
    """What stands for a text in the chain; what stands in the place of an erased one's salt is its commitment."""
    if salt.startswith(ERASED):
        return salt.removeprefix(ERASED)
    return hashlib.sha256(bytes.fromhex(salt) + text.encode("utf-8", "surrogatepass")).hexdigest()


def erase(row: AuditRow, salts: Mapping[str, str], paths: Iterable[str]) -> dict[str, str]:
    """The salts without those of the texts at these paths; the row must still have the texts."""
    kept, said = dict(salts), dict(texts(row))
    for path in paths:
        if path in kept:
            kept[path] = ERASED + commitment(kept[path], said[path])
    return kept


def verify(
    chain: Iterable[tuple[Seal, AuditRow | None]],
    *,
    start: End,
    end: End,
    number_of: Callable[[str], int | None],
    tail: Iterable[AuditRow] = (),
) -> Verdict:
    """Walk the chain until something is wrong. `chain`: the seals by number, each with its record if it is there; `start`, `end`:
    where the chain is known to begin and how far to go; `number_of`: the number of the seal with this hash; `tail`: records that
    wait to be sealed (an erasure may be among them)."""
    walk = _Walk(start)

    def position(hash_: str) -> int | None:
        return start.number if hash_ == start.hash else number_of(hash_)

    for link, row in chain:
        if fault := _fault(walk.head, link, row, position):
            return Verdict(walk.head, walk.sealed, fault, walk.erased)
        if row is not None:  # pragma: no branch - a missing one is a fault
            _note(walk, link, row)
    if walk.head != end:
        return Verdict(walk.head, walk.sealed, Fault(0, walk.head.number + 1, Wrong.MISSING), walk.erased)
    walk.forgotten |= {row.target for row in tail if row.action == ERASURE}
    unrecorded = next((fault for name, fault in walk.marked.items() if name not in walk.forgotten), None)
    return Verdict(walk.head, walk.sealed, unrecorded, walk.erased)


def _fault(head: End, link: Seal, row: AuditRow | None, number_of: Callable[[str], int | None]) -> Fault | None:
    """What is wrong with this seal after that head:

    1. its record is gone;
    2. the record is not what was sealed;
    3. it follows a seal that stands earlier (then what stands between is foreign), later (then they were swapped), or nowhere
       (then that one is gone);
    4. its number is not the next one.
    """
    if row is None:
        return Fault(link.record, link.number, Wrong.MISSING)
    if row.id != link.record or chained(link.previous, row, link.salts) != link.hash:
        return Fault(link.record, link.number, Wrong.CHANGED)
    if link.previous != head.hash:
        follows = number_of(link.previous)
        if follows is None:
            return Fault(0, head.number + 1, Wrong.MISSING)
        if follows < link.number:
            return Fault(0, follows + 1, Wrong.INSERTED)
        return Fault(link.record, link.number, Wrong.ORDER)
    if link.number != head.number + 1:
        return Fault(link.record, link.number, Wrong.ORDER)
    return None


def _note(walk: _Walk, link: Seal, row: AuditRow) -> None:
    walk.head = End(link.number, link.hash)
    walk.sealed += 1
    if row.action == ERASURE:
        walk.forgotten.add(row.target)
    gone = {path for path, salt in link.salts.items() if salt.startswith(ERASED)}
    walk.erased += bool(gone)
    for path, text in texts(row):
        if path in gone:
            found = _PSEUDONYM.search(text)
            walk.marked.setdefault(found[0] if found else "", Fault(link.record, link.number, Wrong.UNRECORDED))


def _texts(value: Any, path: str) -> Iterable[tuple[str, str]]:  # noqa: ANN401 -- JSON-like values of any shape
    if isinstance(value, str) and value:
        yield path, value
    for name, inner in _inside(value):
        yield from _texts(inner, _below(path, name))


def _committed(value: Any, path: str, salts: Mapping[str, str]) -> Any:  # noqa: ANN401 -- JSON-like values of any shape
    if isinstance(value, str):
        return {"#": commitment(salts[path], value)} if path in salts else value
    if isinstance(value, dict):
        return {name: _committed(inner, _below(path, name), salts) for name, inner in value.items()}
    if isinstance(value, list):
        return [_committed(inner, _below(path, number), salts) for number, inner in enumerate(value)]
    return value


def _inside(value: Any) -> Iterable[tuple[object, Any]]:  # noqa: ANN401 -- JSON-like values of any shape
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _below(path: str, name: object) -> str:
    text = str(name)
    return f"{path}/{text.replace('~', '~0').replace('/', '~1') if '~' in text or '/' in text else text}"
