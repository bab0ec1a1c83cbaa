"""How bad an incident is, proposed from a report: `propose` reads the words and gives reasons."""

from core.incidents.severity.proposal import Proposal, propose
from core.incidents.severity.telemetry import Telemetry

__all__ = ["Proposal", "Telemetry", "propose"]
