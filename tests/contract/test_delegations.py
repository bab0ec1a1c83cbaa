"""`core.ports.records.Delegations` on both databases."""

from datetime import timedelta

from core.actors import By
from core.messages import Account, Platform
from core.ports.records import StandingDelegation
from storage.records import SqlRecords
from tests.contract.builders import NASTY, NOW

DANA = By(Account(Platform.SLACK, "T1", "U1"), "Dana")
LEE = By(Account(Platform.DISCORD, "1", "2"), NASTY)
SAM = By(Account(Platform.SLACK, "T1", "U3"), "Sam")
HOUR = timedelta(hours=1)


async def put(records: SqlRecords, *delegations: StandingDelegation) -> None:
    for delegation in delegations:
        await records.write(lambda tx, made=delegation: tx.delegations.put(made, now=NOW))


async def test_what_is_in_force_is_found_from_both_ends_the_first_to_end_first(records: SqlRecords) -> None:
    late, early = StandingDelegation(DANA, LEE, NOW + 2 * HOUR), StandingDelegation(SAM, LEE, NOW + HOUR)
    await put(records, late, early)
    accounts = [LEE.account, DANA.account]
    assert await records.read(lambda tx: tx.delegations.to(accounts, now=NOW)) == [early, late]
    assert await records.read(lambda tx: tx.delegations.by(accounts, now=NOW)) == [late]
    assert await records.read(lambda tx: tx.delegations.to([], now=NOW)) == []
    assert await records.read(lambda tx: tx.delegations.to(accounts, now=NOW + HOUR)) == [late]


async def test_the_same_two_have_one_and_the_latest_word_counts(records: SqlRecords) -> None:
    longer = StandingDelegation(DANA, LEE, NOW + 3 * HOUR)
    await put(records, StandingDelegation(DANA, LEE, NOW + HOUR), longer)
    assert await records.read(lambda tx: tx.delegations.by([DANA.account], now=NOW)) == [longer]


async def test_ending_tells_what_there_was_and_leaves_others_alone(records: SqlRecords) -> None:
    made, other = StandingDelegation(DANA, LEE, NOW + HOUR), StandingDelegation(SAM, LEE, NOW + HOUR)
    await put(records, made, other)
    assert await records.write(lambda tx: tx.delegations.end([DANA.account], now=NOW)) == [made]
    assert await records.write(lambda tx: tx.delegations.end([DANA.account], now=NOW)) == []
    assert await records.read(lambda tx: tx.delegations.to([LEE.account], now=NOW)) == [other]
