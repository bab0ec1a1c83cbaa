"""Times and stretches of time in a sentence."""

from core.nlp.entities.times.find import find

__all__ = ["find"]
