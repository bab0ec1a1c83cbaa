"""YAML text → nodes that keep their lines, within limits; and sections that read them and note every fault."""

import math
import re
from collections.abc import Collection

import yaml
from rapidfuzz import fuzz, process

from core.errors import Problem
from core.workflow.durations import seconds
from core.workflow.steps.common import Scalar

MAX_BYTES = 64 * 1024
MAX_DEPTH = 12
_TAG = "tag:yaml.org,2002:"


NAME = r"[a-z][a-z0-9_-]{0,39}"
"""Of workflows, parameters and steps."""


class Faults:
    """The problems found in one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(self, node: yaml.Node, reason: str) -> None:
        """Note a fault where `node` begins."""
        self.at_line(node.start_mark.line + 1, reason)

    def at_line(self, line: int, reason: str) -> None:
        """Note a fault at a line, counted from 1."""
        self.problems.append(Problem(self.file, line, reason))


_WORKFLOW = "a workflow is a mapping: name, version, title, steps, ..."


def compose(text: str, faults: Faults, *, shape: str = _WORKFLOW) -> yaml.MappingNode | None:
    """The top mapping, or None with the reason in `faults`. `shape`: what the file should have been, in words."""
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        faults.at_line(1, f"the file is larger than {MAX_BYTES // 1024} KiB")
        return None
    try:
        if not _within_limits(text, faults):
            return None
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        faults.at_line(text.count("\n", 0, int(error.position)) + 1, f"not YAML: {error.reason}")
        return None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        faults.at_line(mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}")
        return None
    if not isinstance(node, yaml.MappingNode):
        faults.at_line(1, shape)
        return None
    return node


def _within_limits(text: str, faults: Faults) -> bool:
    """Refuse aliases (a few lines of them expand to gigabytes) and nesting that would exhaust the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > MAX_DEPTH:
            reason = "aliases (*) are not allowed" if isinstance(event, yaml.AliasEvent) else "nested too deeply"
            faults.at_line(event.start_mark.line + 1 if event.start_mark else 1, reason)
            return False
    return True


def near(word: str, names: Collection[str]) -> str:
    """ "; did you mean NAME?" when a name is close, else ""."""
    found = process.extractOne(word, list(names), scorer=fuzz.ratio, score_cutoff=60)
    return f"; did you mean {found[0]}?" if found else ""


class Section:
    """A mapping that is read key by key. What is wrong or missing is noted, and a harmless value is given instead."""

    def __init__(self, node: yaml.MappingNode, faults: Faults, what: str) -> None:
        self.node = node
        self.faults = faults
        self.what = what
        self._known: set[str] = set()
        self._values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                faults.add(key, f"{what}: keys are plain words")
            elif key.value in self._values:
                faults.add(key, f"{what}: the key {key.value} is there twice")
            else:
                self._values[key.value] = value

    def names(self) -> tuple[str, ...]:
        """All keys as written."""
        return tuple(self._values)

    def at(self, key: str) -> yaml.Node:
        """Where a fault of this key belongs: its value, or the section."""
        return self._values.get(key, self.node)

    def has(self, key: str) -> bool:
        """True when the key is written."""
        return key in self._values

    def is_mapping(self, key: str) -> bool:
        """Whether the key's value is a mapping."""
        return isinstance(self._values.get(key), yaml.MappingNode)

    def close(self) -> None:
        """Note every key that nobody asked for."""
        for key, value in self._values.items():
            if key not in self._known:
                self.faults.add(value, f"{self.what}: unknown key {key}{near(key, self._known)}")

    def fault(self, key: str, reason: str) -> None:
        """Note what is wrong with the key's value."""
        self.faults.add(self.at(key), f"{self.what}: {key} {reason}")

    def _take(self, key: str, *, required: bool = False) -> yaml.Node | None:
        self._known.add(key)
        node = self._values.get(key)
        if node is None and required:
            self.faults.add(self.node, f"{self.what}: {key} is missing")
        return node

    def text(self, key: str, default: str = "", *, required: bool = False, pattern: str = "") -> str:
        """A string (numbers are taken as written)."""
        node = self._take(key, required=required)
        if node is None:
            return default
        if not isinstance(node, yaml.ScalarNode) or node.tag == f"{_TAG}null":
            self.fault(key, "must be a text")
            return default
        if pattern and not re.fullmatch(pattern, node.value):
            self.fault(key, f"{node.value!r} does not match {pattern}")
        return str(node.value)

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of strings; a single string is a list of one."""
        found = self.lines(key, required=required)
        return tuple(text for text, _ in found)

    def lines(self, key: str, *, required: bool = False) -> tuple[tuple[str, int], ...]:
        """What `texts` gives, each with the line that it stands at."""
        node = self._take(key, required=required)
        if node is None:
            return ()
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(item, yaml.ScalarNode) and item.tag != f"{_TAG}null" for item in items):
            self.fault(key, "must be a list of texts")
            return ()
        if required and not items:
            self.fault(key, "must not be empty")
        return tuple((str(item.value), item.start_mark.line + 1) for item in items)

    def integer(self, key: str, default: int, *, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.scalar(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fault(key, f"must be a whole number from {least} to {most}")
            return default
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        """true or false."""
        value = self.scalar(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, "must be true or false")
            return default
        return value

    def duration(self, key: str, default: float) -> float:
        """Seconds, written as 90s, 30m, 24h, 2d or 1h30m."""
        if not self.has(key):
            self._known.add(key)
            return default
        text = self.text(key)
        value = seconds(text)
        if value is None:
            self.fault(key, f"{text!r} is no duration such as 90s, 30m, 24h or 2d (a year at most)")
            return default
        return float(value)

    def scalar(self, key: str) -> Scalar | None:
        """A value of the type that it is written as; None when absent or null."""
        node = self._take(key)
        if node is None or node.tag == f"{_TAG}null":
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.fault(key, "must be a single value")
            return None
        try:
            return to_scalar(node)
        except ValueError:
            self.fault(key, "is no number that can be used")
            return None

    def section(self, key: str) -> "Section | None":
        """A mapping; None when absent."""
        node = self._take(key)
        if node is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            self.fault(key, "must be a mapping")
            return None
        return Section(node, self.faults, f"{self.what}: {key}")

    def sections(self, key: str, what: str) -> list["Section"]:
        """A list of mappings, at least one; `what` one of them is called in faults."""
        node = self._take(key, required=True)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            self.fault(key, "must be a list of mappings")
            return []
        wrong = [item for item in node.value if not isinstance(item, yaml.MappingNode)]
        for item in wrong:
            self.faults.add(item, f"{self.what}: each of {key} is a mapping")
        return [Section(item, self.faults, what) for item in node.value if isinstance(item, yaml.MappingNode)]


def to_scalar(node: yaml.ScalarNode) -> Scalar:
    """The value by YAML's own rules; anything that is no boolean or number is text. ValueError for one too large, and for
    infinity and not-a-number."""
    value = yaml.constructor.SafeConstructor()
    if node.tag == f"{_TAG}bool":
        return bool(value.construct_yaml_bool(node))
    if node.tag == f"{_TAG}int":
        return int(value.construct_yaml_int(node))
    if node.tag == f"{_TAG}float":
        number = float(value.construct_yaml_float(node))
        if not math.isfinite(number):
            raise ValueError(node.value)
        return number
    return str(node.value)
