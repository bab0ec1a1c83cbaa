"""What words mean for a request: classes of English words, and English readings of German and Spanish ones.

A class lets the model treat a word that few people use ("quiesce") like its frequent neighbours ("drain"). A reading lets it
treat "reinicia" and "starte … neu" like "restart". Both only add features; the words themselves stay.
"""

import unicodedata
from functools import cache

_CLASSES = {
    "deploy": "deploy deploying redeploy ship release promote rollout roll publish upgrade install flash push promote launch "
    "provision ota cutover golive downgrade",
    "restart": "restart reboot bounce reload recycle respawn powercycle restarting",
    "revert": "rollback revert undo unship rollbacks backout",
    "scale": "scale upscale downscale resize grow shrink replicas autoscale capacity",
    "operate": "drain cordon uncordon evict failover switch swap retry requeue replay reprocess backfill resync sync purge flush "
    "clear rotate renew vacuum reindex rebuild migrate restore backup apply unseal unlock quarantine throttle enable disable toggle "
    "flip unfreeze freeze fence detach attach move shift redirect reroute recompute refresh warm invalidate reset patch "
    "decommission spin tear wipe truncate compact rebalance reroute unblock resume reprocess ingest import export trigger execute "
    "kick fire start rerun run launch crawl dispatch",
    "cancel": "cancel cancelling abort stop kill halt withdraw terminate interrupt unqueue dequeue scratch scrap pause "
    "revoke retract nuke unschedule unship drop pull cease quit ditch",
    "write": "write generate draft author create make produce compose scaffold craft invent come derive extend",
    "close": "close closing closed resolve resolved archive shut finish concluded done",
    "open": "open declare raise file create start report opened spin",
    "note": "add note post tell set change bump lower raise downgrade record mention assign reassign append inform notify "
    "write put update upgrade rename edit link reopen keep escalate hand handover announce mark correct",
    "show": "show give pull fetch get print paste dump list display send find search grep tail look check open bring share text",
    "wonder": "why how what who which when where whose whats hows whos wheres",
    "verb": "is are was were does do did has have had isnt arent",
    "polite": "please pls plz kindly could can would might thanks thx",
    "metric": "latency p50 p90 p95 p99 p999 throughput rate rates rps qps tps cpu memory mem ram heap disk usage utilization "
    "utilisation load average avg mean median max min peak count counts number numbers total percentage percent pct graph chart "
    "plot histogram trend trending dashboard distribution curve cost costs spend tokens ttft lag depth size connections iops "
    "bandwidth ratio saturation budget slo availability uptime volume figure figures conversion occupancy duration graphs "
    "hitrate temperature consumption",
    "much": "many much often fast slow slower faster long higher lower more less fewer compared compare versus vs than growing "
    "rising climbing dropping increasing decreasing worse better spike spiked",
    "log": "log logs logged logging lines line stderr stdout syslog journal journalctl entries entry output stacktrace audit "
    "printed wrote wrote writes exception exceptions messages message warnings loglines dmesg",
    "trace": "trace traces span spans waterfall hop hops tracing otel jaeger tempo flamegraph traceid breakdown zipkin",
    "incident": "incident incidents inc outage sev sev1 sev2 sev3 sev4 p1 p2 warroom commander postmortem severity ic mitigated "
    "monitoring identified impact",
    "run": "deploy deployment deployments rollout rollouts run runs job jobs pipeline pipelines build builds release canary "
    "migration batch backfill train wave promotion workflow workflows approval approvals queue queued pending scheduled "
    "approved upgrade change changes sync import rollback failover restart",
    "progress": "done finished ready through progress pending waiting stuck running complete completed started status state stage "
    "step far yet already still approved queued eta remaining percent",
    "test": "test tests testing unit e2e integration regression smoke sanity suite suites benchmark benchmarks eval evals "
    "evaluation evaluate fuzz conformance spec specs pytest jest junit cypress k6 vitest soak stress loadtest backtest testcase "
    "testcases playwright selenium mmlu harness benchmarking scenarios cases fixtures bats",
    "coverage": "coverage covered uncovered cov untested tested cover covers gaps exercised branches uncover",
    "alert": "alert alerts alerted alarm alarms page paged pager paging pages pagerduty fired firing woke wake triggered silenced "
    "flapping beeped buzzed alertmanager trigger rang ringing monitor",
    "health": "up down healthy health alive ok okay fine reachable responding available working broken green degraded "
    "operational back dead unhealthy online offline respond answering happy limping serving",
    "trouble": "broken failing fails failed fail dead down stuck wrong crash crashed crashing error errors hanging frozen lost "
    "cannot cant reject rejects rejected timeouts unavailable leak leaking corrupted",
    "mended": "fixed recovered restored solved stable duplicate dup false working normal clean verified confirmed repaired "
    "back gone healthy false",
    "advice": "runbook docs documentation explain difference mean means policy best practice owner owns owned team contact "
    "recommend should advice guide tutorial learn possible supposed allowed who whom meaning",
    "greeting": "hi hello hey morning evening thanks thank thx cheers bye welcome ty appreciated",
    "leisure": "lunch coffee pizza beer cake weekend holiday vacation football movie weather cat dog birthday party kids wife "
    "game song haha lol lmao snack dinner breakfast parking lottery sleep tea dream dreamt yoga guitar",
}

_READINGS = {
    # verb or noun of the request: German, then Spanish; a star ends a stem
    "deploy": "ausroll* ausliefer* ausgeroll* deploye* einspiel* eingespielt rolle rollt veroeffentlich* installier* despleg* despliegue* desplieg* publica publicar instala instalar promueve promover promovier* sube",
    "restart": "neustart* neugestart* durchstart* reboote* restarte* reinici*",
    "rollback": "zurueckroll* zurueckdreh* zurueckgeroll* zurueckspiel* zurueckgesetzt zuruecksetz* revertir* revier* deshac* deshaz* deshagan",
    "scale": "skalier* hochskalier* runterskalier* hochfahr* runterfahr* herunterfahr* fahr fahre escala escalar escalen",
    "start": "starte startet starten gestartet anstoss* angestossen stoss lanza lanzar lances lanzame lancen lanzas arranca arrancar arranque inicia iniciar inicien comienza pon",
    "run": "lauf laeuft laufe laufen laesst lass ausfuehr* fuehr fuehre corre correr corran corras ejecut* haz",
    "stop": "stoppe stoppen stoppt anhalt* angehalten halte aufhoer* para parar paralo pararlo parad paren pares deten* detiene* detener*",
    "cancel": "abbrech* abgebroch* abbruch brich storn* cancela cancelar cancele* cancelalo cancelame anula anular anule zurueckzieh* zurueckgezogen zieh ziehe retira retirar retire aborta abortar aborte quita quitar",
    "close": "schliess* zumach* zugemacht geschlossen beend* abschliess* abgeschlossen schliesst cierra cierre* cierren cerrar cerrarlo cerrada cerrado cierralo",
    "open": "oeffn* eroeffn* aufmach* aufgemacht offen abre abrir abran abreme abierto abierta aufzumachen anleg* anzuleg*",
    "incident": "vorfall vorfaell* stoerung* stoerfall zwischenfall* incidente* incidencia* averia",
    "create": "erstell* crea crear creen creame generier* genera generar generame generen erzeug* mach mache machen macht machst",
    "write": "schreib schreibe schreiben schreibst schreibt geschrieben escrib*",
    "tests": "testfaell* prueba pruebas testfall testsuite unittests",
    "coverage": "testabdeckung abdeckung cobertura",
    "covered": "abgedeckt abdeck* cubre cubren cubierto* cubierta* getestet ungetestet probado* probada*",
    "show": "zeig zeige zeigen zeigt anzeig* muestr* mostrar mostrame ensename ensena pasame pasa saca sacame dame dime sag",
    "give": "gib geben gebt brauch brauche brauchen necesit* quiero queremos quisiera",
    "search": "suche suchen such durchsuch* busca buscar buscame finde finden encuentra encontrar",
    "why": "warum wieso weshalb weswegen porque",
    "how": "wie como",
    "what": "que cual",
    "which": "welche welcher welches welchen welchem cuales",
    "who": "wer wem wen quien quienes",
    "when": "wann cuando",
    "where": "wo woher wohin donde",
    "how many": "wieviel wieviele viele cuanto cuanta cuantos cuantas",
    "is": "ist sind esta estan es hay seguimos esta",
    "has": "hat habe haben hast ha han",
    "was": "wurde wurden waren estaba fue fueron",
    "alive": "vivo viva vivos lebt leben erreichbar verfuegbar disponible* responde responden antwortet antworten activo activa funciona funcionan funktionier* geht gehen anda",
    "down": "kaputt tot ausgefallen ausfall caido caida caidos roto rota rotos weg muerto",
    "fixed": "behoben gefixt geloest solucionad* resuelto resuelta resolvi* arreglad* arreglo repariert erledigt recuperad*",
    "duplicate": "duplikat duplicado duplicada doppelt",
    "false alarm": "fehlalarm falsa",
    "alert": "alarme alarmier* alarms alerta* geweckt gepaged desperto despertado despierta aviso salto salta saltado ausgeloest ausloes* dispar*",
    "page": "rufbereitschaft pagearon",
    "errors": "fehler fehlermeldung* errores fallo fallos falla fallas fehlgeschlag* fallan fallo",
    "error rate": "fehlerrate fehlerquote tasa",
    "latency": "latenz* latencia* antwortzeit* verzoegerung demora",
    "average": "durchschnitt* mittelwert promedio",
    "number": "anzahl zahl numero cantidad zahlen",
    "usage": "auslastung verbrauch* consumo uso",
    "logs": "logzeil* logeintr* registros lineas zeilen protokoll* registro zeile",
    "traces": "traza trazas",
    "status": "stand estado zustand",
    "done": "fertig durch listo lista terminado terminada termino acabado acabo acabaron erledigt",
    "still": "noch aun todavia immer sigue siguen",
    "already": "schon bereits ya",
    "approval": "freigabe* freigegeben genehmig* aprobacion* aprobar aprobado aprobada aprueb*",
    "waiting": "warte wartet warten espera esperando ausstehend pendiente* haengt haengen",
    "severity": "schweregrad schwere gravedad severidad prioridad prioritaet stufe stuf",
    "raise": "hochstufen rauf hoch subir subelo",
    "lower": "runter herunterstufen baja bajar bajalo bajala",
    "add": "hinzufueg* fueg fuege ergaenz* vermerk* notier* trag trage eintrag* anade anadir agreg* apunta anota anotar ponle",
    "note": "notiz nota anmerkung",
    "customers": "kunden kunde clientes cliente nutzer usuarios usuario",
    "since": "seit desde",
    "last": "letzt* ultima ultimo ultimas ultimos",
    "hour": "stunde stunden hora horas",
    "minutes": "minuten minutos",
    "yesterday": "gestern ayer",
    "today": "heute hoy",
    "now": "jetzt gerade ahora derzeit aktuell momento",
    "night": "nacht noche",
    "week": "woche wochen semana semanas",
    "please": "bitte porfa favor porfavor",
    "thanks": "danke gracias dankeschoen",
    "hello": "hallo hola moin servus buenas buenos guten",
    "can": "kannst kann koennt koenntest koennen puedes puede podrias podria podemos koennte",
    "not": "nicht kein keine keinen nunca ningun ninguna nada",
    "and": "und y",
    "the": "der das dem el la los las",
    "a": "ein eine einen einem einer un una",
    "of": "von vom del",
    "in": "im ins en am",
    "for": "fuer por",
    "with": "mit con",
    "to": "zu zum zur nach al",
    "it": "sie ihn ihm lo",
    "me": "mir mich nos uns",
    "this": "diese diesen dieser dieses este eso esto",
    "again": "nochmal erneut wieder vuelve otra nuevamente vez",
    "runbook": "anleitung dokumentation documentacion manual",
    "owner": "zustaendig verantwortlich* responsable dueno",
    "difference": "unterschied diferencia*",
    "slow": "langsam* lento lenta lentas",
    "healthy": "gesund sano sana bien gut saludable",
    "queue": "warteschlange* cola",
    "service": "dienst dienste servicio servicios",
    "production": "produktion produccion",
    "staging": "pruebas",
    "yes": "ja si",
    "but": "aber pero",
    "are there": "gibt existe existen",
}

_LONGEST_STEM = 13


def fold(word: str) -> str:
    """Lower case without accents; ä, ö, ü and ß as people type them without the keys: ae, oe, ue, ss."""
    word = word.lower()
    if word.isascii():
        return word
    for letter, typed in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        word = word.replace(letter, typed)
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


@cache
def _by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, words in _CLASSES.items():
        for word in dict.fromkeys(words.split()):
            found[word] = (*found.get(word, ()), name)
    return found


@cache
def _readings() -> tuple[dict[str, str], dict[str, str]]:
    """Of whole words and of stems."""
    words: dict[str, str] = {}
    stems: dict[str, str] = {}
    for english, foreign in _READINGS.items():
        for word in foreign.split():
            (stems if word.endswith("*") else words).setdefault(word.rstrip("*"), english)
    return words, stems


def classes(word: str) -> tuple[str, ...]:
    """The classes of an English word, given as `fold` gives it."""
    return _by_word().get(word, ())


def reading(word: str) -> str:
    """One or two English words for a German or Spanish one, given as `fold` gives it; "" for any other."""
    words, stems = _readings()
    if word in words:
        return words[word]
    return next(
        (stems[word[:size]] for size in range(min(len(word), _LONGEST_STEM), 3, -1) if word[:size] in stems), ""
    )
