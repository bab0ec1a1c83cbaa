"""Log lines: one JSON object an event, ours and the libraries', without secrets."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from bot import logs
from bot.sections import Log
from bot.settings import Settings

TOKEN = "xoxb-1111-2222-abcdefghijkl"


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Put the process's logging back as it was."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    root.handlers.clear()
    yield
    structlog.configure(**before)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def configured(level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(Log.model_validate({"level": level}), stream)
    return stream


class Leaky:
    def __repr__(self) -> str:
        return f"Leaky({TOKEN})"


def test_an_event_is_one_json_object_with_time_level_and_name() -> None:
    stream = configured()
    structlog.get_logger("bot.turns").info("turn.handled", entry="e1", seconds=0.5)
    [line] = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    expected = {"event": "turn.handled", "level": "info", "logger": "bot.turns", "entry": "e1", "seconds": 0.5}
    assert line == expected


def test_bound_ids_are_on_every_line_within() -> None:
    stream = configured()
    with structlog.contextvars.bound_contextvars(correlation="4bf92f3577b3", run="RUN-1"):
        structlog.get_logger().info("run.started")
        logging.getLogger("library").warning("retrying")
    structlog.get_logger().info("run.forgotten")
    assert [line.get("correlation") for line in lines(stream)] == ["4bf92f3577b3", "4bf92f3577b3", None]


def test_what_libraries_log_takes_the_same_way() -> None:
    stream = configured()
    logging.getLogger("slack_sdk.web").warning("calling with %s", TOKEN)
    [line] = lines(stream)
    assert (line["event"], line["level"], line["logger"]) == (
        "calling with xoxb-[redacted]",
        "warning",
        "slack_sdk.web",
    )


@pytest.mark.parametrize("library", ["slack_sdk", "discord", "aiohttp.access", "alembic.runtime", "httpx"])
def test_news_of_libraries_are_left_out(library: str) -> None:
    stream = configured()
    logging.getLogger(library).info("a request was made")
    assert lines(stream) == []


def test_what_is_below_the_level_is_left_out() -> None:
    stream = configured("warning")
    structlog.get_logger().info("bot.started")
    structlog.get_logger().error("bot.broke")
    assert [line["event"] for line in lines(stream)] == ["bot.broke"]


def test_secrets_are_masked_wherever_they_are() -> None:
    stream = configured()
    structlog.get_logger().info(
        f"said {TOKEN}",
        text=f"password=hunter2 {TOKEN}",
        body={"headers": [{"Authorization": "Bearer abc"}], "url": "redis://:hunter2@cache"},
        bot_token=TOKEN,
        thing=Leaky(),
        inside={"things": [Leaky()], "set": {TOKEN}},
        kept=SecretStr(TOKEN),
        error=ValueError(TOKEN),
    )
    assert "hunter2" not in stream.getvalue()
    assert "1111" not in stream.getvalue()
    assert lines(stream)[0]["thing"] == "Leaky(xoxb-[redacted])"


@pytest.mark.parametrize("shape", ["json", "console"])
@pytest.mark.parametrize("evil", ["a\nb", 'a\r\n{"event": "forged"}', "a\u2028b", "a\x1b[2Jb", "a\u202eb", "a\x00b"])
def test_what_people_write_makes_no_line_of_its_own(shape: str, evil: str) -> None:
    stream = io.StringIO()
    logs.configure(Log.model_validate({"format": shape}), stream)
    structlog.get_logger().info("turn.failed", error=evil, name=evil)
    logging.getLogger("library").warning("trouble with %s", evil)
    text = stream.getvalue()
    assert len(text.splitlines()) == 2
    assert not [letter for letter in text if letter in "\r\x1b\u2028\u202e\x00"]


def test_settings_are_logged_without_secrets() -> None:
    stream = configured()
    tokens = {"bot_token": TOKEN, "signing_secret": "planted-3333"}
    settings = Settings.model_validate({"slack": tokens, "database_url": "postgresql://lee:planted-6666@db/app"})
    structlog.get_logger().info("bot.started", settings=settings, dumped=settings.model_dump(), text=str(settings))
    assert "planted" not in stream.getvalue()
    assert TOKEN not in stream.getvalue()


def test_libraries_below_a_warning_are_silent_even_at_a_level_of_their_own() -> None:
    stream = configured("debug")
    logger = logging.getLogger("slack_bolt.AsyncApp")
    logger.setLevel(logging.DEBUG)
    logger.debug("Received message (data: what somebody typed)")
    logger.warning("reconnecting")
    assert [line["event"] for line in lines(stream)] == ["reconnecting"]


def test_secrets_are_masked_in_tracebacks_of_ours_and_of_libraries() -> None:
    stream = configured()
    for logger in (structlog.get_logger(), logging.getLogger("library")):
        try:
            raise ValueError(f"refused {TOKEN}")
        except ValueError:
            logger.exception("call.broke")
    assert "1111" not in stream.getvalue()
    assert all("ValueError: refused xoxb-[redacted]" in line["exception"] for line in lines(stream))


def test_numbers_and_nothing_stay_what_they_are() -> None:
    stream = configured()
    structlog.get_logger().info("queue.looked", depth=3, ratio=0.5, on=True, reason=None)
    line = lines(stream)[0]
    assert [line[name] for name in ("depth", "ratio", "on", "reason")] == [3, 0.5, True, None]


def test_the_console_form_is_for_people_and_masked_too() -> None:
    stream = io.StringIO()
    logs.configure(Log(format="console"), stream)
    structlog.get_logger().warning("bot.started", bot_token=TOKEN)
    assert "bot.started" in stream.getvalue()
    assert "1111" not in stream.getvalue()
    assert "\x1b[" not in stream.getvalue()
