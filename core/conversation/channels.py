"""What a channel can want of the bot: names, values and the form that changes them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.conversation.incident_updates import FOLLOWS
from core.messages import FieldKind, Form, FormField, Option

MUTED = "muted"
THREADS = "threads"
"""`mention`: in threads, too, the bot speaks only when it is mentioned."""
APPROVALS = "approvals"
"""`yes`: requests for approval are shown here."""
INTRODUCED = "introduced"
"""The bot has said who it is."""

KEEP = "keep"
"""The choice of the form that changes nothing."""


@dataclass(frozen=True, slots=True)
class ChannelSetting:
    """One thing that can be set."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]
    """(value, what it means); "" is how a channel is without the setting."""


SETTINGS = (
    ChannelSetting(MUTED, "Am I quiet here?", (("", "No: I answer when I am asked"), ("yes", "Yes: commands only"))),
    ChannelSetting(
        THREADS,
        "In threads I take part in",
        (("", "I need no mention"), ("mention", "I speak only when mentioned")),
    ),
    ChannelSetting(
        FOLLOWS,
        "Incidents told here",
        (("", "None"), ("sev1", "SEV1"), ("sev2", "SEV2 and worse"), ("sev3", "SEV3 and worse"), ("sev4", "All")),
    ),
    ChannelSetting(APPROVALS, "Requests for approval", (("", "Not here"), ("yes", "Shown here, too"))),
)
BY_NAME = {setting.name: setting for setting in SETTINGS}
NONE = "none"
"""What stands for "" in the form: platforms refuse empty values."""

FORM = Form(
    "settings",
    "Settings of this channel",
    tuple(
        FormField(
            setting.name,
            setting.label,
            FieldKind.CHOICE,
            required=False,
            value=KEEP,
            choices=(
                Option("Leave it as it is", KEEP),
                *(Option(meaning, value or NONE) for value, meaning in setting.choices),
            ),
        )
        for setting in SETTINGS
    ),
    "Save",
)


def wanted(fields: Mapping[str, str]) -> dict[str, str | None]:
    """Name → value (None: without the setting) of what the form changes; unknown names and values are left out."""
    changes: dict[str, str | None] = {}
    for setting in SETTINGS:
        chosen = fields.get(setting.name) or KEEP
        value = "" if chosen == NONE else chosen
        if value in {known for known, _ in setting.choices}:
            changes[setting.name] = value or None
    return changes


def meaning(setting: ChannelSetting, value: str) -> str:
    """What a value means, in words; the value itself when it is none of ours."""
    return dict(setting.choices).get(value, value)
