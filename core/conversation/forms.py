"""The registry of forms, in memory from the start: a form opens before any I/O."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.conversation.channels import FORM as SETTINGS_FORM
from core.intents.verbs import Completes
from core.messages import FieldKind, Form, FormField, Option
from core.redaction import redact
from core.workflow.catalogue import Catalogue
from core.workflow.definition import Definition, Parameter, ParameterType, typed
from core.workflow.steering import Steering

_MOST_KEPT = 1000
"""Forms that are to be corrected whose fields are remembered."""
_MOST_CHOICES = 25
"""Completions that Discord shows."""

APPROVE = Form(
    "approve",
    "Approve with a comment",
    (
        FormField(
            "comment", "What should stay on the record?", FieldKind.TEXT, required=False,
            placeholder="Watched by the on-call; roll back at 2 % errors", max_length=500,
        ),
    ),
    "Approve",
)  # fmt: skip
QUESTION = Form(
    "question",
    "Ask before you decide",
    (
        FormField(
            "question", "What would you like to know?", FieldKind.TEXT,
            placeholder="Is the migration of yesterday in it?", max_length=500,
        ),
    ),
    "Ask",
    "It goes to whoever asked for the approval. The request stays open, and the answer stands on the card.",
)  # fmt: skip
DELEGATE = Form(
    "delegate",
    "Let somebody decide",
    (FormField("person", "Who decides for you?", FieldKind.PERSON),),
    "Hand over",
    "For this request alone. You can still decide it yourself; whoever comes first does.",
)
DENY = Form(
    "deny",
    "Deny with a reason",
    (
        FormField(
            "reason", "Why?", FieldKind.TEXT, placeholder="Shown on the card and kept on the record", max_length=500
        ),
    ),
    "Deny",
)
_WHY = FormField(
    "reason", "Why?", required=False, placeholder="Shown on the card and kept on the record", max_length=500
)
STEERING = (
    Form(
        Steering.CANCEL,
        "Stop this run",
        (_WHY,),
        "Stop it",
        "The step that is running is interrupted. What has acted is undone where its step says how.",
    ),
    Form(
        Steering.PAUSE,
        "Pause this run",
        (_WHY,),
        "Pause it",
        "No further step begins. What is under way goes on to its end, and requests stay open.",
    ),
    Form(Steering.RESUME, "Resume this run", (_WHY,), "Resume it", "It goes on where it stands."),
    Form(
        Steering.RETRY,
        "Retry from the failed step",
        (_WHY,),
        "Retry",
        "What failed happens again, with the same key. What is done stays done, and approvals hold.",
    ),
    Form(
        Steering.SKIP,
        "Skip the failed step",
        (_WHY,),
        "Skip it",
        "The run goes on as if the step were not needed. Make sure that this is true.",
    ),
    Form(
        Steering.ROLL_BACK,
        "Roll this run back",
        (_WHY,),
        "Roll back",
        "Every step that has acted and says how is undone, the last one first.",
    ),
)
"""Asked before a run is steered by button: what happens then, and why it is wanted."""
ASK = Form(
    "ask",
    "Ask a question",
    (FormField("question", "What would you like to know?", FieldKind.TEXT, placeholder="which version of checkout is in production?"),),
    "Ask",
)  # fmt: skip

DECLARE = Form(
    "declare",
    "Declare an incident",
    (
        FormField("title", "What is wrong?", placeholder="Checkout fails for all customers in Europe", max_length=200),
        FormField(
            "severity",
            "How bad is it?",
            FieldKind.CHOICE,
            value="sev3",
            choices=(
                Option("SEV1: outage, data loss, breach", "sev1"),
                Option("SEV2: major, many people", "sev2"),
                Option("SEV3: partial, a workaround exists", "sev3"),
                Option("SEV4: minor", "sev4"),
            ),
        ),
        FormField("service", "Which service?", required=False, placeholder="checkout", max_length=100),
        FormField("details", "What do you see?", FieldKind.TEXT, required=False, max_length=1500),
        FormField(
            "visibility",
            "Who may see it?",
            FieldKind.CHOICE,
            required=False,
            value="open",
            choices=(Option("Everybody here", "open"), Option("Only those invited", "private")),
        ),
    ),
    "Declare",
    "This opens a room, invites who is needed and starts the timeline.",
)

UPDATE = Form(
    "update",
    "Write an update",
    (
        FormField(
            "text",
            "What should everybody know?",
            FieldKind.TEXT,
            placeholder="What is affected, what you do about it, when you will say more",
            max_length=2000,
        ),
    ),
    "Tell everybody",
    "It is posted to every channel that follows this incident, in Slack and in Discord.",
)
_SUMMARY = FormField("text", "How did it end?", FieldKind.TEXT, placeholder="Rolled back to 2.3", max_length=1500)
RESOLVE = Form("resolve", "Resolve the incident", (_SUMMARY,), "Resolve", "Everybody who follows it is told.")
CALL_OFF = Form(
    "calloff",
    "Call the incident off",
    (replace(_SUMMARY, label="Why is it none?", placeholder="False alarm: the probe was misconfigured"),),
    "Call off",
)
REOPEN = Form(
    "reopen",
    "Reopen the incident",
    (replace(_SUMMARY, label="Why?", placeholder="Errors are back in Europe"),),
    "Reopen",
)
QUERY = Form(
    "query",
    "Edit the query",
    (FormField("query", "Query", FieldKind.TEXT, max_length=3000),),
    "Run it",
    "It is checked before it runs: everything in it has to exist, and it must not cost too much.",
)
_OPENED_BY = {"ask": ASK, "declare": DECLARE, "update": UPDATE, "resolve": RESOLVE}
"""Verbs that open a form when nothing follows them."""


class FormBook:
    """Every form by name: fixed ones, and one for each workflow's parameters (`run.<workflow>`)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._kept: dict[str, dict[str, str]] = {}
        self._fixed = {
            form.name: form
            for form in (
                APPROVE,
                DENY,
                QUESTION,
                DELEGATE,
                *STEERING,
                ASK,
                DECLARE,
                UPDATE,
                RESOLVE,
                CALL_OFF,
                REOPEN,
                SETTINGS_FORM,
                QUERY,
                _start(catalogue),
            )
        }

    def keep(self, workflow: str, token: str, given: Mapping[str, str]) -> None:
        """Remember what somebody filled in, secrets left out, so that the workflow's form opens with it for this token. Only in
        memory, for a while: elsewhere and later the form opens empty."""
        definition = self._catalogue.get(workflow)
        self._kept[token] = {n: value for n, value in given.items() if not holds_secret(definition, {n: value})}
        while len(self._kept) > _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))

    def get(self, name: str, token: str = "") -> Form | None:
        """The form of this name, or None. `token`: what it is opened with."""
        if name in self._fixed:
            return self._fixed[name]
        kind, _, workflow = name.partition(".")
        definition = self._catalogue.find(workflow) if kind == "run" else None
        return form_for(definition, self._kept.get(token, {})) if definition else None

    def for_command(self, text: str) -> Form | None:
        """The form that a command opens because something is missing; None when it can go ahead (or is no such command)."""
        verb, _, rest = text.strip().partition(" ")
        if verb.lower() in _OPENED_BY and not rest.strip():
            return _OPENED_BY[verb.lower()]
        if verb.lower() != "run":
            return None
        name, given = parse_run(rest)
        if not name:
            return self._fixed["run"]
        definition = self._catalogue.find(name)
        if definition is None or not missing(definition, given):
            return None
        return form_for(definition, given)

    def complete(self, what: Completes, typed: str, *, context: Sequence[str]) -> list[Option]:
        """At most 25 completions; see `bot.ingress.Ingress.complete`."""
        if what is Completes.WORKFLOW:
            options = [Option(f"{d.name}: {d.title}", d.name) for d in self._catalogue]
            return [o for o in options if typed.lower() in o.label.lower()][:_MOST_CHOICES]
        if what is Completes.PARAMETERS and context:
            definition = self._catalogue.find(context[0])
            return _complete_parameters(definition, typed)[:_MOST_CHOICES] if definition else []
        return []


def filled(form: Form, text: str) -> Form:
    """The form with this text in its last free field, secrets masked, cut to what the field takes."""
    last = next((field for field in reversed(form.fields) if field.kind is FieldKind.TEXT), None)
    if last is None:
        return form
    text = redact(text)
    fields = tuple(replace(f, value=text[: f.max_length]) if f is last else f for f in form.fields)
    return replace(form, fields=fields)


def _start(catalogue: Catalogue) -> Form:
    """The form that lets a person choose a workflow."""
    choices = tuple(Option(d.title, d.name, d.description[:90]) for d in catalogue)
    return Form(
        "run",
        "Start a workflow",
        (
            FormField("workflow", "Workflow", FieldKind.CHOICE, choices=choices),
            FormField("parameters", "Parameters", required=False, placeholder="service=checkout environment=staging"),
        ),
        "Go on",
    )


def parse_run(text: str) -> tuple[str, dict[str, str]]:
    """`deploy service=checkout note="two words"` → name and parameters. Quotes that do not close count as plain text."""
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    name = words[0].lower() if words and "=" not in words[0] else ""
    pairs = (word.partition("=") for word in (words[1:] if name else words) if "=" in word)
    return name, {key.strip().lower(): value for key, _, value in pairs}


def spelt(verb: str, workflow: str, given: Mapping[str, str]) -> str:
    """What `parse_run` reads back, after the verb: `run deploy service=checkout note='two words'`."""
    return " ".join((verb, workflow, *(shlex.quote(f"{name}={value}") for name, value in given.items())))


def holds_secret(definition: Definition, given: Mapping[str, str]) -> bool:
    """Whether any of the values is a secret, or looks like one: it is kept nowhere before a run seals it."""
    secret = {parameter.name for parameter in definition.parameters if parameter.secret}
    return any(name in secret or redact(value) != value for name, value in given.items())


def missing(definition: Definition, given: dict[str, str]) -> tuple[str, ...]:
    """Required parameters without default that were not given."""
    return tuple(p.name for p in definition.parameters if p.required and p.default is None and not given.get(p.name))


def form_for(definition: Definition, given: Mapping[str, str]) -> Form:
    """The form of a workflow's parameters, filled with what is known. At most five fields: required ones first."""
    parameters = sorted(definition.parameters, key=lambda p: not p.required)[:5]
    fields = tuple(_field(parameter, given.get(parameter.name, "")) for parameter in parameters)
    return Form(f"run.{definition.name}", definition.title[:24], fields, "Start", definition.description)


_EXAMPLES = {ParameterType.DURATION: "such as 90s, 30m or 1h30m", ParameterType.NUMBER: "a number"}
_YES_NO = (Option("Yes", "true"), Option("No", "false"))


def _field(parameter: Parameter, given: str) -> FormField:
    """No platform's form hides what is typed into it; a secret is at least never filled in, and the label says that it is one."""
    label = parameter.name.replace("_", " ").capitalize() + (" (kept secret)" if parameter.secret else "")
    choices = _YES_NO if parameter.type is ParameterType.BOOLEAN else tuple(Option(c, c) for c in parameter.choices)
    hint = "; ".join(part for part in (parameter.description, _EXAMPLES.get(parameter.type, "")) if part)
    value = given or ("" if parameter.default is None else typed(parameter, parameter.default))
    if parameter.secret or (choices and value not in [option.value for option in choices]):
        value = ""
    return FormField(
        parameter.name,
        label,
        FieldKind.CHOICE if choices else FieldKind.LINE,
        required=parameter.required and parameter.default is None,
        placeholder=hint[:100],
        value=value,
        choices=choices,
        max_length=200,
    )


def _complete_parameters(definition: Definition, typed: str) -> list[Option]:
    """Continue the last word of `service=checkout env…`: names first, then the choices of a named one."""
    done, _, last = typed.rpartition(" ")
    before = f"{done} " if done else ""
    given = {word.partition("=")[0] for word in done.split()}
    name, equals, value = last.partition("=")
    if equals:
        parameter = next((p for p in definition.parameters if p.name == name), None)
        words = [f"{name}={c}" for c in (parameter.choices if parameter else ()) if c.startswith(value)]
    else:
        words = [f"{p.name}=" for p in definition.parameters if p.name.startswith(name) and p.name not in given]
    return [Option((before + word)[-100:], (before + word)[:100]) for word in words]
