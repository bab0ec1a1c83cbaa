"""The bot understands: ten turns with references, a meaning chosen by button, a query edited, an incident told in free words; A27, A28."""

import asyncio
import json
import re
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from bot.emulators.common.client import Event
from bot.slack.text import shown_code
from core.intents.sentences import SURE
from core.messages import Account, Platform
from core.nlp.classifier import classify
from integrations.observability.loki.engine.entries import Entry, RecordedLogs
from integrations.observability.loki.fake import LokiFake
from integrations.observability.prometheus.engine.samples import Recorded
from integrations.observability.prometheus.fake import PrometheusFake
from tests.flows.world import World, until

ERRORS = (
    'sum(rate(http_requests_total{service="checkout",status=~"5.."}[5m]))'
    ' / sum(rate(http_requests_total{service="checkout"}[5m]))'
)
UNCLEAR = (
    "checkout thing again",
    "the search stuff from earlier pls",
    "orders, hmm, tests?",
    "that payments page",
    "check it",
    "db?",
)
"""Sentences that nobody could be sure about; which of them the bot is unsure about is looked up."""


def requests(*, errors: float = 0.1, pods: int = 2, until: float = 0.0) -> Recorded:
    """Requests of checkout over the last five hours; `errors`: their share; `until`: seconds from now at which they end."""
    data, now = Recorded({}), time.time()
    for pod in range(pods):
        labels = {
            "service": "checkout",
            "environment": "production",
            "pod": f"checkout-{pod}",
            "instance": f"checkout-{pod}:80",
        }
        for status, share in (("200", 1 - errors), ("500", errors)):
            points = [
                (now - 18_000 + 15 * n, 150.0 * share * n)
                for n in range(1200 + 1)
                if now - 18_000 + 15 * n <= now + until
            ]
            data.add("http_requests_total", {**labels, "status": status}, points)
    return data


async def say(world: World, text: str, *, contains: str = "") -> Event:
    """A direct message by Dana, and the answer."""
    since = await world.control.seq()
    sent = await world.control.direct(world.names.dana, text)
    return await world.reply_in(str(sent["channel"]), contains=contains, since=since)


def query(event: Event) -> str:
    """The last code in a message."""
    raw = event.data["message"]["raw"]
    if "blocks" in raw:
        return shown_code(raw["blocks"])
    texts = [raw.get("content", ""), *(embed.get("description", "") for embed in raw.get("embeds", ()))]
    return [code for text in texts for code in re.findall(r"```[a-z]*\n(.*?)\n```", text, re.DOTALL)][-1]


async def test_ten_turns_with_references(world: World) -> None:
    first = query(await say(world, "p99 of checkout in production over the last hour"))
    assert 'service="checkout"' in first
    assert 'environment="production"' in first
    assert "[1h]" in first
    second = await say(world, "and the error rate?")
    assert 'status=~"5.."' in query(second)
    assert 'service="checkout"' in query(second)
    assert "earlier in this conversation" in second.text
    third = query(await say(world, "same for staging"))
    assert ('status=~"5.."' in third, 'environment="staging"' in third, "production" in third) == (True, True, False)
    assert "[6h]" in query(await say(world, "last 6 hours instead"))
    fifth = query(await say(world, "what about payments?"))
    assert ('service="payments"' in fifth, "checkout" in fifth) == (True, False)
    logs = query(await say(world, "show me the error logs"))
    assert logs.startswith('{service="payments"')
    assert "What I know about" in (await say(world, "is it ok?")).text
    ship = await say(world, "ship search 2.3 to staging")
    assert "run deploy service=search environment=staging version=2.3" in ship.text
    assert "welcome" in (await say(world, "thanks!")).text
    counted = query(await say(world, "how many incidents were opened last week per severity?"))
    assert counted.startswith("SELECT severity")
    assert "payments" not in counted, "what was said of a service is no filter for the bot's own records"


async def press(world: World, answer: Event, label: str, *, contains: str) -> Event:
    """Press a button of an answer; the message of the bot in the same place that holds this."""
    card = world.card(answer)
    since = await world.control.seq()
    await world.control.click(world.names.dana, card.message, card.buttons[label])
    return await world.reply_in(str(answer.data["message"]["channel"]), contains=contains, since=since)


async def test_what_the_bot_has_begun_is_meant_by_it(world: World) -> None:
    """Replies of the bot count as mentions: the run and the incident that they name are what "it" refers to."""
    shown = await say(world, "ship search 2.3 to staging")
    card = await press(world, shown, "Start", contains="RUN-")
    run = re.search(r"RUN-\w{6}", card.text)
    assert run
    stopping = await say(world, "stop it please", contains=f"Stop `{run[0]}`?")
    assert f"Stop {run[0]}" in world.card(stopping).buttons
    report = await say(world, "search is down for all customers, open an incident", contains="Shall I declare")
    proposed = next(label for label in world.card(report).buttons if label.startswith("Declare a"))
    await press(world, report, proposed, contains="INC-1")
    closing = await say(world, "that's fixed, close it", contains="end?")
    assert "INC-1" in closing.text
    assert world.card(closing).buttons["Resolve …"] == "form:resolve:INC-1"


async def test_what_is_unclear_is_asked_with_buttons_and_the_answer_remembered(world: World) -> None:
    unclear = next(text for text in UNCLEAR if classify(text).confidence < SURE)
    asked = world.card(await say(world, unclear, contains="Did you mean"))
    label = next(label for label in asked.buttons if label != "None of these")
    since = await world.control.seq()
    await world.control.click(world.names.dana, asked.message, asked.buttons[label])
    assert world.bot
    records = world.bot.records
    dana = Account(Platform(world.site.name), world.site.workspace, world.names.dana)

    async def remembered() -> bool:
        return bool(await records.read(lambda tx: tx.corrections.latest(limit=5)))

    await until(remembered, what="the answer to be kept")
    kept = (await records.read(lambda tx: tx.corrections.latest(limit=5)))[0]
    assert (kept.account.id, kept.text, kept.guessed) == (dana.id, unclear, classify(unclear).intent)
    again = await say(world, unclear.upper())
    assert "Did you mean" not in again.text
    assert again.seq > since


async def test_no_i_meant_corrects_the_sentence_before(world: World) -> None:
    await say(world, "p99 of checkout in production", contains="histogram_quantile")
    logs = await say(world, "no, I meant the error logs of checkout")
    assert '| json | level="error"' in query(logs)
    assert world.bot
    kept = await world.bot.records.read(lambda tx: tx.corrections.latest(limit=5))
    assert [(one.text, one.guessed, one.meant) for one in kept] == [
        ("p99 of checkout in production", "metric_query", "log_query")
    ]
    shown = await asyncio.to_thread(
        subprocess.run,
        [Path(sys.executable).parent / "copilot", "corrections"],
        env={"COPILOT_DATABASE_URL": world.make_settings().database_url, "PATH": "/usr/bin"},
        cwd=world.folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    row = json.loads(shown.stdout)
    assert (row["text"], row["intent"]) == ("p99 of checkout in production", "log_query")
    assert world.names.dana not in shown.stdout


async def edit(world: World, answer: Event, change: str, *, expect: str, shows: str = "Understood as") -> Event:
    """Press Edit, look at what the form is filled with, send something else; the answer that shows this."""
    card = world.card(answer)
    since = await world.control.seq()
    await world.control.click(world.names.dana, card.message, card.buttons["Edit …"])
    form = await world.control.wait_form(person=world.names.dana, since=since)
    assert expect in world.site.filled(form)["query"]
    await world.control.submit(world.names.dana, form.form["id"], {"query": change})
    return await world.control.wait_message(author=world.names.bot, contains=shows, since=form.seq)


async def test_a28_a_query_is_edited_and_run_again_and_what_writes_is_refused(world: World) -> None:
    await world.command(world.names.dana, world.names.checkout, "declare checkout fails severity=sev1")
    assert world.bot
    records = world.bot.records

    async def there() -> bool:
        return bool(await records.read(lambda tx: tx.incidents.find()))

    await until(there, what="the incident")
    answer = await say(world, "how many incidents per severity?")
    assert "sev1" in answer.text
    edited = await edit(world, answer, "SELECT id, title FROM incidents LIMIT 5", expect="SELECT severity")
    assert "checkout fails" in edited.text
    for bad in ("DELETE FROM incidents", "SELECT * FROM audit", "SELECT id FROM incidents; DROP TABLE incidents"):
        refused = await edit(world, edited, bad, expect="SELECT", shows="I did not run that")
        edited = await edit(world, refused, "SELECT id, title FROM incidents LIMIT 5", expect=bad[:6])
    assert len(await records.read(lambda tx: tx.incidents.find())) == 1


async def test_a28_private_incidents_are_in_no_answer_of_others(world: World) -> None:
    names = world.names
    await world.command(names.lee, names.checkout, "declare stolen laptop severity=sev2 private=yes")
    assert world.bot
    records = world.bot.records

    async def there() -> bool:
        return bool(await records.read(lambda tx: tx.incidents.find()))

    await until(there, what="the incident")
    answer = await say(world, "how many incidents per severity?")
    assert "no row matches" in answer.text
    edited = await edit(world, answer, "SELECT id, title FROM incidents", expect="SELECT severity")
    assert "laptop" not in edited.text


async def test_a27_what_the_backend_lacks_never_runs_and_the_nearest_is_offered(cold: World) -> None:
    data = requests()
    data.add("up", {"job": "node"}, [(time.time(), 1.0)])
    async with PrometheusFake(data) as backend:
        cold.settings["prometheus"] = {"url": backend.url}
        async with cold.started():
            refused = await say(cold, "p99 latency of checkout")
            assert "I did not run that" in refused.text
            answer = await say(cold, "error rate of checkout")
            edited = await edit(
                cold,
                answer,
                'sum(rate(http_request_total{service="checkout"}[5m]))',
                expect="http_requests_total",
                shows="did not run",
            )
            assert "http_requests_total" in edited.text.replace("\\", ""), (
                "Discord shows an underscore behind a backslash"
            )
            assert "did not run" in edited.text
            unlabelled = await edit(
                cold,
                edited,
                "sum by (region) (rate(http_requests_total[5m]))",
                expect="http_request_total",
                shows="did not run",
            )
            assert "did not run" in unlabelled.text
            assert "region" in unlabelled.text
        assert backend.asked == [ERRORS], "only what exists was asked for"


async def test_a27_every_number_comes_from_the_result_and_a_cut_one_says_so(cold: World) -> None:
    async with PrometheusFake(requests(errors=0.0421)) as backend:
        cold.settings["prometheus"] = {"url": backend.url}
        async with cold.started():
            answer = await say(cold, "error rate of checkout")
            assert "4.21 %" in answer.text
            assert "4.21 % 1h before (unchanged)" in answer.text
            backend.data = requests(until=-7200.0)
            cold.clock.advance(61)
            assert "nothing matches" in (await say(cold, "request rate of checkout")).text
            backend.data = requests(pods=240)
            backend.warnings = ("query was answered from part of the data",)
            edited = await edit(
                cold, answer, 'sum by (pod) (rate(http_requests_total{service="checkout"}[5m]))', expect="rate"
            )
            assert "Not all is shown" in edited.text
            assert "225 more of 240 series" in edited.text
            assert "part of the data" in edited.text


async def test_an_answer_has_a_chart_and_is_looked_at_again_by_button(cold: World) -> None:
    async with PrometheusFake(requests(errors=0.0421)) as backend:
        cold.settings["prometheus"] = {"url": backend.url}
        async with cold.started():
            answer = await say(cold, "error rate of checkout")
            assert {"Wider", "Narrower", "By instance", "Beside last week", "Edit …"} <= set(cold.card(answer).buttons)
            assert "last 1h" in answer.text
            wider = await press(cold, answer, "Wider", contains="last 2h")
            assert "4.21 % 2h before" in wider.text
            apart = await press(cold, wider, "By instance", contains="checkout-1:80")
            assert "by (instance)" in query(apart)
            beside = await press(cold, answer, "Beside last week", contains="Understood as")
            assert "Beside last week" not in cold.card(beside).buttons
            place = str(answer.data["message"]["channel"])

            async def charts() -> list[str]:
                raw = [message["raw"] for message in await cold.messages(channel=place, author=cold.names.bot)]
                files = [file for one in raw for file in (*one.get("files", ()), *one.get("attachments", ()))]
                found = (file.get("url_private_download") or file.get("url") for file in files)
                urls = [url for url in found if url and "chart.png" in url]
                return urls if len(urls) == 4 else []

            await until(charts, what="the chart of each answer", within=30)
            async with httpx.AsyncClient(trust_env=False) as http:
                for url in await charts():
                    assert (await http.get(url)).content.startswith(b"\x89PNG\r\n")


async def test_without_the_backend_the_last_answer_is_given_with_its_age(cold: World) -> None:
    async with PrometheusFake(requests(errors=0.0421)) as backend:
        cold.settings["prometheus"] = {"url": backend.url}
        async with cold.started():
            assert "4.21 %" in (await say(cold, "error rate of checkout")).text
            backend.broken = 503
            cold.clock.advance(600)
            old = await say(cold, "error rate of checkout")
            assert "**This is 10 min old**" in old.text or "*This is 10 min old*" in old.text
            assert "the last was 4.21 %" in old.text
            backend.broken = None
            cold.clock.advance(60)

            async def recovered() -> bool:
                return "min old" not in (await say(cold, "error rate of checkout")).text

            await until(recovered, what="an answer of now", within=30)


async def test_after_a_restart_the_last_answer_that_was_looked_at_again_is_still_known(cold: World) -> None:
    async with PrometheusFake(requests(errors=0.0421)) as backend:
        cold.settings["prometheus"] = {"url": backend.url}
        async with cold.started():
            first = await say(cold, "error rate of checkout")
            again = await say(cold, "error rate of checkout")
            assert query(again) == query(first)
        backend.broken = 503
        cold.clock.advance(600)
        async with cold.started():
            old = await say(cold, "error rate of checkout")
            assert "10 min old" in old.text
            assert "the last was 4.21 %" in old.text


async def test_logs_are_told_by_what_they_say_with_all_of_them_in_a_file(cold: World) -> None:
    now, labels = int(time.time()), {"service": "checkout", "environment": "production"}
    lines = [
        Entry((now - 10 * n) * 10**9, json.dumps({"level": "error", "msg": f"order {n} lost <b>"}), labels)
        for n in range(30)
    ]
    lines.append(Entry((now - 5) * 10**9, json.dumps({"level": "error", "msg": "pool is full"}), labels))
    async with LokiFake(RecordedLogs(lines)) as store:
        cold.settings["loki"] = {"url": store.url}
        async with cold.started():
            answer = await say(cold, "error logs of checkout in production")
            assert "31 lines" in answer.text
            assert "2 kinds" in answer.text
            assert "30×" in answer.text
            assert "order * lost" in answer.text.replace("\\", "")
            assert "lines.html" in (await cold.control.wait_message(author=cold.names.bot, contains="lines.html")).text
            plain_text = [Entry((now - 7) * 10**9, "ERROR no mail server", labels | {"service": "notifications"})]
            store.source = RecordedLogs([*lines, *plain_text])
            cold.clock.advance(61)
            said = (await say(cold, "error logs of notifications")).text
            assert "level in its fields" in said
            assert "no mail server" in said
            counted = await say(cold, "how many error logs did checkout have in the last hour?")
            assert "**31**" in counted.text or "*31*" in counted.text


async def test_a28_a_query_that_hurts_the_backend_is_refused(cold: World) -> None:
    async with PrometheusFake(requests()) as backend:
        cold.settings["prometheus"] = {"url": backend.url}
        async with cold.started():
            answer = await say(cold, "error rate of checkout")
            backend.asked.clear()
            refused = await edit(cold, answer, 'rate({__name__=~".+"}[5m])', expect="rate", shows="did not run")
            assert "did not run" in refused.text
            assert backend.asked == []


async def test_a_backend_that_is_away_is_told(cold: World) -> None:
    async with PrometheusFake(requests()) as backend:
        url = backend.url
    cold.settings["prometheus"] = {"url": url}
    async with cold.started():
        answer = await say(cold, "error rate of checkout")
        assert "prometheus cannot be reached" in answer.text


async def test_an_incident_told_in_free_words_gets_a_proposed_severity_and_the_persons_word_is_final(
    world: World,
) -> None:
    told = await say(world, "nobody can log in anywhere, all customers are locked out, please open an incident")
    card = world.card(told)
    assert "Shall I declare a" in told.text
    assert "SEV1" in told.text
    assert "Declare a SEV1" in card.buttons
    await world.control.click(world.names.dana, card.message, card.buttons["SEV3"])
    assert world.bot
    records = world.bot.records

    async def declared() -> bool:
        return bool(await records.read(lambda tx: tx.incidents.find()))

    await until(declared, what="the incident")
    found = (await records.read(lambda tx: tx.incidents.find()))[0]
    assert found.severity == "sev3"
    assert "nobody can log in" in found.title


async def test_times_are_counted_in_the_persons_zone(slack: World) -> None:
    zone = "Pacific/Kiritimati"
    await slack.control.seed(person={"id": "U0KIRI", "name": "tere", "timezone": zone})
    since = await slack.control.seq()
    sent = await slack.control.direct("U0KIRI", "how many incidents were opened today?")
    counted = query(await slack.reply_in(str(sent["channel"]), since=since))
    midnight = datetime.now(ZoneInfo(zone)).replace(hour=0, minute=0, second=0).astimezone(UTC)
    assert f"{midnight:%Y-%m-%d %H:%M:%S}" in counted


@pytest.mark.parametrize(
    "text", ["\u202e" * 50 + "p99", "```\n@everyone\n```", "{}[]()|=~" * 40, 'p99 of "} or up{ for checkout']
)
async def test_odd_sentences_are_answered_like_any_other(slack: World, text: str) -> None:
    answer = await say(slack, text)
    assert "went wrong" not in answer.text
    assert "<!everyone>" not in answer.text


async def test_an_answer_can_be_asked_again_by_its_receipt(cold: World) -> None:
    async with PrometheusFake(requests(errors=0.1)) as backend:
        cold.settings["prometheus"] = {"url": backend.url}
        async with cold.started():
            answer = await say(cold, "error rate of checkout")
            id_ = re.search(r"RCP-[0-9A-Z]{6}", answer.text)
            assert id_
            cold.clock.advance(7_200)
            again = await say(cold, f"receipt {id_[0].lower()}", contains="Asked again")
            assert "the same came back" in again.text
            assert query(again) == query(answer)
            backend.data = requests(errors=0.2)
            cold.clock.advance(120)
            changed = await say(cold, f"receipt {id_[0]}", contains="Asked again")
            assert "it is not the same" in changed.text
            await say(cold, "receipt RCP-000000", contains="I know no receipt")
            message, since = await cold.say(cold.names.dana, cold.names.checkout, "@copilot receipt RCP")
            await cold.reply_in(cold.names.checkout, thread=message, contains="Which receipt?", since=since)


async def test_a26_a_receipt_is_asked_again_only_where_it_was_given_or_by_whom(world: World) -> None:
    answer = await say(world, "how many incidents were opened last week per severity?")
    id_ = re.search(r"RCP-[0-9A-Z]{6}", answer.text)
    assert id_
    message, since = await world.say(world.names.lee, world.names.checkout, f"@copilot receipt {id_[0]}")
    refused = await world.reply_in(world.names.checkout, thread=message, since=since)
    assert f"I know no receipt {id_[0]}" in refused.text
    message, since = await world.say(world.names.dana, world.names.checkout, f"@copilot receipt {id_[0]}")
    mine = await world.reply_in(world.names.checkout, thread=message, since=since)
    assert "the same came back" in mine.text


@pytest.mark.parametrize("on", [True, False])
async def test_what_answers_have_besides_can_be_switched_off(cold: World, *, on: bool) -> None:
    async with PrometheusFake(requests(errors=0.1)) as backend:
        cold.settings["prometheus"] = {"url": backend.url}
        cold.settings["answers"] = {"charts": on, "meanwhile": on}
        async with cold.started():
            await say(cold, "run deploy service=checkout environment=staging", contains="completed")
            answer = await say(cold, "error rate of checkout")
            wider = await press(cold, answer, "Wider", contains="last 2h")
            for shown in (answer, wider):
                assert "10 %" in shown.text
                assert ("In this time" in shown.text) is on
            # What is sent afterwards comes after the pictures of what was sent before.
            await say(cold, "help")
            assert ("chart.png" in str(await cold.control.state())) is on
