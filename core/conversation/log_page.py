"""All lines of an answer as one page that needs nothing else: a filter box, one line below the other, times in the reader's zone."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from html import escape

from core.ports.telemetry import LogLine

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 14px/1.5 ui-monospace, monospace; margin: 0 1rem 1rem; }}
header {{ position: sticky; top: 0; background: Canvas; padding: .75rem 0; border-bottom: 1px solid GrayText; }}
h1 {{ font: 600 1rem system-ui, sans-serif; margin: 0 0 .5rem; overflow-wrap: anywhere; }}
input {{ font: inherit; width: min(40rem, 100%); box-sizing: border-box; padding: .4rem .6rem; }}
#count {{ font-family: system-ui, sans-serif; margin-left: .75rem; color: GrayText; }}
ol {{ list-style: none; padding: 0; margin: .5rem 0; }}
li {{ white-space: pre-wrap; overflow-wrap: anywhere; padding: .1rem 0; }}
time {{ color: GrayText; margin-right: 1ch; }}
.labels {{ color: GrayText; }}
</style>
<header><h1>{title}</h1>
<label>Filter: <input id="filter" type="search" autofocus placeholder="words that a line must hold; -word: must not"></label>
<span id="count" role="status"></span></header>
<ol>
{rows}
</ol>
<script>
const rows = [...document.querySelectorAll("li")].map(row => [row, row.textContent.toLowerCase()]);
const box = document.getElementById("filter"), count = document.getElementById("count");
function filter() {{
  const words = box.value.toLowerCase().split(/\\s+/).filter(word => word && word !== "-");
  let shown = 0;
  for (const [row, text] of rows) {{
    const fits = words.every(word => word.startsWith("-") ? !text.includes(word.slice(1)) : text.includes(word));
    row.hidden = !fits;
    shown += fits;
  }}
  count.textContent = `${{shown}} of ${{rows.length}} lines`;
}}
box.addEventListener("input", filter);
filter();
</script>
</html>
"""


def page(lines: Sequence[LogLine], title: str, zone: tzinfo) -> str:
    """The page, newest line first. What services wrote is escaped, and nothing is loaded from anywhere."""
    return _PAGE.format(title=escape(title), rows="\n".join(_row(line, zone) for line in lines))


def _row(line: LogLine, zone: tzinfo) -> str:
    at = datetime.fromtimestamp(line.at / 1e9, UTC).astimezone(zone)
    labels = " ".join(f"{name}={value}" for name, value in sorted(line.labels.items()))
    marks = f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}</time>'
    return f'<li>{marks}{escape(line.text)} <span class="labels">{escape(labels)}</span></li>'
