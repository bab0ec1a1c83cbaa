"""What a message leaves out or refers to, from the conversation it belongs to: a fold over its turns. Pure."""

from core.nlp.dialogue.state import Mention, Resolved, Speaker, State
from core.nlp.dialogue.turns import advance, hear

__all__ = ["Mention", "Resolved", "Speaker", "State", "advance", "hear"]
