"""Workflows: ids of runs ("run 8812", "#9120") and names of jobs ("nightly-reindex")."""

import re
from collections.abc import Iterator, Sequence

from core.nlp.entities.sentence import Found, Phrases, Sentence, words
from core.nlp.interpretation import EntityType

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
_CALLED = (
    re.compile(rf"\b{_KIND} [\"'`]?(?P<name>{_COMPOUND})\b"),
    re.compile(rf"\b{_KIND} (?:called|named) [\"'`]?(?P<name>{_COMPOUND}|[a-z][a-z0-9]{{1,30}})\b"),
    re.compile(rf"(?<![\w/.-])(?P<name>{_COMPOUND})[\"'`]? (?:{_KIND}|run)s?\b"),
    re.compile(
        r"\b(?:the|run|start|trigger|kick off|rerun|kill|stop|cancel|abort|our|my|retry|is) (?:the )?"
        rf"(?P<name>[a-z]{{3,20}}) {_KIND}\b(?! {_COMPOUND})"
    ),
)
_NO_NAME = words("last failed stuck current running same whole new old long first this that previous other next right entire only wrong which stopped latest deploy "
    "deployment build test tests release rollback approval great good the another my our their and slow broken flaky full second hung batch cron "
    "background ci cd")  # fmt: skip
_NAMING = words("workflow workflows pipeline pipelines job jobs runbook playbook run runs")
_SHAPE = re.compile(rf"(?<![\w/.@#-]){_COMPOUND}(?![\w/-]|\.\w)")
_BEFORE_SHAPE = re.compile(
    r"\b(?:run|running|ran|rerun|re-run|start|started|starting|trigger|triggered|kick off|kicked off|fire off|launch|execute|retry|retrying|resume|stop|kill|killed|cancel|cancelled|"
    r"abort|aborted|pause|paused|unpause|skip|approve|approving|approved|schedule|requeue|starte|stoppe|starten|stoppen|lanza|ejecuta|cancela|para|arranca)"
    r"(?: off)?(?: (?:the|our|my|that|this|another|a|den|das|die|el|la|todays|tonights))?(?: (?:full|whole|entire|stuck|failed))? [\"'`]?$"
)
_BEHIND_SHAPE = re.compile(
    r"[\"'`]? (?:(?:is|was|has|got|gets|still|just|already|ist|esta|been) ){0,3}(?:stuck|done|finish(?:ed|es)?|completed?|succeeded|hung|queued|running|lauft|fertig|timed out|awaiting|"
    r"waiting (?:for|on) (?:approval|a|the)|killed|cancelled|aborted)\b"
    r"|[\"'`]?[:,]? (?:please |just )?(?:kick|start|run|trigger|launch|fire|stop|kill|cancel|abort|retry|rerun|starte?|stopp?e?) (?:it|that|das|den)\b"
)
_STARTED = re.compile(
    r"\b(?:run|rerun|re-run|trigger|kick off|fire off|launch|execute|lanza|ejecuta) (?:the |our |my |el |la )?[\"'`]?$"
)
"""What is run by its name is a job even where it is named like a rollout."""
_PLAYBOOK_ENDS = words("rollback rollbacks run runs check checks release releases")
_NUMBER_BEHIND = re.compile(
    r"[\"'`]?(?: run)?(?: #|#| )(?P<number>\d{2,12})(?![\w%:-]|[.,]\d)(?! (?:min|mins|minutes|hours?|hrs|days?|times|users|rps|percent|replicas|pods)\b)"
)
_PERIODS = words("nightly daily weekly monthly hourly quarterly midnight weekend nachtlich nocturno")
_DEEDS = words(
    "reindex reindexing backup backups vacuum sync resync cleanup migration migrate migrations rebuild backfill export exports import imports etl warmup rotation rotate reset recalc recompute "
    "recalculation payout payouts snapshot snapshots compaction compact purge prune failover restore replay reconcile reconciliation retrain retraining finetune refresh dump digest sweep sweeper "
    "archive archival rollup rollups transcode rescan renewal renewals dedupe dedup reprocess rekey reseed seed anonymize batch jobs job cron crawl recrawl aggregation deletion erasure gc"
)
"""What a job that is named for its deed ends with."""
_NO_JOB_ENDS = words(
    "back suite suites test tests tested up down out off in on by to of end call case cases free only time run runs rollout rollouts deploy deploys deployment deployments release releases rollback "
    "rollbacks check checks service svc srv api app server gateway worker proxy frontend backend db ui web line code set point mode cut related wide based level side ready safe flight book "
    "switch mortem hand hands term effect share room"
)
_NOUNS_BEHIND = words(
    "rollout rollouts deploy deploys deployment deployments release releases rollback canary test tests suite suites flag flags experiment window incident service svc pods pod pool branch "
    "namespace ns cluster env environment team channel migration mode benchmark benchmarks tests bench"
)
_HASH = re.compile(r"(?P<before>[a-z]{1,20})?[ (,]{0,2}(?<![\w&/])#(?P<number>\d{3,12})(?![\w-])")
_NUMBERED_OTHERWISE = words(
    "pr prs pull request mr issue issues ticket tickets bug bugs incident incidents inc order orders case channel story line error colour color page request customer user invoice sev release build"
)
_BARE_NUMBER = re.compile(
    r"\b(?:cancel|kill|abort|stop|approve|retry|rerun|resume|storniere|cancela)(?: (?:the|also))? (?P<number>\d{4,12})(?= *(?:$|[.,;!?)]|pls|please|now\b|and\b|again\b|in\b|on\b|for\b|-))"
)
_PARTED = re.compile("[-_]")
_NUMBERED_PARTS = 2
"""Of a longer name the number at its end says which of several: align-batch-17."""
_NOUN_LENGTH, _VERB_LENGTH = 20, 48
"""Characters behind and before a compound in which the words that tell what it is must stand."""


def find(sentence: Sentence, workflows: Sequence[str]) -> Iterator[Found]:
    """Names of jobs and ids of runs; readings may overlap. `workflows`: names that exist."""
    yield from _runs(sentence)
    yield from _named(sentence)
    if "-" in sentence.folded or "_" in sentence.folded:
        yield from _shaped(sentence)
    if workflows:
        yield from _listed(sentence, workflows)


def _runs(sentence: Sentence) -> Iterator[Found]:
    for match in _RUN.finditer(sentence.folded):
        yield Found(EntityType.WORKFLOW, *match.span(), match[0].upper())
    for match in _NUMBERED.finditer(sentence.folded):
        behind = (match["behind"] or "").strip()
        enumerated = (
            match["kind"] in _ENUMERATED or "#" in match[0] or len(match["number"]) > _COUNT_DIGITS or behind in _STANDS
        )
        if enumerated and behind not in _COUNTED:
            yield Found(EntityType.WORKFLOW, match.start(), match.end("number"), match["number"])
    for match in _BARE_NUMBER.finditer(sentence.folded):
        yield Found(EntityType.WORKFLOW, *match.span("number"), match["number"])
    if "#" in sentence.folded:
        for match in _HASH.finditer(sentence.folded):
            if match["before"] not in _NUMBERED_OTHERWISE:
                yield Found(EntityType.WORKFLOW, match.start("number") - 1, match.end(), match["number"])


def _named(sentence: Sentence) -> Iterator[Found]:
    """Names beside the word for what they name: "the nightly-build job"."""
    if not sentence.vocabulary.isdisjoint(_NAMING | {"cron", "cronjob"}):
        for pattern in _CALLED:
            for match in pattern.finditer(sentence.folded):
                if (
                    match["name"] not in _NO_NAME
                    and _PARTED.split(match["name"])[-1] not in _NO_JOB_ENDS - _PLAYBOOK_ENDS
                ):
                    yield Found(EntityType.WORKFLOW, *match.span("name"), match["name"])


def _shaped(sentence: Sentence) -> Iterator[Found]:
    """Compounds that are named like jobs, or that are run, stopped or done as only jobs are; with the number of their run."""
    folded = sentence.folded
    for match in _SHAPE.finditer(folded):
        first, *_, last = parts = _PARTED.split(match[0])
        if len(parts) > _NUMBERED_PARTS and last.isdecimal():
            last = parts[-2]
        behind = folded[match.end() : match.end() + _NOUN_LENGTH].split()
        begun = last in _PLAYBOOK_ENDS and _STARTED.search(folded, max(0, match.start() - _VERB_LENGTH), match.start())
        if (last in _NO_JOB_ENDS and not begun) or last[0].isdecimal() or (behind and behind[0] in _NOUNS_BEHIND):
            continue
        if (
            first in _PERIODS
            or last in _PERIODS
            or last in _DEEDS
            or _BEFORE_SHAPE.search(folded, max(0, match.start() - _VERB_LENGTH), match.start())
            or _BEHIND_SHAPE.match(folded, match.end())
        ):
            yield Found(EntityType.WORKFLOW, *match.span(), match[0])
            if number := _NUMBER_BEHIND.match(folded, match.end()):
                yield Found(EntityType.WORKFLOW, *number.span("number"), number["number"])


def _listed(sentence: Sentence, workflows: Sequence[str]) -> Iterator[Found]:
    """Names that exist. One that is a single word may be a verb: then "workflow", "run" or the like must stand beside it."""
    names = Phrases({" ".join(re.split(r"[-_ ]+", name.lower())): name for name in workflows})
    for index, count, _, name in names.find(sentence):
        beside = (sentence.word(index - 1), sentence.word(index - 2), sentence.word(index + count))
        if count > 1 or not _NAMING.isdisjoint(beside):
            yield Found(EntityType.WORKFLOW, *sentence.span(index, count), name)
