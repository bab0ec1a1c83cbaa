"""References, ellipsis and carry-over: what a turn comes to after the ones before it."""

from datetime import UTC, datetime

import pytest

from core.nlp.dialogue import Resolved, Speaker, State, advance, hear
from core.nlp.dialogue.state import MENTIONS, TURNS
from core.nlp.entities import find
from core.nlp.interpretation import EntityType, Intent

SERVICES = ("checkout", "payments", "search", "orders", "auth-service")
NOW = datetime(2026, 3, 11, 14, 30, tzinfo=UTC)
UNSURE, SURE = 0.4, 0.95

M, L, T, H = Intent.METRIC_QUERY, Intent.LOG_QUERY, Intent.TRACE_QUERY, Intent.SERVICE_HEALTH
CREATE, UPDATE, RESOLVE = Intent.INCIDENT_CREATE, Intent.INCIDENT_UPDATE, Intent.INCIDENT_RESOLVE
RUN, STATUS, CANCEL = Intent.WORKFLOW_TRIGGER, Intent.WORKFLOW_STATUS, Intent.WORKFLOW_CANCEL
TEST, WRITE_TEST, COVERAGE = Intent.TEST_EXECUTE, Intent.TEST_GENERATE, Intent.TEST_COVERAGE
ALERT, GENERAL, UNKNOWN = Intent.ALERT_INVESTIGATION, Intent.GENERAL_QUERY, Intent.UNKNOWN


def say(state: State, text: str, intent: Intent, confidence: float = 1.0) -> tuple[State, Resolved]:
    entities = find(text, services=SERVICES, now=NOW)
    return advance(state, text, entities, intent, confidence=confidence, services=SERVICES)


def reply(state: State, text: str) -> State:
    return hear(state, text, find(text, services=SERVICES, now=NOW, exact=True), services=SERVICES)


def talk(*said: tuple[str, Intent] | str) -> State:
    """A conversation: what the person says has an intent, what the bot says has none."""
    state = State()
    for one in said:
        state = reply(state, one) if isinstance(one, str) else say(state, *one)[0]
    return state


def values(resolved: Resolved) -> dict[str, str]:
    return {kind.value: value for kind, value in resolved.slots.items()}


ASKED = ("p99 latency of checkout in prod last 2h", M)
DEPLOYED = (("deploy payments 2.4 to staging", RUN), "Started run 8812 (deploy payments 2.4 to staging)")
DECLARED = (("open a sev2 for checkout", CREATE), "Created INC-512 for checkout")


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("and error rate?", M, {"service": "checkout", "metric": "error_rate", "time_range": "2h", "environment": "production"}),
        ("what about payments", M, {"service": "payments", "metric": "latency", "time_range": "2h", "environment": "production"}),
        ("same for staging", M, {"service": "checkout", "metric": "latency", "time_range": "2h", "environment": "staging"}),
        ("last 6 hours instead", M, {"service": "checkout", "metric": "latency", "time_range": "6h", "environment": "production"}),
        ("now the logs", L, {"service": "checkout", "time_range": "2h", "environment": "production"}),
        ("slow traces through it", T, {"service": "checkout", "time_range": "2h", "environment": "production"}),
        ("is it ok?", H, {"service": "checkout", "environment": "production"}),
        ("no, i meant orders", M, {"service": "orders", "metric": "latency", "time_range": "2h", "environment": "production"}),
        ("not checkout, search", M, {"service": "search", "metric": "latency", "time_range": "2h", "environment": "production"}),
        ("forget checkout, look at search", M, {"service": "search", "metric": "latency", "time_range": "2h", "environment": "production"}),
        ("payments no, orders", M, {"service": "orders", "metric": "latency", "time_range": "2h", "environment": "production"}),
        ("und bei search?", M, {"service": "search", "metric": "latency", "time_range": "2h", "environment": "production"}),
        ("y en staging?", M, {"service": "checkout", "metric": "latency", "time_range": "2h", "environment": "staging"}),
        ("make it 6", M, {"service": "checkout", "metric": "latency", "time_range": "6h", "environment": "production"}),
        ("make it 95", M, {"service": "checkout", "metric": "latency", "time_range": "2h", "environment": "production"}),
        ("what does saturation mean?", GENERAL, {}),
        ("how is it right now?", M, {"service": "checkout", "metric": "latency", "environment": "production"}),
        ("error rate of search", M, {"service": "search", "metric": "error_rate", "time_range": "2h", "environment": "production"}),
        ("cpu on node-17", M, {"metric": "cpu", "time_range": "2h", "environment": "production"}),
        ("which service has the most errors?", M, {"metric": "error_rate", "time_range": "2h", "environment": "production"}),
        ("is github down?", H, {}),
        ("why did HighErrorRate page me", ALERT, {}),
        ("open a sev1 for that", CREATE, {"service": "checkout", "environment": "production"}),
        ("write tests for it", WRITE_TEST, {"service": "checkout"}),
        ("thanks!", GENERAL, {}),
        ("ok", UNKNOWN, {}),
        ("lunch?", UNKNOWN, {}),
    ],
)  # fmt: skip
def test_after_a_metric(text: str, intent: Intent, expected: dict[str, str]) -> None:
    assert values(say(talk(ASKED), text, intent)[1]) == expected


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("is it done?", STATUS, {"workflow": "8812"}),
        ("cancel it", CANCEL, {"workflow": "8812"}),
        ("cancel 8812", CANCEL, {"workflow": "8812"}),
        ("is it healthy?", H, {"service": "payments", "environment": "staging"}),
        ("run it again", RUN, {"workflow": "8812"}),
        ("again, in prod", RUN, {"workflow": "8812", "environment": "production"}),
        ("roll it back", RUN, {"service": "payments", "environment": "staging"}),
        ("give it another go", RUN, {"workflow": "8812"}),
        ("go ahead", RUN, {"workflow": "8812"}),
        ("run db-vacuum", RUN, {"workflow": "db-vacuum", "environment": "staging"}),
        ("run the smoke tests on it", TEST, {"service": "payments", "environment": "staging"}),
        ("which deploys ran in the last 2h?", STATUS, {"time_range": "2h"}),
        ("same for production", RUN, {"service": "payments", "environment": "production"}),
        ("deploy search 1.1", RUN, {"service": "search", "environment": "staging"}),
        ("is the search deploy done?", STATUS, {"service": "search"}),
        ("what runs are waiting for approval?", STATUS, {}),
        ("logs of that run", L, {"service": "payments", "workflow": "8812", "environment": "staging"}),
        ("who started it?", GENERAL, {"workflow": "8812"}),
    ],
)  # fmt: skip
def test_after_a_deployment(text: str, intent: Intent, expected: dict[str, str]) -> None:
    assert values(say(talk(*DEPLOYED), text, intent)[1]) == expected


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("close it", RESOLVE, {"incident_id": "INC-512"}),
        ("close 512", RESOLVE, {"incident_id": "INC-512"}),
        ("make it a sev1", UPDATE, {"incident_id": "INC-512"}),
        ("payments is hit too", UPDATE, {"incident_id": "INC-512", "service": "payments"}),
        ("duplicate of INC-40, close it", RESOLVE, {"incident_id": "INC-512"}),
        ("INC-7, not INC-512", UPDATE, {"incident_id": "INC-7"}),
        ("note: latency is up since 9am", UPDATE, {"incident_id": "INC-512"}),
        ("logs for that incident", L, {"incident_id": "INC-512", "service": "checkout"}),
        ("who is on it?", GENERAL, {"incident_id": "INC-512"}),
        ("who's assigned", GENERAL, {"incident_id": "INC-512"}),
        ("any updates?", GENERAL, {"incident_id": "INC-512"}),
        ("what can you do?", GENERAL, {}),
        ("open another one for search", CREATE, {"service": "search"}),
    ],
)  # fmt: skip
def test_after_an_incident(text: str, intent: Intent, expected: dict[str, str]) -> None:
    assert values(say(talk(*DECLARED), text, intent)[1]) == expected


JOB = (("run db-vacuum", RUN), "Started run 42")


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("rerun it", RUN, {"workflow": "42"}),
        ("same on prod", RUN, {"workflow": "db-vacuum", "environment": "production"}),
        ("did db-vacuum finish", STATUS, {"workflow": "db-vacuum"}),
        ("is the vacuum through", STATUS, {"workflow": "42"}),
    ],
)
def test_after_a_job(text: str, intent: Intent, expected: dict[str, str]) -> None:
    assert values(say(talk(*JOB), text, intent)[1]) == expected


def test_a_workflow_is_known_by_a_word_of_its_name_among_others() -> None:
    state = talk(("run db-vacuum", RUN), "Started run 42", ("start cert-rotate", RUN), "Started run 43")
    assert values(say(state, "is the vacuum through", STATUS)[1]) == {"workflow": "42"}
    assert values(say(state, "stop the rotate", CANCEL)[1]) == {"workflow": "43"}


@pytest.mark.parametrize(
    "reply", ["Testlauf 58 gestartet.", "Run 58 iniciado.", "Ejecución 58 iniciada.", "Started run 58."]
)
def test_a_run_that_a_reply_names(reply: str) -> None:
    assert values(say(talk(("run the tests of orders", TEST), reply), "brich ab", CANCEL)[1]) == {"workflow": "58"}


def test_tests_that_are_named_run_anew_and_it_is_the_run() -> None:
    state = talk(("run the smoke tests on orders in staging", TEST), "Started run 410.")
    assert values(say(state, "rerun the smoke tests", TEST)[1]) == {"service": "orders", "environment": "staging"}
    assert values(say(state, "rerun it", TEST)[1]) == {"workflow": "410"}


@pytest.mark.parametrize(
    ("before", "text", "window"),
    [
        ("checkout latency since 10:30", "same window yesterday", "2026-03-10T10:30:00Z/2026-03-10T14:30:00Z"),
        ("checkout latency between 9 and 10am", "same hours on monday", "2026-03-09T09:00:00Z/2026-03-09T10:00:00Z"),
        ("checkout latency last 2h", "same window yesterday", "2026-03-10T00:00:00Z/2026-03-11T00:00:00Z"),
        ("checkout latency past 5m", "past 30", "30m"),
        ("checkout latency 1h", "stretch that to 3", "3h"),
        ("checkout latency", "black friday, since 9am", "2026-03-11T09:00:00Z/2026-03-11T14:30:00Z"),
        ("checkout latency", "yesterdays numbers, or since 9am", "2026-03-11T09:00:00Z/2026-03-11T14:30:00Z"),
    ],
)
def test_windows_that_lean_on_the_one_before(before: str, text: str, window: str) -> None:
    assert values(say(talk((before, M)), text, M)[1])["time_range"] == window


def test_a_job_that_was_asked_about_is_run_again_as_its_latest_run() -> None:
    state = talk(*JOB, ("did db-vacuum finish", STATUS))
    assert values(say(state, "retry", RUN)[1]) == {"workflow": "42"}


def test_where_a_run_was_is_no_move_of_the_talk() -> None:
    state = talk(*DEPLOYED, ("latency of search in prod", M), ("is 8812 done?", STATUS))
    assert values(say(state, "error rate of search", M)[1]) == {
        "service": "search",
        "metric": "error_rate",
        "environment": "production",
    }


OPEN = (("any open incidents?", GENERAL), "Open: INC-40 (search, sev3), INC-41 (orders, sev2), INC-42 (payments)")


@pytest.mark.parametrize(
    ("text", "incident"),
    [
        ("close the first one", "INC-40"),
        ("close the second one", "INC-41"),
        ("close the last one", "INC-42"),
        ("close the payments one", "INC-42"),
        ("close the checkout one", None),
    ],
)
def test_one_of_a_list(text: str, incident: str | None) -> None:
    assert say(talk(*OPEN), text, RESOLVE)[1].slots.get(EntityType.INCIDENT) == incident


@pytest.mark.parametrize(
    ("text", "intent", "service"),
    [
        ("and the other one?", M, "checkout"),
        ("and the previous one", M, "checkout"),
        ("logs there", L, "payments"),
    ],
)
def test_one_of_two(text: str, intent: Intent, service: str) -> None:
    state = talk(ASKED, ("what about payments", M))
    assert say(state, text, intent)[1].slots[EntityType.SERVICE] == service


@pytest.mark.parametrize(
    ("before", "text", "guess", "intent"),
    [
        ((ASKED,), "and latency?", UNKNOWN, M),
        ((ASKED,), "payments?", UNKNOWN, M),
        ((ASKED,), "now the logs", UNKNOWN, L),
        ((ASKED,), "traces?", UNKNOWN, T),
        ((ASKED,), "is it ok now?", UNKNOWN, H),
        ((ASKED,), "only timeouts", UNKNOWN, M),
        ((ASKED,), "close it", UNKNOWN, UNKNOWN),
        ((ASKED,), "thanks", GENERAL, GENERAL),
        ((ASKED,), "restart it", RUN, RUN),
        ((("errors in checkout", L),), "p99?", UNKNOWN, M),
        ((("errors in checkout", L),), "staging too?", UNKNOWN, L),
        (DECLARED, "close it", UNKNOWN, RESOLVE),
        (DECLARED, "sev1 actually", UNKNOWN, UPDATE),
        (DECLARED, "owner: me", UNKNOWN, UPDATE),
        (DECLARED, "no, it's search, not checkout", UNKNOWN, UPDATE),
        (DEPLOYED, "done?", UNKNOWN, STATUS),
        (DEPLOYED, "and?", UNKNOWN, STATUS),
        (DEPLOYED, "how long will it take?", GENERAL, STATUS),
        (DEPLOYED, "hat es geklappt?", GENERAL, STATUS),
        (DEPLOYED, "go ahead", UNKNOWN, RUN),
        (DEPLOYED, "approve it", STATUS, RUN),
        (DEPLOYED, "who has to approve it?", STATUS, STATUS),
        (DEPLOYED, "who started 8812?", GENERAL, GENERAL),
        (DEPLOYED, "and?", H, STATUS),
        (DEPLOYED, "how did the staging one go", GENERAL, STATUS),
        (DEPLOYED, "anybody looking into the canary?", UNKNOWN, STATUS),
        ((("why did HighLatency page me", ALERT),), "last 3 hours", M, M),
        (DEPLOYED, "stop it", UNKNOWN, CANCEL),
        (DEPLOYED, "run it again", UNKNOWN, RUN),
        (DEPLOYED, "same for production", UNKNOWN, RUN),
        ((*DEPLOYED, ("is it done?", STATUS)), "now on prod", UNKNOWN, RUN),
        ((*DEPLOYED, ("is it ok?", H)), "ok, same for prod", UNKNOWN, RUN),
        ((*DEPLOYED, ("is it ok?", H)), "and search?", UNKNOWN, H),
        ((("run the unit tests of orders", TEST), "Started run 77"), "run it again", UNKNOWN, TEST),
        ((("is orders covered?", COVERAGE),), "write some", UNKNOWN, WRITE_TEST),
        ((("write tests for orders", WRITE_TEST),), "run them", UNKNOWN, TEST),
        (DEPLOYED, "how's 8812", GENERAL, STATUS),
        (DEPLOYED, "status of the rollout", GENERAL, STATUS),
        (DEPLOYED, "where are we with that", UNKNOWN, STATUS),
        (DEPLOYED, "2.5 is the right one, ship that", UNKNOWN, RUN),
        ((*DEPLOYED, ("done?", STATUS), "Run 8812 finished."), "ahora lo mismo en producción", UNKNOWN, RUN),
        ((("run gc-layers", RUN), "Started run 62."), "hows the gc", H, STATUS),
        ((("run the smoke tests on orders", TEST), "Test run 9 started."), "how many failed", M, STATUS),
        (DECLARED, "give it to Priya", UNKNOWN, UPDATE),
        (DECLARED, "ponlo a nombre de Lucía", UNKNOWN, UPDATE),
        (DECLARED, "tell them we roll back", STATUS, UPDATE),
        (DECLARED, "baja a sev2", M, UPDATE),
        (DECLARED, "wieder aufmachen", UNKNOWN, UPDATE),
        (DEPLOYED, "give it to Priya", UNKNOWN, UNKNOWN),
        ((ASKED,), "and a full day", UNKNOWN, M),
        ((ASKED,), "stretch that to 3", RUN, M),
        ((ASKED,), "how many errors", L, M),
        ((ASKED,), "per endpoint", UNKNOWN, M),
        ((ASKED,), "any spikes?", H, M),
        (DEPLOYED, "back to latency", UNKNOWN, M),
        (DEPLOYED, "ok abort, 2.0 is broken", UNKNOWN, CANCEL),
        (DEPLOYED, "v2.5.1 instead", UNKNOWN, RUN),
        (DEPLOYED, "is legal aware?", UNKNOWN, UNKNOWN),
        ((("errors in checkout last 5m", L),), "past 30", UNKNOWN, L),
        ((("errors in checkout", L),), "only SERVFAIL", UNKNOWN, L),
        ((("is checkout ok", H),), "qa?", UNKNOWN, H),
        ((), "hows checkout", GENERAL, H),
        ((), "run reindex-all", TEST, RUN),
        ((), "run nightly-tests", TEST, TEST),
        ((), "checkout latency", UNKNOWN, M),
        ((), "checkout", UNKNOWN, UNKNOWN),
    ],
)  # fmt: skip
def test_intent_of_what_leaves_it_out(
    before: tuple[tuple[str, Intent] | str, ...], text: str, guess: Intent, intent: Intent
) -> None:
    assert say(talk(*before), text, guess, UNSURE)[1].intent is intent


@pytest.mark.parametrize(
    ("before", "text", "guess"),
    [
        ((ASKED,), "what does saturation mean?", GENERAL),
        ((ASKED,), "no its fine. error rate of search", M),
        ((*DEPLOYED, *DECLARED), "done, resolve it", RESOLVE),
        ((*DEPLOYED, ("stop it", CANCEL)), "now in prod", RUN),
        ((*DEPLOYED, ("is it ok?", H)), "again, in prod", RUN),
    ],
)
def test_a_sure_reading_outweighs_a_word_in_passing(
    before: tuple[tuple[str, Intent] | str, ...], text: str, guess: Intent
) -> None:
    assert say(talk(*before), text, guess, SURE)[1].intent is guess


def test_a_given_intent_stands() -> None:
    assert say(talk(*DECLARED), "close it", UNKNOWN)[1].intent is UNKNOWN


def test_what_is_carried_says_where_from() -> None:
    state = talk(("error rate in prod", M), "checkout: 7 %, search: 0 %")
    _, resolved = say(state, "logs for it, last 5 min", L)
    origins = {(mention.type, mention.value, mention.turn, mention.speaker) for mention in resolved.carried}
    assert origins == {
        (EntityType.SERVICE, "checkout", 1, Speaker.BOT),
        (EntityType.ENVIRONMENT, "production", 1, Speaker.PERSON),
    }


def test_a_reply_about_what_was_asked_opens_no_topic() -> None:
    state = talk(ASKED, "checkout is slow because payments and search are")
    assert say(state, "and error rate?", M)[1].slots[EntityType.SERVICE] == "checkout"


def test_carried_over_ten_turns() -> None:
    state = talk(ASKED, *((f"small talk number {number}", UNKNOWN) for number in range(12)))
    assert values(say(state, "and now?", M)[1]) == {
        "service": "checkout",
        "metric": "latency",
        "environment": "production",
    }


def test_forgotten_in_the_end() -> None:
    state = talk(ASKED, *((f"small talk number {number}", UNKNOWN) for number in range(TURNS + 1)))
    assert values(say(state, "and error rate?", M)[1]) == {"metric": "error_rate"}


def test_a_service_brings_back_its_environment() -> None:
    state = talk(
        ("is payments ok in staging", H), ("error rate of search", M), *((f"hm {n}", UNKNOWN) for n in range(3))
    )
    assert values(say(state, "is payments up", H)[1]) == {"service": "payments", "environment": "staging"}


def test_a_message_between_people_counts() -> None:
    state = hear(
        State(),
        "search is slow in staging",
        find("search is slow in staging", services=SERVICES),
        speaker=Speaker.OTHER,
    )
    assert values(say(state, "is it ok?", H)[1]) == {"service": "search", "environment": "staging"}


def test_memory_is_bounded() -> None:
    listed = ", ".join(f"INC-{number}" for number in range(500))
    state = State()
    for _ in range(60):
        state = reply(say(state, f"and {listed}", UPDATE)[0], listed)
    assert len(state.mentions) <= MENTIONS
