"""What a sentence leads to, by its intent."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from core.intents import sentences
from core.intents.known import Known
from core.intents.registry import plan_for
from core.messages import Account, Person, Place, Platform, Turn, Via
from core.nlp import entities
from core.nlp.interpretation import Carried, Command, EntityType, Intent, Interpretation
from core.planning import plan
from core.query.translation import Language
from core.workflow import catalogue

NOW = datetime(2026, 3, 11, 14, 20, tzinfo=UTC)
SERVICES = ("checkout", "payments", "search")
KNOWN = Known(catalogue.Catalogue(()), SERVICES, NOW)


def planned(
    text: str, intent: Intent, *, via: Via = Via.MENTION, confidence: float = 0.9, carried: Sequence[Carried] = ()
) -> plan.Plan:
    account = Account(Platform.SLACK, "T1", "U1")
    turn = Turn("claim", Place(Platform.SLACK, "T1", "C1"), Person(account), text, 1.0, via)
    said = Interpretation(
        Command.UNKNOWN, text, entities=entities.find(text, services=SERVICES, now=NOW), intent=intent,
        confidence=confidence, alternatives=(Intent.LOG_QUERY, Intent.UNKNOWN), carried=tuple(carried),
    )  # fmt: skip
    return plan_for(turn, said, KNOWN)


def test_every_intent_has_a_plan() -> None:
    assert set(sentences.INTENTS) == set(Intent)


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [
        ("p99 of checkout", Intent.METRIC_QUERY, Language.PROMQL),
        ("errors in checkout", Intent.LOG_QUERY, Language.LOGQL),
        ("slow traces of checkout", Intent.TRACE_QUERY, Language.TRACEQL),
        ("how many incidents per severity", Intent.METRIC_QUERY, Language.SQL),
        ("how many runs failed per week", Intent.GENERAL_QUERY, Language.SQL),
    ],
)
def test_questions_become_queries_of_their_language(text: str, intent: Intent, language: Language) -> None:
    meant = planned(text, intent)
    assert isinstance(meant, plan.Query)
    assert meant.language is language


def test_a_number_of_nothing_in_particular_is_asked_about_once() -> None:
    meant = planned("error rate", Intent.METRIC_QUERY)
    assert isinstance(meant, plan.Choose)
    assert meant.choices[0] == ("checkout", "ask error rate for checkout")
    assert isinstance(planned("error rate of all services", Intent.METRIC_QUERY), plan.Query)


def test_what_was_carried_over_stands_behind_the_sentence_with_its_span() -> None:
    meant = planned("and the error rate?", Intent.METRIC_QUERY, carried=[Carried(EntityType.SERVICE, "checkout")])
    assert isinstance(meant, plan.Query)
    found = next(entity for entity in meant.question.entities if entity.type is EntityType.SERVICE)
    assert meant.question.text[found.start : found.end] == found.text == "checkout"


def test_below_the_threshold_it_is_asked_and_in_a_thread_nothing_is_said() -> None:
    meant = planned("checkout hm", Intent.METRIC_QUERY, confidence=0.3)
    assert isinstance(meant, plan.Clarify)
    assert meant.meanings == (Intent.METRIC_QUERY, Intent.LOG_QUERY)
    assert isinstance(planned("checkout hm", Intent.METRIC_QUERY, confidence=0.3, via=Via.THREAD), plan.Silence)
    assert isinstance(planned("thanks all", Intent.GENERAL_QUERY, via=Via.THREAD), plan.Silence)


@pytest.mark.parametrize("intent", list(Intent))
def test_no_sentence_changes_a_system_by_itself(intent: Intent) -> None:
    for text in (
        "ship checkout 2.3 to production",
        "INC-4 is fixed, close it",
        "stop RUN-7K3QX2",
        "sev1 checkout is down",
    ):
        meant = planned(text, intent)
        assert not isinstance(meant, plan.Start | plan.Change | plan.Steer | plan.IncidentWrite)


@pytest.mark.parametrize(
    ("text", "label", "says"),
    [
        ("INC-4 is a sev2 now", "Make it SEV2", "incident INC-4 severity=sev2"),
        ("INC-4 from sev3 to sev1", "Make it SEV1", "incident INC-4 severity=sev1"),
        ("reopen INC-4, errors are back", "Reopen it", 'incident INC-4 status=investigating because="reopen INC-4, errors are back"'),
        ("rolled back, keep INC-4 open", "Set it to monitoring", "incident INC-4 status=monitoring"),
        ("we found the cause of INC-4", "Set it to identified", "incident INC-4 status=identified"),
        ("tell them we are rolling back", "Tell everybody", "update tell them we are rolling back"),
    ],
)  # fmt: skip
def test_an_update_is_shown_back_with_what_it_would_change(text: str, label: str, says: str) -> None:
    meant = planned(text, Intent.INCIDENT_UPDATE)
    assert isinstance(meant, plan.Choose)
    assert (label, says) in meant.choices


def test_a_report_in_free_words_proposes_a_severity_and_offers_the_others() -> None:
    meant = planned("all customers are locked out, nobody can log in", Intent.INCIDENT_CREATE)
    assert isinstance(meant, plan.Choose)
    labels = [label for label, _ in meant.choices]
    assert labels[0] == "Declare a SEV1"
    assert {"SEV2", "SEV3", "SEV4"} <= set(labels)
    graded = planned("open a sev4, all customers are locked out", Intent.INCIDENT_CREATE)
    assert isinstance(graded, plan.Choose)
    assert [label for label, _ in graded.choices] == ["Declare a SEV4", "Not now"], "the person's word is final"


@pytest.mark.parametrize(
    ("phrase", "intent", "holds"),
    [
        (Command.STATUS, Intent.METRIC_QUERY, False), (Command.STATUS, Intent.WORKFLOW_STATUS, True),
        (Command.WHY, Intent.LOG_QUERY, False), (Command.WHY, Intent.UNKNOWN, True), (Command.POSTMORTEM, Intent.UNKNOWN, True),
    ],
)  # fmt: skip
def test_a_phrase_gives_way_to_what_the_whole_sentence_wants(phrase: Command, intent: Intent, holds: bool) -> None:
    assert sentences.phrase_holds(phrase, intent, 0.9) is holds
    assert sentences.phrase_holds(phrase, intent, 0.2)
