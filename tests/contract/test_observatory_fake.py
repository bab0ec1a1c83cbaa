"""The fake of LLM-Observatory by itself: the declared contract, odd as some of it is, and the shipped form."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import jwt
import pytest

from integrations.observability.observatory.fake import ObservatoryFake
from tests.contract.observatory_calls import CALLS, NOW, ORG, SECRET, TRUST, source

EVERYTHING = (
    "read:traces", "metrics:read", "metrics:query", "costs:read", "exports:create", "exports:read", "exports:cancel", "exports:download",
)  # fmt: skip
CLAIMS: dict[str, object] = {
    "sub": "somebody", "org_id": ORG, "projects": ["p"], "role": "viewer", "permissions": list(EVERYTHING),
    "iat": int(NOW), "exp": int(NOW) + 300, "jti": "1",
}  # fmt: skip
DAY = {"start_time": "2026-03-10T00:00:00Z", "end_time": "2026-03-11T00:00:00Z"}
PROTECTED = (
    ("GET", "/api/v1/traces", "read:traces"),
    ("POST", "/api/v1/traces/search", "read:traces"),
    ("GET", "/api/v1/traces/t-0", "read:traces"),
    ("GET", "/api/v1/metrics?metrics=duration", "metrics:read"),
    ("GET", "/api/v1/metrics/summary", "metrics:read"),
    ("POST", "/api/v1/metrics/query", "metrics:query"),
    ("GET", "/api/v1/costs/summary", "costs:read"),
    ("GET", "/api/v1/costs/attribution", "costs:read"),
    ("POST", "/api/v1/export/traces", "exports:create"),
    ("GET", "/api/v1/export/jobs", "exports:read"),
    ("GET", "/api/v1/export/jobs/1", "exports:read"),
    ("DELETE", "/api/v1/export/jobs/1", "exports:cancel"),
    ("GET", "/api/v1/export/jobs/1/download", "exports:download"),
)


@pytest.fixture
async def fake() -> AsyncIterator[ObservatoryFake]:
    async with ObservatoryFake(source(), secret=SECRET, now=lambda: NOW) as service:
        yield service


@pytest.fixture
async def http(fake: ObservatoryFake) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=fake.url, headers=signed(), trust_env=False, verify=TRUST) as client:
        yield client


def signed(secret: str = SECRET, **changed: object) -> dict[str, str]:
    claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
    return {"Authorization": f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"}


def numbers(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [int(one["span_id"].removeprefix("s-")) for one in answer.json()["data"]]


async def search(http: httpx.AsyncClient, filter_: object, **others: object) -> httpx.Response:
    return await http.post("/api/v1/traces/search", json={"filter": filter_, "sort_desc": True, **others})


def leaf(field: str, operator: str, value: object) -> dict[str, object]:
    return {"field": field, "operator": operator, "value": value}


async def test_only_good_tokens_open_it(http: httpx.AsyncClient) -> None:
    async def code(header: dict[str, str]) -> tuple[int, str]:
        answer = await http.get("/api/v1/traces", headers=header)
        assert answer.json()["meta"]["timestamp"].endswith("+00:00")
        return answer.status_code, answer.json()["error"]["code"]

    assert await code({"Authorization": "Basic x"}) == (401, "INVALID_AUTHORIZATION")
    bad: list[dict[str, object]] = [
        {"exp": int(NOW) - 1}, {"jti": None}, {"org_id": None}, {"projects": None}, {"permissions": None}, {"iat": None}, {"exp": None},
        {"sub": None}, {"role": None}, {"role": "owner"}, {"aud": "observatory"}, {"projects": "p"},
    ]  # fmt: skip
    for changed in bad:
        assert await code(signed(**changed)) == (401, "INVALID_TOKEN"), changed
    assert await code(signed("x" * 40)) == (401, "INVALID_TOKEN")
    assert await code({"Authorization": "Bearer none"}) == (401, "INVALID_TOKEN")
    assert await code(signed(projects=[])) == (400, "PROJECT_REQUIRED")
    del http.headers["Authorization"]
    assert await code({}) == (401, "MISSING_AUTHORIZATION")


async def test_each_route_asks_for_its_own_permission(http: httpx.AsyncClient) -> None:
    for method, path, permission in PROTECTED:
        without = signed(permissions=[one for one in EVERYTHING if one != permission])
        refused = await http.request(method, path, headers=without, json={} if method == "POST" else None)
        assert refused.status_code == 403, path
        error = refused.json()["error"]
        assert error == "forbidden" or error["code"] == "FORBIDDEN"
        allowed = await http.request(method, path, headers=signed(permissions=[permission]))
        assert allowed.status_code not in (401, 403), path


async def test_as_shipped_every_protected_route_fails_and_no_other(
    fake: ObservatoryFake, http: httpx.AsyncClient
) -> None:
    fake.shipped = True
    for method, path, _ in PROTECTED:
        for headers in (signed(), signed(role="admin"), {"Authorization": "nothing"}):
            answer = await http.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INTERNAL_ERROR"), path
    for path in (
        "/health",
        "/api/v1/analytics/performance",
        "/api/v1/analytics/quality",
        "/api/v1/analytics/optimization",
    ):
        assert (await http.get(path)).status_code == 200


async def test_the_rate_is_told_and_can_be_too_high(fake: ObservatoryFake, http: httpx.AsyncClient) -> None:
    told = (await http.get("/api/v1/traces")).headers
    assert (told["X-RateLimit-Limit"], told["X-RateLimit-Remaining"]) == ("1200", "1199")
    assert int(told["X-RateLimit-Reset"]) > NOW
    fake.limited = 7
    limited = await http.get("/api/v1/traces")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    assert limited.json() == {
        "error": {"code": "RATE_LIMIT_EXCEEDED", "message": "Too many requests. Please slow down."}
    }


async def test_what_cannot_be_parsed_is_refused_in_plain_text(http: httpx.AsyncClient) -> None:
    for path, said in (
        ("/api/v1/metrics", "missing field"),
        ("/api/v1/metrics?metrics=duration&start_time=now-1h", "deserialize"),
        ("/api/v1/metrics?metrics=duration&include_percentiles=yes", "deserialize"),
        ("/api/v1/traces?from=yesterday", "deserialize"),
        ("/api/v1/traces?limit=many", "deserialize"),
        ("/api/v1/traces?min_cost=much", "deserialize"),
        ("/api/v1/costs/attribution", "missing field"),
        ("/api/v1/analytics/performance?start_time=now-1h", "deserialize"),
        ("/api/v1/analytics/models/compare?models=a", "expected a sequence"),
    ):
        answer = await http.get(path)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (400, "text/plain"), path
        assert said in answer.text


async def test_metrics_refuse_in_their_shape(http: httpx.AsyncClient) -> None:
    for query in (
        "metrics=latency",
        "metrics=",
        "metrics=duration&interval=2h",
        "metrics=duration&group_by=team",
        "metrics=duration&group_by=user_id",
        "metrics=duration&group_by=session_id",
        "metrics=duration&group_by=model,model,model,model,model,model",
        "metrics=duration&aggregation=mode",
        "metrics=duration&aggregation=p95",
        "metrics=duration&include_percentiles=true",
        "metrics=duration&start_time=2026-01-01T00:00:00Z&end_time=2026-04-02T00:00:00Z",
        "metrics=duration&start_time=2026-01-02T00:00:00Z&end_time=2026-01-01T00:00:00Z",
    ):
        answer = await http.get(f"/api/v1/metrics?{query}")
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_request"), query
        assert answer.json()["message"]


async def test_metrics_default_to_the_mean_of_rows(http: httpx.AsyncClient) -> None:
    """In the first hour there are five rows, one of them of two calls."""
    window = {
        "metrics": "request_count,total_cost",
        "start_time": "2026-03-10T12:00:00Z",
        "end_time": "2026-03-10T13:00:00Z",
    }
    found = (await http.get("/api/v1/metrics", params=window)).json()
    assert found["metadata"] == {
        "interval": "OneHour",
        "start_time": "2026-03-10T12:00:00Z",
        "end_time": "2026-03-10T13:00:00Z",
        "metrics": ["RequestCount", "TotalCost"],
        "group_by": [],
        "data_source": "aggregate",
        "total_points": 1,
    }
    (one,) = found["data"]
    assert one["timestamp"] == "2026-03-10T12:00:00Z"
    assert one["request_count"] == pytest.approx(6 / 5)
    summed = (await http.get("/api/v1/metrics", params=window | {"aggregation": "total"})).json()["data"][0]
    assert summed["request_count"] == 6
    counted = (await http.get("/api/v1/metrics", params=window | {"aggregation": "count"})).json()["data"][0]
    assert (counted["request_count"], counted["total_cost_usd"]) == (5, 4), "what is null is not counted"


async def test_metrics_are_flat_and_the_newest_come_first(http: httpx.AsyncClient) -> None:
    asked = DAY | {
        "metrics": "request_count,total_cost",
        "aggregation": "sum",
        "group_by": "status_code,model",
        "interval": "1h",
    }
    found = (await http.get("/api/v1/metrics", params=asked)).json()
    assert found["metadata"]["group_by"] == ["StatusCode", "Model"]
    times = [one["timestamp"] for one in found["data"]]
    assert times == sorted(times, reverse=True)
    failed = [one for one in found["data"] if one["status_code"] == "ERROR"]
    assert len(failed) == 3
    assert all("total_cost_usd" not in one for one in failed)


async def test_a_summary_compares_periods(http: httpx.AsyncClient) -> None:
    window = {"start_time": "2026-03-10T13:00:00Z", "end_time": "2026-03-10T14:00:00Z"}
    found = (await http.get("/api/v1/metrics/summary", params=window)).json()
    assert (found["current_period"]["total_requests"], found["previous_period"]["total_requests"]) == (3, 6)
    assert found["current_period"]["p95_duration_ms"] is None
    assert found["changes"]["requests_change_pct"] == -50
    assert found["top_items"] == {"by_cost": [], "by_requests": [], "by_duration": [], "by_errors": []}
    assert (found["quality"]["success_count"], found["quality"]["error_count"]) == (0, 1)
    alone = (await http.get("/api/v1/metrics/summary", params=window | {"compare_previous_period": "false"})).json()
    assert (alone["previous_period"], alone["changes"]) == (None, None)


async def test_custom_queries_find_nothing_ever(http: httpx.AsyncClient) -> None:
    body: dict[str, Any] = DAY | {
        "metrics": [{"metric": "request_count", "aggregation": "sum"}],
        "interval": "one_hour",
    }
    found = (await http.post("/api/v1/metrics/query", json=body)).json()
    assert (found["data"], found["metadata"]["interval"], found["metadata"]["total_rows"]) == ([], "OneHour", 0)
    assert (await http.post("/api/v1/metrics/query", json=body | {"interval": "1hour"})).status_code == 422


async def test_a_list_ignores_what_it_says_it_ignores(http: httpx.AsyncClient) -> None:
    ignored = "trace_id=t-1&operation_type=x&min_tokens=9999&max_tokens=1&tags=x&fields=ts&include=children"
    found = (await http.get(f"/api/v1/traces?{ignored}")).json()
    assert len(found["data"]) == len(CALLS)
    assert found["pagination"] == {"has_more": False, "limit": 50}
    assert {"timestamp", "execution_time_ms", "cached", "version", "request_id"} == found["meta"].keys()
    failed = next(one for one in found["data"] if one["span_id"] == "s-7")
    assert failed.keys().isdisjoint(("prompt_tokens", "total_cost_usd", "ttft_ms", "parent_span_id")), (
        "what is null is left out"
    )
    assert numbers(await http.get("/api/v1/traces?search=WHAT-THE-MODEL&provider=anthropic")) == [9, 8, 3]
    assert numbers(await http.get("/api/v1/traces?user_id=u-0&session_id=session-0&max_duration=600&max_cost=1")) == [0]
    assert (await http.get("/api/v1/traces?project_id=theirs")).json()["error"]["code"] == "PROJECT_ACCESS_DENIED"


async def test_limits_and_cursors_are_checked(http: httpx.AsyncClient) -> None:
    for query in ("limit=0", "limit=1001", "cursor=nonsense", "cursor=e30="):
        answer = await http.get(f"/api/v1/traces?{query}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST"), query
    for body in ({"limit": 0}, {"sort_by": "prompt_tokens"}, {"cursor": "nonsense"}):
        assert (await http.post("/api/v1/traces/search", json=body)).status_code == 400, body


async def test_pages_follow_each_other(http: httpx.AsyncClient) -> None:
    for order in ("desc", "asc"):
        first = await http.get(f"/api/v1/traces?limit=5&sort_order={order}")
        cursor = first.json()["pagination"]["cursor"]
        second = await http.get("/api/v1/traces", params={"limit": 5, "cursor": cursor})
        if order == "desc":
            assert numbers(first) + numbers(second) == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]
            last = await http.get(
                "/api/v1/traces", params={"limit": 5, "cursor": second.json()["pagination"]["cursor"]}
            )
            assert numbers(last) == [1, 0]
            assert last.json()["pagination"] == {"has_more": False, "limit": 5}


async def test_a_trace_by_its_id_is_its_latest_call(http: httpx.AsyncClient) -> None:
    found = (await http.get("/api/v1/traces/t-0")).json()
    assert (found["status"], found["data"]["span_id"]) == ("success", "s-2")
    missing = await http.get("/api/v1/traces/none")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "NOT_FOUND")


FILTERS: tuple[tuple[object, list[int]], ...] = (
    (leaf("provider", "eq", "anthropic"), [9, 8, 3]),
    (leaf("provider", "ne", "openai"), [9, 8, 3]),
    (leaf("duration_ms", "gt", 1500), [11, 4]),
    (leaf("latency_ms", "gte", 1500), [11, 10, 4]),
    (leaf("input_cost_usd", "lt", 0.002), [0]),
    (leaf("time_to_first_token_ms", "lte", 110), [1, 0]),
    (leaf("ts", "gte", "2026-03-10T14:11:00Z"), [11, 10]),
    (leaf("model", "in", ["gpt-4o-mini", "x"]), [10, 2]),
    (leaf("model", "notin", ["gpt-4o", "claude-haiku"]), [10, 2]),
    (leaf("model", "contains", "mini"), [10, 2]),
    (leaf("model", "notcontains", "gpt"), [9, 8, 3]),
    (leaf("model", "startswith", "claude"), [9, 8, 3]),
    (leaf("model", "endswith", "mini"), [10, 2]),
    (leaf("error_message", "regex", "^(rate|context)"), [10, 7]),
    (leaf("error_message", "search", "LIMIT"), [7]),
    (leaf("error_message", "ne", "x"), [10, 7, 4]),
    (leaf("operation_type", "eq", "x"), []),
    (leaf("project_id", "eq", "p"), [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0]),
    ({"operator": "AND", "filters": [leaf("environment", "eq", "staging"), leaf("status_code", "eq", "OK")]}, [5]),
    ({"operator": "OR", "filters": [leaf("trace_id", "eq", "t-5"), leaf("status_code", "eq", "UNSET")]}, [9, 5]),
    ({"operator": "NOT", "filters": [leaf("total_tokens", "gte", 0)]}, [10, 7, 4]),
)


async def test_a_search_evaluates_its_filter(http: httpx.AsyncClient) -> None:
    for filter_, wanted in FILTERS:
        assert numbers(await search(http, filter_)) == wanted, filter_


async def test_a_search_refuses_what_its_documents_show_and_its_code_does_not_know(http: httpx.AsyncClient) -> None:
    both = [leaf("provider", "eq", "x"), leaf("model", "eq", "x")]
    for undecodable in (
        {"operator": "and", "filters": both},
        leaf("model", "not_in", ["x"]),
        leaf("model", "starts_with", "x"),
        {"field": "model"},
        ["model"],
    ):
        answer = await search(http, undecodable)
        assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (422, "text/plain"), (
            undecodable
        )
    for bad in (
        {"operator": "NOT", "filters": both},
        {"operator": "AND", "filters": []},
        leaf("org_id", "eq", "x"),
        leaf("model", "in", "x"),
        leaf("model", "gt", 3),
        leaf("duration_ms", "gt", "long"),
        leaf("model", "contains", 3),
        leaf("ts", "gt", "now-1h"),
    ):
        answer = await search(http, bad)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BAD_REQUEST"), bad
    json = {"Content-Type": "application/json"}
    assert (await http.post("/api/v1/traces/search", content=b"{", headers=json)).status_code == 400
    assert (await http.post("/api/v1/traces/search", content=b"{}")).status_code == 415
    assert (await http.post("/api/v1/traces/search", json={"limit": "1"})).status_code == 422


async def test_public_analytics_are_marked_and_not_sent_twice(http: httpx.AsyncClient) -> None:
    for name in ("performance", "quality", "optimization"):
        first = await http.get(f"/api/v1/analytics/{name}", params=DAY)
        assert first.headers["Cache-Control"] == "private, max-age=60"
        again = await http.get(
            f"/api/v1/analytics/{name}", params=DAY, headers={"If-None-Match": first.headers["ETag"]}
        )
        assert (again.status_code, again.content) == (304, b"")


async def test_public_analytics_tell_of_everybody(http: httpx.AsyncClient) -> None:
    found = (await http.get("/api/v1/analytics/performance", params=DAY)).json()
    assert found["request_count"] == len(CALLS) + 1
    assert (found["p95_latency_ms"], found["max_latency_ms"]) == (None, 30_000)
    assert len(found["time_series"]) == 3
    fine = (await http.get("/api/v1/analytics/performance", params=DAY | {"granularity": "1min"})).json()
    assert fine["p50_latency_ms"] is not None
    odd = (await http.get("/api/v1/analytics/performance", params=DAY | {"granularity": "5min"})).json()
    assert odd["time_series"] == found["time_series"], "what it does not know is an hour"
    quality = (await http.get("/api/v1/analytics/quality", params=DAY | {"model": "gpt-4o-mini"})).json()
    assert (quality["total_requests"], quality["failed_requests"], quality["error_rate"]) == (2, 1, 0.5)
    assert quality["error_breakdown"][0]["sample_message"] == "context length exceeded"
    advice = (await http.get("/api/v1/analytics/optimization", params=DAY)).json()
    assert advice["quality_optimizations"][0]["impact"] == "high"
    assert 0.5 <= advice["overall_score"] <= 1


async def test_costs_add_up(http: httpx.AsyncClient) -> None:
    found = (await http.get("/api/v1/costs/summary", params=DAY | {"top_limit": "2"})).json()
    total = sum(one["total_cost_usd"] or 0 for one in CALLS)
    assert found["overview"]["total_cost"] == pytest.approx(total)
    assert sum(one["cost"] for one in found["by_model"]) == pytest.approx(total)
    assert [one["cost"] for one in found["top_traces"]] == pytest.approx([0.012, 0.011])
    assert found["trends"]["daily"][0]["requests"] == len(CALLS)
    by = (await http.get("/api/v1/costs/attribution", params=DAY | {"dimension": "provider"})).json()
    items = {one["dimension_value"]: one for one in by["items"]}
    assert items.keys() == {"openai", "anthropic"}
    assert items["anthropic"]["by_model"] == {"claude-haiku": pytest.approx(0.006 + 0.011 + 0.012)}
    assert items["openai"]["by_model"].keys() == {"gpt-4o", "gpt-4o-mini"}
    assert sum(one["cost_percentage"] for one in by["items"]) == pytest.approx(100)
    assert (await http.get("/api/v1/costs/attribution", params=DAY | {"dimension": "team"})).json()["items"] == []
    for query in ({"dimension": "colour"}, {"dimension": "user", "limit": "0"}):
        refused = await http.get("/api/v1/costs/attribution", params=DAY | query)
        assert (refused.status_code, refused.json()["error"]) == (400, "bad_request")


async def test_exports_stay_pending(http: httpx.AsyncClient) -> None:
    made = (await http.post("/api/v1/export/traces", json={"format": "csv"})).json()
    assert made["status"] == "pending"
    listed = (await http.get("/api/v1/export/jobs")).json()
    assert listed["pagination"] == {"total": 1, "limit": 20, "offset": 0, "has_more": False}
    one = await http.get(made["status_url"])
    assert (one.json()["progress_percent"], one.json()["metadata"]["can_download"]) == (0, False)
    assert (await http.get(f"{made['status_url']}/download")).status_code == 409
    assert (await http.delete(made["status_url"])).status_code == 204
    assert (await http.delete(made["status_url"])).status_code == 409
    missing = await http.get("/api/v1/export/jobs/none")
    assert (missing.status_code, missing.json()["error"]) == (404, "not_found")
    assert (await http.post("/api/v1/export/traces", json={"format": "xml"})).status_code == 422


async def test_health_and_observations(fake: ObservatoryFake, http: httpx.AsyncClient) -> None:
    assert (await http.get("/health")).json() == {
        "status": "healthy", "database": "healthy", "redis": "healthy", "timestamp": "2026-03-10T15:30:00Z",
    }  # fmt: skip
    fake.healthy = False
    ill = await http.get("/health")
    assert (ill.status_code, ill.content) == (503, b"")
    told = {"source": "s", "event_type": "e", "execution_id": "1", "timestamp": "2026-03-10T12:00:00Z", "payload": None}
    accepted = await http.post("/api/v1/observations", json=told)
    assert (accepted.status_code, accepted.json()) == (202, {"status": "accepted", "execution_id": "1"})
    assert (await http.post("/api/v1/observations", json={})).status_code == 422
