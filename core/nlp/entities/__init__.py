"""Things that are named in a sentence: found with their place in the text and their normal form."""

from core.nlp.entities.find import find
from core.nlp.entities.services import nearest

__all__ = ["find", "nearest"]
