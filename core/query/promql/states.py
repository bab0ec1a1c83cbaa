"""Things that are 1 or 0, and what happened to things: they are looked for, and not counted."""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from core.query.catalogue import SUBJECTS, Dimension
from core.query.promql.asked import Asked, Limit
from core.query.promql.phrases import Statistic
from core.query.translation import Question

OCCURRENCES = frozenset({"restarts", "oom_kills", "crash_loops", "failed_jobs", "unready_pods", "pending_pods", "failed_pods", "stopped_pods", "unavailable_replicas", "deadlocks"})  # fmt: skip
"""Asking which things have them leaves out those that have none."""
INSTANCES = frozenset({Dimension.POD, Dimension.HOST, Dimension.CONTAINER})
_STATES: Mapping[str, Limit] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "crash_loops", "image_pull_backoffs", "image_pull_errors", "config_errors", "creating_containers", "oom_killed",
                "memory_pressure_nodes", "disk_pressure_nodes", "pid_pressure_nodes", "cordoned_nodes", "read_only_filesystems", "failed_units",
            ),
            Limit("==", 1, ""),
        ),
        "probe_success": Limit("==", 0, ""),
    }
)  # fmt: skip
"""What is 1 or 0, and the value that is looked for."""
_LOOKS_FOR = re.compile(
    r"\b(?:any(?:thing|one|body|where)?|some(?:thing|one|where)|who|which|what|whats|is there|are there|show|list|find|things?|everything|irgendwas|algo|etwas|welche[rs]?)\b|\b\w+(?:looping|backoff|killed|pressure)\b|\bfail(?:s|ed|ures?|ing)?\b",
    re.IGNORECASE,
)
_FAILING = re.compile(r"\b(?:fail\w*|down|broken|unsuccessful|red|not (?:ok|passing|green)|fehl\w*)\b", re.IGNORECASE)
_HOW_MANY = re.compile(r"\b(?:count|number of|how many|wie viele|wieviele|cu[aá]ntos)\b", re.IGNORECASE)
_COUNTED = re.compile(r"\b(?:crash ?-?loops|(?:oom ?-?)?kills|errors|backoffs|pulls|probes?)\b", re.IGNORECASE)
_JOBS_FAIL = re.compile(
    r"\b(?:cron ?)?(?:jobs|cronjobs|crons) (?:that |which )?(?:are |have |keep )?fail", re.IGNORECASE
)
_OF_NODES = re.compile(r"\b(?:nodes?|knoten|nodos?)\b(?!.*\bpods?\b)", re.IGNORECASE)
_NOT_READY = re.compile(
    r"\b(?:not|n['’]?t|un|nicht|never|no)[ -]?(?:become |been |yet |fully )?(?:ready|bereit|listo)", re.IGNORECASE
)
_WAS_LAST = re.compile(
    r"\blast (?:time|terminat|exit|restart|state|kill)|\bwho\b|\banyone\b|\banything\b|\bwhich\b|\bgot\b|\bwas\b|\bwere\b",
    re.IGNORECASE,
)
_WHAT_HAPPENED = re.compile(
    r"(?:^|[,.;:] ?|\bshow me |\bdid |\bhas )(?:what|who|anything|anyone|something|qué|was)\b(?! is the| was the| were the|['’]s)",
    re.IGNORECASE,
)
_SOMETHING = re.compile(
    r"\b(?:any(?:thing|one|body)|some(?:thing|one|body)|who|whatever|everything|irgendwas|algo|alguien)\b",
    re.IGNORECASE,
)
_ALONE = (
    frozenset({"health", "probe_success", "certificate_expiry", "firing_alerts", "oom_killed", "uptime"})
    | _STATES.keys()
)


def with_states(asked: Asked, question: Question) -> Asked:
    """ "Anything crashlooping", "which nodes are not ready": series that are 1 or 0 are looked for, none of them counted."""
    name = asked.subjects[0].name if len(asked.subjects) == 1 else ""
    if (
        name == "oom_kills"
        and asked.window.span is None
        and asked.listed.issuperset(asked.groups)
        and _WAS_LAST.search(question.text)
    ):
        name, asked = "oom_killed", replace(asked, subjects=(SUBJECTS["oom_killed"],))
    if (
        name == "failed_jobs"
        and _JOBS_FAIL.search(question.text)
        and not (asked.limit or asked.groups or asked.statistic)
    ):
        return replace(asked, limit=Limit(">", 0, ""), plain=True)
    nodes = bool(asked.groups) and set(asked.groups) <= {Dimension.HOST}
    if name == "unready_pods" and (nodes or (not asked.groups and _OF_NODES.search(question.text))):
        name, asked = "ready_nodes", replace(asked, subjects=(SUBJECTS["ready_nodes"],))
    wanted = _STATES.get(name)
    if name == "ready_nodes" and _NOT_READY.search(question.text):
        wanted = Limit("==", 0, "")
    if name in _STATES and name != "crash_loops" and asked.listed.issuperset(asked.groups):
        asked = replace(asked, groups=()) if set(asked.groups) <= INSTANCES else asked
    plainly = (
        set(asked.groups) <= {Dimension.HOST, Dimension.MOUNTPOINT}
        if name.endswith(("nodes", "filesystems"))
        else not asked.groups
    )
    if name == "probe_success" and not _FAILING.search(question.text):
        return asked
    busy = asked.limit or asked.top or asked.absent or asked.graph or asked.share or asked.earlier
    counted = _COUNTED.search(question.text) and not (asked.groups or _LOOKS_FOR.search(question.text))
    if wanted is None or busy or not plainly or counted:
        return asked
    if name == "ready_nodes" and wanted.number == 0 and _HOW_MANY.search(question.text):
        return replace(asked, limit=wanted, counted=True, groups=(), statistic=None, plain=True)
    if asked.statistic is Statistic.COUNT or asked.window.span:
        if asked.statistic is Statistic.COUNT and wanted.number == 0:
            return replace(asked, limit=wanted, counted=True, groups=(), statistic=None, plain=True)
        return asked
    return replace(asked, limit=wanted, groups=(), statistic=None, plain=True)


def of_something(asked: Asked, question: Question) -> Asked:
    """ "Anything over 2% errors", "who uses more than 2GB": pods of what containers use, services of what requests do."""
    happened = (
        not asked.limit and bool(asked.subjects) and asked.subjects[0].name in OCCURRENCES and asked.statistic is None
    )
    if happened and not asked.groups and not asked.top and _WHAT_HAPPENED.search(question.text):
        return replace(asked, groups=(Dimension.POD,), limit=Limit(">", 0, ""))
    if asked.groups or not asked.limit or asked.top or not asked.subjects or not _SOMETHING.search(question.text):
        return asked
    source, fixed = asked.subjects[0].measures[0].source, {f.dimension for f in asked.filters}
    kind = Dimension.POD if Dimension.CONTAINER in source.dimensions else Dimension.SERVICE
    if kind not in source.dimensions or kind in fixed or asked.subjects[0].name in _ALONE:
        return asked
    return replace(asked, groups=(kind,), listed=frozenset({kind}))
