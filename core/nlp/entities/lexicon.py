"""The words for metrics and aggregations, and the words beside them that say that something else is meant."""

METRICS = {
    "latency": "latency|latencies|latancy|latecy|lateny|response time|response times|resp time|resp times|respons time|response latency|"
    "request latency|request duration|request durations|request time|duration|durations|slow|slower|slowness|slowdown|slowed down|slow down|"
    "sluggish|sluggishness|laggy|roundtrip time|round trip time|rtt|latenz|latenzen|antwortzeit|antwortzeiten|langsam|langsamer|latencia|"
    "latencias|tiempo de respuesta|tiempos de respuesta|lento|lenta|lentos|lentas",
    "error_rate": "error rate|error rates|errors rate|errorrate|err rate|erorr rate|eror rate|failure rate|failure rates|fail rate|failed rate|"
    "error ratio|errors ratio|failure ratio|error percentage|error percent|error pct|percentage of errors|percent of errors|share of errors|"
    "rate of errors|rate of failures|rate of failed requests|errors per second|errors per minute|errors sec|errors s|error %|"
    "exception rate|rejection rate|fehlerrate|fehlerquote|tasa de errores|tasa de error|tasa de fallos|porcentaje de errores",
    "request_rate": "request rate|request rates|requests rate|req rate|throughput|thruput|througput|throughtput|rps|qps|tps|traffic|trafic|"
    "requests per second|requests per sec|requests per minute|requests a second|requests a minute|reqs per second|req s|reqs s|req sec|"
    "reqs sec|requests s|requests sec|requests min|queries per second|calls per second|calls per minute|hits per second|hits per minute|"
    "request volume|request volumes|request count|request counts|call volume|call rate|query rate|rate of requests|requests|durchsatz|"
    "anfragen pro sekunde|anfragen|trafico|peticiones por segundo|solicitudes por segundo|peticiones|solicitudes",
    "cpu": "cpu|cpus|cpu usage|cpu utilization|cpu utilisation|cpu util|cpu load|cpu time|cpu throttling|processor usage|processor load|"
    "load average|load avg|cpu auslastung|uso de cpu|core usage",
    "memory": "memory|mem|memroy|memmory|ram|heap|memory usage|mem usage|memory use|memory consumption|memory footprint|heap usage|heap size|"
    "ram usage|rss|working set|resident memory|memory leak|mem leak|speicher|arbeitsspeicher|speicherverbrauch|memoria|uso de memoria",
    "disk": "disk|disks|disk usage|disk space|disk io|disk i o|diskspace|disk utilization|disk full|hdd|ssd|iops|storage usage|storage space|"
    "filesystem usage|filesystem|volume usage|inodes|inode usage|festplatte|plattenplatz|speicherplatz|disco|espacio en disco",
    "network": "network|network traffic|network io|network i o|network throughput|network usage|network bandwidth|bandwidth|packet loss|"
    "packets dropped|dropped packets|network in|network out|network errors|egress|ingress traffic|egress traffic|netzwerk|netzwerkverkehr|"
    "ancho de banda",
    "saturation": "saturation|saturated|saturating|utilization|utilisation|pool utilization|connection pool usage|pool usage|thread pool|"
    "pool saturation|headroom|auslastung|saturacion",
    "availability": "availability|uptime|up time|success rate|success ratio|slo|slos|sla|slas|error budget|downtime|availabilty|availibility|"
    "verfugbarkeit|disponibilidad",
    "token_usage": "token usage|tokens|tokens used|token count|token counts|token consumption|token spend|tokens per second|tokens per minute|"
    "tokens per request|prompt tokens|completion tokens|input tokens|output tokens|token verbrauch|tokenverbrauch|uso de tokens",
    "cost": "cost|costs|spend|spending|spent|expense|expenses|dollars|usd|burn|bill|llm cost|cost per request|kosten|coste|costes|costo|"
    "costos|gasto|gastos",
    "queue_depth": "queue depth|queue depths|queue length|queue size|queue sizes|queue lengths|queue lag|queue backlog|queue|queues|queued messages|"
    "queue len|backlog|backlogs|lag|consumer lag|kafka lag|lags|lagging|messages waiting|pending messages|messages in queue|"
    "warteschlange|ruckstau|cola|longitud de la cola|depth",
    "ttft": "ttft|time to first token|time till first token|time until first token|first token latency|first token time|1st token latency|"
    "time to 1st token|first token delay",
}
"""Canonical name → its phrases, parted by |, in folded text."""

AGGREGATIONS = {
    "avg": "avg|avgs|average|averages|averaged|avarage|averge|on average|mean|mean value|durchschnitt|durchschnittlich|durchschnittliche|"
    "mittelwert|im schnitt|promedio|en promedio|media|medio",
    "sum": "sum|total|totals|summed|in total|overall total|sum total|gesamt|insgesamt|summe|suma|en total",
    "max": "max|maximum|maxium|peak|peaks|peaked|peaking|highest|maximal|maximale|hochste|hochster|maximo|pico|worst case",
    "min": "min|minimum|lowest|minimal|niedrigste|minimo",
    "count": "count|counts|how many|howmany|total number of|total count of|total count|number of|nr of|num of|no of|amount of|how often|how many times|wie viele|wieviele|anzahl|"
    "anzahl der|wie oft|cuantos|cuantas|numero de|cantidad de",
    "rate": "rate|rates",
    "p50": "median|medians|mediana|p50|p 50|50th|50th percentile|50th pct|50 percentile",
}

NOT_AFTER = {
    "slow": "go",
    "traffic": "shift|route|move|drain|send|redirect|split|cut|switch|shed|block|cutover|live|mirror|rerouting|"
    "reroute|shifting|draining|some|all|network|of",
    "tokens": "auth|refresh|access|api|session|jwt|bearer|expired|invalid|csrf|oauth|id|security|revoke|rotate|"
    "revoked|design|login|reset",
    "total": "a|is",
    "mean": "you|i|does|it|that|this|they|do|did|we|not|to|would|didn|don|doesn|no|what|may|might|could|"
    "which|these|those|u|alerts|errors|alert",
    "sum": "to",
    "min": "last|past|every|each|per|a|one|previous|few|in|couple",
    "max": "at|by|to|hi|hey|from|ask|ping|thanks",
    "minimum": "at|a",
    "maximum": "at|a",
    "rate": "bounce|hit|burn|success|failure|error|sample|sampling|limit|at|any|refresh|cache|churn|conversion|"
    "first|second|crash|this|miss|drop|exchange|scrape",
    "rates": "no|shipping|exchange|tax|hit|cache|sampling",
    "count": "to|not|don|can|i|we|you|replica|replicas|pod",
    "counts": "that|what|it|this",
    "dollars": "million|thousand",
    "network": "social|private|virtual",
    "lag": "replication|replica|jet|time",
    "slo": "latency",
    "sla": "latency",
    "ram": "to",
    "spent": "time|hours|have|has|i|we|was|been",
    "spend": "to|i|we|don|will|can|you|should",
    "filesystem": "the",
    "peak": "off",
}
"""Phrase → words before it that take it out of its meaning."""

NOT_BEFORE = {
    "slow": "query|queries|trace|traces|span|spans|log|logs|call|calls|requests|test|tests|roll|rollout|"
    "release|start|consumer|consumers|day|clap|job|jobs|request|endpoints",
    "slow down": "the|a|there|on",
    "cpu": "architecture|vendor",
    "memory": "lane|error|errors|limit|limits",
    "mem": "limit|limits",
    "heap": "dump|dumps",
    "network": "policy|policies|partition|team|issue|issues|change|changes|timeout|timeouts|guys|blip|outage|"
    "problem|problems|error|glitch|config|people|unreachable|failure|failures|split",
    "disk": "image|failure|failures|encryption",
    "traffic": "over|back|away|light|manager|jam|split",
    "total": "outage|failure|loss|mess|chaos|disaster|blackout",
    "mean": "that|even|exactly|again|to|by|time|anything|something|it|in|s|the|here|when|we|you|well|",
    "average": "joe|user|person",
    "sum": "up|it|this|that",
    "max": "retries|connections|replicas|out|retry|attempts|size|age|surge|will|is|said|conn",
    "min": "replicas|ago|window|version",
    "rate": "limit|limits|limited|limiting|limiter|limiters|card",
    "count": "on|me|down|as",
    "tokens": "expired|expire|invalid|leaked|rotated",
    "queues": "up",
    "peak": "hour|hours|times|season|time",
    "slo": "page|doc|docs",
    "thread pool": "exhausted",
    "spent": "time|the|hours",
    "ram": "it",
}
"""Phrase → words behind it that do so; the empty one is the end of the text."""

ONLY_BESIDE = {
    "requests": "per|how many|many|number of|count of|total|max|average|avg|peak|more|fewer|viele|wieviele|sum",
    "anfragen": "viele|anzahl|wieviele|der",
    "peticiones": "cuantas|de",
    "solicitudes": "cuantas|de",
    "duration": "over|above|under|below|more|greater|longer|exceeding|of|average|avg|p50|p90|p95|p99|max|mean|"
    "median|trace|span|job|query|request|checkout",
    "media": "latencia|la|cpu|memoria|carga",
    "medio": "tiempo|valor|uso",
    "depth": "queue|topic|stream|buffer",
    "queue": "the|message|kafka|sqs|rabbit|rabbitmq|job|task|email|work|celery|orders|event|events|retry|s",
    "bill": "llm|cloud|aws|token|openai|model|s|gcp",
    "burn": "cash|money|dollar|token",
}
"""Phrase → words of which one must stand beside it, or a pair before it; "how many requests", not "pull requests"."""
