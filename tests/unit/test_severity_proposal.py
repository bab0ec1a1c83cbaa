"""How bad an incident is, read from its report."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserInputError
from core.incidents.incident import Severity
from core.incidents.severity import Proposal, Telemetry, propose
from core.incidents.severity.features import features, read
from core.incidents.severity.model import model
from core.incidents.severity.words import HEAD, TAIL, clip, words

ADJECTIVES_MISLEAD = [
    ("tiny slip: the customers table is gone in production and there is no backup", Severity.SEV1),
    ("minor config change, now no customer anywhere can log in", Severity.SEV1),
    ("might be nothing, but a list of all customers with their passwords is public", Severity.SEV1),
    ("just a small hiccup: payments by card fail for everyone in France", Severity.SEV2),
    ("disaster!!! one customer cannot change his avatar, reloading the page helps", Severity.SEV3),
    ("the critical label has the wrong shade of red", Severity.SEV4),
    ("catastrophic typo on the landing page", Severity.SEV4),
    ("huge outage in staging, nobody uses it today", Severity.SEV4),
]
STATED = [
    ("sev1: checkout fails", Severity.SEV1, "sev1"),
    ("payments is down, open a SEV-1 please", Severity.SEV1, "SEV-1"),
    ("P2, search is slow", Severity.SEV2, "P2"),
    ("a typo. severity: high", Severity.SEV2, "severity: high"),
    ("please declare a critical incident, the logo is wrong", Severity.SEV1, "critical incident"),
    ("low severity: everything is down", Severity.SEV4, "low severity"),
    ("priority 3, no logins anywhere", Severity.SEV3, "priority 3"),
    ("Schweregrad 2, Suche langsam", Severity.SEV2, "Schweregrad 2"),
    ("incidente crítico en pagos", Severity.SEV1, "incidente crítico"),
    ("can you open a sev3 for the export?", Severity.SEV3, "sev3"),
    ("this is not a sev1, more like sev3", Severity.SEV3, "sev3"),
    ("raise it from sev3 to sev2", Severity.SEV2, "sev2"),
]
NOT_STATED = [
    "the sev1 banner has the wrong colour",
    "is this a sev1?",
    "how do we define P1?",
    "not a sev1",
    "sev1 or sev2, not sure",
    "this could become a sev1",
    "like last sev1",
    "p95 of search is up, p99 too",
    "critical colour in the chart",
    "a high incident rate last week",
    "what is used for sev1",
    "the vendor calls it a sev1",
    "the list of P1 customers is sorted wrong",
]


@pytest.mark.parametrize(("text", "severity"), ADJECTIVES_MISLEAD)
def test_the_impact_decides_not_the_adjectives(text: str, severity: Severity) -> None:
    assert propose(text).severity is severity


@pytest.mark.parametrize(("text", "severity", "words_of_theirs"), STATED)
def test_a_persons_own_grade_is_final(text: str, severity: Severity, words_of_theirs: str) -> None:
    expected = Proposal(severity, (f"the report says “{words_of_theirs}”",), sure=True, stated=True)
    assert propose(text) == expected
    assert propose(text, Telemetry(error_rate=1.0)) == expected


@pytest.mark.parametrize("text", NOT_STATED)
def test_a_grade_that_is_denied_asked_or_of_something_else_grades_nothing(text: str) -> None:
    assert not propose(text).stated


def test_the_reason_quotes_the_clause_that_tells() -> None:
    proposal = propose("Morning all. checkout fails for EU customers, looking into it")
    assert proposal.severity is Severity.SEV2
    assert proposal.reasons[0] == "a key feature does not work in one region (“checkout fails for EU customers”)"


def test_each_clause_is_quoted_once_and_no_more_than_three_reasons_are_given() -> None:
    reasons = propose("we lost all orders, no backup, data deleted, tables wiped, nothing can be restored").reasons
    assert len(reasons) == 3
    assert len({reason.partition("(")[2] for reason in reasons}) == 3


def test_a_long_clause_is_cut_around_what_was_found() -> None:
    text = f"{'so ' * 60}all customer records were deleted by mistake {'and ' * 60}"
    assert "…" in propose(text).reasons[0]
    assert len(propose(text).reasons[0]) < 200


def test_without_a_known_word_the_reason_says_so_and_the_proposal_is_unsure() -> None:
    proposal = propose("zzz")
    assert not proposal.sure
    assert proposal.reasons == (
        "reads like earlier reports of this severity, but names no impact that I know by its words",
    )


def test_a_denied_loss_is_none() -> None:
    assert "loss" not in read("slow for a while, no data was lost").names
    assert "loss" in read("slow for a while. data was lost").names


def test_asking_for_an_incident_tells_nothing_of_how_bad_it_is() -> None:
    bare = read("search fails for all users")
    asked = read("could you please open an incident, search fails for all users")
    assert asked.names == bare.names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("0.3% of requests fail", "share:tiny"),
        ("a loss of 40 percent", "share:large"),
        ("100 % of calls", "share:all"),
        ("12,000 customers wait", "count:many"),
        ("3 users called", "count:few"),
        ("version 10.4.2 for users", None),
        ("we have 3. users are fine", None),
    ],
)
def test_numbers_say_how_many(text: str, name: str | None) -> None:
    assert read(text).amounts == ((name,) if name else ())


def test_failing_requests_raise_a_doubtful_report() -> None:
    text = "something is odd with checkout"
    collapsed = propose(text, Telemetry(error_rate=0.97, error_rate_baseline=0.003))
    assert collapsed.severity is Severity.SEV1
    assert collapsed.reasons[-1] == "97.0% of requests fail, usually 0.3%"


@pytest.mark.parametrize(
    ("telemetry", "says"),
    [
        (Telemetry(latency=6.0, latency_baseline=0.5), "latency is 12.0 times the usual"),
        (Telemetry(services_hit=7), "7 services are hit"),
        (Telemetry(error_rate=0.2), "20.0% of requests fail, usually 0.0%"),
    ],
)
def test_each_measurement_is_a_reason(telemetry: Telemetry, says: str) -> None:
    assert propose("search is strange", telemetry).reasons[-1] == says


@pytest.mark.parametrize("telemetry", [Telemetry(), Telemetry(latency=3.0), Telemetry(services_hit=1)])
def test_what_is_not_measured_changes_nothing(telemetry: Telemetry) -> None:
    assert propose("search is strange", telemetry) == propose("search is strange")


def test_usual_measurements_say_nothing_against_a_breach() -> None:
    usual = Telemetry(error_rate=0.003, error_rate_baseline=0.003, latency=0.2, latency_baseline=0.2)
    assert propose("customer data leaked", usual) == propose("customer data leaked")


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_errors_never_lower_the_severity(one: float, other: float) -> None:
    fewer, more = sorted((one, other))
    text = "search is strange"
    mild, bad = (propose(text, Telemetry(error_rate=rate)).severity for rate in (fewer, more))
    assert bad <= mild  # sev1 sorts before sev4


@pytest.mark.parametrize(
    "measured", [{"error_rate": 1.5}, {"error_rate": -0.1}, {"latency": float("nan")}, {"services_hit": -1}]
)
def test_what_cannot_be_measured_is_refused(measured: dict[str, float]) -> None:
    with pytest.raises(UserInputError, match=next(iter(measured))):
        Telemetry(**measured)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=10_000))
def test_any_text_gets_a_proposal_with_a_reason(text: str) -> None:
    assert propose(text).reasons


@given(st.text(alphabet="sev1234 p:.,?!no is not to for low high critical incident", max_size=300))
def test_any_muddle_of_grades_gets_a_proposal(text: str) -> None:
    assert propose(text).reasons


@pytest.mark.parametrize(
    "unit", ["a", "1,", "no ", "not ", "<@", "``", "all customers ", "lost ", "is ", "sev ", "\u0301", "ſ", "٣% "]
)
def test_of_a_long_text_only_so_many_words_are_looked_at(unit: str) -> None:
    text = (unit * 10_000)[:10_000]
    assert len(clip(text)) <= HEAD + TAIL + 1
    assert len(words(clip(text))) <= HEAD + TAIL + 1
    assert propose(text).reasons


@given(st.text(max_size=500))
def test_probabilities_add_up(text: str) -> None:
    shares = model().probabilities(features(read(text)))
    assert sum(shares) == pytest.approx(1)
    assert min(shares) >= 0
