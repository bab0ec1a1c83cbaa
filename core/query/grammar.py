"""A grammar beside the code that uses it: compiled when first needed, with errors that say where and what."""

from importlib import resources
from typing import Any

from core.query.bounds import refuse_giants
from core.query.translation import Language, QueryRefused

_NAMES = {Language.LOGQL: "LogQL", Language.TRACEQL: "TraceQL"}
_SHOWN = 30


class Grammar:
    """Reads text by a lark grammar. `actions` has a method for each rule, from the list of its parts to a value."""

    def __init__(self, language: Language, package: str, file: str, actions: object) -> None:
        from lark import Lark  # costs 30 ms; most turns need no query

        self._name = _NAMES[language]
        source = resources.files(package).joinpath(file).read_text(encoding="utf-8")
        transformer: Any = actions  # the parser calls its methods by name; it need be no lark.Transformer
        self._parser = Lark(source, parser="lalr", transformer=transformer, maybe_placeholders=True)

    def read(self, text: str) -> Any:  # noqa: ANN401  # what the actions make of the start rule
        """
        Raises:
            QueryRefused: too large, or not of the language, with the place.
        """
        from lark.exceptions import UnexpectedInput, UnexpectedToken

        refuse_giants(text)
        try:
            return self._parser.parse(text)
        except UnexpectedInput as error:
            at: int = getattr(error, "pos_in_stream", 0)  # lark declares it as None
            if isinstance(error, UnexpectedToken) and error.token.type == "$END":
                found = "it ends too early"
            else:
                found = f"“{text[at : at + _SHOWN]}” does not fit at character {at + 1}"
            raise QueryRefused(
                f"This is no valid {self._name}: {found}.", hint="Mend the query and run it again."
            ) from error
