"""`copilot check`: what it prints."""

import re
from pathlib import Path

import pytest

from bot.cli import check

NIGHTLY = """
name: nightly
version: 1.0.0
title: Nightly
schedules: [{cron: "0 3 * * *", timezone: Europe/Berlin}, {cron: "0 3 30 2 *"}]
steps: [{id: soak, type: wait, for: 10m}]
"""


def test_the_next_three_times_of_each_schedule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("nightly.yaml").write_text(NIGHTLY, encoding="utf-8")
    check.run([tmp_path], None, options=False, as_schema=False)
    first, *told = capsys.readouterr().out.splitlines()
    assert first.startswith(
        "Settings are valid. Workflows: deploy, maintenance, migrate-database, mitigate, nightly, silence-alerts."
    )
    title, steps, daily, never = told[told.index("nightly 1.0.0: Nightly") :]
    assert (title, steps) == ("nightly 1.0.0: Nightly", "  1 step, risk read")
    time = r"\d{4}-\d\d-\d\d 03:00 CES?T"
    assert re.fullmatch(rf"  schedule “0 3 \* \* \*” Europe/Berlin: {time}, {time}, {time}", daily)
    assert never == "  schedule “0 3 30 2 *”: never"
