"""Secrets are masked, recognisably; what only looks like one stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.redaction import MASK, is_secret_name, redact, redact_value
from tests.planted import Planted, harmless, planted, readable

SECRETS = {
    "xoxb-1111-2222-abcdefghijkl": f"xoxb-{MASK}",
    "xoxp-1111-2222-3333-abcdefghij": f"xoxp-{MASK}",
    "xapp-1-A111-222-abcdef0123": f"xapp-{MASK}",
    "xoxe.xoxp-1-Mi0yLTEyMzQ1Njc4OTAtMTIz": f"xoxe.{MASK}",
    "https://hooks.slack.com/commands/T1/22/aBcDeF": f"https://hooks.slack.com/commands/{MASK}",
    "https://discord.com/api/v10/webhooks/123456789012345678/" + "aB3_" * 15: (
        f"https://discord.com/api/v10/webhooks/123456789012345678/{MASK}"
    ),
    "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE." + "a1-_" * 9: f"MTIzNDU2Nzg5MDEyMzQ1Njc4.{MASK}",
    "ghp_" + "aB3" * 12: f"ghp_{MASK}",
    "github_pat_" + "aB3" * 12: f"github_pat_{MASK}",
    "glpat-aB3aB3aB3aB3aB3aB3": f"glpat-{MASK}",
    "sk_live_aB3aB3aB3aB3": f"sk_live_{MASK}",
    "sk-proj-aB3aB3aB3aB3aB3aB3aB3": f"sk-proj-{MASK}",
    "AKIAABCDEFGHIJKLMNOP": f"AKIA{MASK}",
    "AIza" + "aB3-_" * 7: f"AIza{MASK}",
    "ya29.aB3aB3aB3aB3aB3aB3aB3": f"ya29.{MASK}",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl": f"eyJ{MASK}",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc=\n-----END RSA PRIVATE KEY-----": (
        f"-----BEGIN RSA PRIVATE KEY-----{MASK}"
    ),
    "Authorization: Bearer abcdef": f"Authorization: Bearer {MASK}",
    "Authorization: Basic dXNlcjpwYXNz": f"Authorization: Basic {MASK}",
    "'Authorization': 'Bot abc.def.ghi'": f"'Authorization': 'Bot {MASK}'",
    "Cookie: session=abc; theme=dark": f"Cookie: {MASK}",
    "sent Bearer 0123456789abcdef": f"sent Bearer {MASK}",
    "password=hunter2": f"password={MASK}",
    "PGPASSWORD=hunter2 psql": f"PGPASSWORD={MASK} psql",
    "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG": f"AWS_SECRET_ACCESS_KEY={MASK}",
    '{"api_key": "with some spaces"}': f'{{"api_key": "{MASK}"}}',
    r"{\"token\": \"abc def\", \"user\": \"lee\"}": rf"{{\"token\": \"{MASK}\", \"user\": \"lee\"}}",
    "https://h.example/x?token=abc123&page=2": f"https://h.example/x?token={MASK}&page=2",
    "--password hunter2 --host db": f"--password {MASK} --host db",
    "CREATE USER a IDENTIFIED BY 'hunter2'": f"CREATE USER a IDENTIFIED BY '{MASK}'",
    "postgresql://lee:p@ss@db.example/app": f"postgresql://lee:{MASK}@db.example/app",
    "redis://:hunter2@cache:6379/0": f"redis://:{MASK}@cache:6379/0",
}
HARMLESS = (
    "checkout 2.4.1 runs in production since 10:00, deployed by lee",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "550e8400-e29b-41d4-a716-446655440000",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    'sum by (service) (rate(http_requests_total{status=~"5..", service="checkout"}[5m]))',
    '{app="checkout"} |= "error" | json | line_format "{{.message}}"',
    "RUN-7K3QX2 slack:T0ACME/U0DANA 1716900000.000100 discord:123456789012345678/987654321098765432",
    "https://grafana.example:3000/d/abc?from=now-1h",
    "http://127.0.0.1:8080/ready",
    "a risk-assessment-of-the-production-database and a task-list-for-the-release-2024",
    "Basic authentication and bot configuration are described in the manual",
    "llm_tokens_total 1234, the tokens: see above",
    "the key of the map is service=checkout",
    "mail lee@acme.example at 10:30",
)


@pytest.mark.parametrize(("text", "expected"), SECRETS.items())
def test_a_secret_is_masked_and_stays_recognisable(text: str, expected: str) -> None:
    assert redact(text) == expected


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_the_corpora_are_large_and_distinct() -> None:
    assert len({one.secret for one in planted()}) >= 200
    assert len(set(harmless())) >= 200


@pytest.mark.parametrize("one", planted(), ids=lambda one: one.kind)
def test_a30_a_planted_secret_is_masked(one: Planted) -> None:
    assert not readable(one.secret, redact(one.text))


@pytest.mark.parametrize("one", planted(31)[::4], ids=lambda one: one.kind)
def test_a30_a_planted_secret_is_masked_in_a_value(one: Planted) -> None:
    assert not readable(one.secret, str(redact_value({"error": {"rows": [one.text]}, one.text: 1})))


@pytest.mark.parametrize("text", harmless())
def test_a30_a_harmless_text_stays(text: str) -> None:
    assert redact(text) == text


@given(st.sampled_from(planted(32)), st.sampled_from(harmless()), st.sampled_from(harmless()))
def test_a30_a_planted_secret_is_masked_between_other_lines(one: Planted, before: str, after: str) -> None:
    masked = redact(f"{before}\n{one.text}\n{after}")
    assert not readable(one.secret, masked)
    assert redact(masked) == masked


@given(st.lists(st.sampled_from([*SECRETS, *HARMLESS, "\n", " ", '"', "'", "=", ":", "\\", MASK]), max_size=6))
def test_masking_twice_changes_nothing_more(pieces: list[str]) -> None:
    once = redact("".join(pieces))
    assert redact(once) == once


@given(st.sampled_from(list(SECRETS)), st.text(max_size=20), st.text(max_size=20))
def test_a_secret_is_masked_wherever_it_stands(secret: str, before: str, after: str) -> None:
    assert secret not in redact(f"{before}\n{secret}\n{after}")


@given(st.text())
def test_any_text_can_be_masked_and_masked_again(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece",
    ["a", "M", "MM-", "eyJ", "eyJaaaaaaaa.", "-----BEGIN PRIVATE KEY-----", "a://", "http://a:", "a.b-c+", "token: ",
     "token", "--a-", "Bearer ", '\\"', 'password="', "sk-", "SG.aaaaaaaaaaaaaaaaaaaa", "authorization: a ", "cookie:", "token=", "password: |\n ", "password|", "token>a", "password is 1",
     "%3D", "\u200b", "&quot;", "\\_", "mysql -", " -u a:", "a1234567\n", "kind: Secret\n a: AAAAAAAA", "key-a1", "sessionid="],
)  # fmt: skip
def test_a_hostile_text_is_masked_in_linear_time(piece: str) -> None:
    """Quadratic work would take many minutes here; the time limit of the test notices."""
    assert redact(piece * (200_000 // len(piece)))


def test_an_unfinished_private_key_is_masked() -> None:
    assert "MIIEow" not in redact("-----BEGIN PRIVATE KEY-----\nMIIEow")


def test_values_under_telling_names_are_masked_whole() -> None:
    value = {"user": "lee", "bot_token": "plain", "pin": {"client_secret": ["a"]}, "password": 1234, "token": None}
    masked = redact_value(value)
    assert masked == {"user": "lee", "bot_token": MASK, "pin": {"client_secret": MASK}, "password": MASK, "token": None}


def test_secrets_in_nested_values_and_keys_are_masked() -> None:
    value = {"rows": [("xoxb-1111-2222-abcdefghijkl", 3)], "xoxb-1111-2222-abcdefghijkl": True}
    assert redact_value(value) == {"rows": [[f"xoxb-{MASK}", 3]], f"xoxb-{MASK}": True}


def test_other_values_stay_as_they_are() -> None:
    value = {"count": 3, "ratio": 0.5, "on": True, "nothing": None, 7: "seven"}
    assert redact_value(value) == value


@pytest.mark.parametrize(
    "name", ["token", "bot_token", "botToken", "DB_PASSWORD", "apiKey", "api-key", "client_secret", "secret_value",
             "Authorization", "response_url", "aws_secret_access_key", "Set-Cookie"],
)  # fmt: skip
def test_a_telling_name_is_known(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["tokens", "token_count", "idempotency_key", "key", "url", "passed", "author", "event"]
)
def test_an_ordinary_name_is_none_of_a_secret(name: str) -> None:
    assert not is_secret_name(name)
