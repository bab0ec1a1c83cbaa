"""The severity that a person states in the report itself: "sev1", "P2", "a critical incident"."""

from collections.abc import Sequence

from core.incidents.incident import Severity, severity_of
from core.incidents.severity.words import BREAK, Word

_ELSEWHERE = {
    **dict.fromkeys(("kritisch", "kritischer", "critico", "critica"), Severity.SEV1),
    **dict.fromkeys(("hoch", "alto", "alta"), Severity.SEV2),
    **dict.fromkeys(("moderate", "mittel", "medio", "media"), Severity.SEV3),
    **dict.fromkeys(("niedrig", "gering", "bajo", "baja"), Severity.SEV4),
}
"""What forms do not know by these words."""
_NUMBERED = frozenset(("sev", "priority", "prio", "prioritat", "prioridad"))
_SCALES = frozenset(("severity", "schweregrad", "severidad", "gravedad"))
"""What a number beside it grades; an adjective beside the latter does too."""
_THINGS = frozenset(("incident", "severity", "vorfall", "incidente", "severidad", "gravedad"))
_BETWEEN = frozenset(("is", "as", "at", "to", "level", "ist", "es", BREAK))
"""What may stand between a scale and its grade: "severity: high"."""
_NEGATIONS = frozenset(
    ("not", "no", "isnt", "never", "neither", "wasnt", "hardly", "than", "kein", "keine", "nicht", "sin")
)
_NOT_YET = frozenset(
    ("if", "could", "might", "unless", "until", "before", "last", "previous", "earlier", "yesterday", "falls", "konnte", "podria")
)  # fmt: skip
"""The grade is not, not yet, or no longer this report's."""
_THEIRS = frozenset(
    ("marked", "labelled", "labeled", "flagged", "tagged", "called", "calls", "claims", "insists", "screams", "shouts", "wants", "says")
)  # fmt: skip
"""The grade is somebody else's, whom the report tells of."""
_ASKING = frozenset(
    ("is", "should", "what", "when", "who", "which", "how", "why", "would", "do", "does", "was", "so", "ist", "es")
)
_PARTS_OF_THINGS = frozenset(
    ("banner", "dashboard", "template", "channel", "label", "color", "colour", "page", "runbook", "policy", "room", "process",
     "doc", "docs", "badge", "icon", "definition", "criteria", "checklist", "guide", "wiki", "drill", "exercise", "review",
     "report", "reports", "list", "card", "button", "legend", "title", "text", "mail", "training", "form", "field", "rule",
     "rules", "threshold", "reviews", "rate", "rates", "count", "number", "finding", "findings", "vulnerability", "cve", "customer", "customers", "client", "clients")
)  # fmt: skip
"""Followed by one of them, a grade describes the thing: "the sev1 banner"."""
_REACH = 3


def stated(text: str, report: Sequence[Word]) -> tuple[Severity, str] | None:
    """The severity that a clipped text gives its own report, and the words that do; None when it gives none, or several."""
    found: dict[Severity, str] = {}
    texts = [word.text for word in report]
    for start in range(len(texts)):
        graded = _grade(texts, start)
        if graded is None:
            continue
        severity, end = graded
        clause = _before(texts, start)
        if _of_something_else(clause, texts[end : end + 1]) or (
            clause[:1] and clause[0] in _ASKING and _asked(text, report[end:])
        ):
            continue
        if clause[-1:] == ["to"]:  # raised from sev3 to sev2
            found.clear()
        found[severity] = text[report[start].start : report[end - 1].end]
    return next(iter(found.items())) if len(found) == 1 else None


def _grade(texts: Sequence[str], start: int) -> tuple[Severity, int] | None:
    """The grade whose first word stands here, and the index behind its last."""
    word, following = texts[start], texts[start + 1 : start + 4]
    own = _level(word)
    if own and word[-1].isdigit():
        return own, start + 1
    if word in _SCALES or word in _NUMBERED:
        for ahead, text in enumerate(following):
            level = severity_of(f"sev{text}") or (_level(text) if word in _SCALES else None)
            if level:
                return level, start + 2 + ahead
            if text not in _BETWEEN:
                break
    if own and following and following[0] in _THINGS:
        return own, start + 2
    if word in _THINGS and following and not following[0][-1].isdigit() and (level := _level(following[0])):
        return level, start + 2
    return None


def _level(word: str) -> Severity | None:
    return severity_of(word) or _ELSEWHERE.get(word)


def _before(texts: Sequence[str], start: int) -> list[str]:
    """What stands before, in the same clause."""
    clause: list[str] = []
    for word in reversed(texts[:start]):
        if word == BREAK:
            break
        clause.append(word)
    return clause[::-1]


def _of_something_else(before: Sequence[str], after: Sequence[str]) -> bool:
    """Whether the grade is denied, foreseen, past or somebody else's, or describes a thing that is called so."""
    return (
        not _NEGATIONS.isdisjoint(before[-_REACH:])
        or not (_NOT_YET | _THEIRS).isdisjoint(before[-_REACH - 2 :])
        or before[-1:] == ["for"]
        or not _PARTS_OF_THINGS.isdisjoint(after)
    )


def _asked(text: str, rest: Sequence[Word]) -> bool:
    """Whether the clause ends in a question mark."""
    return next((text[word.start] == "?" for word in rest if word.text == BREAK), False)
