import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.nlp.classifier import ARTEFACT, classify
from core.nlp.classifier.features import extract
from core.nlp.classifier.groups import group
from core.nlp.classifier.lexicon import reading
from core.nlp.classifier.tokens import MAX_TEXT, cut
from core.nlp.interpretation import Intent
from training import artefact, sentences
from training.fit import listen
from training.import_hand import parse
from training.train import train
from training.word_groups import group as group_by_vectors

_FEW_A_LABEL = 4


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what's the p99 of checkout over the last hour", Intent.METRIC_QUERY),
        ("show me the error logs of auth since 9am", Intent.LOG_QUERY),
        ("slowest traces through payments", Intent.TRACE_QUERY),
        ("payments is down, open a sev1", Intent.INCIDENT_CREATE),
        ("INC-42 is a sev2 now", Intent.INCIDENT_UPDATE),
        ("that's fixed, close it", Intent.INCIDENT_RESOLVE),
        ("roll back checkout on staging", Intent.WORKFLOW_TRIGGER),
        ("is the deploy done?", Intent.WORKFLOW_STATUS),
        ("kill that rollout", Intent.WORKFLOW_CANCEL),
        ("write tests for the tokenizer", Intent.TEST_GENERATE),
        ("run the regression suite on main", Intent.TEST_EXECUTE),
        ("what is not covered in billing?", Intent.TEST_COVERAGE),
        ("is search ok?", Intent.SERVICE_HEALTH),
        ("why did HighErrorRate page me", Intent.ALERT_INVESTIGATION),
        ("how do I roll back?", Intent.GENERAL_QUERY),
        ("lol", Intent.UNKNOWN),
    ],
)
def test_plain_messages_are_understood(text: str, intent: Intent) -> None:
    assert classify(text).intent is intent


def test_alternatives_follow_by_probability() -> None:
    prediction = classify("deploy", alternatives=len(Intent) - 1)
    shares = [prediction.confidence, *(share for _, share in prediction.alternatives)]
    assert shares == sorted(shares, reverse=True)
    assert math.isclose(sum(shares), 1.0, abs_tol=1e-5)
    assert {prediction.intent, *(intent for intent, _ in prediction.alternatives)} == set(Intent)


@settings(deadline=None)
@given(st.text(max_size=10_000))
def test_any_text_has_an_intent(text: str) -> None:
    prediction = classify(text)
    assert 0 < prediction.confidence <= 1


@pytest.mark.parametrize(
    "piece", ["<", "<@", "a-", "Aa", "1.", "p9", "https://", "::", "''", "aaf", "é", "\u0301", "```", " "]
)
def test_work_ends_with_the_cap_however_long_the_message(piece: str) -> None:
    assert len(cut(piece * 10_000)) <= MAX_TEXT + 1
    assert len(extract(piece * 10_000).words) < 20 * MAX_TEXT


def test_the_end_of_a_long_message_is_read() -> None:
    story = "we looked at the graphs all morning and talked about it. " * 200
    assert classify(f"{story} anyway: roll back checkout to 2.3 please").intent is Intent.WORKFLOW_TRIGGER


def test_what_varies_becomes_a_mark() -> None:
    forms = [token.form for token in cut("<@U1> p99 of v2.3.1 on INC-42 since 10:30, 15m :fire: HighErrorRate")]
    assert forms == [
        "<user>",
        "<quantile>",
        "of",
        "<version>",
        "on",
        "<incident>",
        "since",
        "<clock>",
        ",",
        "<duration>",
        "<emoji>",
        "<camel>",
    ]


@pytest.mark.parametrize(
    ("word", "english"), [("starte", "start"), ("reiniciar", "restart"), ("warum", "why"), ("general", "")]
)
def test_foreign_words_have_an_english_reading(word: str, english: str) -> None:
    assert reading(word) == english


def test_words_of_like_use_are_in_one_group() -> None:
    assert group("twelve") == group("fourteen") != group("teacher") == group("teachers")
    assert group("kubectl") == "?"


def test_words_of_one_direction_are_grouped_together() -> None:
    vectors = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)
    words = [f"{word}{length}" for length in (1, 2) for word in range(len(vectors))]
    groups = group_by_vectors(words, np.concatenate([vectors, 2 * vectors]))
    assert sorted(word for found in groups for word in found) == sorted(words)
    assert all({f"{word[:-1]}1", f"{word[:-1]}2"} <= set(found) for found in groups for word in found)


def test_another_word_of_the_group_keeps_the_turn_of_the_phrase() -> None:
    said, unheard = (set(extract(f"the {word} are late").groups) for word in ("teacher", "teachers"))
    assert said == unheard


def test_the_artefact_was_made_from_what_lies_here() -> None:
    assert artefact.made_from(ARTEFACT) == artefact.digest(), "run `make train` and commit what it wrote"


def test_the_same_sentences_give_the_same_bytes(tmp_path: Path) -> None:
    few = {
        name: [one for intent in Intent for one in [s for s in hand if s.intent is intent][:_FEW_A_LABEL]]
        for name, hand in list(sentences.read().items())[:3]
    }
    for name in ("one.npz", "other.npz"):
        train(listen(few), tmp_path / name, "")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


def test_the_artefact_holds_plain_arrays() -> None:
    with np.load(ARTEFACT, allow_pickle=False) as arrays:
        assert arrays["weights"].dtype == np.int8
        assert arrays["weights"].shape == (len(arrays["rarity"]), len(Intent))


def test_a_hand_is_read_by_its_headings() -> None:
    rows = list(parse(["## log_query", "", "tail auth\\nplease", "## unknown", "lol"]))
    assert [(row.text, row.intent) for row in rows] == [
        ("tail auth\nplease", Intent.LOG_QUERY),
        ("lol", Intent.UNKNOWN),
    ]


@pytest.mark.parametrize("lines", [["## no_such_label"], ["a message of no label"]])
def test_a_hand_with_a_mistake_is_refused(lines: list[str]) -> None:
    with pytest.raises(ValueError, match=r"label"):
        list(parse(lines))


def test_no_sentence_has_two_labels() -> None:
    labels: dict[str, set[Intent]] = {}
    for hand in sentences.read().values():
        for sentence in hand:
            labels.setdefault(sentence.text.lower(), set()).add(sentence.intent)
    assert {text: found for text, found in labels.items() if len(found) > 1} == {}


def test_a_line_that_is_no_sentence_names_its_place(tmp_path: Path) -> None:
    (tmp_path / "z.jsonl").write_text(json.dumps({"text": "hello", "intent": "greet"}) + "\n")
    with pytest.raises(ValueError, match=r"z\.jsonl, line 1"):
        sentences.read(tmp_path)
