"""Takes over what a hand wrote: `python -m training.import_hand NAME FOLDER` reads FOLDER/*.txt, writes sentences/NAME.jsonl.

In the text files `## label` opens a section; below it stands one message a line, with `\\n` for a line break.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.nlp.interpretation import Intent
from training.sentences import FOLDER, Sentence


def parse(lines: Iterable[str]) -> Iterator[Sentence]:
    """The messages under each heading. Raises ValueError for a heading that is no label, and for a message above the first."""
    intent: Intent | None = None
    for line in (line.strip() for line in lines):
        if line.startswith("## "):
            intent = Intent(line.removeprefix("## ").strip())
        elif line:
            if intent is None:
                raise ValueError(f"a message before the first `## label`: {line[:60]}")
            yield Sentence(line.replace("\\n", "\n"), intent)


def main(name: str, source: Path) -> None:
    """Write the hand's file; a message said twice under one label is kept once, under two labels it is an error."""
    labels: dict[str, Intent] = {}
    for path in sorted(source.glob("*.txt")):
        for sentence in parse(path.read_text(encoding="utf-8").splitlines()):
            if labels.setdefault(sentence.text, sentence.intent) is not sentence.intent:
                raise ValueError(
                    f"{path.name}: labelled {labels[sentence.text]} and {sentence.intent}: {sentence.text!r}"
                )
    rows = (json.dumps({"text": text, "intent": intent}, ensure_ascii=False) for text, intent in labels.items())
    (FOLDER / f"{name}.jsonl").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
