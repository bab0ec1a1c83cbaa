"""The hash chain over the audit: whatever is changed, removed, moved or slipped in is found, and erasing keeps it valid."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import audit
from core.audit import End, Fault, Seal, Verdict, Wrong
from core.ports.records import AuditRow

AT = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)
PSEUDONYM = "erased-0a1b2c3d"
Chain = list[tuple[Seal, AuditRow | None]]


def record(number: int, **values: object) -> AuditRow:
    row = AuditRow(
        AT, "slack:T1/U1", "run.start", f"RUN-{number}", "done", "why", "slack:T1/C1", "trace", {"n": number}
    )
    return replace(row, id=number * 10, **values)


def chained(rows: list[AuditRow]) -> Chain:
    salts = (f"{n:032x}" for n in itertools.count())
    chain: Chain = []
    head = End()
    for row in rows:
        seal = audit.seal(head.number + 1, row, previous=head.hash, salt=lambda: next(salts))
        chain.append((seal, row))
        head = End(seal.number, seal.hash)
    return chain


def look(chain: Chain, *, end: End | None = None, start: End | None = None, tail: tuple[AuditRow, ...] = ()) -> Verdict:
    last = chain[-1][0] if chain else None
    end = end or (End(last.number, last.hash) if last else End())
    numbers = {seal.hash: seal.number for seal, _ in chain}
    return audit.verify(chain, start=start or End(), end=end, number_of=numbers.get, tail=tail)


def head_of(chain: Chain) -> End:
    return End(chain[-1][0].number, chain[-1][0].hash)


def test_an_untouched_chain_is_sound() -> None:
    chain = chained([record(n) for n in range(1, 6)])
    assert look(chain) == Verdict(head_of(chain), 5)
    assert look([]) == Verdict(End(), 0)


def test_a_chain_whose_beginning_was_removed_for_its_age_is_sound() -> None:
    chain = chained([record(n) for n in range(1, 6)])
    start = End(chain[1][0].number, chain[1][0].hash)
    assert look(chain[2:], start=start) == Verdict(head_of(chain), 3)


TEXTS = st.text(st.characters(codec=None, categories=None), max_size=6)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b/c", "~", ""]), inner, max_size=2)
    ),
    max_leaves=4,
)
ROWS = st.builds(
    record, st.integers(1, 99), actor=TEXTS, reason=TEXTS, place=TEXTS, before=VALUES, after=VALUES,
    details=st.dictionaries(st.sampled_from(["a", "b/c", "~"]), VALUES, max_size=2),
)  # fmt: skip
CHAINS = st.lists(ROWS, min_size=1, max_size=5).map(
    lambda rows: chained([replace(row, id=n) for n, row in enumerate(rows, 1)])
)
OTHER: dict[str, Callable[[AuditRow], object]] = {
    "id": lambda row: row.id + 1000,
    "at": lambda row: row.at + timedelta(microseconds=1),
    "details": lambda row: {**row.details, "more": 0},
    "before": lambda row: [row.before],
    "after": lambda row: [row.after],
    **{
        name: lambda row, name=name: getattr(row, name) + "x"
        for name in ("actor", "action", "target", "outcome", "reason", "place", "correlation")
    },
}


@given(CHAINS, st.data())
def test_any_changed_field_is_found(chain: Chain, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(chain) - 1))
    field = data.draw(st.sampled_from(sorted(OTHER)))
    seal, row = chain[n]
    assert row is not None
    chain[n] = (seal, replace(row, **{field: OTHER[field](row)}))
    assert look(chain).fault == Fault(seal.record, seal.number, Wrong.CHANGED)


@given(CHAINS, st.data())
def test_a_changed_salt_or_seal_is_found(chain: Chain, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(chain) - 1))
    seal, row = chain[n]
    forged = data.draw(
        st.sampled_from(
            [
                replace(seal, hash="f" * 64),
                replace(seal, previous="f" * 64),
                replace(seal, salts=dict.fromkeys(seal.salts, "00")),
                replace(seal, salts={}),
                replace(seal, record=seal.record + 1000),
            ]
        )
    )
    end = head_of(chain)
    chain[n] = (forged, row)
    fault = look(chain, end=end).fault
    assert fault is not None
    assert fault.number == seal.number


@given(CHAINS, st.data())
def test_a_removed_record_is_found(chain: Chain, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(chain) - 1))
    end, seal = head_of(chain), chain[n][0]
    gone = [*chain[:n], *chain[n + 1 :]]
    assert look(gone, end=end).fault == Fault(0, seal.number, Wrong.MISSING)
    closed = [(replace(s, number=number), row) for number, (s, row) in enumerate(gone, 1)]
    found = look(closed, end=end).fault
    assert found is not None
    assert (found.number, found.wrong) == (seal.number, Wrong.MISSING)
    chain[n] = (seal, None)
    assert look(chain, end=end).fault == Fault(seal.record, seal.number, Wrong.MISSING)


@given(CHAINS.filter(lambda chain: len(chain) > 1), st.data())
def test_swapped_records_are_found(chain: Chain, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(chain) - 2))
    end = head_of(chain)
    (first, row), (second, next_row) = chain[n], chain[n + 1]
    chain[n], chain[n + 1] = (
        (replace(second, number=first.number), next_row),
        (replace(first, number=second.number), row),
    )
    assert look(chain, end=end).fault == Fault(second.record, first.number, Wrong.ORDER)


@given(CHAINS, st.data())
def test_an_inserted_record_is_found(chain: Chain, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(chain) - 1))
    end = head_of(chain)
    foreign = record(900)
    seal = audit.seal(n + 1, foreign, previous=chain[n][0].previous, salt=lambda: "ab")
    longer = [*chain[:n], (seal, foreign), *((replace(s, number=s.number + 1), row) for s, row in chain[n:])]
    found = look(longer, end=End(end.number + 1, end.hash)).fault
    assert found == Fault(0, n + 1, Wrong.INSERTED)


def test_a_seal_that_only_changed_its_number_is_found() -> None:
    chain = chained([record(1), record(2)])
    end = head_of(chain)
    chain[1] = (replace(chain[1][0], number=7), chain[1][1])
    assert look(chain, end=end).fault == Fault(20, 7, Wrong.ORDER)


def test_a_chain_cut_off_at_its_end_is_found_by_the_head() -> None:
    chain = chained([record(n) for n in range(1, 5)])
    assert look(chain[:2], end=head_of(chain)).fault == Fault(0, 3, Wrong.MISSING)


@given(CHAINS, st.data())
def test_erasing_texts_keeps_the_chain_valid(chain: Chain, data: st.DataObject) -> None:
    n = data.draw(st.integers(0, len(chain) - 1))
    seal, row = chain[n]
    assert row is not None
    left = replace(row, actor=PSEUDONYM if row.actor else "", reason=f"[{PSEUDONYM}]" if row.reason else "")
    salts = audit.erase(row, seal.salts, ("actor", "reason", "no/such/path"))
    end = head_of(chain)
    chain[n] = (replace(seal, salts=salts), left)
    recorded = AuditRow(AT, "console:local/root", audit.ERASURE, PSEUDONYM, "done")
    found = look(chain, end=end, tail=(recorded,))
    assert (found.fault, found.sealed, found.erased) == (None, len(chain), int(bool(row.actor or row.reason)))
    assert audit.erase(left, salts, ("actor", "reason")) == salts


def test_what_looks_erased_without_a_record_of_it_is_found() -> None:
    row = record(1)
    chain = chained([row, record(2)])
    seal = chain[0][0]
    chain[0] = (replace(seal, salts=audit.erase(row, seal.salts, ["reason"])), replace(row, reason="another story"))
    end = head_of(chain)
    assert look(chain, end=end).fault == Fault(10, 1, Wrong.UNRECORDED)
    chain[0] = (chain[0][0], replace(row, reason=f"[{PSEUDONYM}]"))
    assert look(chain, end=end).fault == Fault(10, 1, Wrong.UNRECORDED)


def test_an_erasure_that_is_sealed_counts_as_recorded() -> None:
    row = record(1)
    chain = chained([row, record(2, action=audit.ERASURE, target=PSEUDONYM)])
    seal = chain[0][0]
    chain[0] = (replace(seal, salts=audit.erase(row, seal.salts, ["actor"])), replace(row, actor=PSEUDONYM))
    assert look(chain) == Verdict(head_of(chain), 2, erased=1)


def test_a_time_is_hashed_whatever_its_zone() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    assert audit.chained("", record(1), {}) == audit.chained("", record(1, at=elsewhere), {})


def test_the_hash_of_a_record_never_changes() -> None:
    """Chains outlive the code that made them."""
    row = record(1, details={"n": 1, "list": ["a", None, 1.5], "a/b~": "ü\ud83d"}, before={"x": "1"}, after="")
    seal = audit.seal(1, row, previous=audit.GENESIS, salt=lambda: "00ff")
    assert sorted(seal.salts) == [
        "actor", "before/x", "details/a~1b~0", "details/list/0", "place", "reason", "target"
    ]  # fmt: skip
    assert seal.hash == "86b46c465ea5aa17bd422964b4bc80d6e658977aed1c87fe986a249a12a7c2a7"


@pytest.mark.parametrize("value", [{"b": 1, "a": [None, True]}, "ü", 1.5])
def test_canonical_form_is_sorted_ascii_without_spaces(value: object) -> None:
    written = audit.canonical(value)
    assert written.isascii()
    assert b" " not in written
