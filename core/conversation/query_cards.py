"""Wording of answers that a query gave. Every number in them stands in a row of the result."""

from collections.abc import Sequence
from dataclasses import replace

from core.conversation.findings import Shown
from core.conversation.tables import aligned
from core.markup import literal
from core.messages import Actions, Block, Button, Code, File, Note, Reply, Text
from core.ports.records import Receipt, Table
from core.query.translation import Language, QueryRefused, Translation
from core.telemetry.numbers import plain
from core.telemetry.pages import Page
from core.telemetry.ran import Ran

_NAMES = {
    Language.PROMQL: "PromQL",
    Language.LOGQL: "LogQL",
    Language.TRACEQL: "TraceQL",
    Language.SQL: "SQL",
    Language.USAGE: "question of LLM-Observatory",
}
_ROWS = 15
"""Of a result shown in a message."""


def answered(
    made: Translation,
    understood: str,
    shown: Shown,
    buttons: Sequence[Button],
    pages: Sequence[Page] = (),
    receipt: str = "",
) -> Reply:
    """What was understood, the result, and the query that gave it; pictures and files last. `pages`: to go on with it elsewhere.
    `receipt`: its id."""
    elsewhere = " · ".join(f"[{page.label}]({page.url})" for page in pages)
    beneath = [f"Receipt `{receipt}`"] if receipt else []
    beneath += [f"open in {elsewhere}"] if pages else []
    span = f" · {shown.span}" if shown.span else ""
    files = tuple(block for block in shown.blocks if isinstance(block, File))
    return Reply(
        (
            Note(f"Understood as: {literal(understood)}{span}"),
            *(block for block in shown.blocks if not isinstance(block, File)),
            Text(literal(made.explanation)),
            Code(made.query, made.language.value),
            *((Note(" · ".join(beneath)),) if beneath else ()),
            Actions(tuple(buttons)),
            *files,
        ),
        f"{understood}: {shown.gist}" if shown.gist else made.explanation,
    )


def compared(reply: Reply, receipt: Receipt, ran: Ran | None) -> Reply:
    """An answer that was asked again, with whether the same came back."""
    when = f"{receipt.at:%Y-%m-%d %H:%M} UTC"
    if ran is None:
        said = "it cannot be told whether the same comes back."
    elif ran.digest == receipt.digest:
        said = f"**the same came back**, {_rows(ran.rows, ran.source)}."
    else:
        said = f"**it is not the same**: {_rows(ran.rows, ran.source)} now, {receipt.rows} then."
    note = Note(f"Asked again by receipt `{receipt.id}` of {when}: {said}")
    return replace(reply, blocks=(note, *reply.blocks))


def _rows(count: int, source: str) -> str:
    name = {
        "metrics": "series",
        "logs": "lines or series",
        "traces": "traces or series",
        "usage": "series or calls",
    }.get(source, "rows")
    return f"{count} {name}"


def trace(shown: Shown) -> Reply:
    """One trace by itself."""
    first = next((block.text for block in shown.blocks if isinstance(block, Text)), "")
    return Reply(tuple(shown.blocks), first.replace("**", ""))


def not_run(made: Translation, understood: str, edit: Button) -> Reply:
    """The query was made and checked, but nothing is connected that could run it."""
    name = _NAMES[made.language]
    where = {
        Language.PROMQL: "No metrics backend is connected (`prometheus.url`), so I did not run it",
        Language.LOGQL: "No log store is connected (`loki.url`), so I did not run it",
        Language.USAGE: "No LLM-Observatory is connected (`observatory.url`), so I did not run it",
        Language.TRACEQL: "No trace store is connected (`tempo.url` or `jaeger.url`), so I did not run it",
    }.get(made.language, "I did not run it")
    return Reply(
        (
            Text(literal(made.explanation)),
            Code(made.query, made.language.value),
            Actions((edit,)),
            Note(f"{where}; it is valid {name}. Understood as: {literal(understood)}"),
        ),
        made.explanation,
    )


def refused(error: QueryRefused, query: str, language: Language, edit: Button | None) -> Reply:
    """A query that must not run, with the reason and the way out."""
    blocks: list[Block] = [Text(f"I did not run that: {literal(error.message)}")]
    if error.hint:
        blocks.append(Text(literal(error.hint)))
    if query:
        blocks.append(Code(query, language.value))
    if edit:
        blocks.append(Actions((edit,)))
    return Reply(tuple(blocks), error.message)


def table(found: Table) -> list[Block]:
    """The rows of a query over the bot's own records."""
    if not found.rows:
        return [Text("The query is fine, and **no row matches it**.")]
    rows = [tuple(_cell(value) for value in row) for row in found.rows[:_ROWS]]
    blocks: list[Block] = [Code(aligned((found.columns, *rows)))]
    if found.truncated or len(found.rows) > _ROWS:
        more = "more" if found.truncated else str(len(found.rows))
        blocks.append(Note(f"**Not all is shown**: the first {len(rows)} rows of {more}."))
    return blocks


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return plain(value)
    return str(value)
