"""How bad an incident is, proposed from the words of its report and, where at hand, from measurements."""

from dataclasses import dataclass

from core.incidents.incident import Severity
from core.incidents.severity.features import features, read
from core.incidents.severity.model import CLASSES, model
from core.incidents.severity.reasons import reasons
from core.incidents.severity.stated import stated
from core.incidents.severity.telemetry import Telemetry, weigh

SURE = 0.8
"""Probability from which a proposal is sure. Two in three are; nineteen in twenty of these are right (each hand by a model of the others)."""
_COST = ((0.0, 1.0, 1.5, 4.0), (1.0, 0.0, 1.0, 1.5), (1.5, 1.0, 0.0, 1.0), (2.0, 1.5, 1.0, 0.0))
"""What it costs to propose the column's severity for the row's: worse the further it is off, and worst to take an outage for a
blemish. Against taking the likeliest severity this does so a third as often, and is right as often to a tenth of a point (each hand
by a model of the others)."""
_UNSEEN_BY_TELEMETRY = frozenset(("breach", "loss", "safety", "money"))
"""Signals that error rates and latencies as usual say nothing against."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A severity for people to confirm."""

    severity: Severity
    reasons: tuple[str, ...]
    """Why, the weightiest first; never empty."""
    sure: bool
    """Whether it may be preselected; otherwise it is better asked."""
    stated: bool
    """The person graded the report themselves: their word is final."""


def propose(text: str, telemetry: Telemetry | None = None) -> Proposal:
    """The severity of the incident that a text reports. Takes any text; of a long one, its beginning and end."""
    reading = read(text)
    if word := stated(reading.text, reading.said):
        return Proposal(word[0], (f"the report says “{word[1]}”",), sure=True, stated=True)
    likely = list(model().probabilities(features(reading)))
    measured: list[str] = []
    for weight in weigh(telemetry) if telemetry else ():
        if weight.usual and not _UNSEEN_BY_TELEMETRY.isdisjoint(reading.names):
            continue
        likely = [share * odds for share, odds in zip(likely, weight.odds, strict=True)]
        measured.append(weight.says)
    total = sum(likely)
    likely = [share / total for share in likely]
    costs = [
        sum(share * row[column] for share, row in zip(likely, _COST, strict=True)) for column in range(len(CLASSES))
    ]
    best = costs.index(min(costs))
    return Proposal(
        Severity(CLASSES[best]),
        (*reasons(reading, CLASSES[best], model()), *measured),
        sure=likely[best] >= SURE,
        stated=False,
    )
