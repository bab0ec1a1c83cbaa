"""Our small Markdown (see `core.messages`) parsed once; each platform prints the spans in its own markup. Pure."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from core.messages import Account, Platform

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_TOKEN = re.compile(
    r"\\(?P<literal>[\\*_~`\[\]>|])"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>[^*\n]+?)\*\*"
    r"|\*(?P<italic>[^*\n]+?)\*"
    r"|~~(?P<struck>[^~\n]+?)~~"
    r"|\[(?P<label>(?:[^\[\]\\\n]|\\.)*)\]\((?P<url>[^()\s]+)\)"
)
_USER = re.compile(r"user:(slack|discord):([\w-]*)/([\w-]+)")
_CHANNEL = re.compile(r"channel:(slack|discord):([\w-]*)/([\w-]+)")


class Kind(StrEnum):
    """What a span is."""

    TEXT = "text"
    BOLD = "bold"
    ITALIC = "italic"
    STRUCK = "struck"
    CODE = "code"
    LINK = "link"
    USER = "user"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line."""

    kind: Kind
    text: str
    """What a reader reads, without markup."""
    inner: tuple["Span", ...] = ()
    """Of BOLD, ITALIC and STRUCK."""
    url: str = ""
    """Of LINK."""
    target: Account | None = None
    """Of USER and CHANNEL: the person or channel by the platform's id."""


class LineKind(StrEnum):
    """What a line is."""

    TEXT = "text"
    QUOTE = "quote"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text."""

    kind: LineKind
    spans: tuple[Span, ...]


def parse(text: str) -> list[Line]:
    """The lines of a text. What is no markup of ours is literal, whatever other dialects make of it."""
    return [_line(line) for line in clean(text).split("\n")]


def plain(text: str) -> str:
    """The text without markup; links with their addresses."""
    return "\n".join(_marks(line) + "".join(map(_read, line.spans)) for line in parse(text))


def literal(text: str) -> str:
    """The text such that `parse` finds no markup in it."""
    return re.sub(r"([\\*_~`\[\]>|])", r"\\\1", text)


def code(text: str) -> str:
    """The text such that `parse` finds one span of code in it."""
    return f"`{text.replace('`', chr(39)).replace(chr(10), ' ')}`"


def clean(text: str) -> str:
    """Replace what no platform shows, and what makes a text read otherwise than it runs: control characters, null bytes, lone
    surrogates, and what turns the direction of what follows."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def fitting(text: str, most: int, convert: Callable[[str], str]) -> int:
    """How many characters of the text become at most `most` characters of a platform's markup: up to the end of a line, else of
    a word, else anywhere; at least one."""
    size = min(len(text), most)
    while size > 1 and len(convert(text[:size])) > most:
        size = size * 3 // 4
    # A shorter piece can become the longer one: without its end, a pair of marks is two literal characters.
    return next((cut for cut in _cuts(text, size) if len(convert(text[:cut])) <= most), 1)


def _cuts(text: str, size: int) -> Iterator[int]:
    """Where to cut the text, best first: behind the first `size` characters, or before."""
    if size >= len(text):
        yield size
    for mark in ("\n", " "):
        at = text.rfind(mark, size // 2, size)
        if at > 0:
            yield at + 1
    while size > 1:
        yield size - 1 if _ends_in_escape(text[:size]) else size
        size = size * 3 // 4


def _ends_in_escape(text: str) -> bool:
    """Whether the last backslash belongs to the character behind the text."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def _line(line: str) -> Line:
    for mark, kind in (("> ", LineKind.QUOTE), ("- ", LineKind.ITEM)):
        if line.startswith(mark):
            return Line(kind, tuple(_spans(line[2:])))
    return Line(LineKind.TEXT, tuple(_spans(line)))


def _spans(text: str) -> Iterator[Span]:
    position = 0
    for match in _TOKEN.finditer(text):
        if between := text[position : match.start()]:
            yield Span(Kind.TEXT, between)
        yield _span(match)
        position = match.end()
    if rest := text[position:]:
        yield Span(Kind.TEXT, rest)


def _span(match: re.Match[str]) -> Span:
    if match["literal"]:
        return Span(Kind.TEXT, match["literal"])
    if match["code"]:
        return Span(Kind.CODE, match["code"])
    for kind in (Kind.BOLD, Kind.ITALIC, Kind.STRUCK):
        if inner := match[kind]:
            spans = tuple(_spans(inner))
            return Span(kind, "".join(span.text for span in spans), spans)
    return _link("".join(span.text for span in _spans(match["label"])), match["url"])


def _link(label: str, url: str) -> Span:
    for pattern, kind in ((_USER, Kind.USER), (_CHANNEL, Kind.CHANNEL)):
        if found := pattern.fullmatch(url):
            return Span(kind, label, target=Account(Platform(found[1]), found[2], found[3]))
    if url.startswith(("https://", "http://")):
        return Span(Kind.LINK, label or url, url=url)
    return Span(Kind.TEXT, label)


def _marks(line: Line) -> str:
    return {LineKind.TEXT: "", LineKind.QUOTE: "> ", LineKind.ITEM: "- "}[line.kind]


def _read(span: Span) -> str:
    return f"{span.text} ({span.url})" if span.kind is Kind.LINK and span.url != span.text else span.text
