"""Secrets in a text that comes in pieces: whatever the pieces, no more is readable than in the whole text masked at once."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.redaction import MASK, redact
from core.redaction_stream import HELD, STEP, StreamRedactor
from core.secret_forms import DATA
from tests.planted import Planted, harmless, planted, readable

CORPUS = planted(7)
PROSE = harmless(7)
PLAIN = [text for text in PROSE if not DATA.search(text)]
"""Texts after which nothing could be the data of a Kubernetes Secret whose kind is yet to come: there a stream hides more."""


def streamed(text: str, cuts: list[int]) -> str:
    """The text in pieces that end at the cuts."""
    redactor = StreamRedactor()
    ends = [*sorted({cut for cut in cuts if 0 < cut < len(text)}), len(text)]
    starts = [0, *ends[:-1]]
    return "".join(redactor.feed(text[a:b]) for a, b in zip(starts, ends, strict=True)) + redactor.flush()


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(CORPUS),
    st.lists(st.sampled_from(PROSE), max_size=12),
    st.lists(st.sampled_from(PROSE), max_size=12),
    st.data(),
)
def test_a30_a_secret_split_over_pieces_never_gets_out(
    one: Planted, before: list[str], after: list[str], data: st.DataObject
) -> None:
    text = "\n".join([*before, one.text, *after])
    cuts = data.draw(st.lists(st.integers(1, max(1, len(text))), max_size=20))
    assert not readable(one.secret, streamed(text, cuts))


@pytest.mark.parametrize("size", [1, 3, 17, 250, 5000])
def test_a30_a_long_text_full_of_secrets_gets_out_without_them_whatever_the_pieces(size: int) -> None:
    chance = random.Random(size)
    sample = chance.sample(CORPUS, 120)
    text = "\n\n".join(piece for p in sample for piece in (p.text, chance.choice(PROSE)))
    out = streamed(text, list(range(0, len(text), size)))
    assert [p.kind for p in sample if readable(p.secret, out)] == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PLAIN), max_size=60), st.integers(1, 400))
def test_what_is_no_secret_gets_out_as_it_is(lines: list[str], size: int) -> None:
    text = "\n".join(lines)
    assert streamed(text, list(range(0, len(text), size))) == redact(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PROSE), max_size=60), st.integers(1, 400))
def test_what_may_be_the_data_of_a_secret_is_at_most_hidden(lines: list[str], size: int) -> None:
    text = "\n".join(lines)
    out, whole = streamed(text, list(range(0, len(text), size))), redact(text)
    assert [a for a, b in zip(out.splitlines(), whole.splitlines(), strict=True) if a != b and MASK not in a] == []


def test_little_is_held_back() -> None:
    redactor, out, fed = StreamRedactor(), 0, 0
    for _ in range(2_000):
        fed += 9
        out += len(redactor.feed("harmless "))
        assert fed - out <= HELD + STEP + 9


@pytest.mark.timeout(30)
@pytest.mark.parametrize("start", ["ghp_", "-----BEGIN PRIVATE KEY-----\n", "password=", "eyJhbGciOiJI.eyJ"])
def test_a_secret_without_end_is_one_mask_and_takes_no_room(start: str) -> None:
    redactor = StreamRedactor()
    out = redactor.feed(f"see {start}")
    for _ in range(30_000):
        out += redactor.feed("a1B2c3D4")
    assert len(redactor._text) < 10_000  # noqa: SLF001 -- the room is the claim
    out += redactor.feed("\n-----END PRIVATE KEY-----\nand so on") + redactor.flush()
    assert out.count("[redacted]") == 1
    assert "a1B2c3D4" not in out
    assert out.endswith("and so on")
