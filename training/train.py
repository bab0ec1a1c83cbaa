"""Makes `core/nlp/data/intent.npz` from the sentences, and `training/FIGURES.md`: `make train`.

One thread and fixed seeds: the same sentences give the same bytes on the same platform.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from core.nlp.classifier import ARTEFACT
from training import artefact, report, sentences
from training.fit import Heard, calibrate, fit, listen, out_of_hand, probabilities

_FIGURES = Path(__file__).parent / "FIGURES.md"
_HEADING = """# Leaving one hand out

Written by `make train`. Each hand is judged by weights fitted on the other hands, and calibrated on them too.

"""


def train(hands: Mapping[str, Heard], path: Path, made_from: str) -> str:
    """Fit on all hands, write the artefact, and return the figures of leaving each hand out. Needs three hands."""
    with threadpool_limits(limits=1):
        margins = out_of_hand(hands)
        judged = {}
        for name, hand in hands.items():
            others = [key for key in hands if key != name]
            calibration = calibrate(
                np.concatenate([margins[key] for key in others]), np.concatenate([hands[key].intents for key in others])
            )
            judged[name] = (probabilities(calibration.margins(margins[name])), hand.intents)
        vocabulary, weights = fit(list(hands.values()))
        whole = calibrate(
            np.concatenate(list(margins.values())), np.concatenate([hand.intents for hand in hands.values()])
        )
        artefact.write(path, vocabulary, weights.then(whole), made_from)
    return report.page(judged)


if __name__ == "__main__":
    _FIGURES.write_text(_HEADING + train(listen(sentences.read()), ARTEFACT, artefact.digest()), encoding="utf-8")
