"""Incidents by their ids, and environments."""

import re
from collections.abc import Iterator

from core.nlp.entities.ordinary import ORDINARY
from core.nlp.entities.sentence import Found, Phrases, Sentence, phrases, words
from core.nlp.entities.spelling import Spelling
from core.nlp.interpretation import EntityType

_INCIDENT_KEYS = words("inc incident incidents incidente vorfall")
_INCIDENT = re.compile(r"(?<![\w/])#?inc(?P<glued>[-_ #]{0,2})(?P<number>\d{1,9})(?![\w.%:]*\w)(?! ?(?:ms|min|%))")
_INCIDENT_WORD = re.compile(
    r"\b(?:incidents?|incidente|vorfall)(?: ?(?:number|no\.?|nr\.?|id|ids))?[ :-]{0,2}#?(?P<number>\d{1,9})(?![\w%-]|[:.]\d)"
    r"(?! (?:min|mins|minutes|hours?|hrs?|days?|weeks?|ago|times|people|percent|users)\b)"
)
_MORE = re.compile(
    r"(?:, ?| and | & |/| or |, and )#?(?P<number>\d{1,9})(?![\w%-]|[:.]\d)(?! (?:min|mins|minutes|hours?|days?|am|pm)\b)"
)

ENVIRONMENTS = phrases(
    {
        "production": "production|prod|prd|producion|prodution|producción|produccion|produktion|prods|pord|live",
        "staging": "staging|stg|stage|stagging|staing|stging",
        "development": "development|dev|develop|entwicklung|desarrollo|dev env",
        "qa": "qa", "uat": "uat", "perf": "perf", "preprod": "preprod|pre prod|pre production|preproduction", "sandbox": "sandbox|sbx",
        "test": "test|testing", "integration": "integration", "demo": "demo", "canary": "canary", "local": "local", "dr": "dr", "nonprod": "nonprod|non prod",
    }
)  # fmt: skip
"""Words for environments → normal form. Some are ordinary words too and need a preposition or "env" beside them."""
_ENVIRONMENT_PHRASES = Phrases(ENVIRONMENTS)
_SPELLING = Spelling(words("production staging preprod sandbox development"))
_SURE = words("production prod prd producion prodution produccion produktion pord staging stg stagging staing stging uat preprod sandbox nonprod") | {
    "pre prod", "pre production", "preproduction", "non prod", "sbx", "dev env"
}  # fmt: skip
_ENV_WORDS = words("env environment envs environments umgebung entorno cluster")
_IN = words(
    "in on to into onto from for at same auf nach im en and or vs versus not the via through against of env environment hit der"
)
_NOT_ENVIRONMENT_BEHIND = words(
    "team teams lead leads engineer engineers oncall meeting run suite suites test tests testing case cases issue issues regression regressions traffic tail "
    "feed demo data deploy deployment deploys time again people folks guys coverage box boxes branch mode update updates view pipeline stage weights db "
    "release plan it this that the user users customer"
)
_SHORT = words("qa dev perf dr stage")
_PAIRED = words("stage dev test live")
_PAIRING = words("and or vs versus und oder y o")
_SUBJECT_BEHIND = words(
    "is was has looks seems down broken dead unreachable keeps slow so ok up healthy fine gone again works"
)
_NAMED_ENVIRONMENT = re.compile(
    r"(?<![\w./-])(?P<name>[a-z][a-z0-9]{1,15}(?:-[a-z0-9]{1,15})?) (?:env|environment)\b(?! (?:var|variable|vars|file))"
)
_PUT_LIVE = re.compile(
    r"\b(?:push|pushing|promote|ship|put|get|roll|deploy|release|bring|take|set|send|move)(?: [\w.-]{1,40}){1,4} (?P<live>live)\b(?= *(?:$|[.,;!?)]|(?:now|today|at|in|on|tonight|please|pls|and)\b))"
)


def find(sentence: Sentence) -> Iterator[Found]:
    """Incidents and environments; readings may overlap."""
    yield from _incidents(sentence)
    yield from _environments(sentence)
    yield from _put_live(sentence)


def _incidents(sentence: Sentence) -> Iterator[Found]:
    if not any(word.startswith(("inc", "vorfall")) for word in sentence.vocabulary):
        return
    for pattern in (_INCIDENT, _INCIDENT_WORD):
        for match in pattern.finditer(sentence.folded):
            yield Found(EntityType.INCIDENT, *match.span(), f"INC-{match['number']}")
            end = match.end()
            while more := _MORE.match(sentence.folded, end):
                end = more.end()
                yield Found(EntityType.INCIDENT, more.start("number"), end, f"INC-{more['number']}")


def _environments(sentence: Sentence) -> Iterator[Found]:
    for index, count, phrase, value in _ENVIRONMENT_PHRASES.find(sentence):
        before, behind = sentence.word(index - 1), sentence.word(index + count)
        named = behind in _ENV_WORDS or before in _ENV_WORDS or (phrase in _SHORT and _is_subject(sentence, index))
        if (
            named
            or phrase in _SURE
            or (phrase in _PAIRED and _paired(sentence, index, count))
            or (before in _IN and behind not in _NOT_ENVIRONMENT_BEHIND and not _infinitive(phrase, before))
        ):
            end = index + count + (behind in _ENV_WORDS and behind != "cluster")
            yield Found(EntityType.ENVIRONMENT, sentence.words[index].start, sentence.words[end - 1].end, value)
    for match in _NAMED_ENVIRONMENT.finditer(sentence.folded):
        if match["name"] not in ORDINARY:
            yield Found(EntityType.ENVIRONMENT, *match.span(), match["name"])
    for word in sentence.words:
        if term := _SPELLING.meant(word.text):
            yield Found(EntityType.ENVIRONMENT, word.start, word.end, ENVIRONMENTS[term])


def _paired(sentence: Sentence, index: int, count: int) -> bool:
    """ "prd and stage", "dev vs prod": beside a sure one."""
    before = sentence.word(index - 1) in _PAIRING and sentence.word(index - 2) in _SURE
    return before or (sentence.word(index + count) in _PAIRING and sentence.word(index + count + 1) in _SURE)


def _is_subject(sentence: Sentence, index: int) -> bool:
    """ "QA is down", "why is dev so slow", "wallet 2.3 (perf)": said of the place and not of people."""
    before, behind, word = sentence.word(index - 1), sentence.word(index + 1), sentence.words[index]
    bracketed = sentence.folded[word.start - 1 : word.start] == "(" and sentence.folded[word.end : word.end + 1] == ")"
    opens = index == 0 and behind in _SUBJECT_BEHIND
    return bracketed or opens or (before in ("is", "why") and behind in _SUBJECT_BEHIND)


def _infinitive(phrase: str, before: str) -> bool:
    """ "to test", "to demo", "for testing", "the stage"."""
    if phrase in ("dev", "qa"):
        return before == "the"
    return before in ("the", "of", "and", "or", "not") or (
        before in ("to", "for") and phrase in ("test", "testing", "demo", "develop")
    )


def _put_live(sentence: Sentence) -> Iterator[Found]:
    """ "Push it live": what is live is in production, but to be live is no place."""
    for match in _PUT_LIVE.finditer(sentence.folded):
        yield Found(EntityType.ENVIRONMENT, *match.span("live"), "production")
