"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file; else COPILOT_CONFIG or ./copilot.toml.")
]
Since = Annotated[str, typer.Option(help="From then on: 2026-03-01T12:00, or 24h, 7d ago.")]
Until = Annotated[str, typer.Option(help="Before then; written alike.")]
