"""Fits the linear model, and tells how it does on people it has not heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from core.nlp.classifier.features import Features, extract
from core.nlp.interpretation import Intent
from training.sentences import Sentence
from training.vocabulary import Vocabulary

INTENTS = tuple(sorted(Intent))
_SEED = 20_240_601
_SOFTNESS = 2.0
"""Inverse strength of the support vector machine's regularisation; 1 to 2 differ by 0.1 points."""
_CALIBRATION = 1.0
"""The same of the calibration, a logistic regression on margins."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Margins of a message are `features @ weights.T + bias`, one an intent in order of `INTENTS`."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def margins(self, features: csr_matrix | NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(features @ self.weights.T + self.bias)

    def then(self, other: "Weights") -> "Weights":
        """Both, one after the other, as one."""
        return Weights(other.weights @ self.weights, other.weights @ self.bias + other.bias)


@dataclass(frozen=True, slots=True)
class Heard:
    """Sentences of one hand with what is computed once."""

    features: Sequence[Features]
    intents: NDArray[np.int64]


def listen(hands: Mapping[str, Sequence[Sentence]]) -> Mapping[str, Heard]:
    """Extract the features of all hands."""
    return {
        name: Heard(
            [extract(sentence.text) for sentence in sentences],
            np.array([INTENTS.index(sentence.intent) for sentence in sentences], dtype=np.int64),
        )
        for name, sentences in hands.items()
    }


def fit(hands: Sequence[Heard]) -> tuple[Vocabulary, Weights]:
    """A vocabulary and uncalibrated weights. Needs two sentences of each intent."""
    messages = [features for hand in hands for features in hand.features]
    vocabulary = Vocabulary.of(messages)
    machine = LinearSVC(C=_SOFTNESS, class_weight="balanced", random_state=_SEED, max_iter=10_000)
    machine.fit(vocabulary.matrix(messages), np.concatenate([hand.intents for hand in hands]))
    return vocabulary, Weights(machine.coef_, machine.intercept_)


def out_of_hand(hands: Mapping[str, Heard]) -> Mapping[str, NDArray[np.float64]]:
    """Margins for each hand by weights that were fitted on all the others."""
    margins = {}
    for name, hand in hands.items():
        vocabulary, weights = fit([other for key, other in hands.items() if key != name])
        margins[name] = weights.margins(vocabulary.matrix(hand.features))
    return margins


def calibrate(margins: NDArray[np.float64], intents: NDArray[np.int64]) -> Weights:
    """What turns margins into logarithms of probabilities, but for a constant: fitted on out-of-hand margins only."""
    regression = LogisticRegression(C=_CALIBRATION, max_iter=1_000).fit(margins, intents)
    return Weights(regression.coef_, regression.intercept_)


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each row."""
    likelihoods = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(likelihoods / likelihoods.sum(axis=1, keepdims=True))
