"""The reliability diagram: how often predictions of a confidence are right, and how many there are of each."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bot.evaluation.metrics import BINS, Bin, calibration_error


def draw(path: Path, sets: Mapping[str, Sequence[Bin]]) -> None:
    """Write a PNG with a curve for each set; on the diagonal, confidence says how likely a prediction is right."""
    figure = Figure(figsize=(6, 7), layout="constrained")
    FigureCanvasAgg(figure)
    curves, sizes = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    curves.plot((0, 1), (0, 1), color="0.7", linestyle="--", label="perfect")
    for number, (name, bins) in enumerate(sets.items()):
        confidences, accuracies = [one.confidence for one in bins], [one.accuracy for one in bins]
        label = f"{Path(name).name}: ECE {calibration_error(bins):.3f}"
        (line,) = curves.plot(confidences, accuracies, label=label)
        # A bin of few sentences says little, and looks it.
        curves.scatter(confidences, accuracies, s=[8 * one.count**0.5 for one in bins], color=line.get_color())
        width = 1 / BINS / (len(sets) + 1)
        places = [one.low + width * (number + 0.5) for one in bins]
        sizes.bar(places, [one.count for one in bins], width=width, align="edge", color=line.get_color())
    curves.set(ylabel="accuracy", xlim=(0, 1), ylim=(0, 1.02), title="Reliability of intents")
    curves.legend(loc="lower right")
    sizes.set(xlabel="confidence", ylabel="sentences", yscale="log")
    figure.savefig(path, dpi=120, format="png", metadata={"Software": None})
