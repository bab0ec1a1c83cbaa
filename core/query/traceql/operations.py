"""Names of spans in plain words, where the sentence says that they are some: "the authorize span", "operation reserve-stock", "ran send-mail"."""

import re
from collections.abc import Iterator
from itertools import islice

from core.query.traceql import names
from core.query.traceql.model import Operation, Text
from core.query.traceql.said import Said
from core.query.wording import Wording, word_set

_HYPHENATED = r"[a-z][a-z0-9]{1,30}(?:-[a-z0-9]{1,30}){1,5}"
_SPAN = r"(?:spans?|operations?|ops?|handlers?|functions?|methods?|rpcs?|steps?)"
_BEHIND = re.compile(
    rf"\b{_SPAN}(?: named| called| is| name| for| =|:)? ({_HYPHENATED})(?![\w/-]|\.\w|\s?[=<>])",
    re.IGNORECASE,
)
""" "Span score-transaction"."""
_BEFORE = re.compile(rf"(?<![\w./=:-])({_HYPHENATED}) (?:{_SPAN}|calls?)\b")
_DONE = re.compile(
    rf"\b(?:perform(?:s|ed|ing)?|execut(?:es?|ed|ing)|r[ua]n(?:s|ning)?|invok(?:es?|ed|ing)|enters?|calls?|called|calling|hits?|through|under|parent|child|often (?:is|are|does|do)) ({_HYPHENATED})(?![\w/-]|\.\w|\s?[=<>])(?! (?:traces?|services?|pods?|logs?|errors?|requests?|quer(?:y|ies)|connections?|cluster|namespace|env\w*|region|time|response|status)\b)"
)
""" "Performed send-mail"."""
_THE = re.compile(
    r"\b(?:the|an?|each|every|this|that|its|their|\0['’]?s?|der|die|den|el|la) ([a-z][a-z0-9]{2,30}) (?:span|operation|step)(?:['’]s)?\b"
)
""" "The authorize span": any word that says nothing else."""
_THE_SPAN = re.compile(
    r"\b(?:the|a|an) (?:span|operation) ([a-z][a-z0-9]{2,30})(?= (?:took|takes|taking|lasts?|lasting|needs|needed|over|above|exceed\w*|failed|fails|failing|errored|errors|was|in|of|from|on)\b)"
)
""" "The span persist took over 1s"."""
_VERB = word_set(
    "allocate authenticate authorize batch capture charge commit compile compress compute convert decode decrypt dedupe dequeue deserialize dispatch embed encode encrypt enqueue enrich "
    "evaluate export fetch flush generate hydrate index infer ingest insert load lock login logout lookup match merge migrate normalize notify parse persist predict prefetch process "
    "provision publish purge rank reconcile refresh refund register render rerank reserve resize resolve retrieve rollback save schedule score serialize settle ship signup sort split "
    "subscribe summarize sync synchronize tokenize transcode transform translate unlock unsubscribe upload upsert validate verify"
)
_OF_VERB = re.compile(rf"(?<![\w./=:-])({'|'.join(sorted(_VERB))}) spans\b(?! by\b)")
""" "Authorize spans": what functions are called after."""
_NO_NAME = word_set(
    "root entry leaf child parent top slow slowest fast fastest quick long longest short shortest first last second third same whole full entire single only other another error errors failed failing "
    "failure broken bad faulty db database sql http https grpc rpc rest server client producer consumer internal external outgoing incoming inbound outbound given said named such next previous "
    "certain particular specific average avg mean median total max min per any some one two three span spans trace traces call calls request requests service services downstream upstream "
    "sibling individual actual very real main final initial inner outer middle bottom whole wrong right raw own remote local async sync backend frontend upper lower "
    "most least worst biggest largest heaviest every each all which what affected offending culprit caller callee receiving sending queue message messaging cache api web app "
    "ganze ganzen erste letzte langsame langsamste gleiche fehlerhafte health metrics status kafka redis offender mystery weird new old latest newest oldest recent "
    "took takes taking take lasts lasted needs needed need has have had was were is are did does fails errors errs returns returned gets got goes went belongs happens happened comes came exists "
    "time rate count duration durations kind status name names attribute attributes event events link links tree level depth number where when which that with from over under above below "
    "successful ok unset cheap expensive corresponding respective relevant matching equivalent lone sole exact entire direct immediate nested enclosing surrounding"
)
_NO_ENDING = re.compile(r"(?:ed|ing|est|ous|ful|less|able|ible|ish)\Z")
_COMPOUND = re.compile(
    r"(?:non|long|short|client|server|end|cross|in|per|high|low|top|multi|single|so|slow|half|well|read|write|one|two|three|first|second|third|self|real|up|down|out|back|on|off|follow|same|all|auto|pre|post|re|un|semi|anti|over|under|full|part|peer|user|root|error|retry|rate|time|double|back|n|e2e|eu|us|ap|sa|ca|af|me)-.*|.*-(?:side|kind|related|level|only|based|facing|running|like|free|wide|by|in|to|up|end|ish|specific|heavy|bound|rooted|ended|way|minute|second|hour|day|prone|shot|off|out|on|one|trip|code|codes|id|ids|time|rate|less)"
)
"""Words with a hyphen that are no names."""
_MOST = 24


def operations(wording: Wording) -> Iterator[Said]:
    """Spans by names that only the words around them make such."""
    for pattern in (_BEHIND, _BEFORE, _DONE, _THE, _THE_SPAN, _OF_VERB):
        for match in islice(pattern.finditer(wording.rest), _MOST):
            name = match[1]
            if wording.taken(*match.span(1)) or _is_plain(name, wording):
                continue
            wording.take(*match.span(1))
            op = "!=" if wording.negated(match.start(1)) else "="
            yield Said(Operation(op, names.NAME, Text(name)), *match.span(1))


def _is_plain(name: str, wording: Wording) -> bool:
    """Whether the word says something of a span instead of naming it."""
    if "-" in name:
        return bool(_COMPOUND.fullmatch(name.lower()))
    word = name.lower()
    known = word in _NO_NAME or word in names.GROUPS or word in names.FIELDS or word in names.SYSTEMS
    return known or bool(_NO_ENDING.search(word)) or any(word == one.lower() for one in wording.question.services)
