"""Which workflows of the catalogue a sentence means, and which of their parameters it names. Pure."""

import re
from collections.abc import Iterable, Iterator

from core.nlp.interpretation import EntityType, Interpretation
from core.redaction import redact
from core.workflow.definition import Definition, Parameter, ParameterType
from core.workflow.parameters import convert

_KINDS = {
    "service": EntityType.SERVICE,
    "environment": EntityType.ENVIRONMENT,
    "version": EntityType.VERSION,
    "host": EntityType.HOST,
    "hosts": EntityType.HOST,
    "namespace": EntityType.NAMESPACE,
    "region": EntityType.REGION,
    "severity": EntityType.SEVERITY,
    "incident": EntityType.INCIDENT,
}
"""Parameters that go by the name of what sentences name anyway."""
_WORD = re.compile(r"[^\W_]+")
_ORDINARY = frozenset(
    [
        "a",
        "after",
        "all",
        "also",
        "an",
        "and",
        "any",
        "are",
        "as",
        "asks",
        "at",
        "be",
        "before",
        "by",
        "can",
        "could",
        "do",
        "does",
        "each",
        "every",
        "first",
        "for",
        "from",
        "get",
        "go",
        "have",
        "i",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "job",
        "kick",
        "launch",
        "make",
        "me",
        "my",
        "need",
        "no",
        "not",
        "now",
        "of",
        "off",
        "on",
        "one",
        "only",
        "or",
        "our",
        "out",
        "people",
        "person",
        "please",
        "procedure",
        "process",
        "run",
        "runbook",
        "runs",
        "start",
        "starts",
        "take",
        "task",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "this",
        "to",
        "two",
        "until",
        "up",
        "us",
        "use",
        "want",
        "we",
        "when",
        "where",
        "which",
        "who",
        "will",
        "with",
        "workflow",
        "you",
        "your",
        "execute",
        "trigger",
        "begin",
    ]
)
"""Words that name no workflow, whatever it is called."""
_STEM = 5
"""Letters that words of one family share: migrate, migration; restart, restarts."""
_NAME, _WHOLE_NAME, _TITLE, _DESCRIPTION = 8, 8, 3, 1
"""What a word counts that the sentence shares with the name, with all of it, with the title and with the description."""


def meant(said: Interpretation, definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """The workflows that fit the sentence best by their names, titles and the words of their descriptions; several when they fit
    equally well. Where no word does, those that take the version that is named, for a version is there to be brought somewhere."""
    known = tuple(definitions)
    words = _stems(_unnamed(said))
    scores = {definition.name: _score(words, definition) for definition in known}
    best = max(scores.values(), default=0)
    if best > 0:
        return tuple(definition for definition in known if scores[definition.name] == best)
    takes = [d for d in known if d.parameter("version")] if said.named(EntityType.VERSION) else []
    return tuple(takes)


def is_named(said: Interpretation, definitions: Iterable[Definition]) -> bool:
    """Whether the sentence says the whole name of a workflow."""
    words = _stems(_unnamed(said))
    return any((name := _stems(definition.name)) and name <= words for definition in definitions)


def given(said: Interpretation, definition: Definition) -> dict[str, str]:
    """The parameters that the sentence names: as `name=value` or `name value`, by what it is about, or by a choice that stands in
    it. What does not fit the parameter is left out, so that it is asked for; so are secrets, which nobody is to say in a channel."""
    found: dict[str, str] = {}
    for parameter in definition.parameters:
        if parameter.secret:
            continue
        for value in _candidates(said, parameter):
            if redact(value) == value and _fits(parameter, value):
                found[parameter.name] = value
                break
    return found


def _candidates(said: Interpretation, parameter: Parameter) -> Iterator[str]:
    name = re.escape(parameter.name).replace("_", "[ _]")
    if written := re.search(rf"\b{name} ?[=:] ?(\"[^\"]*\"|'[^']*'|\S+)", said.rest, re.IGNORECASE):
        yield written[1].strip("\"',.;!?")
    if kind := _KINDS.get(parameter.name):
        if parameter.name.endswith("s"):
            yield ",".join(dict.fromkeys(e.value for e in said.entities if e.type is kind)) or said.first(kind)
        yield said.first(kind)
    if named := re.search(rf"\b{name} (?:is |of |to )?(\S+)", said.rest, re.IGNORECASE):
        said_next = named[1].strip("\"',.;!?")
        yield "" if said_next.lower() in _ORDINARY else said_next
    if parameter.type is ParameterType.CHOICE:
        words = [word.lower() for word in re.findall(r"[\w.-]+", said.rest)]
        yield from (choice for choice in parameter.choices if choice.lower() in words)


def _fits(parameter: Parameter, value: str) -> bool:
    try:
        return bool(value) and convert(parameter, value) is not None
    except ValueError:
        return False


def _score(words: frozenset[str], definition: Definition) -> int:
    """What a parameter is called says nothing of what is done with it: "the service checkout" is no deployment."""
    parameters = {stem for parameter in definition.parameters for stem in _stems(parameter.name)}
    name = _stems(definition.name)
    score = _NAME * len(words & name) + (_WHOLE_NAME if name and name <= words else 0)
    score += _TITLE * len(words & (_stems(definition.title) - parameters))
    return score + _DESCRIPTION * len(words & (_stems(definition.description) - parameters))


def _unnamed(said: Interpretation) -> str:
    """The sentence without what is recognised in it: a service called `deploy-bot` names no deployment."""
    text = said.rest
    for entity in said.entities:
        if entity.type is not EntityType.WORKFLOW and text[entity.start : entity.end] == entity.text:
            text = text[: entity.start] + " " * (entity.end - entity.start) + text[entity.end :]
    return text


def _stems(text: str) -> frozenset[str]:
    """Of the words that may tell one workflow from another: `ships` and `ship` are one."""
    return frozenset(word[:_STEM].removesuffix("s") for word in _WORD.findall(text.lower()) if word not in _ORDINARY)
