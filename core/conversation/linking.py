"""Joins the accounts of one person by a code: asked for on one platform, said on the other, confirmed on both."""

from collections.abc import Sequence
from datetime import timedelta

from core.actors import Actor, everybody
from core.conversation import link_replies as words
from core.conversation.desk import Desk, Outcome
from core.errors import TooManyRequests, UserInputError
from core.messages import Account, Button, Platform, Turn, Via
from core.planning import link_codes, plan
from core.ports.cache import Cache
from core.ports.records import ActionToken, InboxEntry, Transaction

CODE = "link.code"
_CONFIRM = "link.confirm"
_ACCEPT = "link.accept"
_DECLINE = "link.decline"
STEPS = frozenset({_CONFIRM, _ACCEPT, _DECLINE})
"""Purposes of the buttons."""

_TRIES = 5
"""Codes that one account may say in an hour."""


class LinkHandler:
    """Links and unlinks. Nothing is joined before both accounts have agreed, each having seen the id of the other: neither a code
    that somebody was talked into typing nor one that somebody was talked out of is enough."""

    def __init__(self, desk: Desk, cache: Cache) -> None:
        self._desk = desk
        self._cache = cache

    async def link(self, entry: InboxEntry, turn: Turn, actor: Actor, meant: plan.Link) -> Outcome:
        """Give a code, or look at the one that was said."""
        if not meant.code:
            return self._give(entry, actor)
        wait = await self._cache.take(f"link:{actor.account}", rate=_TRIES / 3600, burst=_TRIES)
        if wait > 0:
            hint = f"Try again in {round(wait / 60) + 1} min. Nothing was joined."
            raise TooManyRequests(f"An account may say {_TRIES} codes an hour.", hint=hint, delay=wait)
        return Outcome("link", lambda tx: self._said(tx, entry, turn, actor, meant))

    def unlink(self, entry: InboxEntry, actor: Actor) -> Outcome:
        """Make the account a person of its own."""
        desk = self._desk

        def apply(tx: Transaction) -> Sequence[str]:
            others = tx.people.unlink(actor.account, now=desk.clock.now())
            for other in sorted(others, key=str):
                tx.audit.add(desk.audit_row(entry.item, actor, "account.unlink", str(other), "done"))
            fixed = desk.identity.accounts(actor.account) - {actor.account}
            told = [desk.put_reply(tx, entry, words.unlinked(others, fixed), private=True)]
            for other in sorted(others, key=str):
                told += self._desk.tell(tx, entry, other, words.unlinked(frozenset({actor.account}), frozenset()))
            return told

        return Outcome("unlink", apply)

    def click(self, entry: InboxEntry, actor: Actor, token: ActionToken) -> Outcome:
        """One of the buttons."""

        def apply(tx: Transaction) -> Sequence[str]:
            mine = Account.parse(token.data["mine"])
            if actor.account != mine or self._old(token) or not tx.tokens.use(token.token):
                return [self._refuse(tx, entry, actor, token.data["other"])]
            if token.purpose == _DECLINE:
                tx.tokens.void(token.subject)
                tx.audit.add(self._desk.audit_row(entry.item, actor, "account.link", token.data["other"], "refused"))
                return [self._desk.put_reply(tx, entry, words.declined(), private=True)]
            if token.purpose == _CONFIRM:
                return self._ask_other(tx, entry, actor, Account.parse(token.data["other"]), token)
            return self._join(tx, entry, actor, token)

        return Outcome("link", apply)

    # --- steps -----------------------------------------------------------------------------------------

    def _give(self, entry: InboxEntry, actor: Actor) -> Outcome:
        desk = self._desk
        if actor.account.platform not in (Platform.SLACK, Platform.DISCORD):
            hint = "Say `link` in Slack or Discord, and the code here: the confirmation needs a button."
            raise UserInputError("A terminal can say a code but not ask for one.", hint=hint)

        def apply(tx: Transaction) -> Sequence[str]:
            code = link_codes.code_from(desk.ids.token())
            ends = desk.clock.now() + timedelta(seconds=link_codes.LIFE_SECONDS)
            subject = f"link:{actor.account}"
            tx.tokens.void(subject)
            data = {"account": str(actor.account), "name": actor.name}
            tx.tokens.put(ActionToken(link_codes.key(code), CODE, subject, data, ends))
            tx.audit.add(desk.audit_row(entry.item, actor, "account.code", str(actor.account), "done"))
            return [desk.put_reply(tx, entry, words.code(code), private=True)]

        return Outcome("link", apply)

    def _said(self, tx: Transaction, entry: InboxEntry, turn: Turn, actor: Actor, meant: plan.Link) -> Sequence[str]:
        desk = self._desk
        token = tx.tokens.get(link_codes.key(meant.code))
        if token is None or token.purpose != CODE or token.used or self._old(token):
            return [self._refuse(tx, entry, actor, "")]
        other = Account.parse(token.data["account"])
        if other == actor.account:
            return [self._refuse(tx, entry, actor, str(other))]
        one = everybody(actor.account, lambda a: desk.identity.accounts(a) | tx.people.linked(a))
        if other in one:
            return [desk.put_reply(tx, entry, words.already(other), private=True)]
        if turn.via is Via.TERMINAL and not meant.sure:
            return [desk.put_reply(tx, entry, words.confirm(other, token.data["name"], None), private=True)]
        tx.tokens.use(token.token)
        if turn.via is Via.TERMINAL:
            return self._ask_other(tx, entry, actor, other, token)
        names = {"mine_name": actor.name, "other_name": token.data["name"]}
        buttons = self._buttons(tx, token, _CONFIRM, mine=str(actor.account), other=str(other), **names)
        return [desk.put_reply(tx, entry, words.confirm(other, token.data["name"], buttons), private=True)]

    def _ask_other(
        self, tx: Transaction, entry: InboxEntry, actor: Actor, other: Account, token: ActionToken
    ) -> Sequence[str]:
        """The one who said the code is sure; now the one who asked for it."""
        name = token.data.get("other_name") or token.data.get("name", "")
        names = {"mine_name": name, "other_name": actor.name}
        buttons = self._buttons(tx, token, _ACCEPT, mine=str(other), other=str(actor.account), **names)
        told = self._desk.tell(tx, entry, other, words.confirm(actor.account, actor.name, buttons))
        return [*told, self._desk.put_reply(tx, entry, words.waits(other), private=True)]

    def _join(self, tx: Transaction, entry: InboxEntry, actor: Actor, token: ActionToken) -> Sequence[str]:
        desk, other = self._desk, Account.parse(token.data["other"])
        tx.tokens.void(token.subject)
        tx.people.link(actor.account, other, now=desk.clock.now())
        tx.audit.add(desk.audit_row(entry.item, actor, "account.link", str(other), "done"))
        told = self._desk.tell(tx, entry, other, words.linked(actor.account, actor.name))
        return [*told, desk.put_reply(tx, entry, words.linked(other, token.data["other_name"]), private=True)]

    # --- helpers ---------------------------------------------------------------------------------------

    def _buttons(self, tx: Transaction, of: ActionToken, purpose: str, **data: str) -> tuple[Button, Button]:
        yes, no = self._desk.ids.token(), self._desk.ids.token()
        tx.tokens.put(ActionToken(yes, purpose, of.subject, dict(data), of.expires_at))
        tx.tokens.put(ActionToken(no, _DECLINE, of.subject, dict(data), of.expires_at))
        return words.yes(f"do:{yes}"), words.no(f"do:{no}")

    def _old(self, token: ActionToken) -> bool:
        return token.expires_at is None or token.expires_at <= self._desk.clock.now()

    def _refuse(self, tx: Transaction, entry: InboxEntry, actor: Actor, target: str) -> str:
        tx.audit.add(self._desk.audit_row(entry.item, actor, "account.link", target, "refused", "wrong code"))
        return self._desk.put_reply(tx, entry, words.wrong(), private=True)
