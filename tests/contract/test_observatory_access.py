"""Tokens for LLM-Observatory: what they allow, how long they last, and that no secret is shown."""

import logging
from collections.abc import AsyncIterator, Iterator

import jwt
import pytest

from core.errors import UpstreamError, UpstreamRejected, UserInputError
from core.ports.usage import CallsAsked, Usage, UsageMetric
from integrations.http import Reach
from integrations.observability.observatory.client import ObservatoryClient
from integrations.observability.observatory.fake import ObservatoryFake
from integrations.observability.observatory.series import HOUR
from integrations.observability.observatory.tokens import PERMISSIONS, Access, Tokens
from tests.contract.observatory_calls import ACCESS, END, NOW, ORG, SECRET, START, quickly, source

COST = Usage(UsageMetric.COST, HOUR)
CLAIMS = {
    "sub": "copilot", "org_id": ORG, "projects": ["p"], "role": "viewer", "permissions": list(PERMISSIONS),
    "iat": int(NOW), "exp": int(NOW) + 300, "jti": "1",
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def without_waiting() -> Iterator[None]:
    with quickly():
        yield


@pytest.fixture
async def fake() -> AsyncIterator[ObservatoryFake]:
    async with ObservatoryFake(source(), secret=SECRET, now=lambda: NOW) as service:
        yield service


def signed(**changed: object) -> str:
    claims = {**CLAIMS, **changed}
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, SECRET, algorithm="HS256")


async def ask(fake: ObservatoryFake, token: str) -> None:
    async with ObservatoryClient(Reach(fake.url, token), Access(), now=lambda: NOW) as client:
        await client.over(COST, START, END)
        await client.calls(CallsAsked(), START, END)
        await client.trace("t-0")


def test_a_token_says_what_the_contract_asks_for_and_allows_what_is_asked_and_no_more() -> None:
    token = Tokens(Access(SECRET, ORG, projects=("p", "q")), lambda: NOW)()
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    found = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_exp": False, "verify_iat": False})
    assert found.keys() == {"sub", "org_id", "projects", "role", "permissions", "iat", "exp", "jti"}
    assert (found["sub"], found["org_id"], found["projects"], found["role"]) == ("copilot", ORG, ["p", "q"], "viewer")
    assert found["permissions"] == ["read:traces", "metrics:read"]
    assert (found["iat"], found["exp"] - found["iat"]) == (int(NOW), 300)


def test_a_token_is_kept_until_a_minute_before_its_end() -> None:
    now = [NOW]
    tokens = Tokens(ACCESS, lambda: now[0])
    first = tokens()
    now[0] = NOW + 240
    assert tokens() == first
    now[0] = NOW + 240.5
    second = tokens()
    assert second != first
    assert jwt.decode(second, options={"verify_signature": False})["exp"] == int(NOW) + 540
    assert Tokens(Access(), lambda: NOW)() == ""


async def test_tokens_are_renewed_while_the_client_is_open() -> None:
    now = [NOW]
    async with (
        ObservatoryFake(source(), secret=SECRET, now=lambda: now[0]) as fake,
        ObservatoryClient(Reach(fake.url), ACCESS, now=lambda: now[0]) as client,
    ):
        for later in (0, 239, 301, 4000):
            now[0] = NOW + later
            await client.over(COST, START, END)
        assert len(fake.claims) == 4


async def test_a_token_that_is_ready_is_sent_as_it_is(fake: ObservatoryFake) -> None:
    await ask(fake, signed(sub="somebody"))
    assert {who.subject for who in fake.claims} == {"somebody"}
    with pytest.raises(UserInputError, match="not both"):
        ObservatoryClient(Reach(fake.url, "ready"), ACCESS)


@pytest.mark.parametrize("missing", PERMISSIONS)
async def test_each_permission_is_needed(fake: ObservatoryFake, missing: str) -> None:
    with pytest.raises(UpstreamRejected) as refused:
        await ask(fake, signed(permissions=[one for one in PERMISSIONS if one != missing]))
    assert refused.value.reason in ("FORBIDDEN", "forbidden")
    assert refused.value.hint


async def test_the_defaults_of_the_role_do_not_do(fake: ObservatoryFake) -> None:
    with pytest.raises(UpstreamRejected):
        await ask(fake, signed(permissions=["read:traces", "read:metrics", "read:costs"]))
    await ask(fake, signed(permissions=[], role="admin"))


@pytest.mark.parametrize(
    ("secret", "others", "said"),
    [
        ("default_jwt_secret_change_in_production_minimum_32_characters", {"org": ORG}, "everybody can read it"),
        ("too-short", {"org": ORG}, "32 bytes"),
        (SECRET, {}, "observatory.org"),
        (SECRET, {"org": ORG, "role": "owner"}, "observatory.role"),
    ],
)
def test_access_that_cannot_work_is_refused_with_the_reason(secret: str, others: dict[str, str], said: str) -> None:
    with pytest.raises(UserInputError, match=said) as refused:
        Access(secret, **others)
    assert secret not in f"{refused.value.message}{refused.value.hint}"


async def test_no_secret_is_shown(fake: ObservatoryFake, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = Tokens(ACCESS, lambda: NOW)
    client = ObservatoryClient(Reach(fake.url), ACCESS, now=lambda: NOW)
    async with client:
        await client.over(COST, START, END)
        fake.broken = 403
        with pytest.raises(UpstreamError) as failed:
            await client.calls(CallsAsked(), START, END)
    shown = f"{ACCESS!r} {tokens!r} {client!r} {vars(client)!r} {failed.value!r} {failed.value.hint} {caplog.text}"
    assert SECRET not in shown
    assert tokens() not in shown
    assert "eyJ" not in shown
