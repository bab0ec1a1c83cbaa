"""People who ask: at once, or at a steady rate whatever comes back. Times are the emulator's own."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from bot.emulators.common.client import ControlClient
from bot.emulators.slack import acme

QUESTION = "@copilot what waits for approval?"
SENTENCE = "@copilot is there still something that somebody has to approve for us?"
"""Asks the same in words that no rule knows."""


@dataclass
class Answers:
    """Which questions were answered when."""

    asked: dict[str, float] = field(default_factory=dict)
    answered: dict[str, list[float]] = field(default_factory=dict)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def of(self, message: str, within: float = 30.0) -> None:
        """Wait until a question is answered."""
        async with asyncio.timeout(within), self.news:
            await self.news.wait_for(lambda: message in self.answered)

    def latencies(self) -> list[float]:
        """Seconds from a question to its first answer."""
        return [times[0] - self.asked[m] for m, times in self.answered.items() if m in self.asked]

    @property
    def lost(self) -> int:
        """Questions without an answer."""
        return len(self.asked.keys() - self.answered.keys())

    @property
    def doubled(self) -> int:
        """Questions with more than one."""
        return sum(len(times) > 1 for m, times in self.answered.items() if m in self.asked)


@asynccontextmanager
async def watching(control: ControlClient) -> AsyncIterator[Answers]:
    """Answers of the bot while the block runs."""
    answers = Answers()
    since = await control.seq()

    async def watch() -> None:
        async with aclosing(control.events(since)) as events:
            async for event in events:
                message = event.message
                if event.type == "message" and message["author"] == acme.BOT_USER and message.get("thread"):
                    async with answers.news:
                        answers.answered.setdefault(message["thread"], []).append(event.at)
                        answers.news.notify_all()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(watch())
        yield answers
        task.cancel()


async def ask(control: ControlClient, answers: Answers, person: str, question: str = QUESTION) -> str:
    """Ask one question."""
    message = await control.post(person, acme.GENERAL, question)
    answers.asked[message] = float(message)
    return message


async def closed_loop(
    control: ControlClient, *, count: int, at_once: int, question: str = QUESTION
) -> tuple[float, Answers]:
    """`count` questions with `at_once` people who each wait for their answer; questions a second."""
    left = iter(range(count))
    async with watching(control) as answers:

        async def person() -> None:
            for _ in left:
                await answers.of(await ask(control, answers, acme.DANA, question))

        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(person())
        return count / (time.perf_counter() - began), answers


async def open_loop(control: ControlClient, people: Sequence[str], *, rate: float, seconds: float) -> Answers:
    """Questions at a steady rate, whether or not they are answered."""
    async with watching(control) as answers, asyncio.TaskGroup() as group:
        began = time.perf_counter()
        for n in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
            group.create_task(ask(control, answers, people[n % len(people)]))
        end = time.perf_counter() + 30
        while (len(answers.asked) < int(rate * seconds) or answers.lost) and time.perf_counter() < end:
            await asyncio.sleep(0.05)
    return answers


async def burst(control: ControlClient, people: Sequence[str]) -> Answers:
    """Everybody asks at once."""
    async with watching(control) as answers:
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(ask(control, answers, person))
        end = time.perf_counter() + 60
        while answers.lost and time.perf_counter() < end:
            await asyncio.sleep(0.05)
    return answers
