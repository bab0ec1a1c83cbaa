"""What the bot works with besides: queue, cache, delivery service, and the bot itself when it runs."""

from collections.abc import AsyncGenerator, Awaitable

import aiohttp

from bot.doctor import probes
from bot.doctor.findings import Finding, ok, problem, warning
from bot.settings import Settings
from core.errors import UnavailableError, UpstreamError, UpstreamRejected, UserInputError

_WITHIN = 5.0


async def queue(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What dispatches work."""
    if settings.queue == "sql":
        yield ok("Work is dispatched by the database.")
        return
    means = "Work goes on through the database, but starts later."
    try:
        stream = await probes.look_at_nats(settings.nats_url)
    except UnavailableError as error:
        yield problem(probes.told(error), means, "Start NATS, and see that nats_url names its host and port.")
        return
    if stream.problem:
        fix = "Start the server with JetStream: `nats-server -js`, or jetstream {} in its configuration."
        yield problem(f"NATS has no JetStream ({stream.problem}).", means, fix)
    elif stream.messages is None:
        fix = "Nothing, if this is the first start; else start the bot: it makes the stream."
        yield warning("JetStream works, but the bot's stream is not there yet.", means, fix)
    else:
        yield ok(f"NATS and JetStream work; {stream.messages} pointers wait.")


async def cache(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What replicas share."""
    if not settings.redis_url:
        if not settings.database_url.startswith("sqlite"):
            means = "Each replica counts rate limits for itself."
            yield warning("No Redis is configured.", means, "Set redis_url if several replicas run.")
        else:
            yield ok("The cache is in memory.")
        return
    try:
        yield ok(f"Redis {await probes.ping_redis(settings.redis_url)} answers.")
    except UnavailableError as error:
        means = "Each replica keeps its own cache and counts rate limits for itself."
        yield problem(probes.told(error), means, "Start Redis, and see that redis_url is right, its password too.")


async def delivery(settings: Settings) -> AsyncGenerator[Finding, None]:
    """The service that deploys."""
    if not settings.delivery.url:
        yield ok("No delivery service is configured: its tools refuse.")
        return
    yield await _answers(
        probes.ask_delivery(settings.delivery),
        "The delivery service answers; it knows {} services.",
        means="Questions about versions and the steps of workflows that deploy fail.",
        refused="Set delivery.token to one that the service takes, and delivery.url to its root.",
        away="See that the service runs, and that delivery.url is right.",
    )


async def prometheus(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What answers questions about metrics."""
    if not settings.prometheus.url:
        yield ok("No Prometheus is configured: queries are shown, and not run.")
        return
    yield await _answers(
        probes.ask_prometheus(settings.prometheus),
        "Prometheus answers; it has {} metrics.",
        means="Questions about metrics cannot be answered.",
        refused="Set prometheus.token to one that it takes, and prometheus.url to the root of its API.",
        away="See that it runs, and that prometheus.url is right.",
    )


async def loki(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What answers questions about logs."""
    if not settings.loki.url:
        yield ok("No Loki is configured: queries of logs are shown, and not run.")
        return
    yield await _answers(
        probes.ask_loki(settings.loki),
        "Loki answers; its streams have {} labels.",
        means="Questions about logs cannot be answered.",
        refused="Set loki.token to one that it takes, and loki.url to the root of its API.",
        away="See that it runs, and that loki.url is right.",
    )


async def traces(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What answers questions about traces."""
    if settings.tempo.url:
        name, key, asked = "Tempo", "tempo", probes.ask_tempo(settings.tempo)
    elif settings.jaeger.url:
        name, key, asked = "Jaeger", "jaeger", probes.ask_jaeger(settings.jaeger)
    else:
        yield ok("No Tempo and no Jaeger is configured: queries of traces are shown, and not run.")
        return
    yield await _answers(
        asked,
        f"{name} answers; it has traces of {{}} services.",
        means="Questions about traces cannot be answered.",
        refused=f"Set {key}.token to one that it takes, and {key}.url to the root of its API.",
        away=f"See that it runs, and that {key}.url is right.",
    )


async def observatory(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What answers questions about calls of language models, and knows objectives."""
    if settings.observatory.url:
        means = "Questions about what language models cost and took cannot be answered, or only in part."
        try:
            said = await probes.ask_observatory(settings.observatory)
        except UserInputError as error:
            yield problem(
                probes.told(error), means, "Set observatory.secret and observatory.org as the service has them."
            )
        except UpstreamError as error:
            yield problem(probes.told(error), means, "See that it runs, and that observatory.url is right.")
        else:
            partly = said.startswith("Only")
            fix = "Set observatory.secret and observatory.org, or run a build that looks at tokens before it counts."
            yield warning(said, means, fix) if partly else ok(f"LLM-Observatory answers. {said}")
    else:
        yield ok("No LLM-Observatory is configured: nothing is known of calls of language models but what metrics say.")
    if settings.observatory_unified.url:
        yield await _answers(
            probes.ask_observatory_unified(settings.observatory_unified),
            "LLM-Observatory's unified service answers; {} objectives are not met.",
            means="Objectives that are not met are not told.",
            refused="Set observatory_unified.token to one that it takes, and observatory_unified.url to its root.",
            away="See that it runs, and that observatory_unified.url is right.",
        )


async def alertmanager(settings: Settings) -> AsyncGenerator[Finding, None]:
    """What keeps alerts silent."""
    if not settings.alertmanager.url:
        yield ok("No Alertmanager is configured: alerts cannot be silenced from their cards.")
        return
    yield await _answers(
        probes.ask_alertmanager(settings.alertmanager),
        "Alertmanager answers; it has {} active alerts.",
        means="Alerts cannot be silenced from their cards.",
        refused="Set alertmanager.token to one that it takes, and alertmanager.url to its root.",
        away="See that it runs, and that alertmanager.url is right.",
    )


async def _answers(counted: Awaitable[int], says: str, *, means: str, refused: str, away: str) -> Finding:
    """Whether another service answers, in these words. `says` holds {} for what it counts; `refused`, `away`: the fix."""
    try:
        return ok(says.format(await counted))
    except UpstreamRejected as error:
        return problem(probes.told(error), means, refused)
    except UpstreamError as error:
        return problem(probes.told(error), means, away)


async def process(settings: Settings) -> AsyncGenerator[Finding, None]:
    """The bot itself, on this machine."""
    if not settings.http.port:
        return
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.http.host, settings.http.host)  # noqa: S104 -- compared
    url = f"http://[{host}]" if ":" in host else f"http://{host}"
    limit = aiohttp.ClientTimeout(total=_WITHIN)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.get(f"{url}:{settings.http.port}/ready") as response,
        ):
            problems = (await response.json(content_type=None)).get("problems") or {}
    except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError):
        yield ok("The bot does not run on this machine at the moment.")
        return
    for part, reason in problems.items():
        yield problem(
            f"The running bot is not ready: {part}: {reason}.", "It may not answer.", "See the findings above."
        )
    if not problems:
        yield ok("The bot runs and is ready.")
