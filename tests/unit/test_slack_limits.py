"""Our table of Slack's limits and the emulator's own transcription agree."""

import pytest

from bot.emulators.slack import limits as theirs
from bot.slack import limits as ours

OUR_CHOICES = {
    "MESSAGE_TEXT",
    "MESSAGES",
    "HOME_BYTES",
    "FILE_NAME",
    "INVITED_AT_ONCE",
    "FIELD_SHOWN",
    "CODE_SHOWN",
    "SUMMARY_TEXT",
    "BUTTONS_A_ROW",
}
SLACKS = sorted(name for name in vars(ours) if name.isupper() and name not in OUR_CHOICES)


@pytest.mark.parametrize("name", SLACKS)
def test_a_limit_of_slack_is_the_same_in_both_tables(name: str) -> None:
    assert getattr(ours, name) == getattr(theirs, name)


def test_our_own_choices_are_within_slacks() -> None:
    assert ours.SUMMARY_TEXT <= theirs.UPDATE_TEXT
    assert ours.FIELD_SHOWN <= theirs.FIELD_TEXT
    assert ours.BUTTONS_A_ROW <= theirs.ACTIONS_ELEMENTS
    assert ours.HOME_BYTES <= theirs.VIEW_BYTES
