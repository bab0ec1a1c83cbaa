"""TraceQL of Tempo: a model, a printer, a grammar, guards, explanations, and sentences turned into it.

Conventions of translated queries:

- Names of attributes are those of OpenTelemetry that most instrumentation writes (`traceql.names`); a back end's own refine them.
- A limit on time is that of spans, `duration > 500ms`; "end to end" and the like mean `traceDuration`. "Slow" without a number is `SLOW`.
- "From A to B" is `{ A } >> { B }`, with ">" where the person says "directly". What else is asked holds for B; where it happens, for both.
  A condition is the earlier service's where its clause ends before the later one, and spans of a client are the caller's.
- Conditions joined by "or" are alternatives, and so are several values of one field: `(span.http.status_code = 502 || duration > 3s)`.
- "Average", "longest", "total time" and numbers of spans with a limit are those of one trace: `{ … } | avg(duration) > 300ms`.
- TraceQL cannot sort: "slowest" selects the duration, by which the answer is ordered: `{ … } | select(duration)`.
- Numbers over time are metrics queries: `{ … } | quantile_over_time(duration, .95) by (span.http.route)`.
"""
