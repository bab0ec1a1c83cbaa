"""Whose runs a sentence asks for."""

import re
from collections.abc import Iterator

from core.query.sql.subjects import INCIDENTS, RUNS
from core.query.wording import Wording, word_set

_NAME = r"<?@?([a-z0-9][\w.-]{0,60})"
_ANOTHER = (
    r"(?:\s*(?:,|\bor\b|\band\b|\bnor\b|/)\s*@?(?!(?:not|that|who|which|in|since|last)\b)([a-z0-9][\w.-]{0,60}))?"
)
_DONE = r"trigger(?:ed)?|start(?:ed)?|launch(?:ed)?|kick(?:ed)? off|r[ua]n|deploy(?:ed)?|request(?:ed)?|initiated?|execut(?:ed?)|cancel(?:led|ed)?"
_BY = re.compile(
    rf"(?:\b(?:{_DONE}|runs|deploys|deployments|rollbacks|made|done|gestartet)\s+(?:\w+\s+)?(?:by|from|von|por)"
    r"|(?<!sorted )(?<!ordered )(?<!grouped )(?<!order )(?<!group )(?<!sort )(?<!down )(?<!split )(?<!caused )\bby(?: user)?|\btriggered_by\s?=?)"
    rf"\s+(?:(?:anyone|anybody|everyone|everybody|someone|others?|people) (?P<but>but|except(?: for)?|other than|besides) )?(?:the )?{_NAME}{_ANOTHER}{_ANOTHER}",
    re.IGNORECASE,
)
_DID = re.compile(
    rf"\b(?:did(?: ?n[o'’]?t)?|has|does)\s+@?([a-z][\w.-]{{1,40}})\s+(?:last |ever |recently |already |been )?(?:{_DONE}|running|deploying)\b"
    r"|\b(?:does|do|has|assigned to|owned by|started for) @?([a-z][\w.-]{1,40})\s(?:have|got|had|has)\b|\b(?:assigned to|owned by) @?([a-z][\w.-]{1,40})\b"
    r"|@([a-z][\w.-]{1,40})\b|\b([a-z][\w.-]{1,40})(?:['’]s?) (?:(?:\w+,? ){0,5}?)(?:runs?|deploy\w*|workflows?|rollbacks?)"
    rf"|\b(?:everything|anything|all|stuff|what|that|which|runs?|workflows?|deploy\w*|rollbacks?|jobs?) @?([a-z][\w.-]{{1,40}})(?: (?:or|and) @?([a-z][\w.-]{{1,40}}))? (?:has |had |have )?(?:triggered|started|launched|kicked off|ran|cancell?ed|requested)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|just|which|that|what|where)\s@?([a-z][\w.-]{1,40})\s(?:ever\s|has\s|have\s)?(?:triggers|starts|launches|triggered|started|launched|kicked off|ran)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"\W*@?([a-z][\w.-]{{1,40}}) (?:{_DONE}) (?:how|what|which|anything|any|\d)\b", re.IGNORECASE)
"""At the beginning: "kenji triggered how many runs"."""
_BOT = re.compile(
    r"\b(?:exclud\w+|except|without|ignor\w+|skip\w*|leav\w+ out|minus)\s(?:the )?(?:bots? |users? |accounts? |robots? )?(?:like |such as |named |called )?((?:[a-z0-9]{1,20}-){0,3}(?:bot|ci|scheduler|cron|system))\b",
    re.IGNORECASE,
)
_DID_NOT = re.compile(
    rf"\b([a-z][\w.-]{{1,40}}) (?:(?:did|has|had)(?: not|n['’]?t| never)|never) (?:{_DONE})\b", re.IGNORECASE
)
_NOBODY = word_set(
    "who whom me us the a an each every person user users people anyone anybody everyone somebody someone nobody workflow"
    " workflows service status day week month hour weekday severity it they we i you any all today yesterday last week's month year night afternoon morning team company everyone's nobody's bot in"
    " that this which what how were was is are been got get have has had did not never automatically manually just ever"
    " already also successfully recently runs run jobs job name count number duration time date length start end most one"
    " two three now hand default and or only them him her january february march april may june july august september"
    " october november december monday tuesday wednesday thursday friday saturday sunday worst best biggest smallest least top bottom ascending descending alphabetically maintenance rollback deploy backup migration cleanup release failover restart scale outcome result state far highest"
    " lowest newest oldest longest slowest fastest shortest first per sorted top"
    " ended finished done completed failed same other another excluding exclude except without more less fewer than at least over under with where when while if ignoring skipping but not average mean median avg total max min maximum minimum percentage share rate ratio number"
)
"""Words that stand where a name could."""


def named(wording: Wording) -> dict[bool, tuple[str, ...]]:
    """Names by whether they are excluded; their words are taken."""
    found: dict[bool, list[str]] = {False: [], True: []}
    for name, start, end, negative in _names(wording):
        words = (RUNS.words, INCIDENTS.words, *(pattern for pattern, _, _ in RUNS.statuses))
        thing = any(pattern.fullmatch(name) for pattern in words)
        if not thing and name.lower() not in _NOBODY and not name.isdecimal() and name.lower() not in RUNS.dimensions:
            wording.take(start, end)
            found[negative].append(name)
    excluded = tuple(dict.fromkeys(found[True]))
    return {True: excluded, False: tuple(one for one in dict.fromkeys(found[False]) if one not in excluded)}


def _names(wording: Wording) -> Iterator[tuple[str, int, int, bool]]:
    for match in _DID_NOT.finditer(wording.text):
        yield match[1], *match.span(), wording.negated(match.end() - 1)
    for match in _BOT.finditer(wording.text):
        yield match[1], *match.span(), True
    for match in _ONLY.finditer(wording.text):
        yield match[1], *match.span(1), False
    if first := _FIRST.match(wording.text):
        yield first[1], *first.span(), False
    for match in (*_BY.finditer(wording.text), *_DID.finditer(wording.text)):
        but = match.groupdict().get("but")
        negative = bool(but) or wording.negated(match.start()) or wording.negated(match.end() - 1)
        for number, name in enumerate(match.groups(), 1):
            if name and name != but:
                yield name.rstrip(".-"), match.start(), match.end(number), negative
