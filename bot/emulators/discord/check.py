"""Collects what is wrong with a request body, as Discord's nested form errors."""

from collections.abc import Collection
from typing import Any

from bot.emulators.discord.errors import DiscordError
from bot.emulators.discord.model import Json

Path = tuple[str | int, ...]


class Check:
    """Problems found so far, each at a path."""

    def __init__(self) -> None:
        self._problems: list[tuple[Path, str, str]] = []

    def fail(self, path: Path, code: str, message: str) -> None:
        """Note a problem."""
        self._problems.append((path, code, message))

    def finish(self) -> None:
        """Invalid Form Body when there is a problem."""
        if self._problems:
            raise DiscordError(50035, errors=self._nested())

    def _nested(self) -> Json:
        root: Json = {}
        for path, code, message in self._problems:
            node = root
            for step in path:
                node = node.setdefault(str(step), {})
            node.setdefault("_errors", []).append({"code": code, "message": message})
        return root

    # --- values -----------------------------------------------------------------------------------------------

    def required(self, path: Path) -> None:
        """A field is missing."""
        self.fail(path, "BASE_TYPE_REQUIRED", "This field is required")

    def text(self, found: object, path: Path, most: int, *, least: int = 0, needed: bool = False) -> str:
        """A string within its limits, returned; "" when it is absent or wrong."""
        if found is None:
            if needed:
                self.required(path)
            return ""
        if not isinstance(found, str):
            self.fail(path, "STRING_TYPE_CONVERT", f'Could not interpret "{str(found)[:50]}" as string.')
            return ""
        if needed and not found:
            self.required(path)
        elif not least <= len(found) <= most:
            self.length(path, least, most)
        return found

    def length(self, path: Path, least: int, most: int) -> None:
        """A string or list is too long or too short."""
        if least:
            self.fail(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        else:
            self.fail(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def items(self, found: object, path: Path, most: int, *, least: int = 0) -> list[Any]:
        """A list within its limits, returned; empty when it is absent or wrong."""
        if found is None:
            return []
        if not isinstance(found, list):
            self.fail(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return []
        if not least <= len(found) <= most:
            self.length(path, least, most)
        return found

    def mapping(self, found: object, path: Path, *, needed: bool = False) -> Json:
        """An object, returned; empty when it is absent or wrong."""
        if found is None and not needed:
            return {}
        if not isinstance(found, dict):
            self.fail(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            return {}
        return found

    def one_of(self, found: object, path: Path, allowed: Collection[object]) -> None:
        """One of some values."""
        if found is None:
            self.required(path)
        elif isinstance(found, bool) or found not in allowed:
            names = ", ".join(repr(value) for value in allowed)
            self.fail(path, "BASE_TYPE_CHOICES", f"Value must be one of ({names}).")

    def number(self, found: object, path: Path, least: int, most: int, default: int) -> int:
        """A whole number within its limits, returned; the default when it is absent or wrong."""
        if found is None:
            return default
        if isinstance(found, bool) or not isinstance(found, int):
            self.fail(path, "NUMBER_TYPE_COERCE", f'Value "{str(found)[:50]}" is not int.')
            return default
        if found < least:
            self.fail(path, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {least}.")
        elif found > most:
            self.fail(path, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {most}.")
        return found

    def url(self, found: object, path: Path, schemes: Collection[str] = ("http", "https")) -> None:
        """An address; None is fine."""
        if found is None:
            return
        scheme, separator, rest = str(found).partition("://")
        if not separator or scheme not in schemes or not rest:
            names = ", ".join(repr(name) for name in schemes)
            self.fail(
                path,
                "URL_TYPE_INVALID_SCHEME",
                f'Scheme "{scheme[:20]}" is not supported. Scheme must be one of ({names}).',
            )
