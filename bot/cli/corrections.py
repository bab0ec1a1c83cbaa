"""`copilot corrections`."""

import asyncio
import json
from pathlib import Path

from bot import keeping
from bot.settings import load


def run(config: Path | None, limit: int) -> None:
    """Print what people meant as JSON lines that an evaluation set or a hand for training can take, without who said it."""
    for found in asyncio.run(keeping.corrections(load(config), limit=limit)):
        row = {"text": found.text, "intent": found.meant, "guessed": found.guessed, "confidence": found.confidence}
        print(json.dumps({**row, "at": found.at.isoformat()}, ensure_ascii=False))
