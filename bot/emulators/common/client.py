"""Drives an emulator from Python: act as people, move time, inject faults, and wait for what happens."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpx

Json = dict[str, Any]


class ControlFailed(Exception):
    """The emulator refused a control request; the text says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """One numbered event of the emulated workspace."""

    seq: int
    at: float
    type: str
    data: Json
    """All fields, as documented in the emulators' README."""

    @property
    def message(self) -> Json:
        """The message of a `message` or `message_changed` event, else an empty object."""
        found: Json = self.data.get("message") or {}
        return found

    @property
    def form(self) -> Json:
        """The form of a `form_opened` or `form_changed` event, else an empty object."""
        found: Json = self.data.get("form") or {}
        return found

    @property
    def text(self) -> str:
        """All that can be read in the message or form, as JSON text; to search in."""
        return json.dumps(self.data, ensure_ascii=False)


class ControlClient:
    """Client of one emulator's control interface. `async with` closes its connections."""

    def __init__(self, base_url: str, *, timeout: float = 10.0) -> None:
        """`base_url`: the emulator's address; `timeout`: seconds, the default for waits and requests."""
        self._timeout = timeout
        limits = httpx.Limits(max_connections=None)
        self._http = httpx.AsyncClient(base_url=base_url.rstrip("/"), timeout=timeout, limits=limits, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    # --- reading ---------------------------------------------------------------------------------------

    async def state(self) -> Json:
        """The whole workspace."""
        found: Json = await self._call("GET", "/control/state")
        return found

    async def requests(self, since: int = 0, *, path: str = "") -> list[Json]:
        """The bot's API calls after number `since`; with `path` only those whose path contains it."""
        found: list[Json] = await self._call("GET", f"/control/requests?since={since}")
        return [request for request in found if path in request["path"]]

    async def acks(self, since: int = 0, *, kind: str = "") -> list[Json]:
        """The deliveries to the bot after number `since`; with `kind` only those of that kind."""
        found: list[Json] = await self._call("GET", f"/control/acks?since={since}")
        return [ack for ack in found if not kind or ack["kind"] == kind]

    async def gaps(self) -> Json:
        """What the emulator lacks."""
        found: Json = await self._call("GET", "/control/gaps")
        return found

    async def seq(self) -> int:
        """The number of the latest event."""
        return int((await self.state())["seq"])

    # --- acting ----------------------------------------------------------------------------------------

    async def act(self, as_: str, do: str, **fields: object) -> Json:
        """Let person `as_` do something. The answer's `seq` is the latest event before it: pass it as `since`."""
        wish = {"as": as_, "do": do, **{name: value for name, value in fields.items() if value is not None}}
        found: Json = await self._call("POST", "/control/act", wish)
        return found

    async def post(self, as_: str, channel: str, text: str, *, thread: str | None = None) -> str:
        """Write a message; returns its id."""
        return str((await self.act(as_, "post", channel=channel, text=text, thread=thread))["message"])

    async def direct(self, as_: str, text: str) -> Json:
        """Write to the bot in the direct message; answers `message` and `channel`."""
        return await self.act(as_, "direct", text=text)

    async def command(self, as_: str, channel: str, name: str, text: str = "", *, options: Json | None = None) -> Json:
        """Send a slash or application command."""
        return await self.act(as_, "command", channel=channel, name=name, text=text, options=options)

    async def click(
        self, as_: str, message: str, action: str, value: str | None = None, *, stale: bool | None = None
    ) -> Json:
        """Press a button of a message; with `stale` one that the message may not have any more."""
        return await self.act(as_, "click", message=message, action=action, value=value, stale=stale)

    async def select(self, as_: str, message: str, action: str, *values: str) -> Json:
        """Choose options of a menu."""
        return await self.act(as_, "select", message=message, action=action, values=list(values))

    async def submit(self, as_: str, form: str, fields: Json | None = None) -> Json:
        """Send an open form."""
        return await self.act(as_, "submit", form=form, fields=fields or {})

    async def react(self, as_: str, message: str, emoji: str) -> Json:
        """Add a reaction."""
        return await self.act(as_, "react", message=message, emoji=emoji)

    async def pin(self, as_: str, message: str) -> Json:
        """Pin a message to its channel."""
        return await self.act(as_, "pin", message=message)

    async def shortcut(self, as_: str, message: str, callback: str) -> Json:
        """Choose something of the app's in a message's menu (Discord: the command's name)."""
        return await self.act(as_, "shortcut", message=message, callback=callback)

    # --- time, faults, seeds -----------------------------------------------------------------------------

    async def clock(self, seconds: float) -> float:
        """Move the platform's time forward; returns the new time."""
        return float((await self._call("POST", "/control/clock", {"advance": seconds}))["now"])

    async def fault(self, kind: str, *, match: str = "*", times: int | None = None, **values: float) -> int:
        """Inject a fault; returns its id."""
        wish = {"kind": kind, "match": match, "times": times, **values}
        return int((await self._call("POST", "/control/faults", wish))["id"])

    async def clear_faults(self) -> None:
        """End all faults."""
        await self._call("DELETE", "/control/faults")

    async def seed(self, **wish: object) -> Json:
        """Add people and channels."""
        found: Json = await self._call("POST", "/control/seed", wish)
        return found

    # --- waiting ---------------------------------------------------------------------------------------

    async def events(self, since: int | None = 0) -> AsyncGenerator[Event, None]:
        """Events after `since` (None: from now), then live ones, without end."""
        query = "" if since is None else f"?since={since}"
        async with self._http.stream("GET", f"/control/events{query}", timeout=None) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    data: Json = json.loads(line.removeprefix("data: "))
                    yield Event(data["seq"], data["at"], data["type"], data)

    async def wait_for(
        self, predicate: Callable[[Event], object], *, since: int = 0, timeout: float | None = None, what: str = ""
    ) -> Event:
        """The first event after `since` (default: ever) for which `predicate` holds; AssertionError after `timeout` seconds."""
        latest: list[str] = []
        try:
            async with asyncio.timeout(self._timeout if timeout is None else timeout):
                async with contextlib.aclosing(self.events(since)) as events:
                    async for event in events:
                        if predicate(event):
                            return event
                        latest = [*latest[-7:], f"{event.seq} {event.type}: {event.text[:300]}"]
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what or 'an event'}; latest:\n" + "\n".join(latest)) from None
        raise AssertionError(f"the emulator closed while waiting for {what or 'an event'}")

    async def wait_message(
        self,
        *,
        channel: str | None = None,
        contains: str = "",
        author: str | None = None,
        thread: str | None = None,
        private_to: str | None = None,
        id_: str | None = None,
        changed: bool | None = None,
        since: int = 0,
        timeout: float | None = None,
    ) -> Event:
        """The first new or changed message that fits. `contains` is looked for in its whole JSON text; `changed`: only new
        (False) or only changed (True) ones, default both."""
        types = {None: {"message", "message_changed"}, False: {"message"}, True: {"message_changed"}}[changed]
        wanted = {"channel": channel, "author": author, "thread": thread, "private_to": private_to, "id": id_}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        needle = json.dumps(contains, ensure_ascii=False)[1:-1]

        def fits(event: Event) -> bool:
            return (
                event.type in types
                and all(event.message.get(name) == value for name, value in wanted.items())
                and needle in json.dumps(event.message, ensure_ascii=False)
            )

        return await self.wait_for(fits, since=since, timeout=timeout, what=f"a message with {contains!r} {wanted}")

    async def wait_form(self, *, person: str | None = None, since: int = 0, timeout: float | None = None) -> Event:
        """The first form opened (for `person`)."""

        def fits(event: Event) -> bool:
            return event.type == "form_opened" and (person is None or event.form.get("person") == person)

        return await self.wait_for(fits, since=since, timeout=timeout, what="a form")

    async def _call(self, method: str, path: str, body: Json | None = None) -> Any:  # noqa: ANN401 -- JSON of any shape
        response = await self._http.request(method, path, json=body)
        if response.is_error:
            raise ControlFailed(response.json().get("error", response.text) if response.content else str(response))
        return response.json()
