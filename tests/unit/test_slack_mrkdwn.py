"""Our Markdown in Slack's markup."""

import pytest

from bot.slack.mrkdwn import BREAK, convert, escape, literal


@pytest.mark.parametrize(
    ("ours", "slack"),
    [
        ("**bold** *it* ~~no~~ `a<b`", "*bold* _it_ ~no~ `a&lt;b`"),
        ("[docs](https://a.example/x?a=1&b=2)", "<https://a.example/x?a=1&amp;b=2|docs>"),
        ("[a|b](https://a.example)", "a|b (<https://a.example>)"),
        ("[@Dana](user:slack:T1/U1)", "<@U1>"),
        ("[@Dana](user:discord:1/2)", "*Dana*"),
        ("[#ops](channel:slack:T1/C1)", "<#C1>"),
        ("[#ops](channel:discord:1/2)", "*#ops*"),
        ("> quoted\n- item", "> quoted\n• item"),
        ("see https://a.example/x_y_z.", "see <https://a.example/x_y_z>."),
        (r"see https://a.example/x\_y", "see <https://a.example/x_y>"),
        ("[evil](javascript:alert)", "evil"),
    ],
)
def test_our_markdown_becomes_mrkdwn(ours: str, slack: str) -> None:
    assert convert(ours) == slack


@pytest.mark.parametrize("text", ["checkout_api_v2", "2 * 3 * 4", "a*b*c", "snake_case and 5 ~ 6"])
def test_names_and_sums_stay_fit_to_copy(text: str) -> None:
    assert literal(text) == text


@pytest.mark.parametrize("text", ["_x_", "*x*", "~x~", "`x`", "(*x*)"])
def test_typed_markup_shows_as_typed(text: str) -> None:
    shown = literal(text)
    assert shown.replace(BREAK, "") == text
    assert BREAK in shown


@pytest.mark.parametrize(
    "text", ["<!channel>", "<!here|here>", "<@U0DANA001>", "<#C1>", "@everyone", "@Channel", "@here"]
)
def test_a30_typed_mentions_are_words(text: str) -> None:
    for shown in (convert(text), literal(text), escape(text), convert(f"**{text}**"), convert(f"`{text}`")):
        assert "<" not in shown
        assert "@everyone" not in shown
        assert "@channel" not in shown.lower()
        assert "@here" not in shown


def test_a_typed_quotation_mark_makes_no_quotation() -> None:
    assert convert(r"\> not mine") == f"{BREAK}&gt; not mine"
