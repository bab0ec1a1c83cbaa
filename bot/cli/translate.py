"""`copilot translate`: the query that answers a question, in one of the four languages."""

from rich.console import Console

from bot.cli import lines
from bot.sentences import Request
from core.nlp import entities
from core.query.running import translate
from core.query.translation import Question, Translation


def run_lines() -> None:
    """Translate standard input, line by line."""
    lines.answer_all(lambda row: {"query": _translated(Request.of(row)).query}, adds=("query",))


def run(text: str, language: str, services: list[str], timezone: str) -> None:
    """Show a person the query, and what it does."""
    request = Request.of({"text": text, "language": language, "services": services, "timezone": timezone})
    found = _translated(request)
    console = Console(highlight=False)
    console.print(found.query, markup=False, soft_wrap=True)
    console.print(found.explanation, markup=False, style="dim")
    if found.start and found.end:
        console.print(f"From {found.start.isoformat()} to {found.end.isoformat()}.", style="dim")


def _translated(request: Request) -> Translation:
    question = Question(request.text, entities.find(request.text, **request.around), request.moment, request.services)
    return translate(request.language, question)
