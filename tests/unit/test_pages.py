"""Links to the pages on which people go on with a query."""

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from core.markup import literal
from core.query.translation import Language
from core.telemetry.looks import Look
from core.telemetry.pages import Pages

PAGES = Pages(
    "https://grafana.example/g/",
    {Language.PROMQL: "prom-1", Language.LOGQL: "loki-1", Language.TRACEQL: "tempo-1"},
    "https://prometheus.example",
)
END = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def pane(url: str) -> dict[str, object]:
    (found,) = json.loads(parse_qs(urlsplit(url).query)["panes"][0]).values()
    return dict(found)


def test_a_metrics_query_leads_to_both_with_its_time() -> None:
    look = Look('rate(x{path=~"/a(b|c)"}[5m])', timedelta(hours=2))
    grafana, prometheus = PAGES.of(Language.PROMQL, look)
    assert grafana.url.startswith("https://grafana.example/g/explore?")
    assert pane(grafana.url) == {
        "datasource": "prom-1",
        "queries": [{"refId": "A", "datasource": {"type": "prometheus", "uid": "prom-1"}, "expr": look.query}],
        "range": {"from": "now-7200s", "to": "now"},
    }
    asked = parse_qs(urlsplit(prometheus.url).query)
    assert (asked["g0.expr"], asked["g0.range_input"]) == ([look.query], ["7200s"])
    assert not set("() ") & set(grafana.url + prometheus.url), "the address of a link in our Markdown"
    assert literal(grafana.label) == grafana.label


def test_a_time_that_is_over_stays_where_it_is() -> None:
    look = Look("up", timedelta(hours=1), END)
    grafana, prometheus = PAGES.of(Language.PROMQL, look)
    assert pane(grafana.url)["range"] == {"from": "1773140400000", "to": "1773144000000"}
    assert parse_qs(urlsplit(prometheus.url).query)["g0.end_input"] == ["2026-03-10 12:00:00"]


def test_logs_and_traces_lead_to_grafana_only() -> None:
    (logs,) = PAGES.of(Language.LOGQL, Look('{service="a"}', timedelta(hours=1)))
    assert '"expr":"{service=\\"a\\"}"' in json.dumps(pane(logs.url), separators=(",", ":"))
    (traces,) = PAGES.of(Language.TRACEQL, Look("{ status = error }", timedelta(hours=1)))
    assert '"queryType":"traceql"' in json.dumps(pane(traces.url), separators=(",", ":"))


def test_what_is_not_there_and_what_is_too_long_has_no_link() -> None:
    assert Pages().of(Language.PROMQL, Look("up", timedelta(hours=1))) == ()
    assert PAGES.of(Language.SQL, Look("SELECT 1", timedelta(hours=1))) == ()
    assert PAGES.of(Language.PROMQL, Look("+".join(["up"] * 600), timedelta(hours=1))) == ()
