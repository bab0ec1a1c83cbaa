"""The workflows of the library at work, on both platforms: deploy with its roll back, database migration, mitigation."""

from collections.abc import Sequence

from core.incidents.incident import EntryKind
from core.workflow.run import RunStatus
from tests.flows.test_incidents import declare
from tests.flows.world import Card, World, until

DEPLOY = "run deploy service=checkout environment=production version=2.9.0"
MIGRATE = "run migrate-database database=billing environment=production"


async def start(world: World, text: str) -> int:
    """`/copilot text` by Dana; the event number before it."""
    return await world.command(world.names.dana, world.names.checkout, text)


async def approve(world: World, card: Card, *people: str) -> None:
    for person in people:
        await world.control.click(person, card.message, card.buttons["Approve"])
        await world.reply_in(world.names.approvals, contains=f"<@{person}>", since=card.seq)


async def card_says(world: World, text: str) -> None:
    async def said() -> bool:
        return any(text in str(card["raw"]) for card in await world.messages(channel=world.names.checkout))

    await until(said, what=f"a card that says {text}")


async def runs(world: World) -> Sequence[str]:
    assert world.bot
    found = await world.bot.records.read(lambda tx: tx.runs.find(limit=10))
    return [view.status for view in found]


async def ended(world: World, status: RunStatus) -> None:
    async def over() -> bool:
        return list(await runs(world)) == [status.value]

    await until(over, what=f"a run that is {status.value}")


async def later(world: World, *, seconds: float) -> None:
    """Time passes for everybody."""
    await world.control.clock(seconds)
    world.clock.advance(seconds)


async def test_a_deploy_that_breaks_its_service_while_it_soaks_is_rolled_back(world: World) -> None:
    before = world.delivery.version("checkout", "production")
    world.delivery.settle_for(600)
    since = await start(world, DEPLOY)
    await approve(world, await world.approval(since=since), world.names.lee)
    await card_says(world, "settling")
    assert world.delivery.version("checkout", "production") == "2.9.0"
    world.delivery.break_version("2.9.0")
    await later(world, seconds=20)
    await ended(world, RunStatus.ROLLED_BACK)
    await world.reply_in(world.names.checkout, contains="12 % of the requests fail", since=since)
    assert world.delivery.version("checkout", "production") == before
    assert (world.delivery.effects("deploy"), world.delivery.effects("rollback")) == (1, 1)


async def test_a_deploy_that_settles_is_complete(world: World) -> None:
    world.delivery.settle_for(600)
    since = await start(world, DEPLOY)
    await approve(world, await world.approval(since=since), world.names.lee)
    await card_says(world, "settling")
    world.delivery.settle_for(0)
    await later(world, seconds=20)
    await ended(world, RunStatus.COMPLETED)
    assert world.delivery.version("checkout", "production") == "2.9.0"


async def test_two_deploys_of_one_service_to_one_place_go_one_after_the_other(world: World) -> None:
    since = await start(world, DEPLOY)
    card = await world.approval(since=since)
    await start(world, DEPLOY.replace("2.9.0", "3.0.0"))

    async def queued() -> bool:
        return sorted(await runs(world)) == ["pending", "waiting"]

    await until(queued, what="the second to wait for its turn")
    await approve(world, card, world.names.lee)
    await approve(world, await world.approval(since=card.seq), world.names.lee)

    async def both() -> bool:
        return list(await runs(world)) == ["completed"] * 2

    await until(both, what="both deploys")
    assert world.delivery.version("checkout", "production") == "3.0.0"


async def test_a_migration_runs_once_two_people_agreed(world: World) -> None:
    since = await start(world, MIGRATE)
    card = await world.approval(since=since)
    await approve(world, card, world.names.lee)
    assert world.delivery.databases.effects("migrate") == 0
    await approve(world, card, world.names.sam)
    await ended(world, RunStatus.COMPLETED)
    assert world.delivery.databases.schema("billing", "production") == 43
    assert [world.delivery.databases.effects(kind) for kind in ("backup", "migrate", "restore")] == [1, 1, 0]


async def test_a_database_that_lacks_nothing_is_left_alone(world: World) -> None:
    await start(world, MIGRATE)
    await approve(world, await world.approval(), world.names.lee, world.names.sam)
    await ended(world, RunStatus.COMPLETED)
    await start(world, MIGRATE)

    async def both() -> bool:
        return list(await runs(world)) == ["completed"] * 2

    await until(both, what="the second run")
    assert len(await world.messages(channel=world.names.approvals)) == 1
    assert world.delivery.databases.effects("migrate") == 1


async def test_a_migration_whose_check_fails_puts_the_backup_back(world: World) -> None:
    world.delivery.databases.break_schema(43)
    since = await start(world, MIGRATE)
    await approve(world, await world.approval(since=since), world.names.lee, world.names.sam)
    await ended(world, RunStatus.ROLLED_BACK)
    await world.reply_in(world.names.checkout, contains="foreign keys", since=since)
    assert world.delivery.databases.schema("billing", "production") == 41
    assert [world.delivery.databases.effects(kind) for kind in ("backup", "migrate", "restore")] == [1, 1, 1]


async def test_a_migration_that_broke_off_is_asked_about_and_never_begun_again_unasked(world: World) -> None:
    since = await start(world, MIGRATE)
    card = await world.approval(since=since)
    world.delivery.databases.drop_migrations()
    await approve(world, card, world.names.lee, world.names.sam)
    await world.reply_in(world.names.checkout, contains="may have happened", since=card.seq)
    assert world.delivery.databases.effects("migrate") == 1
    assert list(await runs(world)) == ["waiting"]


async def test_an_ill_service_that_was_deployed_lately_is_rolled_back(world: World) -> None:
    before = world.delivery.version("checkout", "production")
    await start(world, DEPLOY)
    await approve(world, await world.approval(), world.names.lee)
    await ended(world, RunStatus.COMPLETED)
    world.delivery.break_version("2.9.0")
    since = await start(world, "run mitigate service=checkout")
    card = await world.approval(since=since)
    assert "Put the version from before" in card.text
    await approve(world, card, world.names.lee)

    async def both() -> bool:
        return list(await runs(world)) == ["completed"] * 2

    await until(both, what="the mitigation")
    assert world.delivery.version("checkout", "production") == before


async def test_a_grave_incident_starts_the_mitigation_which_scales_out_and_tells(world: World) -> None:
    world.delivery.ask_much("checkout", "production", 5)
    room = await declare(world)
    card = await world.approval()
    assert "Scale" in card.text
    await approve(world, card, world.names.lee)
    await ended(world, RunStatus.COMPLETED)
    assert world.delivery.effects("scale") == 1
    told = await world.reply_in(room, contains="Mitigation of checkout")
    assert "healthy" in told.text
    assert world.bot
    timeline = await world.bot.records.read(lambda tx: tx.incidents.timeline("INC-1"))
    assert [entry.kind for entry in timeline].count(EntryKind.UPDATE) == 1


async def test_a_service_that_is_well_is_left_alone(world: World) -> None:
    await start(world, "run mitigate service=search")
    await ended(world, RunStatus.COMPLETED)
    assert not await world.messages(channel=world.names.approvals)
