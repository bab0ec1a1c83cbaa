"""`copilot demo`: the real bot between bundled emulators, with a chat page, on loopback only."""

import asyncio
import errno
import secrets
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from bot import logs
from bot.bootstrap import running
from bot.cli.serve import stop_event
from bot.emulators.discord import DiscordEmulator
from bot.emulators.discord import acme as guild
from bot.emulators.page import ChatPage, Suggestion
from bot.emulators.slack import SlackEmulator
from bot.emulators.slack import acme as team
from bot.settings import Settings
from core.errors import UserInputError
from integrations.delivery.fake import DeliveryFake
from integrations.observability.alertmanager.fake import AlertmanagerFake
from integrations.observability.loki.fake import LokiFake
from integrations.observability.observatory.fake import ObservatoryFake
from integrations.observability.prometheus.fake import PrometheusFake
from integrations.observability.shop.alerts import telling
from integrations.observability.shop.logs import ShopLogs
from integrations.observability.shop.metrics import RULES, ShopMetrics
from integrations.observability.shop.models import ORG, PROJECT, ShopModels
from integrations.observability.shop.traces import ShopTraces
from integrations.observability.shop.world import Shop
from integrations.observability.tempo.fake import TempoFake

_USUAL_PORT = 8090
_TOKEN = secrets.token_urlsafe(24)
_SECRET = secrets.token_urlsafe(48)
"""Between the bot and what tells it of the shop's alerts."""
_DEPLOY = "/copilot run deploy service=checkout environment=production"
_SUGGESTIONS = (
    Suggestion(
        "1 Ask a question",
        "slack",
        team.DANA,
        team.CHECKOUT,
        "@copilot which version of checkout is in production?",
        "The answer is in the thread under your message. Ask on there without a mention: and payments?",
    ),
    Suggestion(
        "2 Start a deploy",
        "slack",
        team.DANA,
        team.CHECKOUT,
        _DEPLOY,
        "The card follows the run. It waits: the approval is asked for in #approvals, in Slack and in Discord.",
    ),
    Suggestion(
        "3 Approve it",
        "slack",
        team.DANA,
        team.APPROVALS,
        "",
        "You are Dana, who asked: press Approve and see it refused. Then speak as Lee (lower left, or in Discord) and approve.",
    ),
    Suggestion(
        "4 Ask for numbers",
        "slack",
        team.DANA,
        team.CHECKOUT,
        "@copilot p95 latency of checkout in production",
        "A deploy went wrong 40 minutes ago: see it in the chart. Press Wider or By instance; go on in the thread: and the error rate? same for staging.",
    ),
    Suggestion(
        "5 Ask the records",
        "slack",
        team.DANA,
        team.CHECKOUT,
        "@copilot how many runs were started today per workflow?",
        "Counted in the bot's own records, with the query: Edit changes it.",
    ),
)


def run(port: int | None, data: Path) -> None:
    """Run until Ctrl-C. A port that was asked for must be free; the usual one may be replaced."""
    data.mkdir(parents=True, exist_ok=True)
    asyncio.run(_demo(port, data))


async def _demo(port: int | None, data: Path) -> None:
    stop = stop_event()
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackEmulator())
        discord = await stack.enter_async_context(DiscordEmulator())
        shop = Shop(time.time)
        delivery = await stack.enter_async_context(
            DeliveryFake(seconds=3.0, data=data / "delivery.json", latest=shop.deployed())
        )
        metrics = await stack.enter_async_context(PrometheusFake(ShopMetrics(shop), rules=RULES))
        lines = await stack.enter_async_context(LokiFake(ShopLogs(shop)))
        spans = await stack.enter_async_context(TempoFake(ShopTraces(shop)))
        manager = await stack.enter_async_context(AlertmanagerFake([], now=datetime.now(UTC)))
        models = await stack.enter_async_context(ObservatoryFake(ShopModels(shop), secret=_SECRET))
        settings = _settings(slack, discord, delivery, metrics, lines, spans, manager, models, data)
        logs.configure(settings.log)
        page = await _page(stack, port, slack.url, discord.url)
        bot = await stack.enter_async_context(running(settings))
        await bot.ready()
        await stack.enter_async_context(telling(metrics, manager, _alerts_url(bot.address)))
        _welcome(page.url, data)
        await stop.wait()
        print("\nStopping … your runs are kept in", data)


def _alerts_url(address: str) -> str:
    """With the token as the password, as an Alertmanager sends it."""
    return f"{address.replace('://', f'://alertmanager:{_TOKEN}@')}/alerts/shop"


async def _page(stack: AsyncExitStack, port: int | None, slack: str, discord: str) -> ChatPage:
    """The page on the port that was asked for, else on the usual one, else on a free one."""
    for candidate in (port,) if port is not None else (_USUAL_PORT, 0):
        try:
            page = ChatPage(candidate, slack_url=slack, discord_url=discord, suggestions=_SUGGESTIONS)
            return await stack.enter_async_context(page)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise UserInputError(f"Port {port} is taken.", hint="Choose another one with COPILOT_DEMO_PORT, or leave it unset.")


def _welcome(url: str, data: Path) -> None:
    print(
        f"""
  Copilot is running between a Slack and a Discord workspace on this machine.

    {url}

  Five things to try there:
    1. In Slack, in #checkout:   @copilot which version of checkout is in production?
    2. In Slack or Discord:      /copilot run deploy service=checkout environment=production
    3. In #approvals:            press Approve as Dana (refused), then as Lee
    4. In Slack or Discord:      @copilot p95 latency of checkout in production
    5. In Slack or Discord:      @copilot how many runs were started today per workflow?

  Records: {data / "copilot.db"}   Ctrl-C stops it.
""",
        flush=True,
    )


def _settings(
    slack: SlackEmulator,
    discord: DiscordEmulator,
    delivery: DeliveryFake,
    metrics: PrometheusFake,
    lines: LokiFake,
    spans: TempoFake,
    manager: AlertmanagerFake,
    models: ObservatoryFake,
    data: Path,
) -> Settings:
    people = {
        "dana": (f"slack:{team.TEAM}/{team.DANA}", f"discord:{guild.GUILD}/{guild.DANA}"),
        "lee": (f"slack:{team.TEAM}/{team.LEE}", f"discord:{guild.GUILD}/{guild.LEE}"),
        "sam": (f"slack:{team.TEAM}/{team.SAM}", f"discord:{guild.GUILD}/{guild.SAM}"),
    }
    roles = {"dana": ["operator"], "lee": ["operator", "approver"], "sam": ["approver"]}
    accounts = {account: roles[name] for name, accounts in people.items() for account in accounts}
    return Settings.model_validate(
        {
            "database_url": f"sqlite:///{data / 'copilot.db'}",
            "slack": {
                "enabled": True,
                "bot_token": slack.bot_token,
                "app_token": slack.app_token,
                "api_url": slack.api_url,
            },
            "discord": {
                "enabled": True,
                "token": discord.bot_token,
                "api_url": discord.api_url,
                "guild_ids": [discord.guild_id],
            },
            "http": {"port": 0},
            "roles": accounts,
            "same_person": [list(accounts) for accounts in people.values()],
            "approval_channels": [f"slack:{team.TEAM}/{team.APPROVALS}", f"discord:{guild.GUILD}/{guild.APPROVALS}"],
            "delivery": {"url": delivery.url, "token": delivery.token},
            "prometheus": {"url": metrics.url},
            "loki": {"url": lines.url},
            "tempo": {"url": spans.url},
            "alertmanager": {"url": manager.url},
            "observatory": {"url": models.url, "secret": _SECRET, "org": ORG, "projects": [PROJECT]},
            "alerts": {
                "shop": {
                    "token": _TOKEN,
                    "channels": [f"slack:{team.TEAM}/{team.INCIDENTS}", f"discord:{guild.GUILD}/{guild.INCIDENTS}"],
                }
            },
            "unattended": ["mitigate"],
            "log": {"level": "warning", "format": "console"},
        }
    )
