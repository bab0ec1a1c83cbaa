"""The client of LLM-Observatory against its fake, as declared and as shipped: what usage comes to, and what is done where the
service turns everybody away."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from core.errors import RateLimited, UpstreamError, UpstreamProtocolError, UpstreamRejected, UpstreamUnavailable
from core.ports.telemetry import Measured
from core.ports.usage import CallsAsked, Usage, UsageDimension, UsageMetric
from core.query.translation import QueryRefused
from integrations.http import Reach
from integrations.observability.observatory.client import ObservatoryClient
from integrations.observability.observatory.fake import ObservatoryFake
from integrations.observability.observatory.tokens import Access
from tests.contract.observatory_calls import ACCESS, END, NOW, SECRET, START, alone, meant, quickly, source
from tests.contract.observatory_replies import reply

MINUTE, FIVE, HOUR, DAY = (timedelta(minutes=n) for n in (1, 5, 60, 1440))
DAWN = START.replace(hour=0)
PROVIDER, MODEL, ENVIRONMENT, STATUS = UsageDimension
TOLD_TO_ALL = (
    UsageMetric.REQUESTS, UsageMetric.TOKENS, UsageMetric.ERROR_RATE, UsageMetric.SUCCESS_RATE, UsageMetric.ERRORS, UsageMetric.SUCCESSES,
)  # fmt: skip
"""Durations are told as well, but roughly."""
PUBLIC = ("LLM-Observatory refused its protected routes, so this comes from its public analytics.",)
EXACT = tuple(metric for metric in UsageMetric if metric not in (UsageMetric.USERS, UsageMetric.SESSIONS))


@pytest.fixture(autouse=True, scope="module")
def without_waiting() -> Iterator[None]:
    with quickly():
        yield


@pytest.fixture(params=["as declared", "as shipped"])
async def fake(request: pytest.FixtureRequest) -> AsyncIterator[ObservatoryFake]:
    async with ObservatoryFake(
        alone(), secret=SECRET, shipped=request.param == "as shipped", now=lambda: NOW
    ) as service:
        yield service


@pytest.fixture
async def declared() -> AsyncIterator[ObservatoryFake]:
    async with ObservatoryFake(source(), secret=SECRET, now=lambda: NOW) as service:
        yield service


def open_client(service: ObservatoryFake, access: Access = ACCESS, token: str = "") -> ObservatoryClient:
    return ObservatoryClient(Reach(service.url, token, read=5.0), access, now=lambda: NOW)


@pytest.fixture
async def client(fake: ObservatoryFake) -> AsyncIterator[ObservatoryClient]:
    async with open_client(fake) as made:
        yield made


def values(found: Measured, *by: UsageDimension) -> dict[tuple[str, ...], dict[float, float]]:
    return {tuple(one.labels[name] for name in by): dict(one.points) for one in found.series}


def _nothing(fake: ObservatoryFake) -> float | None:
    """Tokens of calls of which none are known: in public they are 0."""
    return 0.0 if fake.shipped else None


def same(found: dict[tuple[str, ...], dict[float, float]], wanted: dict[tuple[str, ...], dict[float, float]]) -> bool:
    assert found.keys() == wanted.keys()
    for key, points in wanted.items():
        assert list(found[key]) == sorted(points), "oldest first"
        assert found[key] == pytest.approx(points)
    return True


@pytest.mark.parametrize("interval", [MINUTE, FIVE, HOUR, DAY], ids=str)
async def test_metrics_over_time_are_what_the_calls_come_to(
    fake: ObservatoryFake, client: ObservatoryClient, interval: timedelta
) -> None:
    start = DAWN if interval == DAY else START
    for metric in TOLD_TO_ALL if fake.shipped else EXACT:
        found = await client.over(Usage(metric, interval), start, END)
        assert same(values(found), meant(metric, interval, start=start, nothing=_nothing(fake))), metric
        assert found.warnings == (PUBLIC if fake.shipped else ())
        assert found.left_out == 0


async def test_what_is_told_to_nobody_is_refused_with_what_to_do(
    fake: ObservatoryFake, client: ObservatoryClient
) -> None:
    for metric in (UsageMetric.COST, UsageMetric.PROMPT_TOKENS, UsageMetric.TTFT, UsageMetric.USERS):
        if fake.shipped:
            with pytest.raises(UpstreamUnavailable, match="Auth context") as refused:
                await client.over(Usage(metric, HOUR), START, END)
            assert "as shipped cannot serve costs" in refused.value.hint
        else:
            assert (await client.over(Usage(metric, HOUR), START, END)).series


async def test_durations_are_in_seconds(fake: ObservatoryFake, client: ObservatoryClient) -> None:
    """In the first hour one call failed after 30 s. The service keeps it as a row of its own, and its public mean of the rows
    weighs it as much as the others together."""
    found = await client.over(Usage(UsageMetric.DURATION, HOUR), START, END)
    each, rows = (0.5 + 0.6 + 0.7 + 0.8 + 30 + 1.0) / 6, (0.55 + 0.7 + 0.8 + 30 + 1.0) / 5
    assert found.series[0].points[0] == (START.timestamp(), pytest.approx(rows if fake.shipped else each))


@pytest.mark.parametrize("by", [(MODEL,), (STATUS,), (PROVIDER, ENVIRONMENT), tuple(UsageDimension)], ids=str)
async def test_metrics_are_told_apart_by_dimensions(
    fake: ObservatoryFake, client: ObservatoryClient, by: tuple[UsageDimension, ...]
) -> None:
    for metric in EXACT:
        if fake.shipped:
            with pytest.raises(UpstreamUnavailable, match="Auth context") as refused:
                await client.over(Usage(metric, HOUR, by=by), START, END)
            assert refused.value.hint
        else:
            found = await client.over(Usage(metric, HOUR, by=by), START, END)
            assert same(values(found, *by), meant(metric, HOUR, by)), metric
            assert all(list(one.labels) == list(map(str, by)) for one in found.series)


@pytest.mark.parametrize(
    "where",
    [
        {PROVIDER: "anthropic"},
        {MODEL: "gpt-4o"},
        {ENVIRONMENT: "staging"},
        {MODEL: "gpt-4o", ENVIRONMENT: "production"},
        {MODEL: "none"},
    ],
    ids=str,
)
async def test_metrics_of_some_calls_only(
    fake: ObservatoryFake, client: ObservatoryClient, where: dict[UsageDimension, str]
) -> None:
    for metric in TOLD_TO_ALL:
        found = await client.over(Usage(metric, HOUR, where), START, END)
        assert same(values(found), meant(metric, HOUR, where=where, nothing=_nothing(fake))), metric


async def test_nothing_but_what_is_honoured_is_asked_for(fake: ObservatoryFake, client: ObservatoryClient) -> None:
    usage = Usage(UsageMetric.REQUESTS, FIVE, {MODEL: "gpt-4o"})
    await client.over(usage, START, END)
    times = {"start_time": "2026-03-10T12:00:00.000000000Z", "end_time": "2026-03-10T15:00:00.000000000Z"}
    wanted: dict[str, str] = {"interval": "5min", "metrics": "request_count", "aggregation": "sum", "model": "gpt-4o"}
    if fake.shipped:
        assert fake.asked == [("/api/v1/analytics/performance", times | {"granularity": "1min", "model": "gpt-4o"})]
    else:
        assert fake.asked == [("/api/v1/metrics", times | wanted)]


async def test_each_metric_is_asked_for_with_the_aggregation_it_needs(declared: ObservatoryFake) -> None:
    rows = "provider,model,environment,status_code"
    wanted = {
        UsageMetric.COST: ("total_cost", "sum", "model"),
        UsageMetric.TOKENS: ("total_tokens", "sum", "model"),
        UsageMetric.ERRORS: ("error_count", "sum", "model"),
        UsageMetric.ERROR_RATE: ("error_count,request_count", "sum", "model"),
        UsageMetric.SUCCESS_RATE: ("success_count,request_count", "sum", "model"),
        UsageMetric.DURATION: ("duration,request_count", "avg", rows),
        UsageMetric.TTFT: ("time_to_first_token,request_count", "avg", rows),
        UsageMetric.USERS: ("unique_users", "max", "model"),
        UsageMetric.SESSIONS: ("unique_sessions", "max", "model"),
    }
    async with open_client(declared) as client:
        for metric in wanted:
            await client.over(Usage(metric, HOUR, by=(MODEL,)), START, END)
    asked = [(query["metrics"], query["aggregation"], query["group_by"]) for _, query in declared.asked]
    assert asked == list(wanted.values())


async def test_distinct_people_are_at_least_so_many(declared: ObservatoryFake) -> None:
    async with open_client(declared) as client:
        found = await client.over(Usage(UsageMetric.USERS, HOUR), START, END)
    assert [value for _, value in found.series[0].points] == [2.0, 1.0, 1.0]
    assert "at least" in found.warnings[0]


async def test_an_answer_that_is_cut_off_says_so(declared: ObservatoryFake) -> None:
    data = [
        {"timestamp": "2026-02-01T10:00:00Z", "model": f"m{n}", "total_cost_usd": 1, "avg_duration_ms": 1000}
        for n in range(10_000)
    ]
    declared.broken = web.json_response({"metadata": {}, "data": data})
    async with open_client(declared) as client:
        cut = await client.over(Usage(UsageMetric.COST, HOUR, by=(MODEL,)), START, END)
        rough = await client.over(Usage(UsageMetric.DURATION, HOUR, by=(MODEL,)), START, END)
    assert (len(cut.series), cut.left_out) == (200, 9800)
    assert "at most 10000 points" in cut.warnings[0]
    assert "means of the means" in rough.warnings[0]
    assert rough.series[0].points[0][1] == 1.0


async def test_more_than_ninety_days_are_refused_before_asking(
    fake: ObservatoryFake, client: ObservatoryClient
) -> None:
    with pytest.raises(QueryRefused, match="90 days"):
        await client.over(Usage(UsageMetric.COST, DAY), END - timedelta(days=90, seconds=1), END)
    with pytest.raises(QueryRefused, match="minute"):
        await client.over(Usage(UsageMetric.COST, timedelta(minutes=7)), START, END)
    with pytest.raises(QueryRefused, match="status_code"):
        await client.over(Usage(UsageMetric.COST, HOUR, {STATUS: "ERROR"}), START, END)
    assert fake.asked == []
    assert fake.claims == []


async def test_a_stuck_door_is_left_alone_for_a_minute(declared: ObservatoryFake) -> None:
    now, declared.shipped = [NOW], True
    usage = Usage(UsageMetric.REQUESTS, HOUR)
    async with ObservatoryClient(Reach(declared.url), ACCESS, now=lambda: now[0]) as client:
        assert (await client.over(usage, START, END)).warnings
        declared.shipped = False
        for later in (1.0, 59.0):
            now[0] = NOW + later
            assert (await client.over(usage, START, END)).warnings, "it is not asked again yet"
            with pytest.raises(UpstreamUnavailable, match="Auth context"):
                await client.calls(CallsAsked(), START, END)
        assert declared.claims == []
        now[0] = NOW + 61.0
        assert (await client.over(usage, START, END)).warnings == ()


async def test_whoever_has_no_token_gets_what_is_public(fake: ObservatoryFake) -> None:
    async with open_client(fake, Access()) as client:
        found = await client.over(Usage(UsageMetric.REQUESTS, HOUR), START, END)
        assert same(values(found), meant(UsageMetric.REQUESTS, HOUR))
        assert found.warnings
        for asking in (
            client.over(Usage(UsageMetric.COST, HOUR), START, END),
            client.calls(CallsAsked(), START, END),
            client.trace("t-0"),
        ):
            with pytest.raises(UpstreamRejected) as refused:
                await asking
            assert "observatory.secret" in refused.value.hint
    assert [path for path, _ in fake.asked] == ["/api/v1/analytics/performance"]


async def test_whoever_is_turned_away_gets_what_is_public(declared: ObservatoryFake) -> None:
    wrong = Access("another-secret-of-thirty-two-bytes!!", "acme")
    async with open_client(declared, wrong) as client:
        assert (await client.over(Usage(UsageMetric.TOKENS, HOUR), START, END)).warnings
        with pytest.raises(UpstreamRejected) as refused:
            await client.over(Usage(UsageMetric.COST, HOUR), START, END)
    assert refused.value.reason == "INVALID_TOKEN"
    assert "JWT_SECRET" in refused.value.hint


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply("bad_request"), UpstreamRejected),
        (web.json_response({"error": "database_error", "message": "no such column"}, status=500), UpstreamUnavailable),
        (web.json_response({"error": "internal_error", "message": "gone"}, status=500), UpstreamUnavailable),
        (reply("rate_limited"), RateLimited),
        (web.Response(status=503), UpstreamUnavailable),
    ],
)
async def test_other_failures_are_not_made_up_for(
    declared: ObservatoryFake, answer: web.Response, kind: type[UpstreamError]
) -> None:
    declared.broken = answer
    async with open_client(declared) as client:
        with pytest.raises(kind):
            await client.over(Usage(UsageMetric.REQUESTS, HOUR), START, END)


async def test_recorded_replies_are_read(declared: ObservatoryFake) -> None:
    at = datetime(2026, 2, 1, 10, tzinfo=UTC).timestamp()
    async with open_client(declared) as client:
        declared.broken = reply("metrics")
        found = await client.over(Usage(UsageMetric.REQUESTS, HOUR, by=(PROVIDER,)), START, END)
        assert values(found, PROVIDER) == {("openai",): {at: 120.0}}
        found = await client.over(Usage(UsageMetric.DURATION, HOUR, by=(PROVIDER,)), START, END)
        assert values(found, PROVIDER) == {("openai",): {at: pytest.approx(0.8124)}}
        found = await client.over(Usage(UsageMetric.COST, HOUR, by=(PROVIDER,)), START, END)
        assert found.series == (), "what has no value is left out"
    async with open_client(declared, Access()) as client:
        declared.broken = reply("performance")
        found = await client.over(Usage(UsageMetric.TOKENS, HOUR), START, END)
        assert values(found) == {(): {at: 4200.0}}
        declared.broken = reply("quality")
        found = await client.over(Usage(UsageMetric.ERRORS, HOUR), START, END)
        assert values(found) == {(): {at: 3.0}}


async def test_it_says_what_can_be_asked(fake: ObservatoryFake, client: ObservatoryClient) -> None:
    said = await client.access()
    assert said.startswith(
        "Only its public analytics" if fake.shipped else "Its metrics, costs among them, and single calls"
    )
    async with open_client(fake, Access()) as nobody:
        assert "none is set" in await nobody.access()
    if not fake.shipped:
        async with open_client(fake, Access(SECRET, "acme")) as without_projects:
            assert (await without_projects.access()).startswith("Its metrics can be asked, single calls cannot")


async def test_it_says_whether_it_is_well(fake: ObservatoryFake, client: ObservatoryClient) -> None:
    await client.healthy()
    fake.healthy = False
    with pytest.raises(UpstreamUnavailable) as ill:
        await client.healthy()
    assert ill.value.message == "observatory answered 503."
    assert "database" in ill.value.hint
    fake.broken = web.json_response({"status": "degraded"})
    with pytest.raises(UpstreamUnavailable, match="not healthy"):
        await client.healthy()
    fake.broken = web.json_response(["healthy"])
    with pytest.raises(UpstreamProtocolError):
        await client.healthy()
