"""The drawing process: one drawing after the other, as JSON behind its length on standard input; the PNG behind its length on standard
output, or a length of zero and behind it, with its own length, what went wrong. Lengths are four bytes, the largest first. It ends with
its input."""

import sys

from pydantic import TypeAdapter

from core.ports.pictures import Drawing
from integrations.charts.drawing import draw

_DRAWING: TypeAdapter[Drawing] = TypeAdapter(Drawing)


def _answer(content: bytes) -> None:
    sys.stdout.buffer.write(len(content).to_bytes(4, "big") + content)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    while head := sys.stdin.buffer.read(4):
        drawing = sys.stdin.buffer.read(int.from_bytes(head, "big"))
        try:
            _answer(draw(_DRAWING.validate_json(drawing), "png"))
        except Exception as error:  # whatever the library does not like costs one picture
            _answer(b"")
            _answer(f"{type(error).__name__}: {error}".encode()[:2000])
