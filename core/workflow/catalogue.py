"""The workflows of this installation: the bundled library and the folders that settings name."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from importlib import resources
from pathlib import Path

from rapidfuzz import process

from core.errors import DefinitionError, NotFoundError, Problem
from core.tools import Toolbox
from core.workflow.definition import Definition
from core.workflow.reading import name_of, parse
from core.workflow.source import MAX_BYTES

_LIBRARY = "library/"
"""How the names of the bundled files begin."""


class Catalogue:
    """Definitions by name."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self._definitions = {definition.name: definition for definition in definitions}

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._definitions.values())

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted(self._definitions))

    def find(self, name: str) -> Definition | None:
        """The definition of this name, whatever its case; None when there is none."""
        return self._definitions.get(name.strip().lower())

    def get(self, name: str) -> Definition:
        """The definition of this name; NotFoundError with the nearest names when there is none."""
        found = self.find(name)
        if found is None:
            near = self.near(name)
            hint = f"Did you mean {', '.join(near)}?" if near else f"There are: {', '.join(self.names()) or 'none'}."
            raise NotFoundError(f"There is no workflow {name}.", hint=hint)
        return found

    def near(self, name: str, *, limit: int = 3) -> tuple[str, ...]:
        """The names closest to this one, best first; empty when none is close."""
        matches = process.extract(name.strip().lower(), self.names(), limit=limit, score_cutoff=50)
        return tuple(match[0] for match in matches)


def load(tools: Toolbox, folders: Sequence[Path] = (), *, unattended: Collection[str] = ()) -> Catalogue:
    """Read the library and every `*.yaml` and `*.yml` of the folders; DefinitionError lists all problems of all files. Of the library
    only the workflows that `unattended` names begin by themselves: what it does is not what every installation wants."""
    problems: list[Problem] = []
    found: dict[str, tuple[Definition, str]] = {}
    texts = _texts((*_library(), *_files(folders, problems)), problems)
    library = {name: text for text in texts.values() if (name := name_of(text))}
    for file, text in texts.items():
        try:
            definition = parse(text, file, tools, library)
        except DefinitionError as error:
            problems += error.problems
            continue
        if definition.name in found:
            problems.append(Problem(file, 1, f"the name {definition.name} is taken by {found[definition.name][1]}"))
        else:
            found[definition.name] = (definition, file)
    bundled = {name for name, (_, file) in found.items() if file.startswith(_LIBRARY)}
    problems += [Problem("unattended", 1, f"the library has no {name}") for name in unattended if name not in bundled]
    if problems:
        raise DefinitionError(tuple(problems))
    return Catalogue(
        replace(definition, triggers=(), schedules=())
        if definition.name in bundled and definition.name not in unattended
        else definition
        for definition, _ in found.values()
    )


def _texts(files: Iterable[tuple[str, bytes]], problems: list[Problem]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for file, data in files:
        try:
            texts[file] = _text(data, file)
        except DefinitionError as error:
            problems += error.problems
    return texts


def _library() -> Iterator[tuple[str, bytes]]:
    library = resources.files("core.workflow") / "library"
    for entry in sorted(library.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            yield f"{_LIBRARY}{entry.name}", entry.read_bytes()


def _files(folders: Sequence[Path], problems: list[Problem]) -> Iterator[tuple[str, bytes]]:
    for folder in folders:
        if not folder.exists():
            problems.append(Problem(str(folder), 1, "is no file or folder"))
            continue
        inside = (
            [path for path in folder.iterdir() if path.suffix in (".yaml", ".yml")] if folder.is_dir() else [folder]
        )
        for path in sorted(inside):
            with path.open("rb") as stream:
                yield str(path), stream.read(MAX_BYTES + 1)


def _text(data: bytes, file: str) -> str:
    if len(data) > MAX_BYTES:
        raise DefinitionError((Problem(file, 1, f"the file is larger than {MAX_BYTES // 1024} KiB"),))
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DefinitionError((Problem(file, line, "not UTF-8"),)) from error
