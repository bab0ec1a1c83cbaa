"""LogQL of Loki: a model, a printer, a grammar, guards, explanations, and sentences turned into it.

Conventions of translated queries:

- The stream is chosen by `core.query.labels.LABELS`, in the order service, environment, namespace, region, host, version.
- Levels are labels of parsed lines, however they are said: "errors in auth", "warn + error", "how many error lines":
  `| json | level="error"`, `logfmt` where the person says so. Only a word that is said to stand in the text is looked for
  there: "lines that say error", "with 'fatal'".
- Other kinds of lines are what they say: "panics" `|= "panic"`, "failed logins" `|= "failed login"`. What several words say is one
  text, as it is written; of what is named in the plural the subject is looked for by itself: "redis timeouts"
  `|= "redis" |= "timeout"`. The case of letters counts unless somebody says that it does not: `|~ "(?i)deadlock"`.
- What a line is said to contain (in quotes, after "containing", an id, a path, the name of an exception) is taken literally: `|= "…"`.
- A sentence that says nothing else names what it looks for: "card declined in payments". Words of asking (`asking`) are never looked for.
- Status codes, durations, methods and attributes are fields, and so is a path beside them: `| json | status >= 500 | path="/pay"`. The
  ids of users, customers, accounts and tenants are fields, too; other ids are text.
- A log query has no range: start and end go with the translation. Counting and rates use the range that the sentence names; a
  rate over none, or over a past one, uses `[5m]`.
- Words that are joined by "or" are alternatives, also left-out ones: `|~ "refused|reset"`, `!~ "retry|test"`.
- Where the form of the lines is named, what is said of any field is a condition on it: `| logfmt | caller!="cache.go"`.
- Nobody's service is everybody's: `{service=~".+"}` where lines are counted or searched, `{namespace=~".+"}` where they are counted
  by namespace; else the selector names those of the catalogue.
- A field with its value behind it is a condition: "error_code 4012", "with reject_reason duplicate": `| json | error_code="4012"`.
- What people tell of their trouble beside the question is not looked for: "401s in auth, my client is rejected" are 401s.
- A path whose first part is a service's name says whose lines they are, where nothing else does.
- "Compare … in prod and staging" counts by environment; numbers "per pod" show as well which pod is silent.
- "Show only method and path" writes the lines anew: `| line_format "{{.method}} {{.path}}"`.
"""
