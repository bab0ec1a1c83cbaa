"""The measures: values worked out by hand, and the same as scikit-learn's where it has them."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, recall_score

from bot.evaluation import metrics
from bot.evaluation.metrics import Bin, Counts

PAIRS = [("a", "a"), ("a", "a"), ("a", "b"), ("b", "b"), ("b", "c"), ("b", "c")]


def test_accuracy_is_the_share_of_equal_pairs() -> None:
    assert metrics.accuracy(PAIRS) == 0.5
    assert metrics.accuracy([]) == 0


def test_each_label_has_its_own_counts() -> None:
    assert metrics.by_label(PAIRS) == {"a": Counts(2, 0, 1), "b": Counts(1, 1, 2), "c": Counts(0, 2, 0)}


def test_macro_f1_weighs_labels_alike() -> None:
    """F1 of a is 4/5, of b 2/5, of c, which is only found, 0."""
    assert metrics.macro_f1(PAIRS) == pytest.approx((4 / 5 + 2 / 5 + 0) / 3)


def test_confusions_come_most_frequent_first() -> None:
    assert metrics.confusions(PAIRS) == [(("b", "c"), 2), (("a", "b"), 1)]


LABELS = st.sampled_from("abcd")


@given(st.lists(st.tuples(LABELS, LABELS), min_size=1, max_size=40))
def test_measures_agree_with_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    expected, found = [one for one, _ in pairs], [other for _, other in pairs]
    with warnings.catch_warnings(action="ignore"):
        assert metrics.accuracy(pairs) == pytest.approx(accuracy_score(expected, found))
        assert metrics.macro_f1(pairs) == pytest.approx(f1_score(expected, found, average="macro", zero_division=0))
        recalls = recall_score(expected, found, average=None, labels=sorted(set(expected)), zero_division=0)
    counts = metrics.by_label(pairs)
    assert [counts[label].recall for label in sorted(set(expected))] == pytest.approx(list(recalls))


@pytest.mark.parametrize(
    ("expected", "found", "counts"),
    [
        ("", "", Counts(0, 0, 0)),
        ("ab", "ba", Counts(2, 0, 0)),
        ("aab", "ab", Counts(2, 0, 1)),
        ("ab", "abb", Counts(2, 1, 0)),
        ("ab", "cd", Counts(0, 2, 2)),
    ],
)
def test_bags_overlap_by_number(expected: str, found: str, counts: Counts) -> None:
    assert metrics.overlap(expected, found) == counts


def test_micro_f1_pools_the_counts() -> None:
    pooled = Counts(1, 0, 3) + Counts(2, 1, 0)
    assert (pooled.precision, pooled.recall, pooled.f1) == (3 / 4, 3 / 6, pytest.approx(0.6))


def test_reliability_puts_predictions_of_a_confidence_together() -> None:
    bins = metrics.reliability([(0.05, False), (0.92, True), (0.98, False), (1.0, True)])
    assert [(one.low, one.high, one.count) for one in bins] == [(0.0, 0.1, 1), (0.9, 1.0, 3)]
    assert bins[1].confidence == pytest.approx(2.9 / 3)
    assert bins[1].accuracy == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("bins", "error"),
    [
        ([], 0.0),
        ([Bin(0.5, 0.6, 10, 0.55, 0.55)], 0.0),
        ([Bin(0.9, 1.0, 4, 1.0, 0.0)], 1.0),
        # (10 × 0.1 + 30 × 0.2) / 40
        ([Bin(0.5, 0.6, 10, 0.5, 0.6), Bin(0.9, 1.0, 30, 0.9, 0.7)], 0.175),
    ],
)
def test_calibration_error_weighs_bins_by_their_predictions(bins: list[Bin], error: float) -> None:
    assert metrics.calibration_error(bins) == pytest.approx(error)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=50))
def test_every_prediction_is_in_one_bin_and_the_error_is_a_share(predictions: list[tuple[float, bool]]) -> None:
    bins = metrics.reliability(predictions)
    assert sum(one.count for one in bins) == len(predictions)
    assert 0 <= metrics.calibration_error(bins) <= 1
    assert all(one.low <= one.confidence <= one.high + 1e-9 for one in bins)


def test_distances_tell_under_from_over() -> None:
    pairs = [("sev1", "sev4"), ("sev2", "sev1"), ("sev3", "sev3"), ("sev1", "sev4")]
    assert metrics.distances(pairs, ("sev1", "sev2", "sev3", "sev4")) == {3: 2, -1: 1, 0: 1}
