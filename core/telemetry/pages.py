"""Pages of other programs on which people go on with a query: Grafana's Explore, and Prometheus' own. Pure.

Formats: Grafana's `explore?schemaVersion=1&panes=…` (10 and later), Prometheus' `graph?g0.expr=…` (2 and 3).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from core.query.translation import Language
from core.telemetry.looks import Look

_LONGEST = 1_800
"""Characters of an address that still fits a message of any platform."""
_KINDS: Mapping[Language, str] = MappingProxyType(
    {Language.PROMQL: "prometheus", Language.LOGQL: "loki", Language.TRACEQL: "tempo"}
)


@dataclass(frozen=True, slots=True)
class Page:
    """A link."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Pages:
    """Where those programs are; "" for what there is not."""

    grafana: str = ""
    """Root of its pages."""
    sources: Mapping[Language, str] = field(default_factory=dict)
    """Language → uid of the data source in Grafana."""
    prometheus: str = ""
    """Root of Prometheus' pages."""

    def of(self, language: Language, look: Look) -> tuple[Page, ...]:
        """What a look can be gone on with; none whose address would be too long."""
        made: list[Page] = []
        if self.grafana and (source := self.sources.get(language)):
            made.append(Page("Grafana", self._explore(language, source, look)))
        if self.prometheus and language is Language.PROMQL:
            made.append(Page("Prometheus", self._graph(look)))
        return tuple(page for page in made if len(page.url) <= _LONGEST)

    def _explore(self, language: Language, source: str, look: Look) -> str:
        kind = _KINDS[language]
        query: dict[str, Any] = {"refId": "A", "datasource": {"type": kind, "uid": source}}
        query |= {"query": look.query, "queryType": "traceql"} if kind == "tempo" else {"expr": look.query}
        start, end = _ends(look)
        pane = {"datasource": source, "queries": [query], "range": {"from": start, "to": end}}
        panes = quote(json.dumps({"a": pane}, separators=(",", ":")), safe="")
        return f"{self.grafana.rstrip('/')}/explore?schemaVersion=1&panes={panes}&orgId=1"

    def _graph(self, look: Look) -> str:
        seconds = round(look.length.total_seconds())
        url = f"{self.prometheus.rstrip('/')}/graph?g0.expr={quote(look.query, safe='')}&g0.tab=0&g0.range_input={seconds}s"
        return (
            f"{url}&g0.end_input={quote(f'{look.end.astimezone(UTC):%Y-%m-%d %H:%M:%S}', safe='')}" if look.end else url
        )


def _ends(look: Look) -> tuple[str, str]:
    """As Grafana writes them: relative to now, or in milliseconds since the epoch."""
    if look.end is None:
        return f"now-{round(look.length.total_seconds())}s", "now"
    return _milliseconds(look.end - look.length), _milliseconds(look.end)


def _milliseconds(at: datetime) -> str:
    return str(round(at.timestamp() * 1000))
