"""Display names as they may be shown: nothing invisible in them, and look-alikes made recognisable. Identity is the id, never the name. Pure."""

import unicodedata
from collections.abc import Iterable

_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that show nothing."""
_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"})
"""Scripts that are written side by side with each other and with Latin."""
_HIDDEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
# Letters that look like a Latin one, after case folding: the common part of confusables.txt (Unicode UTS 39).
_LIKE_LATIN = str.maketrans(
    "аеорсухіјѕӏԁԛԝһѵвнкмтгьзбиүёαβεηικνορτυχωϲϳγօսհոցզ0135|",
    "aeopcyxijsldqwhvbhkmtrb36uyeaβenikvoptuxwcjyouhngqol3sl",
)


def clean(name: str) -> str:
    """The name on one line, without what cannot be seen or changes the direction of what follows; may be empty."""
    visible = (" " if c.isspace() else c for c in name if c.isspace() or not _invisible(c))
    return " ".join("".join(visible).split())


def doubtful(name: str, others: Iterable[str] = ()) -> bool:
    """Whether the name could pass for another one: it hides characters, mixes scripts, uses letters made up like others, or looks
    like one of `others` (names of different people)."""
    if any(_invisible(c) or (c.isspace() and c != " ") for c in name):
        return True
    if any(c.isalpha() and unicodedata.normalize("NFKC", c) != c for c in name):
        return True
    scripts = {_script(c) for c in name if c.isalpha()}
    if len(scripts - _TOGETHER) > 1 or (scripts & _TOGETHER and scripts - _TOGETHER - {"LATIN"}):
        return True
    mine = skeleton(name)
    return any(skeleton(other) == mine for other in others)


def shown(name: str, id_: str, others: Iterable[str] = ()) -> tuple[str, str]:
    """(label, what to show beside it): the id stands beside a doubtful name, and instead of an empty one."""
    label = clean(name)
    if not label:
        return id_, ""
    return label, id_ if doubtful(name, others) else ""


def skeleton(name: str) -> str:
    """The same for all names that look alike."""
    folded = unicodedata.normalize("NFKD", clean(name)).casefold()
    plain = "".join(c for c in folded if c.isalnum() or c == "|")
    return plain.translate(_LIKE_LATIN).replace("rn", "m").replace("vv", "w").replace("i", "l")


def _invisible(character: str) -> bool:
    # A variation selector changes how the character before it looks, and shows nothing itself.
    selector = "\ufe00" <= character <= "\ufe0e" or "\U000e0100" <= character <= "\U000e01ef"
    return character in _BLANK or selector or unicodedata.category(character) in _HIDDEN


def _script(character: str) -> str:
    return unicodedata.name(character, "UNKNOWN").partition(" ")[0]
