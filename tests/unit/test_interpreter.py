"""The glue of understanding: a sentence by itself, and a conversation from its beginning."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from core.incidents.incident import Severity
from core.nlp import interpreter
from core.nlp.interpretation import EntityType, Intent

NOW = datetime(2026, 3, 11, 14, 20, tzinfo=UTC)
SERVICES = ("checkout", "payments")


def test_a_sentence_has_intent_entities_and_confidence() -> None:
    said = interpreter.understand("p99 latency of chekout since lunch", services=SERVICES, now=NOW)
    assert said.intent is Intent.METRIC_QUERY
    assert 0.5 < said.confidence <= 1
    assert ("checkout", "chekout") in {(entity.value, entity.text) for entity in said.entities}
    assert said.severity() is None


def test_a_report_of_an_incident_has_a_severity() -> None:
    proposal = interpreter.understand("payments is down, open a sev1", services=SERVICES).severity()
    assert proposal is not None
    assert proposal.severity is Severity.SEV1
    assert proposal.stated


def test_a_reply_is_heard_before_the_next_turn() -> None:
    turns = [("open a sev2 for checkout", "Created INC-512 for checkout."), ("close it", "")]
    opened, closed = interpreter.resolve(turns, services=SERVICES, now=NOW)
    assert opened.intent is Intent.INCIDENT_CREATE
    assert EntityType.INCIDENT not in opened.slots
    assert closed.intent is Intent.INCIDENT_RESOLVE
    assert closed.slots[EntityType.INCIDENT] == "INC-512"


def test_conversations_share_nothing() -> None:
    turns = [("error rate of checkout in production", ""), ("and now?", "")]
    assert list(interpreter.resolve(turns, services=SERVICES)) == list(interpreter.resolve(turns, services=SERVICES))
    (alone,) = interpreter.resolve([("is it ok?", "")], services=SERVICES)
    assert EntityType.SERVICE not in alone.slots


TEXTS = st.text(st.characters(), max_size=200) | st.lists(
    st.sampled_from(["p99", "checkout", "since", "10:30", ">", "5%", "INC-1", "/", "no,", "\n", "\ud800", "ſ", "²", "it"]),
    max_size=60,
).map(" ".join)  # fmt: skip


@settings(deadline=None)
@given(TEXTS, st.integers(1, 50), TEXTS)
def test_any_text_is_understood(text: str, times: int, reply: str) -> None:
    """Also what is no text at all; up to the 10,000 characters that a platform lets through."""
    long = (text * times)[:10_000]
    said = interpreter.understand(long, services=SERVICES, now=NOW, timezone="Asia/Kathmandu")
    assert all(entity.text == long[entity.start : entity.end] for entity in said.entities)
    said.severity()
    assert len(list(interpreter.resolve([(long, reply), (reply, long)], services=SERVICES, now=NOW))) == 2
