"""Severities: numbers ("sev2", "P1") and words ("critical", "hoch") where they grade an incident."""

import re
from collections.abc import Iterator

from core.nlp.entities.sentence import Found, Sentence, phrases, words
from core.nlp.interpretation import EntityType

_GRADES = phrases(
    {
        "sev1": "critical|crit|kritisch|kritischer|kritische|kritischen|critico|critica",
        "sev2": "high|hoch|hoher|hohe|alta|alto",
        "sev3": "medium|med|mittel|mittlere|media",
        "sev4": "low|niedrig|niedriger|niedrige|baja|bajo",
    }
)
_NUMBERS = {"0": "1", "1": "1", "2": "2", "3": "3", "4": "4", "one": "1", "two": "2", "three": "3", "four": "4"}
_NUMBERED = re.compile(
    r"\b(?:(?:sev|seve?rity|servity|severety|prio|priority|schweregrad|prioritat|severidad|prioridad|sev level)[ :=-]{0,2}(?:level |of |is |to |as )?#?(?P<sev>[0-4]|one|two|three|four)"
    r"|p[- ]?(?P<p>[0-4])|s(?P<s>[1-4])(?= (?:incident|outage|issue)))s?(?![\w%:-]*\w|\.\d)"
)
_GRADE = "|".join(sorted(_GRADES, key=len, reverse=True))
_NAMED = re.compile(
    rf"\b(?:sev|severity|prio|priority|schweregrad|prioritat|severidad|prioridad)(?: ?[:=] ?|-| (?:is |to |as |from \w{{1,9}} to )?)(?P<behind>{_GRADE})\b"
    rf"|\b(?P<before>{_GRADE})[ -](?:sev|severity|prio|priority|incident|incidents|impact incident|importance|severidad|prioridad|prioritat)\b"
    r"|\b(?P<critical>critical|crit|kritischer|kritische)[ -](?:(?:production|prod|customer) )?(?:outage|outages|alert|alerts|issue|bug|page|pages|ticket|tickets|one|level|vorfall|ausfall)\b"
)
_ABOUT_INCIDENTS = words(
    "incident incidents inc incidente incidencia vorfall outage sev severity prio priority schweregrad severidad prioridad upgrade upgraded downgrade downgraded bump "
    "bumped escalate escalated reclassify demote promote declare declared regrade rate rated grade graded mark treat call"
)
_REGRADED_IT = words("make set raise raised lower lowered change changed move moved drop dropped keep log file open")
_DEMONSTRATIVES = re.compile(
    r"(?:(?:^|[.,;!?] )(?:is|es|ist)|\b(?:it|that|this|esto|eso|das|es)(?:'s| is| was| ist)?|\b(?:its|thats))(?: (?:really|still|now|very|sehr|muy|super|pretty|nicht|not|no longer))? $"
)
_ENDS = re.compile(r" *(?:$|[.!?,;:)\n/]|- )")
_GOES_ON = words(
    "not instead please pls now for because since until and or but rather to tbh imo incident outage one on severity sev prio priority at than again anymore then till as is from if "
    "when right yet so though actually nicht no pero y o und oder bitte setzen gesetzt stufen porque weil we they i nobody everything"
)
_MEASURED = words(
    "latency latencies cpu memory mem ram disk usage load rate rates error errors traffic throughput utilization saturation cost costs spend lag p50 p90 p95 p99 temperature volume space "
    "risk confidence traffico latencia carga latenz"
)
_MEASURED_BEFORE = 4
"""Words before a grade among which a measured thing takes it: "latency is still high"."""


def find(sentence: Sentence) -> Iterator[Found]:
    """All severities, also those that are denied or compared with."""
    for match in _NUMBERED.finditer(sentence.folded):
        number = match["sev"] or match["p"] or match["s"]
        yield Found(EntityType.SEVERITY, *match.span(), f"sev{_NUMBERS[number]}")
    if sentence.vocabulary.isdisjoint(_GRADES):
        return
    for match in _NAMED.finditer(sentence.folded):
        grade = match["behind"] or match["before"] or match["critical"]
        yield Found(EntityType.SEVERITY, *match.span(), _GRADES[grade])
    graded = [index for index, word in enumerate(sentence.words) if word.text in _GRADES]
    topical = _is_about_incidents(sentence, graded)
    for index in graded:
        if _stands_for_itself(sentence, index) and (topical or _said_of_it(sentence, index)):
            word = sentence.words[index]
            yield Found(EntityType.SEVERITY, word.start, word.end, _GRADES[word.text])


def _is_about_incidents(sentence: Sentence, graded: list[int]) -> bool:
    """Whether grades in this sentence are severities: it names an incident or a severity, grades anew, or sets two grades against
    one another."""
    vocabulary = sentence.vocabulary
    return (
        not vocabulary.isdisjoint(_ABOUT_INCIDENTS)
        or _NUMBERED.search(sentence.folded) is not None
        or (sentence.word(0) in _REGRADED_IT and not vocabulary.isdisjoint(("it", "this", "that", "inc")))
        or len({_GRADES[sentence.word(index)] for index in graded}) > 1
    )


def _stands_for_itself(sentence: Sentence, index: int) -> bool:
    """Whether the grade is said of nothing that stands beside it: not "high latency", not "latency is high"."""
    word = sentence.words[index]
    behind = sentence.word(index + 1)
    if not (_ENDS.match(sentence.folded, word.end) or behind in _GOES_ON):
        return False
    before = {sentence.word(at) for at in range(max(0, index - _MEASURED_BEFORE), index)}
    return _MEASURED.isdisjoint(before) and sentence.folded[word.start - 1 : word.start] != "-"


def _said_of_it(sentence: Sentence, index: int) -> bool:
    """ "That's critical": only the gravest word grades by itself."""
    word = sentence.words[index]
    return _GRADES[word.text] == "sev1" and bool(
        _DEMONSTRATIVES.search(sentence.folded, max(0, word.start - 30), word.start)
    )
