"""How the doctor reaches databases and services. The one module of the doctor that sees storage and integrations."""

import asyncio
from dataclasses import dataclass

from bot.backends import access, reach
from bot.sections import Observatory, Service
from core.errors import BotError, UnavailableError
from integrations.delivery.client import DeliveryClient
from integrations.observability.alertmanager.client import AlertmanagerClient
from integrations.observability.jaeger.client import JaegerClient
from integrations.observability.loki.client import LokiClient
from integrations.observability.observatory.client import ObservatoryClient
from integrations.observability.observatory.unified import UnifiedClient
from integrations.observability.prometheus.client import PrometheusClient
from integrations.observability.tempo.client import TempoClient
from storage.inspection import Disk, Inspection, Parked, disk, inspect, received

__all__ = [
    "Disk",
    "Inspection",
    "Parked",
    "Stream",
    "ask_delivery",
    "ask_jaeger",
    "ask_loki",
    "ask_observatory",
    "ask_observatory_unified",
    "ask_prometheus",
    "ask_tempo",
    "disk",
    "inspect",
    "look_at_nats",
    "ping_redis",
    "received",
]

_WITHIN = 3.0


@dataclass(frozen=True, slots=True)
class Stream:
    """JetStream as the work queue sees it."""

    problem: str = ""
    """Why JetStream cannot be used; empty when it can."""
    messages: int | None = None
    """Waiting in our stream; None before a bot made it."""


async def look_at_nats(url: str, stream: str = "copilot_work") -> Stream:
    """UnavailableError when the server cannot be reached."""
    import nats
    from nats.js.errors import NotFoundError

    from storage.nats_link import NATS_ERRORS

    async def silent(_error: Exception) -> None:
        """The error is raised as well."""

    try:
        async with asyncio.timeout(_WITHIN):
            # One attempt: without the limit the client goes on for minutes.
            client = await nats.connect(url, allow_reconnect=False, max_reconnect_attempts=1, error_cb=silent)
    except NATS_ERRORS as error:
        raise UnavailableError("NATS cannot be reached.", hint=type(error).__name__) from error
    try:
        jetstream = client.jetstream(timeout=_WITHIN)
        await jetstream.account_info()
        return Stream(messages=(await jetstream.stream_info(stream)).state.messages)
    except NotFoundError:
        return Stream()
    except NATS_ERRORS as error:
        return Stream(problem=type(error).__name__)
    finally:
        await client.close()


async def ping_redis(url: str) -> str:
    """The server's version; UnavailableError when it cannot be reached."""
    from redis.asyncio import Redis

    from storage.cache_redis import REDIS_ERRORS

    client = Redis.from_url(url, socket_timeout=_WITHIN, socket_connect_timeout=_WITHIN)
    try:
        return str((await client.info("server"))["redis_version"])
    except REDIS_ERRORS as error:
        raise UnavailableError("Redis cannot be reached.", hint=type(error).__name__) from error
    finally:
        await client.aclose()


async def ask_delivery(service: Service) -> int:
    """How many services the delivery service knows. UpstreamError as its client raises it."""
    async with DeliveryClient(reach(service)) as client:
        return len(await client.services())


async def ask_prometheus(service: Service) -> int:
    """How many metrics Prometheus has. UpstreamError as its client raises it."""
    async with PrometheusClient(reach(service)) as client:
        return len((await client.backend()).metrics)


async def ask_loki(service: Service) -> int:
    """How many labels Loki's streams have. UpstreamError as its client raises it."""
    async with LokiClient(reach(service)) as client:
        return len(await client.labels())


async def ask_tempo(service: Service) -> int:
    """How many services have traces in Tempo. UpstreamError as its client raises it."""
    async with TempoClient(reach(service)) as client:
        return len((await client.tags()).services)


async def ask_jaeger(service: Service) -> int:
    """How many services have traces in Jaeger. UpstreamError as its client raises it."""
    async with JaegerClient(reach(service)) as client:
        return len((await client.tags()).services)


async def ask_observatory(service: Observatory) -> str:
    """What can be asked of LLM-Observatory, in a sentence. UpstreamError as its client raises it."""
    async with ObservatoryClient(reach(service), access(service)) as client:
        await client.healthy()
        return await client.access()


async def ask_observatory_unified(service: Service) -> int:
    """How many objectives are not met. UpstreamError as its client raises it."""
    async with UnifiedClient(reach(service)) as client:
        await client.ready()
        return len(await client.violations())


def told(error: BotError) -> str:
    """An error in one line."""
    return f"{error.message} ({error.hint})" if error.hint else error.message


async def ask_alertmanager(service: Service) -> int:
    """How many alerts are active in Alertmanager. UpstreamError as its client raises it."""
    async with AlertmanagerClient(reach(service)) as client:
        return len(await client.alerts())
