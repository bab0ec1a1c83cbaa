"""TraceQL of Tempo: a model, a printer, a grammar, guards, explanations, and sentences turned into it.

Conventions of translated queries:

- Names of attributes are those of OpenTelemetry that most instrumentation writes (`traceql.names`); a back end's own refine them.
- A limit on time is that of spans, `duration > 500ms`; "end to end" and the like mean `traceDuration`. "Slow" without a number is `SLOW`.
- "From A to B" is `{ A } >> { B }`, with ">" where the person says "directly". What else is asked holds for B; where it happens, for both.
  A condition is the earlier service's where its clause ends before the later one, and spans of a client are the caller's.
- Names of spans and what is called hang together in the same way: `{ name = "a" } ~ { name = "b" }`. "Redis calls of cart" are spans of cart;
  only a word for the place ("below", "child") or "directly" makes two of them: `{ cart } > { redis }`.
- "Starts in A" is `rootServiceName`, also beside a structure: `{ rootServiceName = "a" && traceDuration > 5s } && { B } >> { C }`. Where B is said
  to be "below" the first service, it is `{ A } >> { B }`.
- "Not called by A" is `{ A } !>> { B }`; traces without A cannot be asked for.
- Conditions joined by "or" are alternatives, and so are several values of one field: `(span.http.status_code = 502 || duration > 3s)`.
- "Average", "longest", "total time" and numbers of spans with a limit are those of one trace: `{ … } | avg(duration) > 300ms`.
- TraceQL cannot sort: "slowest" selects the duration, by which the answer is ordered: `{ … } | select(duration)`.
- Numbers over time are metrics queries: `{ … } | quantile_over_time(duration, .95) by (span.http.route)`, and what they are compared with
  stands behind them: `… > 2s`.
"""
