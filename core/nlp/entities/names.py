"""Ids and gradings: incidents, severities, environments, workflows and their runs."""

import re
from collections.abc import Iterator, Sequence

from core.nlp.entities.sentence import Found, Phrases, Sentence, phrases, words
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

_GRADES = phrases(
    {
        "sev1": "critical|crit|kritisch|critico|critica",
        "sev2": "high|hoch|alta",
        "sev3": "medium|med|mittel|media",
        "sev4": "low|niedrig|baja",
    }
)
_NUMBERS = {"0": "1", "1": "1", "2": "2", "3": "3", "4": "4", "one": "1", "two": "2", "three": "3", "four": "4"}
_SEVERITY = re.compile(
    r"\b(?:(?:sev|seve?rity|servity|prio|priority|schweregrad|prioritat|severidad|prioridad|sev level)[ :=-]{0,2}(?:level |of |is |to |as )?#?(?P<sev>[0-4]|one|two|three|four)"
    r"|p[- ]?(?P<p>[0-4])|s(?P<s>[1-4])(?= (?:incident|outage|issue)))s?(?![\w%:-]*\w|\.\d)"
)
_GRADE = "|".join(sorted(_GRADES, key=len, reverse=True))
_GRADED = re.compile(
    rf"\b(?:sev|severity|prio|priority|schweregrad|prioritat|severidad|prioridad)(?: ?[:=] ?|-| (?:is |to |as |from \w{{1,9}} to )?)(?P<behind>{_GRADE})\b"
    rf"|\b(?P<before>{_GRADE})[ -](?:sev|severity|prio|priority|incident|incidents|impact incident|importance)\b"
    r"|\b(?P<critical>critical|crit)[ -](?:(?:production|prod|customer) )?(?:outage|outages|alert|alerts|issue|bug|page|pages|ticket|tickets|one|level)\b"
)
_REGRADED = re.compile(
    r"\b(?:upgrade|upgraded|downgrade|downgraded|bump|bumped|raise|raised|lower|lowered|escalate|escalated|set|change|changed|mark|marked|make|move|moved|drop|"
    r"dropped|reclassify|treat|declare|declared|open|demote|promote|call|log|file|create|its|it's|that's|thats|is)\b"
    rf"(?P<between>[^.!?;]{{0,50}}?)\b(?P<how>to|as|it|a|an|is|now|only|really|down to|up to) (?:a |an )?(?P<grade>{_GRADE})\b"
    r"(?= *(?:$|[.!?,;)]|please|pls|now\b|for\b|because|since|and\b|until|instead|incident|one\b|on\b|severity|sev\b|prio))"
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

_RUN = re.compile(r"\brun-[0-9a-hjkmnp-tv-z]{6}\b")
_NUMBERED = re.compile(
    r"\b(?P<kind>run|runs|job|jobs|build|builds|pipeline|workflow|execution|rollout|deployment|deploy|task|lauf|ejecucion)(?: (?:id|number|no\.?|nr\.?))?"
    r"(?:[ :]{1,2}#?|#| #|-(?=\d{3}))(?P<number>\d{1,12})(?![\w%-]|[:.]\d)(?P<behind> [a-z]{1,20})?"
)
_ENUMERATED = words("job jobs build builds pipeline workflow execution task")
_COUNTED = words(
    "tests test requests times time users iterations more queries replicas loops pods jobs workers rounds steps minutes minute hours days seconds cases "
    "threads instances nodes copies concurrent parallel benchmarks canaries services percent"
)
_STANDS = words("of failed fails is was done finished stuck succeeded passed got waiting still")
_COUNT_DIGITS = 2
"""A longer number behind "run" is an id and no count."""
_KIND = r"(?:workflow|pipeline|runbook|playbook|job|cronjob|cron)"
_COMPOUND = r"[a-z][a-z0-9]{0,30}(?:[-_][a-z0-9]{1,30}){1,5}"
_NAMED = (
    re.compile(rf"\b{_KIND} [\"'`]?(?P<name>{_COMPOUND})\b"),
    re.compile(rf"\b{_KIND} (?:called|named) [\"'`]?(?P<name>{_COMPOUND}|[a-z][a-z0-9]{{1,30}})\b"),
    re.compile(rf"(?<![\w/.-])(?P<name>{_COMPOUND})[\"'`]? (?:{_KIND}|run)s?\b"),
    re.compile(
        r"\b(?:the|run|start|trigger|kick off|rerun|kill|stop|cancel|abort|our|my|retry|is) (?:the )?"
        rf"(?P<name>[a-z]{{3,20}}) {_KIND}\b(?! {_COMPOUND})"
    ),
)
_STARTS = words(
    "run rerun start trigger kick kickoff launch execute fire queue schedule retry kill stop cancel abort starte stoppe lanza ejecuta arranca inicia cancela"
)
_STARTED = re.compile(
    rf"\b(?:{'|'.join(sorted(_STARTS))})(?: off| up)? (?:the |our |my |den |die |das |el |la )?[\"'`]?"
    rf"(?P<name>{_COMPOUND})(?![\w-])(?! (?:tests?|suites?|evals?|evaluations?|benchmarks?|checks?)\b)"
)
_FINISHES = words("done finish finished complete completed succeed succeeded fertig durch")
_FINISHED = re.compile(
    rf"\b(?:is|are|did|has|hat|ist) (?:the |our |my |der |die |das )?[\"'`]?(?P<name>{_COMPOUND})[\"'`]? "
    rf"(?:still |already |schon )?(?:{'|'.join(sorted(_FINISHES))})\b"
)
_NO_JOB = re.compile(
    r"(?:end-to-end|e2e-[a-z0-9-]+|follow-up|roll-?(?:back|out)|re-[a-z]+|dry-run|post-mortem|stand-up|war-room|back-up|"
    r"[a-z0-9_-]*(?:tests?|suites?|evals?|benchmarks?|checks?))"
)
"""Compounds of everyday talk, and suites of tests."""
_NO_NAME = words("last failed stuck current running same whole new old long first this that previous other next right entire only wrong which stopped latest deploy "
    "deployment build test tests release rollback approval great good the another my our their and slow broken flaky full second hung batch cron "
    "background ci cd")  # fmt: skip
_NAMING = words("workflow workflows pipeline pipelines job jobs runbook playbook run runs")


def find(sentence: Sentence, workflows: Sequence[str]) -> Iterator[Found]:
    """Incidents, severities, environments and workflows; readings may overlap. `workflows`: names that exist."""
    yield from _incidents(sentence)
    yield from _severities(sentence)
    yield from _environments(sentence)
    yield from _workflows(sentence, workflows)


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


def _severities(sentence: Sentence) -> Iterator[Found]:
    for match in _SEVERITY.finditer(sentence.folded):
        number = match["sev"] or match["p"] or match["s"]
        yield Found(EntityType.SEVERITY, *match.span(), f"sev{_NUMBERS[number]}")
    if sentence.vocabulary.isdisjoint(_GRADES):
        return
    for match in _GRADED.finditer(sentence.folded):
        grade = match["behind"] or match["before"] or match["critical"]
        yield Found(EntityType.SEVERITY, *match.span(), _GRADES[grade])
    for match in _REGRADED.finditer(sentence.folded):
        yield Found(EntityType.SEVERITY, *match.span("grade"), _GRADES[match["grade"]])


def _environments(sentence: Sentence) -> Iterator[Found]:
    for index, count, phrase, value in _ENVIRONMENT_PHRASES.find(sentence):
        before, behind = sentence.word(index - 1), sentence.word(index + count)
        named = behind in _ENV_WORDS or before in _ENV_WORDS
        if (
            named
            or phrase in _SURE
            or (before in _IN and behind not in _NOT_ENVIRONMENT_BEHIND and not _infinitive(phrase, before))
        ):
            end = index + count + (behind in _ENV_WORDS and behind != "cluster")
            yield Found(EntityType.ENVIRONMENT, sentence.words[index].start, sentence.words[end - 1].end, value)


def _infinitive(phrase: str, before: str) -> bool:
    """ "to test", "to demo", "for testing", "the stage"."""
    if phrase in ("dev", "qa"):
        return before == "the"
    return before in ("the", "of", "and", "or", "not") or (
        before in ("to", "for") and phrase in ("test", "testing", "demo", "develop")
    )


def _workflows(sentence: Sentence, workflows: Sequence[str]) -> Iterator[Found]:
    for match in _RUN.finditer(sentence.folded):
        yield Found(EntityType.WORKFLOW, *match.span(), match[0].upper())
    for match in _NUMBERED.finditer(sentence.folded):
        behind = (match["behind"] or "").strip()
        enumerated = (
            match["kind"] in _ENUMERATED or "#" in match[0] or len(match["number"]) > _COUNT_DIGITS or behind in _STANDS
        )
        if enumerated and behind not in _COUNTED:
            yield Found(EntityType.WORKFLOW, match.start(), match.end("number"), match["number"])
    if not sentence.vocabulary.isdisjoint(_NAMING | {"cron", "cronjob"}):
        for pattern in _NAMED:
            for match in pattern.finditer(sentence.folded):
                if match["name"] not in _NO_NAME:
                    yield Found(EntityType.WORKFLOW, *match.span("name"), match["name"])
    for opening, pattern in ((_STARTS, _STARTED), (_FINISHES, _FINISHED)):
        if not sentence.vocabulary.isdisjoint(opening):
            for match in pattern.finditer(sentence.folded):
                if not _NO_JOB.fullmatch(match["name"]):
                    yield Found(EntityType.WORKFLOW, *match.span("name"), match["name"])
    if workflows:
        yield from _listed(sentence, workflows)


def _listed(sentence: Sentence, workflows: Sequence[str]) -> Iterator[Found]:
    """Names that exist. One that is a single word may be a verb: then "workflow", "run" or the like must stand beside it."""
    names = Phrases({" ".join(re.split(r"[-_ ]+", name.lower())): name for name in workflows})
    for index, count, _, name in names.find(sentence):
        beside = (sentence.word(index - 1), sentence.word(index - 2), sentence.word(index + count))
        if count > 1 or not _NAMING.isdisjoint(beside):
            yield Found(EntityType.WORKFLOW, *sentence.span(index, count), name)
