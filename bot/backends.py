"""The services that questions are answered from, as the settings name them: metrics, logs and traces, and how each is reached."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from bot.circuits import Circuits
from bot.metrics import Metrics
from bot.sections import Observatory, Service
from bot.settings import Settings
from core.ports.clock import Clock
from core.ports.telemetry import AlertManager, Logs, Telemetry, TraceStore
from core.ports.telemetry import Metrics as MetricsBackend
from core.ports.usage import UsageStore
from core.query.translation import Language
from core.telemetry.kept import Kept
from core.telemetry.kept_stores import KeptLogs, KeptMetrics, KeptTraces, KeptUsage
from core.telemetry.pages import Pages
from core.telemetry.shelves import Shelf, digest
from integrations.http import Reach
from integrations.observability.alertmanager.client import AlertmanagerClient
from integrations.observability.jaeger.client import JaegerClient
from integrations.observability.loki.client import LokiClient
from integrations.observability.observatory.client import ObservatoryClient
from integrations.observability.observatory.tokens import Access
from integrations.observability.prometheus.client import PrometheusClient
from integrations.observability.tempo.client import TempoClient


def reach(service: Service) -> Reach:
    """How a service is reached."""
    return Reach(
        service.url,
        service.token.get_secret_value(),
        {name: value.get_secret_value() for name, value in service.headers.items()},
        service.ca_file,
        service.connect_seconds,
        service.read_seconds,
        service.link_local,
    )


def pages(settings: Settings) -> Pages:
    """Where people go on with a query."""
    grafana = settings.grafana
    sources = {
        Language.PROMQL: grafana.prometheus,
        Language.LOGQL: grafana.loki,
        Language.TRACEQL: grafana.tempo,
    }
    return Pages(grafana.url, sources, settings.prometheus.page)


async def open_telemetry(
    stack: AsyncExitStack,
    settings: Settings,
    circuits: Circuits,
    clock: Clock,
    counted: Metrics,
    shelves: Sequence[Shelf] = (),
) -> Telemetry:
    """What is connected, until the stack is closed; its answers are kept for a while, on `shelves` too."""
    anew = Telemetry(
        await _metrics(stack, settings, circuits),
        await _logs(stack, settings, circuits),
        await _traces(stack, settings, circuits),
        await _alerts(stack, settings, circuits),
        await _usage(stack, settings, circuits),
    )
    kept = Kept(clock, lambda level, hit: counted.looked_up(level, hit=hit), shelves=shelves, source=_source(settings))
    return Telemetry(
        KeptMetrics(anew.metrics, kept) if anew.metrics else None,
        KeptLogs(anew.logs, kept) if anew.logs else None,
        KeptTraces(anew.traces, kept) if anew.traces else None,
        anew.alerts,
        KeptUsage(anew.usage, kept) if anew.usage else None,
        anew,
    )


def _source(settings: Settings) -> str:
    """Which stores, seen as which tenant: a digest, for tenants may be secrets."""
    stores = (settings.prometheus, settings.loki, settings.tempo, settings.jaeger, settings.observatory)
    said = [
        (one.url, sorted((name, value.get_secret_value()) for name, value in one.headers.items())) for one in stores
    ]
    return digest((repr(said), settings.observatory.org))


async def _usage(stack: AsyncExitStack, settings: Settings, circuits: Circuits) -> UsageStore | None:
    if not settings.observatory.url:
        return None
    client = ObservatoryClient(reach(settings.observatory), access(settings.observatory), watch=circuits.watch)
    return await stack.enter_async_context(client)


def access(observatory: Observatory) -> Access:
    """As whom LLM-Observatory is asked."""
    return Access(observatory.secret.get_secret_value(), observatory.org, projects=observatory.projects)


def silenceable(settings: Settings) -> frozenset[str]:
    """Sources whose alerts the alert manager can keep silent: those that it sends itself."""
    if not settings.alertmanager.url:
        return frozenset()
    return frozenset(name for name, source in settings.alerts.items() if source.kind == "alertmanager")


async def _alerts(stack: AsyncExitStack, settings: Settings, circuits: Circuits) -> AlertManager | None:
    if not settings.alertmanager.url:
        return None
    return await stack.enter_async_context(AlertmanagerClient(reach(settings.alertmanager), watch=circuits.watch))


async def _metrics(stack: AsyncExitStack, settings: Settings, circuits: Circuits) -> MetricsBackend | None:
    if not settings.prometheus.url:
        return None
    return await stack.enter_async_context(PrometheusClient(reach(settings.prometheus), watch=circuits.watch))


async def _logs(stack: AsyncExitStack, settings: Settings, circuits: Circuits) -> Logs | None:
    if not settings.loki.url:
        return None
    return await stack.enter_async_context(LokiClient(reach(settings.loki), watch=circuits.watch))


async def _traces(stack: AsyncExitStack, settings: Settings, circuits: Circuits) -> TraceStore | None:
    if settings.tempo.url:
        return await stack.enter_async_context(TempoClient(reach(settings.tempo), watch=circuits.watch))
    if settings.jaeger.url:
        return await stack.enter_async_context(JaegerClient(reach(settings.jaeger), watch=circuits.watch))
    return None
