"""Pictures of workflows and runs: everything is in them once, nothing lies on anything else, arrows lead down."""

import asyncio
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from core.errors import UserInputError
from core.tools import ToolContext, ToolResult
from core.workflow.layered import arrange
from core.workflow.layout import Box, Frame, Picture, of_definition, of_run, wrapped
from core.workflow.reading import parse
from integrations.charts.graph import draw
from tests.workflow_world import World

ACT = "type: action, tool: test.act, with: {service: x}"
EVERYTHING = f"""
name: w
version: 1.0.0
title: Everything
parameters: {{service: {{required: true}}, hard: {{type: boolean, default: false}}}}
on_failure: compensate
steps:
  - {{id: start, title: 'costs $5 & <more> than $4', {ACT}, compensate: {{tool: test.act, with: {{service: y}}}}}}
  - id: both
    type: parallel
    join: any
    branches:
      quick: [{{id: a, {ACT}}}]
      slow: [{{id: gate, type: approval, needed: 2, roles: [approver]}}, {{id: b, {ACT}}}]
  - id: hosts
    type: loop
    over: [h1, h2, h3]
    at_once: 3
    steps: [{{id: drain, type: action, tool: test.once, with: {{service: "${{{{ item }}}}"}}}}, {{id: up, {ACT}}}]
  - {{id: c, type: condition, if: parameters.hard, then: [{{id: big, {ACT}}}], else: [{{id: small, {ACT}}}]}}
  - {{id: end, {ACT}}}
"""


def apart(one: Box | Frame, other: Box | Frame) -> bool:
    beside = one.x + one.width <= other.x + 0.01 or other.x + other.width <= one.x + 0.01
    return beside or one.y + one.height <= other.y + 0.01 or other.y + other.height <= one.y + 0.01


def holds(frame: Frame, box: Box | Frame) -> bool:
    within = frame.x <= box.x and box.x + box.width <= frame.x + frame.width + 0.01
    return within and frame.y <= box.y and box.y + box.height <= frame.y + frame.height + 0.01


def check(picture: Picture, ids: Sequence[str]) -> None:
    assert sorted(part.id for part in (*picture.boxes, *picture.frames)) == sorted(ids)
    assert all(apart(one, other) for one, other in combinations(picture.boxes, 2))
    for one, other in combinations(picture.frames, 2):
        assert apart(one, other) or holds(one, other)
    for frame in picture.frames:
        assert all(holds(frame, box) or apart(frame, box) for box in picture.boxes)
    for part in (*picture.boxes, *picture.frames):
        assert 0 <= part.x <= part.x + part.width <= picture.width
        assert 0 <= part.y <= part.y + part.height <= picture.height


def test_every_step_and_block_of_a_definition_is_in_its_picture_once() -> None:
    definition = World(EVERYTHING).definition
    picture = of_definition(definition)
    check(picture, [step.id for step in definition.steps])
    assert all(arrow[0][1] < arrow[-1][1] for arrow in picture.arrows)
    assert [frame.title for frame in picture.frames if frame.id == "hosts"] == ["hosts · for each item, 3 at once"]
    assert next(box.detail for box in picture.boxes if box.id == "gate") == "2 of approver"


def test_what_follows_from_other_arrows_is_not_drawn() -> None:
    definition = World(EVERYTHING).definition
    end = next(box for box in of_definition(definition).boxes if box.id == "end")
    into = [arrow for arrow in of_definition(definition).arrows if arrow[-1][1] == end.y]
    assert len(into) == 2, "from both ways of the condition, and not from the condition too"


async def test_the_picture_of_a_run_says_how_it_stands_and_counts_rounds() -> None:
    ups, both_up = 0, asyncio.Event()

    async def once(context: ToolContext) -> ToolResult:
        if "hosts.2." in context.idempotency_key:
            await both_up.wait()
            raise UserInputError("no")
        return ToolResult()

    async def act(context: ToolContext) -> ToolResult:
        nonlocal ups
        ups += "hosts." in context.idempotency_key
        if ups == 2:
            both_up.set()
        return ToolResult()

    world = World(EVERYTHING, once=once, act=act)
    run = world.start()
    await world.work()
    run = world.run(run)
    picture = of_run(run)
    check(picture, [step.id for step in run.definition.steps])
    assert picture.title.endswith("(RUN-000001): rolled back")
    stands = {part.id: part.state for part in (*picture.boxes, *picture.frames)}
    assert stands["start"] == "undone"
    assert (stands["a"], stands["gate"], stands["hosts"], stands["end"]) == ("done", "cancelled", "failed", "cancelled")
    assert next(box.detail for box in picture.boxes if box.id == "hosts.drain") == "2 of 3, 1 failed"
    assert next(frame.title for frame in picture.frames if frame.id == "hosts") == "hosts · 2 of 3 rounds, 1 failed"


@pytest.mark.parametrize("shape", ["line", "wide"])
def test_sixty_steps_are_readable(shape: str) -> None:
    """A line is broken into columns, many branches into rows: neither side is far longer than the other."""
    if shape == "line":
        steps = "".join(f"  - {{id: s{n}, {ACT}}}\n" for n in range(60))
    else:
        steps = "  - id: all\n    type: parallel\n    branches:\n"
        steps += "".join(f"      b{n}: [{{id: s{n}, {ACT}}}]\n" for n in range(60))
    picture = of_definition(parse(f"name: w\nversion: 1.0.0\ntitle: W\nsteps:\n{steps}", "w.yaml", World().tools))
    assert len(picture.boxes) == 60
    assert all(apart(one, other) for one, other in combinations(picture.boxes, 2))
    assert max(picture.width, picture.height) < 1300
    assert 0.5 < picture.width / picture.height < 2.5


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, tuple[float, float]], list[tuple[str, str]]]:
    size = st.tuples(st.integers(40, 400), st.integers(20, 900))
    sizes = {f"s{number}": draw(size) for number in range(draw(st.integers(1, 40)))}
    names = list(sizes)
    pairs = [(one, other) for index, other in enumerate(names) for one in names[max(0, index - 4) : index]]
    return dict(sizes), draw(st.lists(st.sampled_from(pairs), unique=True, max_size=60)) if pairs else []


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_whatever_needs_whatever_nothing_lies_on_anything_else(
    graph: tuple[dict[str, tuple[float, float]], list[tuple[str, str]]],
) -> None:
    sizes, after = graph
    arranged = arrange(sizes, after)
    assert arranged.corners.keys() == sizes.keys()
    assert len(arranged.routes) == len(after)
    boxes = [Box(name, "action", x, y, *sizes[name], ()) for name, (x, y) in arranged.corners.items()]
    assert all(apart(one, other) for one, other in combinations(boxes, 2))
    assert all(box.x >= -0.01 and box.x + box.width <= arranged.width + 0.01 for box in boxes)
    assert all(box.y >= -0.01 and box.y + box.height <= arranged.height + 0.01 for box in boxes)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("short", ("short",)),
        ("one two three", ("one two", "three")),
        ("one two three four", ("one two", "three f…")),
        ("abcdefghijklmn", ("abcdefgh", "ijklmn")),
        ("漢字漢字漢字", ("漢字漢字", "漢字")),
    ],
)
def test_titles_are_wrapped_at_words_and_cut(text: str, lines: tuple[str, ...]) -> None:
    assert wrapped(text, letters=8, most=2) == lines


def test_a_picture_is_drawn_as_png_and_as_svg_with_its_texts() -> None:
    picture = of_definition(World(EVERYTHING).definition)
    assert draw(picture, "png").startswith(b"\x89PNG\r\n")
    svg = draw(picture, "svg")
    assert svg == draw(picture, "svg"), "the same picture, the same bytes"
    assert b"costs $5 &amp; &lt;more&gt;" in svg


def test_the_title_of_a_narrow_picture_is_not_cut() -> None:
    text = "name: w\nversion: 1.0.0\ntitle: 'DEPLOY A SERVICE (RUN-DJCMCP): completed'\nsteps: [{id: a, type: action, tool: test.check, with: {service: x}}]\n"
    picture = of_definition(World(text).definition)
    figure = Figure()
    shown = figure.text(0, 0, picture.title, fontsize=9.5, weight="bold").get_window_extent(
        FigureCanvasAgg(figure).get_renderer()
    )
    assert shown.width < picture.width
