"""Runs all checks at once, each within a time limit; what one of them breaks on never hides the others."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

import structlog

from bot.doctor import clock, configuration, discord, probes, records, services, slack
from bot.doctor.findings import Finding, Level, problem, warning
from bot.settings import Settings
from core.errors import BotError, RateLimited, UpstreamRejected
from core.redaction import MASK, redact

log = structlog.get_logger()

WITHIN = 15.0
"""Seconds for one check; its own calls have shorter limits."""
_SHORTEST_SECRET = 4

Examine = Callable[[Settings], AsyncGenerator[Finding, None]]


def _always(_settings: Settings) -> bool:
    return True


def _slack(settings: Settings) -> bool:
    return settings.slack.enabled


def _discord(settings: Settings) -> bool:
    return settings.discord.enabled


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at."""

    name: str
    examine: Examine
    applies: Callable[[Settings], bool] = _always


CHECKS: Sequence[Check] = (
    Check("settings", configuration.settings),
    Check("workflows", configuration.definitions),
    Check("schedules", configuration.starts),
    Check("slack token", slack.token, _slack),
    Check("slack socket", slack.socket, _slack),
    Check("slack address", slack.address, _slack),
    Check("slack events", slack.events, _slack),
    Check("slack channels", slack.channels, _slack),
    Check("slack people", slack.people, _slack),
    Check("discord token", discord.token, _discord),
    Check("discord servers", discord.servers, _discord),
    Check("discord channels", discord.channels, _discord),
    Check("discord people", discord.people, _discord),
    Check("clock", clock.clock),
    Check("database", records.database),
    Check("queue", services.queue),
    Check("cache", services.cache),
    Check("delivery", services.delivery),
    Check("prometheus", services.prometheus),
    Check("loki", services.loki),
    Check("traces", services.traces),
    Check("alertmanager", services.alertmanager),
    Check("observatory", services.observatory),
    Check("bot", services.process),
)
"""Everything, in the order it is shown."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found."""

    check: str
    finding: Finding


async def examine(settings: Settings, *, checks: Sequence[Check] = CHECKS, within: float = WITHIN) -> list[Result]:
    """All findings, in the order of the checks. No secret of the settings is in them."""
    chosen = [check for check in checks if check.applies(settings)]
    found = await asyncio.gather(*(_run(check, settings, within) for check in chosen))
    secrets = _secrets(settings)
    return [
        Result(check.name, _masked(finding, secrets))
        for check, findings in zip(chosen, found, strict=True)
        for finding in findings
    ]


def healthy(results: Sequence[Result]) -> bool:
    """True when nothing must be mended."""
    return all(result.finding.level is not Level.PROBLEM for result in results)


async def _run(check: Check, settings: Settings, within: float) -> list[Finding]:
    """What it found, kept also when it broke off on the way."""
    findings: list[Finding] = []
    again = "Run `copilot doctor` again."
    try:
        async with asyncio.timeout(within), aclosing(check.examine(settings)) as found:
            async for finding in found:
                findings.append(finding)  # noqa: PERF401 -- what came before a break stays
    except TimeoutError:
        what = f"It did not end within {within:g} s."
        findings.append(problem(what, "Something it asks does not answer.", f"See whether that is up. {again}"))
    except RateLimited as error:
        what, fix = f"This could not be checked: {error.message}", f"Wait a minute. {again}"
        findings.append(warning(what, "Whether it works is not known.", fix))
    except UpstreamRejected as error:
        # The check of the token says what is wrong with it, and which scopes it lacks.
        what, fix = f"This could not be checked: {probes.told(error)}", f"Mend the token or its rights first. {again}"
        findings.append(warning(what, "Whether it works is not known.", fix))
    except BotError as error:
        fix = f"See that this machine reaches it (network, proxy). {again}"
        findings.append(problem(f"This could not be checked: {probes.told(error)}", "It is out of reach.", fix))
    except Exception as error:  # a bug in one check must not hide what the others found
        log.exception("doctor.check_broke", check=check.name)
        what = f"The check itself broke ({type(error).__name__})."
        findings.append(problem(what, "That is a mistake in Copilot.", "Please report it with the log."))
    return findings


def _secrets(settings: Settings) -> list[str]:
    """Whatever must not be shown, longest first."""
    slack_settings = settings.slack
    asked = (
        settings.delivery,
        settings.prometheus,
        settings.loki,
        settings.tempo,
        settings.jaeger,
        settings.alertmanager,
        settings.observatory,
        settings.observatory_unified,
    )
    services_ = [secret for service in asked for secret in (service.token, *service.headers.values())]
    hooks = (*settings.hooks.values(), *(source.token for source in settings.alerts.values()))
    services_.append(settings.observatory.secret)
    held = (slack_settings.bot_token, slack_settings.app_token, slack_settings.signing_secret, *services_)
    values = [secret.get_secret_value() for secret in (*held, settings.discord.token, *hooks)]
    for url in (settings.database_url, settings.nats_url, settings.redis_url):
        password = urlsplit(url).password or ""
        values += [password, unquote(password)]
    return sorted({value for value in values if len(value) >= _SHORTEST_SECRET}, key=len, reverse=True)


def _masked(finding: Finding, secrets: Sequence[str]) -> Finding:
    def mask(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, MASK)
        return redact(text)

    return replace(finding, what=mask(finding.what), means=mask(finding.means), fix=mask(finding.fix))
