"""Settings: where they come from, and what is said when they are wrong."""

from pathlib import Path

import pytest

from bot.settings import Settings, describe_options, load, place
from core.errors import UserInputError
from core.messages import Place, Platform

SECRETS = {
    "COPILOT_SLACK__BOT_TOKEN": "xoxb-planted-1111",
    "COPILOT_SLACK__APP_TOKEN": "xapp-planted-2222",
    "COPILOT_SLACK__SIGNING_SECRET": "planted-3333",
    "COPILOT_DISCORD__TOKEN": "planted-4444",
    "COPILOT_DELIVERY__TOKEN": "planted-5555",
    "COPILOT_HOOKS": '{"build": "planted-9999-9999"}',
    "COPILOT_DATABASE_URL": "postgresql://lee:planted-6666@db/app",
    "COPILOT_REDIS_URL": "redis://:planted-7777@cache",
    "COPILOT_NATS_URL": "nats://lee:planted-8888@bus",
}


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "copilot.toml") -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def faults(environment: dict[str, str], path: Path | None = None) -> list[str]:
    with pytest.raises(UserInputError) as wrong:
        load(path, environment)
    return [line.strip() for line in wrong.value.message.splitlines()[1:]]


def test_nothing_set_gives_the_defaults() -> None:
    settings = load(environment={})
    assert settings == Settings()
    assert settings.database_url == "sqlite:///copilot.db"
    assert not settings.slack.enabled
    assert not settings.discord.enabled


def test_a_variable_wins_over_the_file_and_the_file_over_the_default() -> None:
    write('[http]\nport = 1234\nhost = "::1"\n[log]\nlevel = "debug"\n')
    settings = load(environment={"COPILOT_HTTP__PORT": "4321"})
    assert (settings.http.port, settings.http.host, settings.log.level) == (4321, "::1", "debug")
    assert settings.log.format == "json"


def test_the_file_is_the_one_that_is_named() -> None:
    write("[http]\nport = 1\n")
    other = write("[http]\nport = 2\n", "other.toml")
    third = write("[http]\nport = 3\n", "third.toml")
    assert load(environment={}).http.port == 1
    assert load(environment={"COPILOT_CONFIG": str(other)}).http.port == 2
    assert load(third, {"COPILOT_CONFIG": str(other)}).http.port == 3


@pytest.mark.parametrize("environment", [{"COPILOT_CONFIG": "missing.toml"}, {"COPILOT_CONFIG": "."}])
def test_a_named_file_that_cannot_be_read_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(UserInputError, match=environment["COPILOT_CONFIG"]):
        load(environment=environment)


def test_a_file_that_is_no_toml_is_refused_with_the_place() -> None:
    with pytest.raises(UserInputError, match="line 1"):
        load(write("port: 1"), {})


def test_lists_are_written_with_commas_or_as_json() -> None:
    commas = load(environment={"COPILOT_DISCORD__GUILD_IDS": "1, 2", "COPILOT_WORKFLOWS": "a,b"})
    json = load(environment={"COPILOT_DISCORD__GUILD_IDS": '["1", 2]'})
    assert commas.discord.guild_ids == json.discord.guild_ids == ("1", "2")
    assert commas.workflows == (Path("a"), Path("b"))


def test_tables_are_written_as_json() -> None:
    environment = {
        "COPILOT_ROLES": '{"slack:T1/U1": ["operator"]}',
        "COPILOT_SAME_PERSON": '[["slack:T1/U1", "discord:G1/7"]]',
    }
    settings = load(environment=environment)
    assert settings.roles == {"slack:T1/U1": ("operator",)}
    assert settings.same_person == (("slack:T1/U1", "discord:G1/7"),)


def test_roles_are_held_by_accounts_groups_and_addresses() -> None:
    keys = ("slack:T1/U1", "slack:T1/group:S1", "discord:G1/role:R1", "email:*@acme.example")
    settings = Settings.model_validate({"roles": {key: ["operator"] for key in keys}})
    assert list(settings.roles) == ["slack:T1/U1", "slack:T1/role:S1", "discord:G1/role:R1", "email:*@acme.example"]


def test_every_fault_is_told_at_once_with_value_and_expectation() -> None:
    write('[limits]\nturns_at_once = 0\n[log]\nformat = "xml"\n')
    told = faults(
        {"COPILOT_HTTP__PORT": "high", "COPILOT_QUEUE": "rabbit", "COPILOT_DATABASE_URL": "mysql://lee:pw@db/x"}
    )
    assert told == [
        "COPILOT_DATABASE_URL = 'mysql://lee:[redacted]@db/x': "
        "expected an address that begins with sqlite:/// or postgresql://",
        "COPILOT_QUEUE = 'rabbit': expected 'sql' or 'nats'",
        "COPILOT_HTTP__PORT = 'high': expected a valid integer, unable to parse string as an integer",
        "log.format = 'xml': expected 'json' or 'console'",
        "limits.turns_at_once = 0: expected greater than or equal to 1",
    ]


def test_an_unknown_variable_is_refused_with_the_nearest_one() -> None:
    told = faults({"COPILOT_SLACK__BOTTOKEN": "xoxb-planted", "COPILOT_NONSENSE_XYZ": "1", "HOME": "/"})
    assert told[0] == "COPILOT_SLACK__BOTTOKEN: there is no such setting; did you mean COPILOT_SLACK__BOT_TOKEN?"
    assert told[1] == "COPILOT_NONSENSE_XYZ: there is no such setting"


def test_an_unknown_key_in_the_file_is_refused_with_the_nearest_one() -> None:
    told = faults({}, write('[slak]\nenabled = true\n[http]\nprot = 1\n[slack]\ntoken = "xoxb-planted-1111"\n'))
    assert "slak: there is no such setting; did you mean slack?" in told
    assert "http.prot: there is no such setting; did you mean http.port?" in told
    assert any(line.startswith("slack.token: there is no such setting; did you mean slack.") for line in told)
    assert "planted" not in str(told)


def test_the_variable_of_the_demo_is_no_setting_and_no_fault() -> None:
    assert load(environment={"COPILOT_DEMO_PORT": "8090"}) == Settings()


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SLACK__ENABLED": "true"}, ["slack.bot_token", "slack.app_token"]),
        ({"SLACK__ENABLED": "true", "SLACK__MODE": "http"}, ["slack.bot_token", "slack.signing_secret"]),
        ({"DISCORD__ENABLED": "true"}, ["discord.token"]),
        ({"QUEUE": "nats"}, ["nats_url"]),
    ],
)
def test_what_is_enabled_without_its_secret_is_refused_with_a_how_to(given: dict[str, str], missing: list[str]) -> None:
    told = faults({f"COPILOT_{name}": value for name, value in given.items()})
    assert [line.partition(":")[0] for line in told] == missing
    assert all(": is missing; " in line for line in told)


def test_swapped_tokens_are_noticed_and_not_shown() -> None:
    environment = {"COPILOT_SLACK__BOT_TOKEN": "xapp-planted-1", "COPILOT_SLACK__APP_TOKEN": "xoxb-planted-2"}
    told = faults(environment)
    assert told[0].startswith("COPILOT_SLACK__BOT_TOKEN: expected one that begins with xoxb-")
    assert told[1].startswith("COPILOT_SLACK__APP_TOKEN: expected one that begins with xapp-")
    assert "planted" not in str(told)


@pytest.mark.parametrize(
    "values",
    [
        {"roles": {"Lee": ["operator"]}},
        {"roles": {"email:*": ["operator"]}},
        {"roles": {"email:*@*": ["operator"]}},
        {"roles": {"email:lee@acme.*": ["operator"]}},
        {"roles": {"icq:T1/U1": ["operator"]}},
        {"roles": {"slack:T1/U1": ["not a role"]}},
        {"permissions": {"operator": ["run everything"]}},
        {"permissions": {"operator": ["run:a:b:c"]}},
        {"approval_channels": ["#approvals"]},
        {"same_person": [["slack:T1/U1", "Lee"]]},
        {"delivery": {"url": "delivery.example"}},
        {"redis_url": "http://cache"},
        {"clock_offset": -1},
        {"database_url": ""},
    ],
)
def test_what_cannot_be_meant_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Settings.model_validate(values)


def test_no_secret_is_in_a_repr() -> None:
    settings = load(environment=SECRETS)
    assert settings.slack.bot_token.get_secret_value() == "xoxb-planted-1111"
    assert "planted" not in f"{settings!r} {settings}"


def test_no_secret_is_in_an_error() -> None:
    write('[slack]\nbot_token = ["planted-1"]\n[delivery]\ntoken = 7777777\n')
    told = str(faults({**SECRETS, "COPILOT_HTTP__PORT": "x", "COPILOT_SLACK__BOT_TOKEN": "planted-bare"}))
    assert "planted" not in told
    assert "7777777" not in told


MISPLACED = "planted-s3cret-value9"
WRONG_FILES = {
    "a list where a token belongs": '[slack]\nbot_token = ["@@"]',
    "a table where a token belongs": '[slack.bot_token]\nx = "@@"',
    "a number beside it": '[slack]\nenabled = 7\nbot_token = "xoxb-@@"\nsigning_secret = ["@@"]',
    "a quote that does not close": '[slack]\nbot_token = "@@',
    "no quotes": "[slack]\nbot_token = @@",
    "a second value": '[slack]\nbot_token = "@@" "@@"',
    "the same key twice": '[slack]\nbot_token = "@@"\nbot_token = "@@"',
    "a misspelt key": '[slack]\nbto_token = "@@"',
    "another table": '[http]\nbot_token = "@@"',
    "no table": 'bot_token = "@@"',
    "a port": '[http]\nport = "@@"',
    "a choice": '[log]\nlevel = "@@"',
    "a key": '[slack]\n"@@" = true',
    "a table's name": '["@@"]\nx = 1',
    "a table that is a text": 'slack = "@@"',
    "the password of an address": 'database_url = "mysql://lee:@@@db/x"',
    "an address without a scheme": 'database_url = "lee:@@@db/x"',
    "an address with a query": '[delivery]\nurl = "delivery.example?token=@@"',
    "the holder of a role": '[roles]\n"@@" = ["operator"]',
    "a role": '[roles]\n"slack:T1/U1" = ["@@ x"]',
    "a permission": '[permissions]\noperator = ["@@ x"]',
    "a channel": 'approval_channels = ["@@"]',
    "a person": 'same_person = [["@@"]]',
    "a switch": '[slack]\nenabled = "@@"',
    "a mode": '[slack]\nmode = "@@"',
}


@pytest.mark.parametrize("text", WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_secret_in_a_broken_file_is_in_no_error_and_no_traceback(text: str) -> None:
    path = write(text.replace("@@", MISPLACED))
    with pytest.raises(UserInputError) as wrong:
        load(path, {})
    assert MISPLACED not in wrong.value.message + wrong.value.hint
    error: BaseException | None = wrong.value
    while error:
        assert MISPLACED not in f"{error!r} {error}"
        error = None if error.__suppress_context__ else error.__cause__ or error.__context__


@pytest.mark.parametrize("variable", ["HTTP__PORT", "ROLES", "REDIS_URL", "SLACK__ENABLED", MISPLACED])
def test_a_secret_in_the_wrong_variable_is_in_no_error(variable: str) -> None:
    assert MISPLACED not in str(faults({f"COPILOT_{variable}": MISPLACED}))


def test_no_secret_is_in_a_dump() -> None:
    settings = load(environment={**SECRETS, "COPILOT_DATABASE_URL": "sqlite:///x.db"})
    tokens = ("1111", "2222", "3333", "4444", "5555")
    assert not [
        token for token in tokens if f"planted-{token}" in str(settings.model_dump()) + settings.model_dump_json()
    ]


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().http.port = 1  # type: ignore[misc]


def test_settings_made_by_hand_look_at_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPILOT_HTTP__PORT", "1")
    assert Settings().http.port == 8080
    assert load().http.port == 1


def test_every_option_is_described() -> None:
    options = describe_options()
    assert len(options) == len({name for name, _, _ in options})
    assert {"database_url", "slack.bot_token", "limits.turns_at_once"} <= {name for name, _, _ in options}
    assert not [name for name, _, description in options if not description]


@pytest.mark.parametrize("name", [name for name, _, _ in describe_options()])
def test_every_option_is_known_by_its_variable(name: str) -> None:
    variable = f"COPILOT_{name.upper().replace('.', '__')}"
    try:
        load(environment={variable: "?"})
    except UserInputError as refused:
        told = refused.message
    else:
        told = ""
    assert "there is no such setting" not in told


def test_no_description_shows_a_secret() -> None:
    assert {default for name, default, _ in describe_options() if "token" in name or "secret" in name} == {""}


def test_a_place_is_read() -> None:
    assert place("slack:T1/C1") == Place(Platform.SLACK, "T1", "C1")


@pytest.mark.parametrize(
    ("hooks", "told"),
    [
        ('{"build": "planted-short"}', "COPILOT_HOOKS: build: the secret is shorter than 16 characters"),
        ('{"build": ""}', "COPILOT_HOOKS: build: the secret is shorter than 16 characters"),
        ('{"Build!": "planted-9999-9999"}', "'Build!' is no name of a hook"),
        ("planted-9999-9999", "COPILOT_HOOKS: expected JSON"),
        ('{"build": 7}', "expected a valid string"),
    ],
)
def test_a_hook_has_a_name_and_a_long_secret_that_is_never_shown(hooks: str, told: str) -> None:
    (fault,) = faults({"COPILOT_HOOKS": hooks})
    assert told in fault
    assert "planted" not in fault


def test_where_runs_are_shown_is_a_channel() -> None:
    assert load(environment={"COPILOT_RUN_CHANNEL": "slack:T1/C1"}).run_channel == "slack:T1/C1"
    assert "expected platform:workspace/ID" in faults({"COPILOT_RUN_CHANNEL": "general"})[0]
