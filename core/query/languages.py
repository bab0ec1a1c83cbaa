"""The query languages by name. A language's parser costs time and memory, so it is loaded when its first question comes."""

from core.query.translation import Language, Question, Translation


def translate(question: Question, language: Language) -> Translation:
    """The query that answers the question, by the usual names of metrics and labels.

    Raises:
        QueryRefused: the question gives no query in this language, with the reason and what to say instead.
    """
    match language:
        case Language.PROMQL:
            from core.query.promql.translate import translate as to_promql

            return to_promql(question)
        case Language.LOGQL:
            from core.query.logql.translate import translate as to_logql

            return to_logql(question)
        case Language.TRACEQL:
            from core.query.traceql.translate import translate as to_traceql

            return to_traceql(question)
        case Language.SQL:
            from core.query.sql.translate import translate as to_sql

            return to_sql(question)
