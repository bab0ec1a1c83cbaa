"""Places and message refs as JSON-compatible values."""

from dataclasses import asdict
from typing import Any

from core.messages import MessageRef, Place, Platform


def dump_place(place: Place) -> dict[str, Any]:
    """A JSON-compatible value of it."""
    return asdict(place)


def load_place(data: dict[str, Any]) -> Place:
    """Read back `dump_place`."""
    return Place(**{**data, "platform": Platform(data["platform"])})


def dump_ref(ref: MessageRef) -> dict[str, Any]:
    """A JSON-compatible value of it."""
    return {"place": dump_place(ref.place), "parts": list(ref.parts)}


def load_ref(data: dict[str, Any]) -> MessageRef:
    """Read back `dump_ref`."""
    return MessageRef(load_place(data["place"]), tuple(data["parts"]))
