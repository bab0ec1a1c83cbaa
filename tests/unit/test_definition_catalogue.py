"""The library and the folders that settings name."""

from pathlib import Path

import pytest

from core.alerts import tools as alert_tools
from core.errors import DefinitionError, NotFoundError
from core.incidents import tools as incident_tools
from core.tools import Risk, Toolbox, no_progress
from core.workflow.catalogue import Catalogue, load
from core.workflow.steps.approval import ApprovalStep
from integrations.delivery.client import DeliveryClient
from integrations.delivery.tools import tools
from integrations.http import Reach
from tests.workflow_world import World

CHECK = World().tools.get("test.check")


CLIENT = DeliveryClient(Reach(""))
TOOLS = Toolbox(
    tools(CLIENT), incident_tools.tools(incident_tools.unposted), alert_tools.tools(alert_tools.unconnected), [CHECK]
)
NAMES = ("deploy", "maintenance", "migrate-database", "mitigate", "silence-alerts")
OWN = "name: own\nversion: 1.0.0\ntitle: Own\nsteps:\n  - {id: a, type: action, tool: test.check, with: {service: x}}\n"


@pytest.fixture(scope="module")
def library() -> Catalogue:
    return load(TOOLS)


def test_the_library_says_what_its_workflows_may_do_at_worst(library: Catalogue) -> None:
    assert library.names() == NAMES
    assert [library.get(name).risk for name in NAMES] == [
        Risk.WRITE,
        Risk.DESTRUCTIVE,
        Risk.DESTRUCTIVE,
        Risk.WRITE,
        Risk.WRITE,
    ]


def test_the_library_begins_nothing_by_itself_unless_it_is_named(library: Catalogue) -> None:
    assert not any(definition.triggers or definition.schedules for definition in library)
    assert load(TOOLS, unattended=["mitigate"]).get("mitigate").triggers
    with pytest.raises(DefinitionError, match=r"the library has no mitigat$"):
        load(TOOLS, unattended=["mitigat"])


def test_maintenance_needs_two_people(library: Catalogue) -> None:
    gate = library.get("maintenance").step("approval")
    assert isinstance(gate, ApprovalStep)
    assert (gate.quorum.needed, gate.self_approval) == (2, False)


def test_names_are_found_whatever_their_case(library: Catalogue) -> None:
    assert library.get(" Deploy ").name == "deploy"


def test_an_unknown_name_brings_the_nearest(library: Catalogue) -> None:
    with pytest.raises(NotFoundError) as caught:
        library.get("delpoy")
    assert caught.value.hint == "Did you mean deploy?"
    with pytest.raises(NotFoundError) as caught:
        library.get("xyzzy")
    assert caught.value.hint == f"There are: {', '.join(NAMES)}."


def test_a_folder_adds_its_workflows(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(OWN)
    (tmp_path / "notes.txt").write_text("no workflow")
    assert load(TOOLS, [tmp_path]).names() == tuple(sorted((*NAMES, "own")))


def test_a_name_can_be_taken_once(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OWN.replace("name: own", "name: deploy"))
    with pytest.raises(DefinitionError, match=r"mine\.yaml:1: the name deploy is taken by library/deploy\.yaml"):
        load(TOOLS, [tmp_path])


def test_all_problems_of_all_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"name: a\nx: \xff\n")
    (tmp_path / "b.yaml").write_text("a: *b")
    (tmp_path / "c.yaml").write_text("a: " + "x" * 70000)
    with pytest.raises(DefinitionError) as caught:
        load(TOOLS, [tmp_path, tmp_path / "none"])
    told = [(Path(problem.file).name, problem.line, problem.reason) for problem in caught.value.problems]
    assert sorted(told) == [
        ("a.yaml", 2, "not UTF-8"),
        ("b.yaml", 1, "aliases (*) are not allowed"),
        ("c.yaml", 1, "the file is larger than 64 KiB"),
        ("none", 1, "is no file or folder"),
    ]


def test_a_toolbox_names_its_tools_once() -> None:
    assert TOOLS.names()[:2] == ("alerts.silence", "database.backup")
    assert len(list(TOOLS)) == len(TOOLS.names())
    with pytest.raises(ValueError, match=r"two tools are named test\.check"):
        Toolbox([CHECK], [CHECK])
    with pytest.raises(NotFoundError, match=r"There is no tool nope\."):
        TOOLS.get("nope")


async def test_progress_may_go_to_nobody() -> None:
    await no_progress(0.5, "unheard")
