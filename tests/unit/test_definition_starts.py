"""Faults of what stands beside the steps, of parameters, and of sub-workflows: each is told with its line and how to mend it."""

import pytest

from core.errors import DefinitionError
from core.workflow.reading import parse
from tests.unit.test_definition import HEAD, TOOLS

STEPS = "steps:\n  - {id: a, type: action, tool: test.check, with: {service: x}}\n"
PARAMETERS = "parameters: {service: {required: true}, token: {type: secret}, count: {type: number, default: 1}}\n"
LIBRARY = {
    "ship": HEAD.replace("name: w", "name: ship") + "parameters: {service: {required: true}}\n" + STEPS,
    "back": HEAD.replace("name: w", "name: back") + "steps:\n  - {id: l, type: workflow, workflow: w}\n",
}


def fault(text: str) -> str:
    """The only one."""
    with pytest.raises(DefinitionError) as caught:
        parse(text, "w.yaml", TOOLS, LIBRARY)
    (problem,) = caught.value.problems
    return f"{problem.line}: {problem.reason}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("concurrency: 3", "5: workflow: concurrency must be a mapping"),
        ("concurrency: {limit: 0}", "5: workflow: concurrency: limit must be a whole number from 1 to 1000"),
        (
            'concurrency: {limit: 1, key: "${{ parameters.serivce }}"}',
            "5: workflow: concurrency: key 'parameters.serivce' is no parameter",
        ),
        ('concurrency: {limit: 1, key: "${{ parameters.token }}"}', "5: workflow: concurrency: key token is secret"),
        ("concurrency: {limits: 1}", "5: workflow: concurrency: unknown key limits; did you mean limit?"),
        ("schedules: []", "5: workflow: schedules must be a list of mappings"),
        ("schedules: [{parameters: {service: a}}]", "5: schedule: cron is missing"),
        (
            'schedules: [{cron: "0 25 * * *", parameters: {service: a}}]',
            "5: schedule: cron '0 25 * * *' is no time as in crontab(5): Error validating expression '25': the last value (25) is higher than the maximum value (23)",
        ),
        (
            'schedules: [{cron: "0 3 * *", parameters: {service: a}}]',
            "5: schedule: cron '0 3 * *' is no time as in crontab(5): five fields are needed: minute, hour, day of month, month, day of week",
        ),
        (
            'schedules: [{cron: "0 3 * * *", timezone: Mars/Base, parameters: {service: a}}]',
            "5: schedule: timezone 'Mars/Base' is no time zone such as Europe/Berlin",
        ),
        ('schedules: [{cron: "0 3 * * *"}]', "5: schedule: parameters lack service"),
        (
            'schedules: [{cron: "0 3 * * *", parameters: {service: a, token: x}}]',
            "5: schedule: parameters: token is secret, and does not belong in a file",
        ),
        (
            'schedules: [{cron: "0 3 * * *", parameters: {service: a, count: many}}]',
            "5: schedule: parameters: count does not fit: 'many' is not a number",
        ),
        (
            'schedules: [{cron: "0 3 * * *", parameters: {service: a, serivce: b}}]',
            "5: schedule: parameters: unknown key serivce; did you mean service?",
        ),
        (
            'schedules: [{cron: "0 3 * * *", parameters: {service: a}, overlap: skipp}]',
            "5: schedule: overlap 'skipp' is none of skip, allow, replace; did you mean skip?",
        ),
        (
            'schedules: [{cron: "0 3 * * *", parameters: {service: a}, catch_up: all}]',
            "5: schedule: catch_up all goes with `overlap: allow` only: the runs would be in each other's way",
        ),
        (
            "triggers: [{event: alert.fird, parameters: {service: a}}]",
            "5: trigger: event 'alert.fird' is none of alert.fired, alert.resolved, incident.opened, incident.resolved, test.regressed, webhook.NAME; did you mean alert.fired?",
        ),
        ("triggers: [{parameters: {service: a}}]", "5: trigger: event is missing"),
        ("triggers: [{event: alert.fired}]", "5: trigger: parameters lack service"),
        (
            'triggers: [{event: alert.fired, parameters: {service: "${{ parameters.service }}"}}]',
            "5: trigger: parameters: service 'parameters.service' is not event.NAME",
        ),
        (
            "triggers: [{event: alert.fired, parameters: {service: a}, at_most: {runs: 0}}]",
            "5: trigger: at_most: runs must be a whole number from 1 to 1000",
        ),
        (
            "triggers: [{event: alert.fired, parameters: {service: a}, at_most: {runs: 1, per: soon}}]",
            "5: trigger: at_most: per 'soon' is no duration such as 90s, 30m, 24h or 2d (a year at most)",
        ),
        ("channel: somewhere", "5: workflow: channel 'somewhere' is no channel such as slack:T0123/C0456"),
        (
            "time_limit: forever",
            "5: workflow: time_limit 'forever' is no duration such as 90s, 30m, 24h or 2d (a year at most)",
        ),
        ("on_failure: explode", "5: workflow: on_failure 'explode' is none of fail, continue, compensate"),
    ],
)
def test_what_stands_beside_the_steps(line: str, expected: str) -> None:
    assert fault(f"{HEAD}{PARAMETERS}{line}\n{STEPS}") == expected


@pytest.mark.parametrize(
    ("parameter", "expected"),
    [
        (
            "{type: duration, default: soon}",
            "4: workflow: parameters: p: default does not fit: 'soon' is no duration such as 90s, 30m, 24h or 2d (a year at most)",
        ),
        (
            "{type: duration, default: 5}",
            "4: workflow: parameters: p: default does not fit: '5' is no duration such as 90s, 30m, 24h or 2d (a year at most)",
        ),
        (
            "{type: durations}",
            "4: workflow: parameters: p: type 'durations' is none of string, number, boolean, choice, duration, secret",
        ),
        ("{type: number, choices: [a]}", "4: workflow: parameters: p: choices belong to the type choice"),
        ("{type: choice}", "4: workflow: parameters: p: choices is missing"),
        (
            '{pattern: "["}',
            "4: workflow: parameters: p: pattern is no regular expression: unterminated character set at position 0",
        ),
    ],
)
def test_a_parameter(parameter: str, expected: str) -> None:
    assert fault(f"{HEAD}parameters: {{p: {parameter}}}\n{STEPS}") == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("workflow: shpi", "5: step s: workflow shpi is unknown; did you mean ship?"),
        ("with: {service: x}", "5: step s: workflow is missing"),
        ("workflow: ship", "5: step s: with lacks service of ship"),
        (
            "workflow: ship, with: {service: x, sirvice: y}",
            "5: step s: with: unknown key sirvice; did you mean service?",
        ),
        (
            'workflow: ship, with: {service: "${{ steps.no.outputs.x }}"}',
            "5: step s: with: service step no is not among the steps that this one needs",
        ),
        ("workflow: w", "5: step s: workflow go in a circle: w → w"),
        ("workflow: back", "5: step s: workflow go in a circle: w → back → w"),
    ],
)
def test_a_sub_workflow(keys: str, expected: str) -> None:
    assert fault(f"{HEAD}steps:\n  - {{id: s, type: workflow, {keys}}}\n") == expected
