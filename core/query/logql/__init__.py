"""LogQL of Loki: a model, a printer, a grammar, guards, explanations, and sentences turned into it.

Conventions of translated queries:

- The stream is chosen by `core.query.labels.LABELS`, in the order service, environment, namespace, region, host, version.
- What a line is said to contain (in quotes, after "containing", an id, a path, the name of an exception) is taken literally: `|= "…"`.
- A kind of line (errors, warnings, timeouts) is recognised in any case: `|~ "(?i)error"`. Most streams have no label for
  the level, and programs write ERROR, Error and level=error. Who says "level", or names the form of the lines ("json"), gets
  the label `level` of parsed lines.
- Status codes, durations and attributes are fields: `| json | status >= 500 | duration > 2s`; `logfmt` where the person says so.
- A log query has no range: start and end go with the translation. Counting and rates use the range that the sentence names; a
  rate over none, or over a past one, uses `[5m]`.
- Words that are joined by "or" are alternatives, also left-out ones: `|~ "refused|reset"`, `!~ "retry|test"`.
- Where the form of the lines is named, what is said of any field is a condition on it: `| logfmt | caller!="cache.go"`.
- Nobody's service is everybody's: `{service=~".+"}` where lines are counted or searched; else the selector names those of the catalogue.
- "Show only method and path" writes the lines anew: `| line_format "{{.method}} {{.path}}"`.
"""
