"""YAML → `Definition`. Every fault of a file is found and told with its line; nothing is guessed."""

from collections.abc import Mapping

from core.errors import DefinitionError
from core.tools import Toolbox
from core.workflow.definition import Definition
from core.workflow.reading_graph import GraphReader, on_failure
from core.workflow.reading_inputs import Scope
from core.workflow.reading_parameters import read_parameters
from core.workflow.reading_starts import read_channel, read_concurrency, read_schedules, read_triggers
from core.workflow.source import NAME, Faults, Section, compose
from core.workflow.steps.common import OnFailure

VERSION = r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?"
"""https://semver.org, a little loose in the parts after - and +."""


def parse(text: str, file: str, tools: Toolbox, library: Mapping[str, str] | None = None) -> Definition:
    """Read one definition; DefinitionError lists every problem. `file` is the name to show, `library` the texts of all
    definitions by name, of which it may have others as its steps."""
    faults = Faults(file)
    node = compose(text, faults)
    definition = _definition(Section(node, faults, "workflow"), tools, library or {}) if node is not None else None
    if faults.problems or definition is None:
        raise DefinitionError(tuple(sorted(set(faults.problems), key=lambda problem: (problem.line, problem.reason))))
    return definition


def _definition(top: Section, tools: Toolbox, library: Mapping[str, str]) -> Definition:
    name = top.text("name", required=True, pattern=NAME)
    parameters = read_parameters(top.section("parameters"))
    graph = GraphReader(library, on_failure(top, OnFailure.FAIL))
    definition = Definition(
        name=name,
        version=top.text("version", required=True, pattern=VERSION),
        title=top.text("title", required=True),
        description=top.text("description").strip(),
        parameters=parameters,
        roles=top.texts("roles"),
        steps=graph.read(top, "steps", Scope(tools, parameters, chain=(name,))),
        time_limit_seconds=top.duration("time_limit", 0.0) if top.has("time_limit") else None,
        concurrency=read_concurrency(top.section("concurrency"), parameters),
        schedules=read_schedules(top, parameters),
        triggers=read_triggers(top, parameters),
        channel=read_channel(top),
    )
    top.close()
    return definition


def name_of(text: str) -> str:
    """The name that a text gives itself, "" where none can be read."""
    node = compose(text, Faults(""))
    return Section(node, Faults(""), "").text("name") if node is not None else ""
