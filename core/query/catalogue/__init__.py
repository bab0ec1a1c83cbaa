"""What things are called in metrics: subjects people ask about, how each exporter measures them, and what a backend really has."""

from core.query.catalogue.backend import Backend, Known
from core.query.catalogue.dimensions import Dimension
from core.query.catalogue.measures import Measure, Subject, Unit
from core.query.catalogue.subjects import SUBJECTS

__all__ = ["SUBJECTS", "Backend", "Dimension", "Known", "Measure", "Subject", "Unit"]
