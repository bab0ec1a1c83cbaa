"""Draw one picture: its JSON on standard input, the file on standard output; the argument is png or svg."""

import sys

from pydantic import TypeAdapter

from core.workflow.layout import Picture
from integrations.charts.graph import draw

if __name__ == "__main__":
    picture = TypeAdapter(Picture).validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(draw(picture, "svg" if sys.argv[1:] == ["svg"] else "png"))
