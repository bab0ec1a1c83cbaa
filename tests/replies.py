"""Any reply at all, for the property tests of the renderers, and what somebody wrote in it."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from core.markup import clean, literal
from core.messages import (
    Actions,
    Block,
    Button,
    ButtonStyle,
    Code,
    Field,
    Fields,
    File,
    Heading,
    Note,
    Option,
    Reply,
    Select,
    StepLine,
    Steps,
    StepState,
    Text,
)

WORDS = [
    "<!channel>",
    "@everyone",
    "<@U0DANA001>",
    "&amp;",
    "```",
    "*",
    "_x_",
    "https://a.example/b_c?d=1&e=2",
    "a|b",
    "> q",
]
ODD = st.one_of(
    st.text(alphabet=st.characters(codec=None, categories=None), max_size=60),
    st.sampled_from([*WORDS, "\x00", "\ud800", "🙂", "é" * 40, " \n ", "a b\n- c\n\n", "-" * 30]),
    st.sampled_from(["x", "&", "word ", "🙂", "\n", "`", "<!here> "]).flatmap(
        lambda word: st.integers(0, 4_000).map(lambda times: word * times)
    ),
)
TEXTS = st.lists(ODD, max_size=4).map("".join)
BUTTONS = st.builds(
    Button, TEXTS, st.sampled_from(["do:abc", "form:run:x", "do:a#2", ""]), st.sampled_from(ButtonStyle), TEXTS
)
OPTIONS = st.builds(Option, TEXTS, st.text(max_size=200), TEXTS)
SELECTS = st.builds(Select, TEXTS, st.just("do:menu"), st.lists(OPTIONS, max_size=5).map(tuple))
STEPS = st.builds(StepLine, TEXTS, st.sampled_from(StepState), TEXTS.map(literal), st.none() | st.floats())
FIELDS = st.builds(Field, TEXTS, TEXTS.map(literal))
BLOCKS = st.one_of(
    st.builds(Heading, TEXTS),
    st.builds(Text, TEXTS.map(literal)),
    st.builds(Note, TEXTS.map(literal)),
    st.builds(Code, TEXTS, st.text(max_size=5)),
    st.builds(Fields, st.lists(FIELDS, max_size=25).map(tuple)),
    st.builds(Steps, st.lists(STEPS, max_size=10).map(tuple)),
    st.builds(Actions, st.lists(BUTTONS | SELECTS, max_size=30).map(tuple)),
    st.builds(File, TEXTS, st.binary(max_size=3)),
)
REPLIES = st.builds(Reply, st.lists(BLOCKS, max_size=6).map(tuple), TEXTS.map(lambda text: f"Summary {text}"))
many = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def bare(text: str) -> str:
    """Letters and digits: markup, space and what is invisible aside."""
    return "".join(letter for letter in clean(text) if letter.isalnum())


def written(block: Block) -> list[str]:
    """The texts that somebody wrote in a block."""
    match block:
        case Heading(text=text) | Code(text=text) | Text(text=text) | Note(text=text):
            return [text]
        case Fields(items=items):
            return [text for field in items for text in (field.name, field.value)]
        case Steps(items=items):
            return [text for step in items for text in (step.title, step.detail)]
        case Actions(items=items):
            buttons = [item.label for item in items if isinstance(item, Button)]
            return buttons + [o.label for item in items if isinstance(item, Select) for o in item.options]
        case File():
            return []
