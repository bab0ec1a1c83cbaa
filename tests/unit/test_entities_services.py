"""Services: how people write the names of a catalogue, and the words that only look like them."""

import pytest

from core.nlp.entities import find, nearest
from core.nlp.interpretation import EntityType

CATALOGUE = (
    "payment-gateway",
    "auth-service",
    "payments-api",
    "checkout",
    "search",
    "orders",
    "notification-service",
    "cart",
)


def services(text: str, catalogue: tuple[str, ...] = CATALOGUE, **options: object) -> list[str]:
    return [e.value for e in find(text, services=catalogue, **options) if e.type is EntityType.SERVICE]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text", ["payment-gateway", "Payment Gateway", "payment_gateway", "paymentgateway", "paymant gateway"]
)
def test_separators_and_case_do_not_matter(text: str) -> None:
    assert services(f"is {text} ok?") == ["payment-gateway"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("checkout's latency", "checkout"),
        ("checkout-svc", "checkout"),
        ("the checkout service", "checkout"),
        ("auth is slow", "auth-service"),
        ("auth-svc", "auth-service"),
        ("payments p99", "payments-api"),
        ("notif service", "notification-service"),
        ("order errors", "orders"),
    ],
)
def test_short_forms_lead_to_the_one_service_they_fit(text: str, expected: str) -> None:
    assert services(text) == [expected]


@pytest.mark.parametrize("typo", ["chekcout", "checkot", "checkoutt", "chckout", "hceckout"])
def test_typos(typo: str) -> None:
    assert services(f"errors in {typo}") == ["checkout"]


@pytest.mark.parametrize(
    "text",
    [
        "search for timeouts",
        "please search the logs",
        "can someone check out the dashboards",
        "order by latency",
        "chart the errors",
        "how many orders failed",
        "part of it",
        "check it",
        "cert expired",
        "players cant join",
        "payment terms changed",
        "run checkout-e2e",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert services(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("is search ok?", ["search"]),
        ("search logs of search", ["search"]),
        ("why is check out slow", ["checkout"]),
        ("traffic to search now", ["search"]),
        ("latency for checkout by version", ["checkout"]),
    ],
)
def test_a_name_that_is_a_verb_counts_where_a_noun_stands(text: str, expected: list[str]) -> None:
    assert services(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("media p99", ["media-worker"]),
        ("is media ok", ["media-worker"]),
        ("media files are gone", []),
        ("media-jobs", []),
    ],
)
def test_the_first_part_of_a_name_counts_where_a_noun_stands(text: str, expected: list[str]) -> None:
    assert services(text, ("media-worker",)) == expected


def test_a_short_form_of_two_services_is_none() -> None:
    assert services("errors in user", ("user-api", "user-service")) == []


def test_aliases_win() -> None:
    assert services("is pgw ok", aliases={"pgw": "payment-gateway"}) == ["payment-gateway"]
    assert services("is auth ok", aliases={"auth": "keycloak"}) == ["keycloak"]


def test_exactly_means_as_the_catalogue_has_it() -> None:
    assert services("chekcout, auth, checkout", exact=True) == ["checkout"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("errors in fraud-detector-service", ["fraud-detector-service"]),
        ("the ledger service is down", ["ledger"]),
        ("p99 of checkout", ["checkout"]),
        ("which service is it", []),
        ("long-running requests", []),
    ],
)
def test_without_a_catalogue_the_shape_decides(text: str, expected: list[str]) -> None:
    assert services(text, ()) == expected


def test_the_nearest_names_come_best_first() -> None:
    assert nearest("serch", CATALOGUE)[0] == "search"


COMPONENTS = ["llm-gateway", "pay-router", "geo-router", "eval-runner", "prompt-cache", "mobile-api"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ttft of the gateway", ["llm-gateway"]),
        ("is the router ok", []),
        ("gateway timeouts everywhere", []),
        ("the gateway timeouts are back", []),
        ("we restarted the cache", []),
        ("run the groundedness eval on mobile-api", ["mobile-api"]),
        ("all mobile users are locked out", []),
        ("is mobile ok", ["mobile-api"]),
    ],
)
def test_the_last_part_of_a_name_needs_an_article_and_one_owner(text: str, expected: list[str]) -> None:
    found = find(text, services=COMPONENTS)
    assert [entity.value for entity in found if entity.type is EntityType.SERVICE] == expected
