"""What people read while they join their accounts."""

from core.conversation.replies import mention
from core.messages import Account, Actions, Button, ButtonStyle, Code, Note, Reply, Text, Tone


def code(text: str) -> Reply:
    """The code, for the person who asked alone."""
    return Reply(
        (
            Text("Say this from your **other** account, within 10 minutes:"),
            Code(f"/copilot link {text}"),
            Note(
                "It works once. **Give it to nobody**: it makes their account count as you. I ask you once more before that."
            ),
        ),
        "Your code to link another account.",
    )


def confirm(other: Account, name: str, buttons: tuple[Button, Button] | None) -> Reply:
    """Whose account it is, before anything is joined; without buttons (a terminal) it is confirmed in words."""
    blocks = (
        Text(f"You are about to join this account with {mention(other, name)}, `{other}`."),
        Text(
            "Both then count as **one person**: each has the roles of both, and neither approves what the other asked for. "
            "Go on only if **both are yours**."
        ),
    )
    summary = "Is this other account yours, too?"
    if buttons is None:
        return Reply((*blocks, Note("If so, say it once more with `yes` behind the code.")), summary, Tone.WARNING)
    return Reply((*blocks, Actions(buttons), Note("Nothing is joined yet.")), summary, Tone.WARNING)


def yes(action: str) -> Button:
    """Goes on."""
    return Button("Both are mine", action, ButtonStyle.PRIMARY)


def no(action: str) -> Button:
    """Ends it."""
    return Button("Not mine", action, ButtonStyle.DANGER)


def waits(other: Account) -> Reply:
    """The one side has agreed."""
    text = f"Now confirm it with the button that I sent to your other account, `{other}`."
    return Reply((Text(text), Note("Nothing is joined until then.")), "Confirm it from your other account.")


def linked(other: Account, name: str) -> Reply:
    """It is done; both sides read it."""
    return Reply(
        (
            Text(f"{mention(other, name)}, `{other}`, and this account are **one person** for me from now on."),
            Note("Was that not you? Say `unlink` at once, and tell whoever runs this bot."),
        ),
        "Your accounts are linked.",
    )


def already(other: Account) -> Reply:
    """They are one person already."""
    return Reply((Text(f"This account and `{other}` are one person already."),), "They are one person already.")


def wrong() -> Reply:
    """The code is unknown, used, too old, or one's own."""
    return Reply(
        (
            Text(
                "This code does not work: it is mistyped, used, older than 10 minutes, or this very account asked for it."
            ),
            Note("Say `link` on the other platform for another one. Nothing was joined."),
        ),
        "This code does not work. Say link on the other platform for another one.",
        Tone.WARNING,
    )


def declined() -> Reply:
    """Somebody said no."""
    return Reply((Text("Nothing was joined, and the code is void."),), "Nothing was joined.")


def unlinked(others: frozenset[Account], fixed: frozenset[Account]) -> Reply:
    """What was ended, and what only an operator can change."""
    ended = ", ".join(f"`{account}`" for account in sorted(others, key=str))
    text = f"No longer linked with {ended}." if others else "This account was linked with no other."
    notes = []
    if others:
        notes.append("For approvals the accounts stay one person: unlinking makes nobody two.")
    if fixed:
        named = ", ".join(f"`{account}`" for account in sorted(fixed, key=str))
        notes.append(f"The settings name {named} as yours, too; whoever runs this bot can change that.")
    return Reply((Text(text), *(Note(note) for note in notes)), text.replace("`", ""))
