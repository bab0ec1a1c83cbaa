"""One door to all query languages: sentences become queries, edited text is read, and what may run is checked. Each language's own
package is imported when it is first needed: parsers are large."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from core.query.catalogue import Backend
from core.query.translation import Language, Question, Translation

MAX_TEXT = 2_000
"""Characters of a sentence that are translated."""

if TYPE_CHECKING:
    from core.query.promql.asked import Limit
    from core.query.promql.check import Checked
    from core.query.promql.quantity import Quantity


def translate(
    language: Language, question: Question, backend: Backend | None = None, dialect: str = "sqlite"
) -> Translation:
    """The query that answers a question. `backend`: what metrics there are; None: conventions hold. `dialect`: of SQL.

    Raises:
        QueryRefused: the sentence gives none; the message says why.
    """
    question = _cut(question)
    match language:
        case Language.PROMQL:
            from core.query.promql.translate import translate as promql

            return promql(question, backend)
        case Language.LOGQL:
            from core.query.logql.translate import translate as logql

            return logql(question)
        case Language.TRACEQL:
            from core.query.traceql.translate import translate as traceql

            return traceql(question)
        case Language.SQL:
            from core.query.sql.schema import Dialect
            from core.query.sql.translate import translate as sql

            return sql(question, Dialect(dialect))
        case Language.USAGE:
            from core.query.usage.translate import translate as usage

            return usage(question)


def _cut(question: Question) -> Question:
    """The beginning of a long text: nobody asks one question in more words, and every pattern stays fast."""
    if len(question.text) <= MAX_TEXT:
        return question
    kept = tuple(entity for entity in question.entities if entity.end <= MAX_TEXT)
    return replace(question, text=question.text[:MAX_TEXT], entities=kept)


def read(language: Language, text: str, dialect: str) -> Translation:
    """A query that a person wrote, in normal print.

    Raises:
        QueryRefused: it cannot be read, or must not run whatever the back end has.
    """
    match language:
        case Language.PROMQL:
            from core.query.promql.explain import explain as explain_promql
            from core.query.promql.printer import show as show_promql
            from core.query.promql.reader import read as read_promql

            promql = read_promql(text)
            return Translation(language, show_promql(promql), explain_promql(promql))
        case Language.LOGQL:
            from core.query.logql.explain import explain as explain_logql
            from core.query.logql.guard import check as check_logql
            from core.query.logql.printer import show as show_logql
            from core.query.logql.reader import read as read_logql

            logql = read_logql(text)
            check_logql(logql)
            return Translation(language, show_logql(logql), explain_logql(logql))
        case Language.TRACEQL:
            from core.query.traceql.explain import explain as explain_traceql
            from core.query.traceql.guard import check as check_traceql
            from core.query.traceql.printer import show as show_traceql
            from core.query.traceql.reader import read as read_traceql

            traceql = read_traceql(text)
            check_traceql(traceql)
            return Translation(language, show_traceql(traceql), explain_traceql(traceql))
        case Language.SQL:
            from core.query.sql.explain import explain as explain_sql
            from core.query.sql.guard import check as check_sql
            from core.query.sql.schema import Dialect

            sql = check_sql(text, Dialect(dialect))
            return Translation(language, sql.sql(dialect=dialect), explain_sql(sql))
        case Language.USAGE:
            from core.query.usage.explain import explain as explain_usage
            from core.query.usage.model import read as read_usage
            from core.query.usage.model import show as show_usage

            usage = read_usage(text)
            return Translation(language, show_usage(usage), explain_usage(usage))


def names(promql: str) -> tuple[str, ...]:
    """The metrics that a PromQL query reads, without repeats."""
    from core.query.promql.model import selectors
    from core.query.promql.reader import read as read_promql

    return tuple(dict.fromkeys(selector.metric for selector in selectors(read_promql(promql)) if selector.metric))


def check(promql: str, *, window: timedelta, step: timedelta | None = None, backend: Backend) -> "Checked":
    """What a PromQL query costs and that everything in it exists; QueryRefused with the reason otherwise. `step`: as in `check` of
    PromQL."""
    from core.query.promql.check import check as check_promql

    return check_promql(promql, window=window, step=step, backend=backend)


def statement(made: Translation, dialect: str, visible: Mapping[str, str]) -> str:
    """The SQL that runs: checked once more, printed from its tree, each table replaced by what the person may see of it.

    `visible`: table → SELECT in this dialect, as `core.ports.records.Lookups.visible` gives it.

    Raises:
        QueryRefused: it does more than read the documented tables, or costs too much.
    """
    import sqlglot
    from sqlglot import exp

    from core.query.sql.guard import check as check_sql
    from core.query.sql.guard import restrict
    from core.query.sql.schema import Dialect

    views = {name: sqlglot.parse_one(select, read=dialect, into=exp.Select) for name, select in visible.items()}
    return restrict(check_sql(made.query, Dialect(dialect)), views).sql(dialect=dialect)


def reach(made: Translation) -> timedelta:
    """How far back from each moment a PromQL or LogQL query looks: its longest range."""
    if made.language is Language.PROMQL:
        from core.query.promql.model import Selector, Subquery, walk
        from core.query.promql.reader import read as read_promql

        ranges = (n.range for n in walk(read_promql(made.query)) if isinstance(n, Selector | Subquery) and n.range)
        return max(ranges, default=timedelta())
    from core.query.literals import seconds
    from core.query.logql.model import Range
    from core.query.logql.model import walk as walk_logql
    from core.query.logql.reader import read as read_logql

    found = (timedelta(seconds=seconds(n.range)) for n in walk_logql(read_logql(made.query)) if isinstance(n, Range))
    return max(found, default=timedelta())


def trace_id(traceql: str) -> str:
    """The id where the query asks for one trace by its id, whatever it says besides; "" otherwise."""
    from core.query.traceql.model import Filter, Intrinsic, Operation, Text, conjuncts
    from core.query.traceql.reader import read as read_traceql

    first = read_traceql(traceql).pipeline.stages[0]
    for part in conjuncts(first.condition) if isinstance(first, Filter) else ():
        match part:
            case Operation("=", Intrinsic("trace:id"), Text(value)):
                return value
            case _:
                pass
    return ""


def slower(traceql: str, seconds: float) -> str | None:
    """The query for those of its traces that took longer than this; None where that cannot be asked."""
    from core.query.traceql.model import Filter, Intrinsic, Operation, Pipeline, Quantity
    from core.query.traceql.printer import show as show_traceql
    from core.query.traceql.reader import read as read_traceql

    query = read_traceql(traceql)
    first, *rest = query.pipeline.stages
    if not isinstance(first, Filter) or first.condition is None:
        return None
    longer = Operation(">", Intrinsic("traceDuration"), Quantity(f"{seconds * 1e6:.0f}us"))
    stages = (Filter(Operation("&&", first.condition, longer)), *rest)
    return show_traceql(replace(query, pipeline=Pipeline(stages)))


def check_traces(traceql: str, attributes: Collection[str] | None) -> bool:
    """Whether a TraceQL query gives numbers; else it gives traces. `attributes`: that the store has; None: not known.

    Raises:
        QueryRefused: it must not run: it names what the store does not have.
    """
    from core.query.traceql.guard import check as check_traceql
    from core.query.traceql.reader import read as read_traceql

    query = read_traceql(traceql)
    check_traceql(query, attributes=attributes)
    return query.metric is not None


def about(language: Language, query: str) -> tuple[tuple[str, ...], str]:
    """The services that a query names, in order, and the environment, "" where it names none or several."""
    named = list(_named(language, query))
    services = dict.fromkeys(value for name, value in named if name in _SERVICES)
    environments = {value for name, value in named if name in _ENVIRONMENTS}
    return tuple(services), environments.pop() if len(environments) == 1 else ""


def _named(language: Language, query: str) -> Iterator[tuple[str, str]]:
    """(label or attribute, value) of conditions that are equalities."""
    match language:
        case Language.PROMQL:
            from core.query.promql.model import selectors
            from core.query.promql.reader import read as read_promql

            for selector in selectors(read_promql(query)):
                yield from ((m.label, m.value) for m in selector.matchers if m.op == "=")
        case Language.LOGQL:
            from core.query.logql.model import Logs
            from core.query.logql.model import walk as walk_logql
            from core.query.logql.reader import read as read_logql

            for node in walk_logql(read_logql(query)):
                yield from (
                    (m.label, m.value) for m in (node.matchers if isinstance(node, Logs) else ()) if m.op == "="
                )
        case Language.TRACEQL:
            from core.query.traceql.model import Attribute, Operation, Text, conjuncts, filters
            from core.query.traceql.reader import read as read_traceql

            for spanset in filters(read_traceql(query)):
                for part in conjuncts(spanset.condition):
                    match part:
                        case Operation("=", Attribute(_, name), Text(value)):
                            yield name, value
                        case _:
                            pass
        case Language.USAGE:
            from core.ports.usage import UsageDimension
            from core.query.usage.model import read as read_usage

            yield "env", read_usage(query).where.get(UsageDimension.ENVIRONMENT, "")
        case Language.SQL:
            return


_SERVICES = frozenset({"service", "job", "app", "service.name"})
_ENVIRONMENTS = frozenset({"environment", "env", "deployment.environment"})


def without_limit(promql: str) -> "tuple[str, Limit | None]":
    """The query without the threshold that it is held against, and that threshold: `rate(x[5m]) > 0.05`."""
    from core.query.promql.asked import Limit
    from core.query.promql.model import COMPARISONS, Binary, Number
    from core.query.promql.printer import show as show_promql
    from core.query.promql.reader import read as read_promql

    match read_promql(promql):
        case Binary(op, left, Number(value)) if op in COMPARISONS:
            return show_promql(left), Limit(op, value, "")
        case whole:
            return show_promql(whole), None


def error_lines(service: str, environment: str) -> str:
    """LogQL for the lines of a service that tell of errors."""
    from core.query.logql.model import LineFilter, Logs, Matcher
    from core.query.logql.printer import show as show_logql

    matchers = [Matcher("service", "=", service)] + ([Matcher("environment", "=", environment)] if environment else [])
    return show_logql(Logs(tuple(matchers), (LineFilter("|~", ("(?i)(error|exception|fatal|panic)",)),)))


def traces(service: str, environment: str, *, failed: bool = False) -> str:
    """TraceQL for the requests through a service; `failed`: those that failed in it."""
    from core.query.traceql.model import Attribute, Filter, Intrinsic, Keyword, Operation, Pipeline, Query, Text, every
    from core.query.traceql.printer import show as show_traceql

    resource = {"service.name": service, "deployment.environment": environment}
    named = [Operation("=", Attribute("resource", name), Text(value)) for name, value in resource.items() if value]
    condition = every((*named, *([Operation("=", Intrinsic("status"), Keyword("error"))] if failed else [])))
    return show_traceql(Query(Pipeline((Filter(condition),))))


def by_text(logql: str) -> str | None:
    """The query that looks for a level in the text of lines instead of in their fields: services that write plain text have none.
    None where it does not ask for a level, or for other fields besides."""
    from core.query.logql.model import LabelFilter, LineFilter, Logs, Matcher, Parser, Stage
    from core.query.logql.printer import show as show_logql
    from core.query.logql.reader import read as read_logql

    query = read_logql(logql)
    if not isinstance(query, Logs):
        return None
    stages: list[Stage] = []
    wanted = ""
    for stage in query.stages:
        match stage:
            case LabelFilter(Matcher("level", "=" | "=~", level)) if not wanted:
                wanted = level
            case Parser("json" | "logfmt", None):
                pass
            case LineFilter():
                stages.append(stage)
            case _:
                return None
    if not wanted:
        return None
    return show_logql(Logs(query.matchers, (*stages, LineFilter("|~", (f"(?i)({wanted})",)))))


def gives_lines(logql: str) -> bool:
    """Whether a LogQL query gives log lines; else it gives numbers."""
    from core.query.logql.model import Logs
    from core.query.logql.reader import read as read_logql

    return isinstance(read_logql(logql), Logs)


def step(length: timedelta) -> timedelta:
    """Between the points of a chart over this time."""
    from core.query.promql.check import fitting_step

    return fitting_step(length)


def quantity(promql: str) -> "Quantity":
    """In which unit the numbers of a PromQL query are."""
    from core.query.promql.quantity import quantity as of
    from core.query.promql.reader import read as read_promql

    return of(read_promql(promql))


def quantity_of_traces(traceql: str) -> "Quantity":
    """In which unit the numbers of a TraceQL metric are."""
    from core.query.traceql.quantity import quantity as of
    from core.query.traceql.reader import read as read_traceql

    return of(read_traceql(traceql))


def apart(promql: str, backend: Backend) -> str | None:
    """The query with one series an instance; None where there is no such thing."""
    from core.query.promql.apart import apart as taken_apart
    from core.query.promql.printer import show as show_promql
    from core.query.promql.reader import read as read_promql

    made = taken_apart(read_promql(promql), backend)
    return None if made is None else show_promql(made)
