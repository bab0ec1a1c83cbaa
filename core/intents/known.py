"""What is known while a turn is understood: names to match against."""

from dataclasses import dataclass
from datetime import datetime

from core.workflow.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Known:
    """The catalogue of this installation and of its services."""

    catalogue: Catalogue
    services: tuple[str, ...] = ()
    """Empty when the delivery service could not be asked."""
    usage: bool = False
    """Whether it is known what language models are used for."""
    now: datetime | None = None
    """When the turn is understood; None where only a verb was said."""
