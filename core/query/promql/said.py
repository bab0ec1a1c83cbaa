"""What the rules look at besides the reading."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.query.promql.words import Token
from core.query.translation import Question


@dataclass(frozen=True, slots=True)
class Said:
    """What rules look at besides the reading."""

    words: Sequence[Token]
    question: Question

    @property
    def text(self) -> str:
        """The words of the question."""
        return self.question.text
