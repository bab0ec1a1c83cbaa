"""How two kinds of spans that a sentence names one after the other hang together: which of them is above, and whether directly."""

import re
from dataclasses import dataclass
from typing import Literal

from core.query.wording import BLANK

Way = Literal["down", "up", "beside"]
"""The second is below the first, above it, or has the same parent."""

_WHERE_BELOW = r"(?:below|under(?:neath)?|beneath|downstream(?: of| from)?|inside|behind|nested (?:in|under|inside|below)|deeper(?: down)?(?: in)?|further down|lower down|unter(?:halb)?(?: von)?|hinter|(?:por )?debajo de|dentro de)"
_CHILD = r"(?:child(?:ren)?|descendants?|grandchild(?:ren)?|subspans?|sub-spans?|kind(?:er)?|hij[oa]s?)"
_HOW = r"(?:somewhere|anywhere|some place|directly|right|immediately|straight|way|far|further|deeper|just|direkt|irgendwo|directamente|direct|immediate|one level|any level|any depth)"
_SPAN = r"(?:spans?|calls?|requests?|errors?|traces?|quer(?:y|ies)|operations?|services?|ones?)"
_IT = r"(?:it|its|that|this|them|there|him)"
_A = r"(?:the |an? |some |any |its |den |dem |der |die |el |la |un |una )?"

_BESIDE = re.compile(
    r"\b(?:siblings?|in parallel|side by side|parallel|concurrent(?:ly)?|next to each other|beside each other|(?:the )?same parent|common parent|one parent|share a parent|geschwister|herman[oa]s|parallele?[nrs]?|en paralelo)\b",
    re.IGNORECASE,
)
_DIRECT = re.compile(
    r"\b(?:(?:right|just|immediately|straight|directly) (?:under|below|beneath)|one level|(?<!not )(?<!n't )direct|(?<!not )(?<!n't )directly|straight (?:to|into|from)|immediate|immediately|child|children|parents?|direkt\w*|unmittelbar\w*|directamente|direct[oa]s?|hij[oa]s?|without (?:anything |something |[\w-]+ |a hop |anyone )(?:in[ -]?)?between|no hop)\b",
    re.IGNORECASE,
)
_UP_BELOW = re.compile(rf"\b{_WHERE_BELOW}\s+{_A}$", re.IGNORECASE)
_UP_CHILD = re.compile(
    rf"\b{_CHILD}(?: {_SPAN})? (?:of|under|in|from|von|de)\b|^['’]s (?:direct |immediate )?(?:parents?|callers?)\b|\b(?:whose|with|ha(?:s|ve|ving)) (?:an? |the |its |their )?(?:direct |immediate )?(?:parent|caller|ancestor)(?: {_SPAN})?(?: is| was| in)?\b|\b(?:its|their|the) (?:direct |immediate )?(?:parent|caller|ancestor)(?: {_SPAN})?\W*(?:is |was )?$",
    re.IGNORECASE,
)
_UP_BY = re.compile(
    r"\b(?:called|invoked|triggered|hit|reached|used|requested|spawned|started|made|issued|queried|contacted|aufgerufen|aufrufe?n?|anfragen|llamad[oa]s?|llamadas|peticiones)\b[^.;]{0,20}\b(?:by|from|von|por|desde)\b|\bcoming from\b|\b(?:block(?:s|ing|ed)?|hold(?:s|ing)? up|slow(?:s|ing|ed)? down|delay(?:s|ing|ed)?)\s+(?:the )?$|\bafter (?:the )?$|^\W*(?:spans? |calls? |requests? |errors? |traces? )?from\W*(?:the\W*)?$",
    re.IGNORECASE,
)
_JOINT_BELOW = re.compile(
    rf"(?:\b(?:but|and|while|where|whereas|though|although|yet|then|aber|und|pero|y|with)\b|[,;:–-])\s+(?:{_HOW}\s)*{_WHERE_BELOW}\s+{_A}$|\b{_WHERE_BELOW}\s+{_IT}\b|\b(?:further|deeper) down\b",
    re.IGNORECASE,
)
""" "… but deeper down", "underneath it an": what is named next is below."""
_DOWN = re.compile(
    r"-*>+|=>|→|>>|\b(?:call(?:s|ed|ing)?|through|to|into|then|via|hit(?:s|ting)?|reach(?:es|ing|ed)?|invok(?:es|ing|ed|e)|depend(?:s|ing)? on|end(?:s|ed|ing)? up|land(?:s|ed|ing)?|downstream"
    r"|eventually|use(?:s|d)?|using|request(?:s|ing|ed)|(?:parents?|ancestors?) of|above|upstream of|triggers?|towards?|before|pasan? por|durch|spawn(?:s|ing|ed)?|followed by|dann|nach"
    r"|quer(?:y|ies|ying|ied)|contact(?:s|ing|ed)?|fan(?:s|ning|ned)? out|wait(?:s|ing|ed)? (?:on|for)|blocked on|caused by|because(?: of)?|due to|wegen|weil|porque|ask(?:s|ing)?|retr(?:y|ies|ied|ying)|hammer(?:s|ed|ing)?|poll(?:s|ed|ing)?|ping(?:s|ed|ing)?|rel(?:y|ies|ied|ying) on|consult(?:s|ed|ing)?|delegat(?:es|ed|ing)|prox(?:y|ies|ied|ying)|forward(?:s|ed|ing)?|lookup in|ruft|aufruft|llama(?:n|ndo)?|hacia|pas[ae]n? a)\b|^\s*in\s*$",
    re.IGNORECASE,
)
_DOWN_CHILD = re.compile(rf"\b{_CHILD}(?: {_SPAN})?\b(?! of\b| in\b)", re.IGNORECASE)
_BELOW_IN = re.compile(
    r"\b(?:(?:below|underneath|beneath|under it|downstream|further down|lower down|deep(?:er)? down|deep(?:er)? below|down ?stream|down the (?:line|road|chain|tree|stack)|darunter|weiter unten|m[aá]s abajo|abajo)\s(?:in|at|inside|within|on|bei|en)\s(?:the )?"
    r"|(?:that|which|who|where|and|but|then|that's|it|failed|fails|failing|err\w*|broke|breaks|died|dies|dying|slow|blew up|blows up|timed out)\s(?:\w* ){0,5}?deep(?:er)?\s(?:down\s|inside\s)?(?:in|at|inside|within)\s(?:the )?)$",
    re.IGNORECASE,
)
""" "… that died somewhere below in": not below it."""
_DIRECTLY_DOWN = re.compile(
    r"\b(?:direct(?:ly)?|direkt|directamente|immediately|straight)\b.{0,12}\b(?:call(?:s|ed|ing)?|quer(?:y|ies|ying|ied)|hit(?:s|ting)?|talk(?:s|ing)? to|invok(?:es|ing|ed)|us(?:es|ing)|to|into|reach(?:es|ing|ed)?|go(?:es|ing)?|ask(?:s|ing)?)\b|\b(?:call(?:s|ed|ing)?|quer(?:y|ies|ying|ied)|hit(?:s|ting)?|talk(?:s|ing)?|invok(?:es|ing|ed)|reach(?:es|ing|ed)?|go(?:es|ing)?)\s(?:direct(?:ly)?|straight|directamente)\b|^\W*(?:-+>+|=+>|→|>>)\W*$",
    re.IGNORECASE,
)
_CHILD_BEFORE = re.compile(
    rf"\b{_CHILD}(?: {_SPAN})? (?:of|under|below) (?:the )?$|\b(?:anything|everything|something|whatever|calls?|spans?) (?:somewhere |anywhere |directly )?(?:under|below|beneath|underneath|inside|within) (?:the )?$|\b(?:between|zwischen|entre) (?:the )?$|\bparent(?: is| service)? $"
    rf"|(?:^\W*|[,:;] |\b(?:where|in which|traces?|which|that|have|has|with) )(?:{_HOW} )*{_WHERE_BELOW} (?:the )?$",
    re.IGNORECASE,
)
_PARENT_BEFORE = re.compile(
    rf"\b(?:parents?|callers?|ancestors?)(?: {_SPAN})? of (?:the )?$|\bchild(?: is| service)? $", re.IGNORECASE
)
_BEHIND = re.compile(
    rf"^(?:['’]s)?(?:[ \0\x01]+[\w'’]+){{0,6}}?[ \0\x01]+(?:{_HOW} )*(?:(?:below|under(?:neath)?|beneath|downstream|(?:inside|within)(?= (?:is|was|are|has|had|takes|took|fails|failed|stays|returns|returned|it)\b|[,.]|$)|deeper(?: down)?|further down|lower down|down the (?:line|road|chain|tree|stack)|darunter|(?:por )?debajo|abajo|dahinter)\b(?! of| from)"
    rf"|(?:as|als|como) (?:an? |the |its |one of its |ein |un )?(?:direct |immediate |direktes |directo )?{_CHILD}\b|in (?:its|the|their) (?:subtree|tree|children))(?: {_IT}\b)?(?!\s+(?:the |an? )?\x01)",
    re.IGNORECASE,
)
""" "B failed somewhere below": without saying below what, so below what was named before."""
_CHILD_BEHIND = re.compile(rf"^\s(?:\w+ )?{_CHILD}\b(?! in| from| of(?! it\b| that\b| them\b))", re.IGNORECASE)
_PARENT_BEHIND = re.compile(
    r"^\s(?:\w+ )?(?:as|als|como) (?:an? |the |its |their |one of its )?(?:direct |immediate )?(?:parent|ancestor|caller|padre)s?\b|^\s(?:parent|ancestor)\b(?! of)|^\s(?:\w+ )?(?:somewhere |directly |right )?(?:above|upstream)(?: of)?(?: it| them| that)?\b(?! \x01)",
    re.IGNORECASE,
)
_VERB_BEHIND = re.compile(
    r"^\s(?:spans? |service )?(?:direkt )?(?:aufruft|aufrufen|anspricht|benutzt|nutzt|aufgerufen hat)\b", re.IGNORECASE
)
_CALLS_IT = re.compile(
    r"^\s(?:spans? |service )?(?:(?:calls?|called|calling|invok\w+|quer\w+|hits?|hitting|us(?:es|ed|ing)|reach\w*|asks?|needs?|contacts?|retries|talks? to) (?:it|them)\b|(?:es|ihn|sie) aufruft\b|lo llama\b)",
    re.IGNORECASE,
)
""" "Errors of B when A calls it"."""
_SENTENCE = re.compile(r"[.;?!](?=\s)")
_FURTHEST = 90
"""Characters between two of them that have to do with each other."""


MENTION = "\x01"


@dataclass(frozen=True, slots=True)
class Around:
    """The words around two mentions, with `BLANK` for what is accounted for and `MENTION` for others like them."""

    before: str
    gap: str
    behind: str


_HAS_CHILD = re.compile(
    rf"^\W*(?:spans? )?(?:has|have|having|had|with|gets?|got|includ\w+|contain\w*)\b.*\b{_CHILD}\b(?! of (?:the )?$)",
    re.IGNORECASE,
)
_DIRECTLY_BEHIND = re.compile(r"^\s(?:calls? |spans? )?(?:direct(?:ly)?|direkt|directamente)\b", re.IGNORECASE)
_OVER = re.compile(r"^\W*(?:over|across|über)\s(?:the )?$", re.IGNORECASE)


def direct(text: str) -> bool:
    """Whether the sentence speaks of parents and children, with nothing between."""
    return bool(_DIRECT.search(text))


def beside(text: str) -> bool:
    """Whether it speaks of spans with the same parent."""
    return bool(_BESIDE.search(text))


def below(around: Around) -> bool:
    """Whether the second is said to be below the first, by a word for the place."""
    gap = around.gap.replace(BLANK, "").replace(MENTION, "")
    return bool(
        _JOINT_BELOW.search(gap)
        or _BELOW_IN.search(gap)
        or _BEHIND.match(around.behind)
        or _CHILD_BEHIND.match(around.behind)
        or _CHILD_BEFORE.search(around.before)
    )


def way(around: Around, *, strictly: bool = False) -> Way | None:
    """None where nothing is said of it. `strictly`: verbs such as "calls" do not do: "cart calls redis" is a span of cart."""
    gap = around.gap.replace(BLANK, "").replace(MENTION, "")
    if len(gap) > _FURTHEST or _SENTENCE.search(gap):
        return None
    if _CALLS_IT.match(around.behind) or _PARENT_BEFORE.search(around.before):
        return "up"
    if _PARENT_BEHIND.match(around.behind):
        return "up"
    if below(around):
        return "down"
    if _HAS_CHILD.search(gap) or _OVER.search(gap):
        return "down"
    if _UP_CHILD.search(gap) or _UP_BELOW.search(gap):
        return "up"
    if _UP_BY.search(gap):
        return "up" if direct(gap) or not strictly else None
    if _DOWN_CHILD.search(gap) or _DIRECTLY_DOWN.search(gap):
        return "down"
    if strictly:
        return "down" if _DIRECTLY_BEHIND.match(around.behind) and _DOWN.search(gap) else None
    return "down" if _DOWN.search(gap) or _VERB_BEHIND.match(around.behind) else None
