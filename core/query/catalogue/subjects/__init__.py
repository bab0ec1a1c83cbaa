"""Everything that can be asked for by a word: one file a field, one entry a subject, the usual measure first."""

from collections.abc import Mapping
from types import MappingProxyType

from core.query.catalogue.measures import Subject
from core.query.catalogue.subjects import kubernetes, machines, models, requests, runtimes, stores

SUBJECTS: Mapping[str, Subject] = MappingProxyType(
    {
        subject.name: subject
        for field in (requests, kubernetes, machines, runtimes, stores, models)
        for subject in field.SUBJECTS
    }
)
