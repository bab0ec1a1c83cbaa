"""Masks secrets in a text that comes in pieces, such as the tokens of a model: nothing of a secret gets out with an early piece."""

from core.redaction import redact, secret_spans
from core.secret_forms import DATA, SECRET_OBJECT

HELD = 400
"""Characters at the end that are kept back: by then every rule has recognised its secret, whatever comes after them."""
STEP = 200
"""Characters that come in between looks."""
_LONGEST = 8_192
"""What goes on longer is recognised all the same when its middle is gone."""


class StreamRedactor:
    """Feed it pieces, pass on what it returns, and flush it at the end. All that it returns is `redact` of the whole, or hides
    more. It holds at most HELD + STEP characters besides a secret that is still going on, of which a mask is all that comes out."""

    def __init__(self) -> None:
        self._text = ""
        self._data = False
        """Something before may have been the head of a Kubernetes Secret."""
        self._look_at = HELD + STEP

    def feed(self, piece: str) -> str:
        """What is safe to show by now; often nothing."""
        self._text += piece
        if len(self._text) < self._look_at:
            return ""
        ready = self._release()
        self._look_at = max(len(self._text), HELD) + STEP
        return ready

    def flush(self) -> str:
        """The rest. What is fed afterwards is another text."""
        rest = redact(self._text, data=self._sees_data())
        self.__init__()  # type: ignore[misc]  # as it was
        return rest

    def _release(self) -> str:
        """Everything before the last place where nothing is torn apart."""
        text, data = self._text, self._sees_data()
        spans = [(start, end) for start, _, end in secret_spans(text, data=data)]
        cut = len(text) - HELD
        for start, end in reversed(spans):
            if start < cut and (cut < end or end == len(text)):
                cut = start
        cut = _between_words(text, cut, spans)
        self._text = text[cut:]
        if len(self._text) > _LONGEST:
            self._shorten(spans, cut)
        return redact(text[:cut], data=data)

    def _shorten(self, spans: list[tuple[int, int]], cut: int) -> None:
        """Take the middle out of the secret that the held text begins with."""
        end = next((end - cut for start, end in spans if start - cut <= HELD < end - cut), 0)
        if end > 4 * HELD:
            self._text = self._text[: 2 * HELD] + self._text[end - HELD :]

    def _sees_data(self) -> bool:
        self._data = self._data or bool(SECRET_OBJECT.search(self._text) or DATA.search(self._text))
        return self._data


def _between_words(text: str, cut: int, spans: list[tuple[int, int]]) -> int:
    """Behind the last white space before the cut that is in no secret; the cut itself when there is none near."""
    for at in range(cut, max(0, cut - HELD), -1):
        if text[at - 1].isspace() and not any(start < at < end for start, end in spans):
            return at
    return cut
