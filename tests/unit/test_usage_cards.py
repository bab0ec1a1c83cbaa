"""What calls of language models came to, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from core.conversation.usage_cards import totals
from core.messages import Code, Text
from core.ports.telemetry import Measured
from core.query.catalogue import Unit
from core.query.promql.quantity import Quantity
from core.telemetry.looks import Look
from core.telemetry.measuring import Found, Line
from core.telemetry.usage import Counted

END = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def counted(*values: float, adds: bool = True) -> Counted:
    lines = tuple(
        Line({"model": f"m{number}"}, ((END.timestamp(), value),), value, None) for number, value in enumerate(values)
    )
    found = Found(Look("", DAY), END - DAY, END, DAY, Quantity(Unit.DOLLARS), lines, Measured(()))
    return Counted(found, adds)


def rows(of: Counted) -> list[list[str]]:
    (table,) = (block for block in totals(of) if isinstance(block, Code))
    return [line.split() for line in table.text.splitlines()]


def test_shares_are_of_the_whole_that_is_told() -> None:
    first = totals(counted(3.0, 1.0))[0]
    assert isinstance(first, Text)
    assert "4 $" in first.text
    assert rows(counted(3.0, 1.0))[1][:5] == ["m0", "3", "$", "75", "%"]


@pytest.mark.parametrize(("adds", "name"), [(True, "total"), (False, "mean")])
def test_what_came_to_nothing_is_still_a_total_and_has_no_shares(adds: bool, name: str) -> None:
    head, *lines = rows(counted(0.0, 0.0, adds=adds))
    assert head[0] == name
    assert "share" not in head
    assert len(lines) == 2
