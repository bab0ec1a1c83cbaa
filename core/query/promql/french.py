"""Times in French, which the entities do not know."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from core.nlp.interpretation import Entity, EntityType

_COUNTS = {
    "une": 1,
    "un": 1,
    "deux": 2,
    "trois": 3,
    "quatre": 4,
    "cinq": 5,
    "six": 6,
    "dix": 10,
    "quinze": 15,
    "trente": 30,
}
_COUNT = rf"(?:(\d{{1,3}}|{'|'.join(_COUNTS)})\s)?"
_UNIT = r"(minute|min|heure|h|jour|semaine|mois)s?"
_LAST = re.compile(
    rf"\b(?:ces |les? |la |au cours (?:des?|de la) )?{_COUNT}derni(?:[eè]re?|er)s?\s{_COUNT}{_UNIT}\b|\b(?:depuis|pendant|sur) {_COUNT}{_UNIT}\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"\b(?:(aujourd['’]hui|depuis ce matin|depuis minuit)|depuis hier|(hier))\b", re.IGNORECASE)
_LENGTHS = {"min": "m", "minute": "m", "h": "h", "heure": "h", "jour": "d", "semaine": "w", "mois": "d"}


def french_times(text: str, now: datetime) -> Iterator[Entity]:
    """ "Ces 30 dernières minutes", "la dernière heure", "depuis 2 heures", "hier"; the first one."""
    for match in _LAST.finditer(text):
        count, unit = match[1] or match[2] or match[4], (match[3] or match[5]).lower()
        if match[5] and count is None:
            continue
        number = int(count) if count and count.isdigit() else _COUNTS.get((count or "une").lower(), 1)
        value = f"{number * (30 if unit == 'mois' else 1)}{_LENGTHS[unit]}"
        yield Entity(EntityType.TIME_RANGE, match[0], value, *match.span())
        return
    if day := _DAY.search(text):
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        start = midnight if day[1] else midnight - timedelta(days=1)
        end = midnight if day[2] else now
        yield Entity(EntityType.TIME_RANGE, day[0], f"{start.isoformat()}/{end.isoformat()}", *day.span())
