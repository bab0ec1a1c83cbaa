"""What each table is about, in the words of people."""

import re
from dataclasses import dataclass

from core.incidents.incident import Status
from core.query.sql.schema import CLOSED_STATUSES, REJECTED, TABLES
from core.workflow.run import RunStatus


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One table."""

    table: str
    noun: str
    """Of one row, and the name of a count in the plural."""
    words: re.Pattern[str]
    """What shows that it is meant."""
    begin: str
    """When a row began; what a stretch of time means unless an ending is spoken of."""
    end: str
    """When it ended; "" where rows have no length."""
    ending: re.Pattern[str]
    """Words by which a stretch of time means the end."""
    text: str
    """The column that is searched for words."""
    noun_words: re.Pattern[str]
    """Nouns of the rows: the first of them in a sentence says which table is asked, whatever else is mentioned."""
    fields: dict[str, str]
    """Word → column that may be asked for by itself."""
    dimensions: dict[str, str]
    """Word → column that rows are grouped by."""
    statuses: tuple[tuple[re.Pattern[str], tuple[str, ...], bool], ...]
    """Words → statuses, and whether the row has none of them."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        return TABLES[self.table]


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE)


def _dimensions(**words: str) -> dict[str, str]:
    return {word: column for column, spelled in words.items() for word in spelled.split("|")}


_MITIGATED = "mitigated"
INCIDENTS = Subject(
    table="incidents",
    noun="incidents",
    words=_words(
        r"incidents?|outages?|downtime|broke|breakages?|resol(?:ve|ution)s?|unresolved|titles?|inc-\d+|sev[ -]?[1-4]s?|p[1-4]s?|mttr|mtbf|to (?:resolve|close|fix)|time[ -]to[ -](?:resol|clos|fix|recover)\w*|recover(?:s|ed|y|ing)?|repair\w*|l[oö]sungs(?:zeit|dauer)\w*|resoluci[oó]n|severidad(?:es)?|schweregrad\w*|severit(?:y|ies)|postmortems?|vorf[aä]lle?|st[oö]rung(?:en)?|incidentes?"
    ),
    begin="created_at",
    end="resolved_at",
    ending=_words(
        r"resolved|closed|fixed|ended|(?<=time to )resolution|closed out|(?:did|have|do) (?:we|they|you|people|the team|\w+) (?:\w+ )?(?:close|resolve|fix)|gel[oö]st|resuelt[oa]s?|resolvieron|cerraron|cerrad[oa]s?|arreglaron|geschlossen|behoben"
    ),
    text="title",
    noun_words=_words(r"incidents?|outages?|sev[ -]?[1-4]s?|postmortems?|vorf[aä]lle?|st[oö]rung(?:en)?|incidentes?"),
    fields=_dimensions(
        id="id|ids|incident id|incident ids",
        title="title|titles",
        severity="severity|severities",
        status="status|statuses|state",
        service="service|services",
        created_at="creation time|start time|open time|created|opened",
        resolved_at="resolved|closed|end time",
    ),
    dimensions=_dimensions(
        service="service|services|servicio|servicios|dienst|dienste|diensten|app|apps|component|components",
        severity="severity|severities|sev|sevs|priority|schweregrad|severidad|gravedad",
        status="status|statuses|state|states|estado",
        title="title|titles",
    ),
    statuses=(
        (
            _words(
                r"unresolved|(?:still |currently )?open|active|ongoing|outstanding|current|live|burning|on fire|offene?n?|abiertos?|not (?:yet )?(?:resolved|closed|fixed)|unfixed"
            ),
            CLOSED_STATUSES,
            True,
        ),
        (_words("investigating|under investigation|being investigated"), (Status.INVESTIGATING,), False),
        (_words("identified"), (Status.IDENTIFIED,), False),
        (_words("monitoring|monitored"), (Status.MONITORING,), False),
        # Our word for it is monitoring; where records say mitigated, they mean the same.
        (_words("mitigated|mitigiert|mitigad[oa]s?|stabili[sz]ed"), (_MITIGATED, Status.MONITORING), False),
        (_words("cancell?ed|false alarms?|duplicates?"), (Status.CANCELLED,), False),
        (
            _words(
                "resolved|fixed|(?:did|do) (?:we|they|you|people|the team) (?:\\w+ )?(?:resolve|fix)|gel[oö]st\\w*|resueltos?"
            ),
            (Status.RESOLVED,),
            False,
        ),
        (_words("closed|(?:did|do) (?:we|they|you|people|the team) (?:\\w+ )?close"), CLOSED_STATUSES, False),
    ),
)
RUNS = Subject(
    table="workflow_runs",
    noun="runs",
    words=_words(
        r"runs?|ran|run ?times?|workflows?|deploy(?:s|ed|ments?|ing)?|roll[- ]?backs?|rollouts?|jobs?|pipelines?|executions?|trigger(?:ed|s|ing)?|roll(?:ed|ing|s)? back|kick(?:ed|s|ing)? off|l[aä]ufe|ejecuciones|despliegues"
    ),
    begin="started_at",
    end="finished_at",
    ending=_words("finished|ended|terminaron|terminad[oa]s?|acabaron|beendet|fertig"),
    text="workflow",
    noun_words=_words(
        r"runs?|executions?|workflows?|pipelines?|jobs?|deploys|deployments?|roll[- ]?backs|l[aä]ufe|ejecuciones|despliegues"
    ),
    fields=_dimensions(
        id="id|ids|run id|run ids",
        workflow="workflow|workflows",
        status="status|statuses|state|outcome|result",
        triggered_by="owner|triggerer|requester|starter",
        started_at="start time|start times|started",
        finished_at="end time|finish time|finished|ended",
    ),
    dimensions=_dimensions(
        workflow="workflow|workflows|workflow name|type|kind|pipeline|pipelines|job|jobs",
        status="status|statuses|state|states|outcome|outcomes|result|results|estado|estados|ergebnis|resultado",
        triggered_by="person|people|everyone|everybody|anyone|anybody|user|users|who|triggered by|triggerer|requester|requesters|owner|engineer|engineers|author|teammate|teammates|starter|member|members|someone|developer|developers",
    ),
    statuses=(
        (
            _words(
                r"failed|failing|failures?|fails?|fehlgeschlagen\w*|fehlschl\w+|scheiter\w*|gescheitert\w*|fall(?:aron|ado|an|[oó])|fallid[oa]s?|broken|unsuccessful|errored|crashed|died|dying|blew up|bombed|exploded|went (?:wrong|south|red)|(?:is|are|was|were|turned) red|(?:did(?: not|n['’]?t)|does(?: not|n['’]?t)) (?:work|make it|go through)"
            ),
            (RunStatus.FAILED,),
            False,
        ),
        (
            _words(
                r"succeed(?:ed|s|ing)?|success(?:ful|fully|es)?|completed?|completions?|passed|went through|green|done|erfolgreich\w*|exitos[oa]s?"
            ),
            (RunStatus.COMPLETED,),
            False,
        ),
        (
            _words(
                "running(?! (?:total|count|sum)s?)|in progress|ongoing|under ?way|(?<!most )(?<!least )active|in flight|going(?: on)? (?:right now|now|at the moment|currently)|still going|executing|laufende?n?|en curso"
            ),
            (RunStatus.RUNNING,),
            False,
        ),
        (
            _words("waiting|pending|awaiting|blocked|needs? approval|stuck(?! (?:in |on )?(?:running|progress))"),
            (RunStatus.WAITING,),
            False,
        ),
        (_words("expired|timed out"), (RunStatus.EXPIRED,), False),
        (_words("denied|rejected|refused|declined|rejections?|denials?|turned down"), (REJECTED,), False),
        (_words("cancel(?:s|l?ed)?|abort(?:ed)?|killed|stopped|cancell?ations?"), (RunStatus.CANCELLED,), False),
    ),
)
MESSAGES = Subject(
    table="messages",
    noun="messages",
    words=_words(r"messages?|conversations?|sessions?|chats?|said|says?|ask|asks|asked|asking|questions?|content|repl(?:y|ies|ied)|answers?|answered|wrote|writes?|writing|written|typed?|posted|complain\w*|users? (?:mention\w*|talk\w*)|nachrichten|mensajes"),
    begin="created_at",
    end="",
    ending=re.compile(r"(?!)"),
    text="content",
    noun_words=_words(r"messages?|conversations?|sessions?|chats?|nachrichten|mensajes"),
    fields=_dimensions(
        id="id|ids|message id|message ids",
        session_id="session|session id|session ids",
        role="role|roles",
        content="content|contents|text|texts",
        created_at="time|times|timestamp|timestamps",
    ),
    dimensions=_dimensions(
        session_id="session|sessions|sesión|sesion|sesiones|sitzung|sitzungen|conversation|conversations|chat|chats|thread|threads",
        role="role|roles|sender|senders|speaker|author",
    ),
    statuses=(
        (_words(r"(?:from|by|of) (?:the )?(?:users?|people|humans?)|(?:did|have|do) (?:the )?(?:users?|people|poeple|peope|humans?|folks)|user(?:'s|s)? (?:messages?|questions?|input)|(?:users?|people|poeple|humans?|folks) (?:who )?(?:said|asked|wrote|sent|send|ask|write|say)|(?:users?|people|poeple|humans?|folks)(?= (?:who )?(?:are |is |were )?(?:mention|complain|report|want|asking|writing|talking|saying))|(?:the )?(?:bot|assistant|copilot) (?:get|gets|got|receive[ds]?|been asked)|(?:sent|send|asked|addressed|written) to (?:the )?(?:bot|assistant|copilot)|(?:ask|asks|asking|tell|told|bother) (?:the )?(?:bot|assistant|copilot)|questions?(?! marks?)|asked|role (?:is |= ?)?user|human messages?|(?:mensajes|nachrichten|preguntas) (?:de |del |des |der |von |vom )(?:los |las |den )?(?:usuari\w+|nutzer\w*|benutzer\w*|user\w*)"), ("user",), False),
        (_words(r"(?:from|by) (?:the )?(?:bot|assistant|copilot|ai)|(?:did|has|does) (?:the )?(?:bot|assistant|copilot|ai)(?! (?:\w+ )?(?:get|got|receive[ds]?|been asked)\b)|(?:bot|assistant|copilot)['’]s|(?:bot|assistant|copilot|ai)(?:'s|s)? (?:messages?|repl(?:y|ies)|answers?|responses?)|(?:bot|assistant|copilot) (?:said|answered|replied|wrote|sent)|repl(?:y|ies)|answers?|role (?:is |= ?)?assistant|(?:mensajes|nachrichten|respuestas|antworten) (?:de |del |des |der |von |vom )(?:bots?|asistente|assistenten)"), ("assistant",), False),
        (_words(r"system messages?|role (?:is |= ?)?system"), ("system",), False),
        (_words(r"tool messages?|role (?:is |= ?)?tool"), ("tool",), False),
    ),
)  # fmt: skip
SUBJECTS = (INCIDENTS, RUNS, MESSAGES)


def status_column(subject: Subject) -> str:
    """Where what `statuses` says is kept."""
    return "role" if subject is MESSAGES else "status"
