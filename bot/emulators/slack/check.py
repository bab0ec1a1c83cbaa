"""Collects what is wrong with blocks and views, in Slack's words."""

from collections.abc import Collection, Iterable
from typing import Any

from bot.emulators.slack import limits

Json = dict[str, Any]


class Check:
    """Problems found so far, each with a JSON pointer."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.markdown = 0
        """Characters in markdown blocks so far."""
        self._block_ids: set[str] = set()

    def fail(self, path: str, what: str) -> None:
        """Note a problem at `path`."""
        self.problems.append(f"{what} [json-pointer:{path}]")

    def shape(self, found: object, path: str, required: Iterable[str], optional: Iterable[str] = ()) -> Json | None:
        """The object if it is one; missing and unknown fields are problems. `type` is always allowed."""
        if not isinstance(found, dict):
            self.fail(path, "must provide an object")
            return None
        needed = tuple(required)
        for name in needed:
            if found.get(name) is None:
                self.fail(path, f"missing required field: {name}")
        known = {"type", *needed, *optional}
        for name in found:
            if name not in known:
                self.fail(path, f"invalid additional property: {name}")
        return found

    def string(self, found: object, path: str, most: int, *, least: int = 1) -> None:
        """A string within its limits; None is fine (required fields are checked by `shape`)."""
        if found is None:
            return
        if not isinstance(found, str):
            self.fail(path, "must provide a string")
        elif len(found) > most:
            self.fail(path, f"must be less than {most + 1} characters")
        elif len(found) < least:
            self.fail(path, f"must be more than {least - 1} characters")

    def text(self, found: object, path: str, most: int, *, plain: bool = False) -> None:
        """A text object within its limits; None is fine."""
        if found is None:
            return
        before = len(self.problems)
        self._text(found, path, most, plain=plain)
        if len(self.problems) > before:
            self.problems.insert(before, f"failed to match all allowed schemas [json-pointer:{path}]")

    def _text(self, found: object, path: str, most: int, *, plain: bool) -> None:
        if not isinstance(found, dict):
            self.fail(path, "must provide an object")
            return
        kind = found.get("type")
        if kind != "plain_text" and (plain or kind != "mrkdwn"):
            self.fail(f"{path}/type", "must be a valid enum value")
        extra = "emoji" if kind == "plain_text" else "verbatim"
        self.shape(found, path, ("text",), (extra,))
        self.string(found.get("text"), f"{path}/text", most)

    def items(self, found: object, path: str, most: int, *, least: int = 1) -> list[Any]:
        """The list if it is one, within its limits; None is an empty list without a problem."""
        if found is None:
            return []
        if not isinstance(found, list):
            self.fail(path, "must provide an array")
            return []
        if len(found) > most:
            self.fail(path, f"no more than {most} items allowed")
        elif len(found) < least:
            self.fail(path, f"no less than {least} items allowed" if least > 1 else "must provide at least one item")
        return found

    def one_of(self, found: object, path: str, allowed: Collection[str]) -> None:
        """One of some words; None is fine."""
        if found is not None and found not in allowed:
            self.fail(path, "must be a valid enum value")

    def block_id(self, found: object, path: str) -> None:
        """A block_id within its limit, unique in the message or view."""
        self.string(found, f"{path}/block_id", limits.BLOCK_ID)
        if isinstance(found, str):
            if found in self._block_ids:
                self.fail(f"{path}/block_id", f"`block_id` already exists: {found}")
            self._block_ids.add(found)

    def unique_actions(self, elements: Iterable[object], path: str) -> None:
        """Action ids are unique within their block."""
        seen: set[str] = set()
        for index, element in enumerate(elements):
            action = element.get("action_id") if isinstance(element, dict) else None
            if isinstance(action, str):
                if action in seen:
                    self.fail(f"{path}/{index}/action_id", f"`action_id` already exists: {action}")
                seen.add(action)
