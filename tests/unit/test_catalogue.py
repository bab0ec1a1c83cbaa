"""The catalogue of metrics: its own order, and what a backend makes of it."""

import re
from collections import Counter

import pytest

from core.query.catalogue import SUBJECTS, Backend, Dimension, Known
from core.query.catalogue.custom import custom
from core.query.catalogue.dimensions import CUSTOMARY, WORDS, labels_of
from core.query.catalogue.measures import Counter as CounterForm
from core.query.catalogue.measures import Gauge, Histogram
from core.query.catalogue.resolve import resolve
from core.query.translation import QueryRefused

CONTRACT = [
    "latency",
    "error_rate",
    "request_rate",
    "cpu",
    "memory",
    "disk",
    "network",
    "saturation",
    "availability",
    "token_usage",
    "cost",
    "queue_depth",
    "ttft",
]


@pytest.mark.parametrize("metric", CONTRACT)
def test_every_metric_of_the_contract_has_a_subject(metric: str) -> None:
    assert any(metric == name or metric in subject.words for name, subject in SUBJECTS.items())


def test_no_phrase_means_two_things() -> None:
    phrases = Counter(word for subject in SUBJECTS.values() for word in subject.words)
    nouns = Counter(word for words in WORDS.values() for word in words)
    assert [word for word, count in (phrases + Counter()).items() if count > 1] == []
    assert [word for word, count in nouns.items() if count > 1] == []


def test_every_share_is_a_subject() -> None:
    assert {subject.share for subject in SUBJECTS.values()} - {""} <= set(SUBJECTS)


def test_every_dimension_has_words_and_labels() -> None:
    assert set(WORDS) == set(CUSTOMARY) == set(Dimension)
    assert labels_of(Dimension.SERVICE)[:2] == ("service", "job")
    assert labels_of(Dimension.STATUS)[0] == "status"


@pytest.mark.parametrize("name", sorted({n for s in SUBJECTS.values() for m in s.measures for n in m.form.names}))
def test_metric_names_are_well_formed(name: str) -> None:
    assert re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", name)


def backend(*names: str, labels: str = "") -> Backend:
    known = Known(labels=frozenset(labels.split()) if labels else None)
    return Backend(dict.fromkeys(names, known))


def test_the_first_measure_that_the_backend_has_is_taken() -> None:
    there = backend("http_server_request_duration_seconds_bucket", "grpc_server_handling_seconds_bucket")
    form = resolve(SUBJECTS["latency"], (), backend=there).measure.form
    assert form == Histogram("http_server_request_duration_seconds")


def test_an_exporter_that_is_named_goes_first() -> None:
    form = resolve(SUBJECTS["latency"], (), sources=frozenset({"grpc"})).measure.form
    assert form == Histogram("grpc_server_handling_seconds")


@pytest.mark.parametrize(("labels", "label"), [("", "job"), ("job instance", "job"), ("job service", "service")])
def test_targets_are_told_apart_by_job_unless_the_backend_says_more(labels: str, label: str) -> None:
    of_backend = resolve(SUBJECTS["health"], (Dimension.SERVICE,), backend=backend("up", labels=labels))
    assert of_backend.labels[Dimension.SERVICE] == label
    assert resolve(SUBJECTS["health"], (Dimension.SERVICE,)).labels[Dimension.SERVICE] == "job"


def test_dimensions_choose_the_exporter_that_knows_them() -> None:
    assert resolve(SUBJECTS["network"], (Dimension.HOST,)).measure.form.names == ("node_network_receive_bytes_total",)
    assert resolve(SUBJECTS["network"], (Dimension.POD,)).measure.form.names == (
        "container_network_receive_bytes_total",
    )


def test_labels_are_those_that_the_backend_has() -> None:
    there = backend("http_requests_total", labels="job env code handler")
    needed = (Dimension.SERVICE, Dimension.ENVIRONMENT, Dimension.STATUS, Dimension.ENDPOINT)
    labels = resolve(SUBJECTS["request_rate"], needed, backend=there).labels
    assert [labels[kind] for kind in needed] == ["job", "env", "code", "handler"]


def test_a_metric_that_the_backend_lacks_is_refused_with_the_nearest() -> None:
    with pytest.raises(QueryRefused, match="no metric for latency") as refusal:
        resolve(SUBJECTS["latency"], (), backend=backend("http_requests_duration_seconds_bucket", "up"))
    assert refusal.value.nearest[0] == "http_requests_duration_seconds_bucket"


def test_a_label_that_the_backend_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(QueryRefused, match="no label for the region") as refusal:
        resolve(
            SUBJECTS["request_rate"], (Dimension.REGION,), backend=backend("http_requests_total", labels="job code")
        )
    assert set(refusal.value.nearest) == {"job", "code"}


@pytest.mark.parametrize(
    ("name", "there", "form"),
    [
        ("jobs_done_total", None, CounterForm("jobs_done_total")),
        ("wait_seconds_bucket", None, Histogram("wait_seconds")),
        ("wait_seconds", backend("wait_seconds_bucket"), Histogram("wait_seconds")),
        ("queue_items", None, Gauge("queue_items", combine="")),
        ("odd_name", Backend({"odd_name": Known("counter")}), CounterForm("odd_name")),
    ],
)
def test_metrics_of_ones_own_are_known_by_name_and_type(name: str, there: Backend | None, form: object) -> None:
    assert custom(name, there).measures[0].form == form


def test_a_metric_of_ones_own_must_exist() -> None:
    with pytest.raises(QueryRefused, match="no metric jobs_don_total") as refusal:
        custom("jobs_don_total", backend("jobs_done_total"))
    assert refusal.value.nearest == ("jobs_done_total",)
