"""What a sentence says of the levels of lines by their name: "level error", "warn or worse", "above info"."""

import re
from collections.abc import Iterator

from core.query.logql.conditions import one_of
from core.query.logql.kinds import LEVEL_NAMES, LEVEL_WORDS, LEVELS
from core.query.logql.model import Condition
from core.query.wording import Wording

_NAMES = LEVEL_NAMES | {
    "trace": "trace",
    "information": "info",
    "informational": "info",
    "panic": "panic",
    "emergency": "emergency",
    "emerg": "emerg",
    "alert": "alert",
    "notice": "notice",
    "verbose": "verbose",
    "severe": "severe",
}
_LEVEL = rf"(?:{'|'.join(sorted(_NAMES, key=len, reverse=True))})"
_AND_OR = r"(?:,? (?:or|and|und|oder|nor|y|o|e) |\s?[/&+]\s?|, ?| )"
_LIST = rf"({_LEVEL}(?:{_AND_OR}{_LEVEL}){{0,5}})"
_NAME = r"(?:log[ -]?)?(?:levels?|severity|severities|lvls?|nivel|niveles|stufen?)"
_SAID = re.compile(
    rf"\b{_NAME}\s?(?:is|are|of|at|=|:|==|set to|either|equals|es|ist|de|not|isn['’]?t|is not|other than|anything but)?\s?{_LIST}\b"
    rf"|\b{_LIST}[ -]?{_NAME}\b",
    re.IGNORECASE,
)
_ONE = re.compile(rf"\b{_LEVEL}\b", re.IGNORECASE)
_NOT_SAID = re.compile(r"\b(?:not|isn['’]?t|other than|anything but)\s", re.IGNORECASE)
_NOUNS = r"(?:[- ](?:level|lvl|severity|logs?|lines?|entries|messages?))?"
_AND_WORSE = re.compile(
    rf"\b({_LEVEL}){_NOUNS}(?:\+|,?\s?(?:or|and|&|und|oder|y|o)\s(?:anything |everything |all |alles |todo )?(?:above|higher|worse|up(?:wards?)?|more severe|greater|beyond|over|h[öo]her|schlimmer|dar[üu]ber|superior(?:es)?|peor(?:es)?|m[aá]s (?:altos?|graves?))\b| \+)(?!\s?{_LEVEL})"
    rf"|\b(?:at least|minimum|min|mindestens|al menos|from|ab) ({_LEVEL})(?: (?:level|up(?:wards?)?|on(?:wards?)?|and up))\b|\bat least\s({_LEVEL})\b|\b{_NAME}\s?(?:is\s)?(?:>=|at least|from|mindestens)\s?({_LEVEL})\b",
    re.IGNORECASE,
)
_ABOVE = re.compile(
    rf"\b(?:above|over|higher than|greater than|worse than|more severe than|more serious than|beyond|[üu]ber|por encima de|peor(?:es)? que)\s(?:the\s)?(?:{_NAME}\s)?({_LEVEL})\b|\b{_NAME}\s?>\s?({_LEVEL})\b",
    re.IGNORECASE,
)
_BELOW = re.compile(
    rf"\b(?:below|under|lower than|less than|less severe than|milder than|unter)\s(?:the\s)?(?:{_NAME}\s)?({_LEVEL})\b(?!s)|\b{_NAME}\s?<\s?({_LEVEL})\b",
    re.IGNORECASE,
)


def level(word: str) -> str:
    """The name of the level that is said so."""
    return _NAMES.get(word.lower()) or LEVEL_WORDS.get(word.lower(), word.lower())


def find(wording: Wording) -> Iterator[Condition]:
    """Conditions on the level; what says them is taken."""
    for pattern, first, last in ((_AND_WORSE, 0, None), (_ABOVE, 1, None), (_BELOW, None, 0)):
        for match in wording.find(pattern):
            named_level = level(next(filter(None, match.groups())))
            if named_level not in LEVELS:
                continue
            place = LEVELS.index(named_level)
            kept = LEVELS[:place] if last is not None else LEVELS[place + (first or 0) :]
            if kept:
                yield one_of("level", kept, negative=wording.negated(match.start()))
    said: dict[bool, list[str]] = {False: [], True: []}
    for match in wording.find(_SAID):
        names = _ONE.findall(match[1] or match[2])
        # "With levels that are not debug", "anything but info level": the negation may stand inside, too.
        negative = (
            wording.negated(match.start()) or wording.negated(match.end() - 1) or bool(_NOT_SAID.search(match[0]))
        )
        said[negative] += map(level, names)
    for negative, named in said.items():
        if named:
            yield one_of("level", tuple(dict.fromkeys(named)), negative=negative)
