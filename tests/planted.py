"""Secrets of many kinds and harmless texts, made by rule from a seed. None is real: every body that may say so says FAKE."""

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_ALNUM = string.ascii_letters + string.digits
_EACH = 4
"""Variants of each kind."""


@dataclass(frozen=True)
class Planted:
    """A text with a secret in it."""

    kind: str
    text: str
    secret: str
    """What must not be readable any more."""


class Maker:
    """Makes bodies of secrets; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def body(self, size: int, letters: str = _ALNUM) -> str:
        """So many characters, with FAKE in front and a digit among them."""
        rest = "".join(self._random.choice(letters) for _ in range(size - 5))
        return f"FAKE{self._random.randrange(10)}{rest}"

    def hex(self, size: int) -> str:
        """Hexadecimal digits."""
        return "fa4e" + "".join(self._random.choice("0123456789abcdef") for _ in range(size - 4))

    def word(self) -> str:
        """A password as people choose them."""
        first = self._random.choice(("Tiger", "sommer", "Correct", "dragon", "Zebra", "verano"))
        return f"{first}{self._random.choice('-_!.')}{self._random.choice(('horse', 'Blau', 'roja', 'Moon'))}{self._random.randrange(10, 9999)}"

    def base64(self, size: int) -> str:
        """Base64 of so many bytes."""
        return base64.b64encode(("FAKE" + self.body(size)).encode()[:size]).decode()


Make = Callable[[Maker], tuple[str, str]]


def _token(prefix: str, size: int, letters: str = _ALNUM, around: str = "calling with {} failed") -> Make:
    """A token that is known by what it begins with."""

    def make(maker: Maker) -> tuple[str, str]:
        body = maker.body(size, letters)
        return around.format(prefix + body), body

    return make


def _named(pattern: str, *, of: Callable[[Maker], str] = Maker.word) -> Make:
    """A secret that is known by the name before it."""

    def make(maker: Maker) -> tuple[str, str]:
        secret = of(maker)
        return pattern.replace("@@", secret), secret

    return make


def _jwt(maker: Maker) -> tuple[str, str]:
    parts = (
        base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in ('{"alg":"HS256"}', '{"sub":"FAKE"}')
    )
    signature = maker.body(43)
    return f"token rejected: {'.'.join(parts)}.{signature} (expired)", signature


def _pem(label: str, newline: str) -> Make:
    def make(maker: Maker) -> tuple[str, str]:
        lines = [maker.body(64, _ALNUM + "+/") for _ in range(3)]
        text = newline.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])
        return f"cannot load key: {text}{newline}in /etc/app", lines[1]

    return make


def _kubernetes(maker: Maker) -> tuple[str, str]:
    body = maker.base64(24)
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ntype: Opaque\ndata:\n  username: {body}\n", body


def _kubernetes_json(maker: Maker) -> tuple[str, str]:
    body = maker.base64(24)
    return json.dumps({"kind": "Secret", "data": {"tls.key": body}, "metadata": {"name": "db"}}), body


def _zero_width(maker: Maker) -> tuple[str, str]:
    body = maker.body(36)
    return f"see ghp_{body[:10]}\u200b{body[10:]} in the log", body[10:]


def _zero_width_in_name(maker: Maker) -> tuple[str, str]:
    word = maker.word()
    return f"pass\u200bword={word} was refused", word


def _broken_line(maker: Maker) -> tuple[str, str]:
    word = maker.word()
    return f"password:\n  {word}\nuser: lee", word


def _full_width(maker: Maker) -> tuple[str, str]:
    word = maker.word()
    return f"password\uff1a{word} was refused", word


def _percent(maker: Maker) -> tuple[str, str]:
    word = maker.word()
    return f"redirect to https%3A%2F%2Fapp.example%2Fcb%3Fclient_secret%3D{word}%26state%3D1", word


def _repr(maker: Maker) -> tuple[str, str]:
    word = maker.word()
    return repr({"user": "lee", "auth": {"password": word, "n": 3}}), word


def _json(maker: Maker) -> tuple[str, str]:
    word = maker.word()
    return json.dumps({"user": "lee", "dbPassword": word, "n": 3}), word


def _nested_json(maker: Maker) -> tuple[str, str]:
    word = maker.word()
    return json.dumps({"body": json.dumps({"refresh_token": word, "n": 3})}), word


def _basic(maker: Maker) -> tuple[str, str]:
    body = maker.base64(21)
    return f"> Authorization: Basic {body}\n> Accept: */*", body


def _discord(maker: Maker) -> tuple[str, str]:
    body = maker.body(38)
    return f"login with MTIzNDU2Nzg5MDEyMzQ1Njc4.GFAKE1.{body} failed", body


def _webhook(maker: Maker) -> tuple[str, str]:
    body = maker.body(68)
    return f"POST https://discord.com/api/webhooks/123456789012345678/{body} 404", body


def _slack_hook(maker: Maker) -> tuple[str, str]:
    body = maker.body(24)
    return f"posting to https://hooks.slack.com/services/T0FAKE/B0FAKE/{body} failed", body


KINDS: dict[str, Make] = {
    "aws key id": _token("AKIA", 16, string.ascii_uppercase + "234567"),
    "aws secret": _named("aws_secret_access_key = @@", of=lambda m: m.body(40, _ALNUM + "/+")),
    "aws session": _named("export AWS_SESSION_TOKEN=@@", of=lambda m: m.body(200, _ALNUM + "/+")),
    "google api": _token("AIza", 35, _ALNUM + "-_"),
    "google oauth": _token("ya29.", 60, _ALNUM + "-_"),
    "google client": _token("GOCSPX-", 28, _ALNUM + "-_"),
    "azure storage": _named("DefaultEndpointsProtocol=https;AccountName=fake;AccountKey=@@;EndpointSuffix=core", of=lambda m: m.base64(64)),
    "azure sas": _named("https://fake.blob.example/c?sv=2024-01-01&sig=@@&se=2030", of=lambda m: m.body(40)),
    "azure bus": _named("Endpoint=sb://fake.example/;SharedAccessKeyName=root;SharedAccessKey=@@", of=lambda m: m.base64(32)),
    "digitalocean": _token("dop_v1_", 64, "0123456789abcdef"),
    "hashicorp vault": _token("hvs.", 24),
    "old vault": _token("s.", 24, around="X-Vault-Token: {}"),
    "slack bot": _token("xoxb-1111-2222-", 24),
    "slack app": _token("xapp-1-A111-2222-", 60),
    "slack refresh": _token("xoxe-1-", 50),
    "slack hook": _slack_hook,
    "discord bot": _discord,
    "discord hook": _webhook,
    "telegram": _token("123456789:AA", 33, around="https://api.telegram.org/bot{}/sendMessage"),
    "github": _token("ghp_", 36),
    "github fine": _token("github_pat_", 82, _ALNUM + "_"),
    "github app": _token("ghs_", 36, around="git clone https://x-access-token:{}@git.example/a/b"),
    "gitlab": _token("glpat-", 20),
    "gitlab runner": _token("glrt-", 20),
    "bitbucket": _token("ATBB", 32),
    "atlassian": _token("ATATT3x", 60),
    "stripe": _token("sk_live_", 24),
    "stripe restricted": _token("rk_test_", 24),
    "stripe hook": _token("whsec_", 32),
    "square": _token("sq0atp-", 22),
    "paypal": _token("access_token$production$", 30, "0123456789abcdef"),
    "shopify": _token("shpat_", 32, "0123456789abcdef"),
    "npm": _token("npm_", 36),
    "npmrc": _named("//registry.example/:_authToken=@@", of=lambda m: m.body(36)),
    "pypi": _token("pypi-", 80, _ALNUM + "-_"),
    "docker": _token("dckr_pat_", 27),
    "docker auth": _named('{"auths": {"reg.example": {"auth": "@@"}}}', of=lambda m: m.base64(30)),
    "circleci": _named("CIRCLE_TOKEN: @@", of=lambda m: m.hex(40)),
    "grafana": _token("glsa_", 32),
    "sentry": _token("sntrys_", 60),
    "sentry dsn": _named("https://@@@o1.ingest.example/42", of=lambda m: m.hex(32)),
    "datadog": _named("DD-API-KEY: @@", of=lambda m: m.hex(32)),
    "new relic": _token("NRAK-", 27, string.ascii_uppercase + string.digits),
    "pagerduty": _named("Authorization: Token token=@@", of=lambda m: m.body(20)),
    "opsgenie": _named("Authorization: GenieKey @@", of=lambda m: m.hex(32)),
    "openai": _token("sk-proj-", 48),
    "anthropic": _token("sk-ant-api03-", 90, _ALNUM + "-_"),
    "hugging face": _token("hf_", 34),
    "sendgrid": _token("SG.FAKEfakeFAKEfake12345.", 43),
    "mailgun": _token("key-", 32, "0123456789abcdef", around="api:{}"),
    "mailchimp": _named("MAILCHIMP_API_KEY=@@-us6", of=lambda m: m.hex(32)),
    "twilio": _named("twilio auth token: @@", of=lambda m: m.hex(32)),
    "linear": _token("lin_api_", 40),
    "notion": _token("ntn_", 46),
    "age": _token("AGE-SECRET-KEY-1", 58, string.ascii_uppercase + string.digits),
    "jwt": _jwt,
    "pem": _pem("RSA PRIVATE KEY", "\n"),
    "pem one line": _pem("PRIVATE KEY", "\\n"),
    "pem crlf": _pem("EC PRIVATE KEY", "\r\n"),
    "openssh": _pem("OPENSSH PRIVATE KEY", "\n    "),
    "pgp": _pem("PGP PRIVATE KEY BLOCK", "\n"),
    "postgres": _named("cannot connect to postgresql://app:@@@db.example:5432/shop"),
    "redis": _named("redis://:@@@cache.example:6379/0"),
    "mongo": _named("mongodb+srv://app:@@@cluster.example/?retryWrites=true"),
    "amqp": _named("amqps://svc:@@@bus.example/vhost"),
    "basic in url": _named("GET https://lee:@@@intranet.example/report 401"),
    "ado": _named("Server=db;Database=shop;User Id=sa;Password=@@;Encrypt=true"),
    "libpq": _named("host=db user=app password=@@ dbname=shop"),
    "jdbc": _named("jdbc:mysql://db/shop?user=app&password=@@&useSSL=false"),
    "bearer": _named("authorization: Bearer @@", of=lambda m: m.body(40)),
    "basic": _basic,
    "digest": _named('Authorization: Digest username="lee", realm="r", nonce="n", response="@@"', of=lambda m: m.hex(32)),
    "proxy": _named("Proxy-Authorization: Basic @@", of=lambda m: m.base64(18)),
    "x api key": _named("x-api-key: @@", of=lambda m: m.body(32)),
    "cookie": _named("Cookie: theme=dark; session=@@; lang=en", of=lambda m: m.body(32)),
    "set cookie": _named("Set-Cookie: sid=@@; Path=/; HttpOnly", of=lambda m: m.body(32)),
    "session json": _named('{"sessionid": "@@", "user": "lee"}', of=lambda m: m.body(32)),
    "env": _named("DEBUG=1\nDB_PASSWORD=@@\nPORT=80"),
    "env quoted": _named('SECRET_KEY="@@"', of=lambda m: m.body(50, _ALNUM + "!#%^*")),
    "env export": _named("export MYSQL_PWD='@@'"),
    "yaml": _named("database:\n  user: app\n  password: @@\n  pool: 5"),
    "yaml quoted": _named("client_secret: '@@'"),
    "yaml block": _named("password: |\n  @@\nuser: lee"),
    "toml": _named('token = "@@"'),
    "ini": _named("[db]\npasswd = @@\nhost = db"),
    "properties": _named("spring.datasource.password=@@"),
    "xml": _named("<user>lee</user><password>@@</password>"),
    "xml attribute": _named('<add key="ApiSecret" value="@@" />', of=lambda m: m.body(24)),
    "json": _json,
    "nested json": _nested_json,
    "name and value": _named('{"name": "DB_PASSWORD", "value": "@@"}'),
    "repr": _repr,
    "python call": _named("connect(host='db', password='@@', port=1)"),
    "dataclass": _named("Login(user='lee', password='@@')"),
    "sql user": _named("CREATE USER app IDENTIFIED BY '@@'"),
    "sql alter": _named("ALTER ROLE app WITH LOGIN PASSWORD '@@';"),
    "sql set": _named("UPDATE users SET password = '@@' WHERE id = 3"),
    "flag": _named("mysqldump --password @@ --host db"),
    "flag equals": _named("curl --proxy-password=@@ https://x.example"),
    "curl user": _named("curl -u lee:@@ https://x.example"),
    "mysql flag": _named("mysql -uapp -p@@ shop"),
    "sshpass": _named("sshpass -p '@@' ssh lee@host"),
    "kubernetes": _kubernetes,
    "kubernetes json": _kubernetes_json,
    "query": _named("GET /cb?state=1&access_token=@@&x=2", of=lambda m: m.body(30)),
    "query key": _named("https://maps.example/v1?key=@@&q=berlin", of=lambda m: m.body(32)),
    "presigned": _named("https://s3.example/b/o?X-Amz-Date=2024&X-Amz-Signature=@@", of=lambda m: m.hex(64)),
    "oauth code": _named("client_id=app&client_secret=@@&grant_type=x", of=lambda m: m.body(30)),
    "percent": _percent,
    "german": _named("Passwort: @@"),
    "german user": _named("Benutzer lee, Kennwort=@@"),
    "german key": _named('{"schluessel_geheim": "x", "Zugangsschlüssel": "@@"}', of=lambda m: m.body(24)),
    "spanish": _named("contraseña: @@"),
    "spanish ascii": _named("usuario=lee contrasena=@@"),
    "spanish key": _named("clave secreta: @@"),
    "spanish short": _named("CLAVE=@@"),
    "french": _named("mot de passe : @@"),
    "prose": _named("the password is @@, please change it"),
    "prose german": _named("das Passwort lautet @@ und gilt ab heute"),
    "arrow": _named("'password' => '@@',"),
    "table": _named("| password | @@ |"),
    "masked pair": _named("passphrase for key: @@"),
    "pin": _named("otp_secret=@@", of=lambda m: m.body(32, string.ascii_uppercase + "234567")),
    "license": _named("encryption_key: @@", of=lambda m: m.base64(32)),
    "private hex": _named("private_key=0x@@", of=lambda m: m.hex(64)),
    "zero width": _zero_width,
    "zero width name": _zero_width_in_name,
    "next line": _broken_line,
    "full width": _full_width,
}  # fmt: skip


def planted(seed: int = 30) -> list[Planted]:
    """The corpus: every kind several times."""
    maker = Maker(seed)
    return [Planted(kind, *make(maker)) for kind, make in KINDS.items() for _ in range(_EACH)]


def readable(secret: str, text: str) -> bool:
    """Whether a good part of the secret stands in the text: eight characters in a row."""
    size = min(8, len(secret))
    return any(secret[n : n + size] in text for n in range(len(secret) - size + 1))


def harmless(seed: int = 30) -> list[str]:
    """Texts that must stay as they are."""
    return [*_PROSE, *_made(random.Random(f"harmless {seed}"))]


def _made(chance: random.Random) -> Iterator[str]:
    def digits(letters: str, size: int) -> str:
        return "".join(chance.choice(letters) for _ in range(size))

    low = "0123456789abcdef"
    for _ in range(12):
        yield f"commit {digits(low, 40)} by lee"
        yield f"merged {digits(low, 7)} into main"
        yield f"{digits(low, 8)}-{digits(low, 4)}-4{digits(low, 3)}-a{digits(low, 3)}-{digits(low, 12)}"
        yield f"image registry.example/shop/checkout@sha256:{digits(low, 64)}"
        yield f"RUN-{digits('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', 6)} started by dana at 10:{chance.randrange(10, 60)}"
        yield f'http_requests_total{{service="checkout",code="200"}} {chance.randrange(10**6)}'
        yield f"https://grafana.example:3000/d/{digits(_ALNUM, 9)}?from=now-1h&to=now&var-service=checkout"
        yield f"checkout {chance.randrange(9)}.{chance.randrange(20)}.{chance.randrange(99)} took {chance.randrange(9)}.2 s"
        yield f"slack:T0ACME/C{digits(string.ascii_uppercase + '0123456789', 8)}/17169{chance.randrange(10000, 99999)}.000100"
        yield f"traceparent 00-{digits(low, 32)}-{digits(low, 16)}-01"
        yield f"pod checkout-{digits(low, 9)}-{digits('bcdfghjklmnpqrstvwxz2456789', 5)} restarted {chance.randrange(1, 9)} times"


_PROSE = (
    "the token bucket of this channel is empty, wait 30 s",
    "a token bucket: 20 a minute",
    "primary key (id), foreign key to users",
    "duplicate key value violates unique constraint \"users_pkey\"",
    "the key of the map is service=checkout",
    "llm_tokens_total 1234, the tokens: see above",
    "prompt tokens: 1200, completion tokens: 300",
    "tokens_used=1534 max_tokens=4096",
    "token_count: 17",
    "idempotency_key=RUN-7K3QX2/deploy/1",
    "dedup_key: checkout-latency",
    "partition key: customer, sort key: day",
    "the password was changed by its owner yesterday",
    "password policy: see the manual",
    "passwords are never logged",
    "reset your password in the profile",
    "the password is wrong",
    "password authentication failed for user \"app\"",
    "Authorization failed for dana",
    "the authorization header is missing",
    "Basic authentication and bot configuration are described in the manual",
    "a bearer token is needed for this",
    "no secret was found in the vault",
    "the secret is kept by the platform team",
    "Kubernetes secrets are mounted read-only",
    "kind: ConfigMap\ndata:\n  LEVEL: debug",
    "monkey=banana",
    "turnkey: yes",
    "keyboard: de",
    "hotkey=ctrl-c",
    "author: lee",
    "authored 3 commits",
    "OAuth is set up with Google",
    "cookies are needed for the console",
    "session expired, sign in again",
    "session id unknown",
    "die Passwörter sind abgelaufen",
    "Passwort vergessen? Frag das Team.",
    "das Kennwort ist falsch",
    "la clave primaria es id",
    "la contraseña es incorrecta",
    "palabras clave de la búsqueda",
    "en clave de humor",
    "sum by (service) (rate(http_requests_total{status=~\"5..\", service=\"checkout\"}[5m]))",
    "{app=\"checkout\"} |= \"error\" | json | line_format \"{{.message}}\"",
    "SELECT id, key FROM settings WHERE key = 'theme'",
    "SELECT count(*) FROM tokens GROUP BY owner",
    "INSERT INTO audit (actor, action) VALUES ('dana', 'run.start')",
    "mail lee@acme.example at 10:30",
    "http://127.0.0.1:8080/ready answered 503",
    "postgresql://db.example:5432/shop is not reachable",
    "sqlite:///copilot.db is locked",
    "git@github.example:acme/shop.git",
    "ssh://git@github.example:22/acme/shop.git",
    "-----BEGIN CERTIFICATE-----\nMIIBfake\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMFkwfake\n-----END PUBLIC KEY-----",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFfakefakefake lee@laptop",
    "a risk-assessment-of-the-production-database and a task-list-for-the-release-2024",
    "desk-booking-system-for-the-berlin-office-2024",
    "npm_config_loglevel is set",
    "hf_transfer is installed",
    "the key-value store and the key-rotation-runbook",
    "run deploy service=checkout environment=production version=2.5.0",
    "curl -u is a flag of curl",
    "mkdir -p /var/lib/copilot",
    "docker run -p 8080:8080 shop",
    "nmap -p 443 host",
    "p95 420 ms, p99 1.2 s, error rate 0.3 %",
    "2026-03-01T10:00:00Z INFO checkout.started port=8080 workers=4",
    "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in <module>\nKeyError: 'id'",
    "KeyError: 'token'",
    "missing field: password",
    "invalid parameter: token",
    "error: token expired",
    "token: expired",
    "unknown setting slack.bot_token; did you mean slack.app_token?",
    "slack.bot_token: is missing",
    "set COPILOT_SLACK__BOT_TOKEN to the Bot User OAuth Token",
    "password: required",
    "\"token\": null",
    "{\"password\": true, \"secret\": false}",
    "secret: true",
    "sig=ok",
    "the bot answered in 3 s",
    "bot configuration-of-the-day",
    "arn:aws:iam::123456789012:role/deployer",
    "s3://acme-backups/2026/03/01/dump.sql.gz",
    "eyJ is how a JWT begins",
    "sk-learn and sk-image are libraries",
    "class SecretStr(BaseModel)",
    "def get_token(self) -> str:",
    "token = get_token()",
    "password = getpass()",
    "api_key=None",
    "secretKeyRef: name",
    "@everyone said hello",
    "base64 of the data: aGVsbG8gd29ybGQ=",
    "Content-Type: application/json",
    "ETag: \"33a64df551425fcc55e4d42a148795d9f25f89d4\"",
    "X-Request-Id: 7b0c5a0e9d3f4b1e8a6d",
    "x = 3; y = 4",
)  # fmt: skip
