"""What things are held against: the limit of memory, the replicas that a deployment asked for, the most connections allowed."""

import re
from collections.abc import Mapping
from types import MappingProxyType

LIMITS = r"(?:limits?|quotas?|max(?:imum|imal)?|allowed|capacity|ceiling|cap|maxmemory|límite|obergrenze)"
REQUESTS = r"(?:requests?|requested|reserv(?:ed|ations?)|(?:ask|asks|asked) for|guaranteed?|angefordert)"
DESIRED = (
    r"(?:desired|wanted|wants?|(?:ask|asks|asked) for|spec(?:s|ified)?|requested|expected|should(?: be| have)?|supposed|needs?|needed|"
    r"configured|ordered|target(?:ed)?|intended|declared|scheduled|deseadas?|gewünscht\w*|soll(?:ten?|en)?|gewollt)"
)
MINIMUM = r"(?:min(?:imum)?|floor)"

COUNTERPARTS: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = MappingProxyType(
    {
        subject: tuple((re.compile(rf"\b{words}\b", re.IGNORECASE), other) for words, other in sides)
        for subject, sides in {
            "cpu": ((REQUESTS, "cpu_requests"), (LIMITS, "cpu_limits")),
            "memory": ((REQUESTS, "memory_requests"), (LIMITS, "memory_limits")),
            "available_replicas": ((DESIRED, "desired_replicas"),),
            "unavailable_replicas": ((DESIRED, "desired_replicas"),),
            "autoscaler_replicas": ((LIMITS, "autoscaler_max"), (MINIMUM, "autoscaler_min")),
            "statefulset_ready": ((DESIRED, "statefulset_desired"),),
            "daemonset_ready": ((DESIRED, "daemonset_desired"),),
        }.items()
    }
)
"""By subject: words of what it may be held against, and the subject that these mean."""
