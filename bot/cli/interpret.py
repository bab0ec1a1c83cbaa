"""`copilot interpret`: what the bot understands of a sentence, or of a conversation."""

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli import lines
from bot.sentences import Conversation, Sentence
from core.nlp import interpreter
from core.nlp.dialogue.state import SLOTS

_ADDS = ("intent", "confidence", "entities", "severity")


def run_lines() -> None:
    """Understand standard input, line by line."""
    lines.answer_all(_answer, adds=_ADDS)


def run(text: str, services: list[str], timezone: str) -> None:
    """Show a person what is understood."""
    sentence = Sentence.of({"text": text, "services": services, "timezone": timezone})
    said = interpreter.understand(sentence.text, **sentence.around)
    others = ", ".join(f"{other} {likely:.0%}" for other, likely in said.prediction.alternatives)
    console = Console()
    console.print(f"[bold]{said.intent}[/] {said.confidence:.0%}" + (f"  (or {others})" if others else ""))
    if proposal := said.severity():
        console.print(f"{proposal.severity}: {'; '.join(proposal.reasons)}", markup=False)
    if said.entities:
        table = Table("type", "text", "value", box=None)
        for entity in said.entities:
            table.add_row(entity.type, entity.text, entity.value)
        console.print(table)


def _answer(row: lines.Row) -> lines.Row:
    if "turns" in row:
        return {"turns": _turns(row["turns"], Conversation.of(row))}
    sentence = Sentence.of(row)
    said = interpreter.understand(sentence.text, **sentence.around)
    found = {
        "intent": said.intent,
        "confidence": round(said.confidence, 4),
        "entities": [asdict(entity) for entity in said.entities],
    }
    proposal = said.severity()
    return {**found, "severity": proposal.severity} if proposal else found


def _turns(rows: list[lines.Row], conversation: Conversation) -> list[dict[str, Any]]:
    said = [(turn.text, turn.reply or "") for turn in conversation.turns]
    return [
        {**row, "intent": found.intent, "resolved": {kind: found.slots.get(kind) for kind in SLOTS}}
        for row, found in zip(rows, interpreter.resolve(said, **conversation.around), strict=True)
    ]
