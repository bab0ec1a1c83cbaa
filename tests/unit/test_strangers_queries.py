"""Questions that somebody wrote who knew the contract and not the code: development sets since they were read to mend translation."""

from pathlib import Path

import pytest

from bot.evaluation import sets
from bot.evaluation.judging import judge
from core.query.translation import Language

SETS = Path(__file__).parents[1] / "evaluation"
FLOORS = {
    "queries_dev_y.jsonl": {Language.PROMQL: 0.98, Language.LOGQL: 0.97, Language.TRACEQL: 1.0, Language.SQL: 0.94},
    "queries_dev_w.jsonl": {Language.PROMQL: 1.0, Language.LOGQL: 0.95, Language.TRACEQL: 1.0, Language.SQL: 1.0},
    "queries_dev_r.jsonl": {Language.PROMQL: 0.94, Language.LOGQL: 0.96, Language.TRACEQL: 0.96, Language.SQL: 0.94},
    "queries_dev_p.jsonl": {Language.PROMQL: 0.97, Language.LOGQL: 0.96, Language.TRACEQL: 0.96, Language.SQL: 0.94},
    "queries_dev_o.jsonl": {Language.PROMQL: 0.91, Language.LOGQL: 0.96, Language.TRACEQL: 0.92, Language.SQL: 0.97},
    "queries_dev_q.jsonl": {Language.PROMQL: 0.94, Language.LOGQL: 0.96, Language.TRACEQL: 0.96, Language.SQL: 0.97},
}
"""A little under what is reached. What is missing: a person who corrects herself midway, messages joined to incidents by the ids
they mention, and a running count by row rather than by day. One hand looks for
errors in the text of lines; all others ask for their level."""


@pytest.mark.parametrize("name", FLOORS)
def test_the_sets_that_were_read(name: str) -> None:
    (section,) = judge(sets.read(SETS / name))
    found = {language: section.figures[f"query.exact.{language}"] for language in FLOORS[name]}
    assert {language: share for language, share in found.items() if share < FLOORS[name][language]} == {}
    assert section.figures["query.parsable"] == 1
