"""The small words of references, continuations and corrections, in English, German and Spanish; folded, without accents."""

from enum import Enum, auto

from core.nlp.entities.sentence import Phrases, phrases, words
from core.nlp.interpretation import Intent


class Lean(Enum):
    """One way in which a message leans on what was said before it."""

    CONTINUES = auto()
    """Adds to the question before or changes a part of it."""
    SAME = auto()
    """Asks for the same for something else."""
    REFERS = auto()
    """Points at something: it, that service, there."""
    AGAIN = auto()
    NOW = auto()
    """Is about this moment, whatever time was asked for before."""
    OTHER = auto()
    """The one before the current one."""
    FIRST = auto()
    SECOND = auto()
    LAST = auto()
    """The last of several."""
    ALL = auto()
    """About no single thing: which services, anything, overall."""
    INCIDENT = auto()
    """An incident that is not named by its id."""
    RUN = auto()
    """A run that is not named by its id."""
    RUN_ACTED_ON = auto()
    """Something is done to a run that waits or stands: approve it, resume it."""
    UNDOES = auto()
    """What a run changed is turned back: roll it back. It acts on the service."""
    SHIPS = auto()
    """What was to be deployed is, in another version."""
    COUNTS = auto()
    """Asks for a number: how many, per minute."""
    SPLITS = auto()
    """Asks for the parts of a number: by region."""
    PROGRESS = auto()
    """Asks how far something is that was begun."""
    UPDATES = auto()
    """Something to be written down, passed on or handed over: it goes into the incident that was talked about."""
    THANKS = auto()


PARTS = words(
    "endpoint endpoints region regions pod pods instance instances host hosts node nodes route routes tenant zone customer method version model path status code namespace cluster operation "
    "endpunkt knoten nodo ruta"
)
"""What a number is split by."""
LEADING = Phrases(
    phrases(
        {
            "UPDATES": "tell them|tell everyone|tell everybody|tell folks|tell people|tell the|tell customers|tell support|let them know|let everyone know|let people know|"
            "give it to|give this to|give that to|assign it|assign this|assign to|assign that|hand it to|hand it over|hand this to|put it on|write into|notify support|notify customers|notify everyone|notify them|notify the|loop in|i take it|i ll take it|ill take it|also affects|"
            "gib es|gib das|gib den|weise es|weis es|sag ihnen|sag allen|sagt allen|informier|informiere|ich ubernehme|ich ubernehm|me encargo|yo me encargo|ponlo a|ponla a|asignalo|asignaselo|dile|diles|avisa|avisales|avisa a",
            "CONTINUES": "with|without|containing|matching|mentioning|excluding|including|mit|ohne|con|sin|and|n|also|then|now|but|or|actually|no|nope|nah|sorry|sry|oops|wait|versus|vs|only|just|"
            "nee|nein|und|aber|oder|jetzt|dann|doch|nur|"
            "y|o|e|pero|ahora|perdon|mejor|solo",
            "PROGRESS": "where are we|where do we stand|where does that stand|wo stehen wir|en que vamos|how did|how long|how much longer|how far|when will|when is|has it|has that|did it|did that|any progress|any news|any update|any updates|any luck|"
            "wie lange|wie weit|wann ist|hat es|hat das|gibts was neues|cuanto falta|cuanto tarda|cuanto queda|como va|ya esta",
        }
    )
)
"""Lean on what came before, or ask how far it is, only where they open a message."""

ANYWHERE = Phrases(
    phrases(
        {
            "CONTINUES": "next|als nachstes|siguiente|for comparison|to compare|zum vergleich|para comparar|that window|that time frame|that period|that time|selben zeitraum|gleichen zeitraum|ese periodo|mismo periodo|anything from|anything in|anything on|any from|any in|any on|what about|how about|what abt|how bout|what of|wbt|too|as well|also|instead|rather|"
            "i meant|i mean|meant|wrong one|wrong service|make that|make it the|scratch that|correction|vs|versus|compared to|compared with|break it down|break that down|break down|group it|group them|group by|split it|split by|split that|filter|sort by|narrow it|zoom in|zoom out|switch to|widen|"
            "was ist mit|wie sieht es|wie siehts|wie schauts|und bei|auch|ich meinte|ich meine|meinte|stattdessen|lieber|"
            "que tal|que hay de|que pasa con|tambien|quise decir|quiero decir|en vez|en cambio",
            "SAME": "same|same for|same in|same on|same with|same thing|same question|same but|the same|ditto|dasselbe|das gleiche|das selbe|gleiche|lo mismo|igual",
            "REFERS": "it|its|that|this|there|them|they|those|these|thats|same one|the one|"
            "das|dem|den|dort|da|davon|dafur|damit|es|ihn|sie|dessen|diesen|dieser|dieses|diese|"
            "eso|esto|ese|esa|este|esta|alli|ahi|lo|cancelalo|cierralo|ejecutalo|paralo|lanzalo|resuelvelo",
            "AGAIN": "again|another go|another try|another shot|another attempt|one more go|once more|one more time|rerun|re run|retry|retrigger|redo|repeat|nochmal|noch mal|nochmals|noch einmal|erneut|wiederhole|wiederholen|"
            "otra vez|de nuevo|nuevamente|repite|repitelo|reintenta|reejecuta",
            "NOW": "still|noch immer|todavia|meanwhile|in the meantime|inzwischen|mittlerweile|mientras|now|right now|currently|at the moment|atm|rn|by now|gerade|jetzt|im moment|aktuell|ahora|ahora mismo|actualmente",
            "OTHER": "the other|other one|the other one|other service|previous|previous one|the one before|the earlier|earlier one|"
            "das andere|der andere|die andere|den anderen|dem anderen|el otro|la otra|anterior",
            "FIRST": "the first|first one|the former|former|das erste|der erste|den ersten|el primero|la primera",
            "SECOND": "the second|second one|das zweite|der zweite|den zweiten|el segundo|la segunda",
            "LAST": "the last one|last one|the latter|latter|den letzten|el ultimo|la ultima",
            "ALL": "which service|which services|what service|what services|which ones|which one|all services|any service|any services|every service|each service|per service|by service|services are|"
            "across services|anything|everything|overall|everywhere|which of|whole cluster|any runs|any run|any deploys|any deployments|which runs|what runs|which deploys|waiting for approval|waiting on approval|"
            "pending approvals|needs approval|approval queue|whats running|what is running|what s running|what s pending|whats pending|what is pending|"
            "alle services|alle dienste|welcher service|welche services|welcher dienst|welche dienste|que servicio|que servicios|cual servicio|cuales servicios|todos los servicios",
            "INCIDENT": "the incident|that incident|this incident|the last incident|the previous incident|previous incident|the first incident|"
            "der incident|den incident|dem incident|der vorfall|den vorfall|dem vorfall|el incidente|ese incidente|este incidente|del incidente",
            "RUN": "the run|that run|this run|that job|this job|the job|that pipeline|this pipeline|the build|that build|this build|"
            "der lauf|den lauf|dem lauf|la ejecucion|esa ejecucion|ese run|este run|el run|ese lanzamiento",
            "RUN_ACTED_ON": "do it|go ahead|go for it|proceed|lets do it|lets go|mach das|leg los|mach es|nur zu|hazlo|adelante|dale|resume it|resume that|approve it|approve that|pause it|unpause it|apruebalo|reanudalo|genehmige es|genehmige das",
            "UPDATES": "reopen it|reopen that|re open it|wieder aufmachen|mach es wieder auf|wieder offnen|reabrelo|reabrir|vuelve a abrirlo|keep it open|owner should be|owner is",
            "COUNTS": "how many|number of|count of|per second|per minute|per hour|a minute|percentage of|share of|ratio of|wie viele|wieviele|anzahl|pro minute|pro sekunde|pro stunde|"
            "cuantos|cuantas|por minuto|por segundo|por hora|porcentaje de",
            "SPLITS": "|".join(f"{by} {part}" for by in ("by", "per", "each", "pro", "je", "nach", "por") for part in PARTS),
            "SHIPS": "ship it|ship that|ship this one|ship that one|send it out|deploy that|deploy that one|deploy it",
            "UNDOES": "previous version|last version|old version|vorherige version|alte version|version anterior|roll it back|roll that back|roll this back|rollback it|roll back it|revert it|revert that|undo it|undo that|back it out|"
            "roll es zuruck|roll das zuruck|rolls zuruck|mach es ruckgangig|mach das ruckgangig|reviertelo|deshazlo",
            "THANKS": "thanks|thank you|thx|ty|tysm|cheers|awesome|nice one|great work|perfect|danke|perfekt|gracias|perfecto",
        }
    )
)  # fmt: skip

GOES_ON = frozenset({"now", "jetzt", "ahora"})
"""Mean this moment, but near the beginning of a message no more than that it goes on: "now the logs"."""

NEGATIONS = Phrases(
    phrases(
        {
            "not": "not|instead of|rather than|other than|except|nicht|anstatt|statt|no es|no en|en vez de|en lugar de",
            "duplicate": "duplicate of|dupe of|dup of|duplikat von|duplicado de",
            "forget": "forget|forget about|ignore|never mind|nevermind|nvm|drop|skip|enough of|enough about|leave|done with|vergiss|olvida|olvidate de|deja",
        }
    )
)
"""Rule out the name that follows, or, of "duplicate", that it is the one to act on. Those of "forget" are everyday verbs: they speak of a name only where they open a message."""
NOT_BEHIND = words("no not nicht nope")
"""Rule out the name before them, where another one follows: "payments no, orders"."""
BETWEEN = words(
    "for in on at the from about with to de del der die das den im bei fur en el la los auf von service just only"
)
"""May stand between a negation and the name."""
CORRECTS = words(
    "no nope make mean meant sorry actually wait rather correction scratch oops meinte meine sondern doch sino digo perdon"
)
"""Between two names: the second one counts."""
FROM = words("from von desde")
"""Before one of two environments: the other one is the goal."""
QUESTIONS = words(
    "who what which when where why how is are was does did do can could whose whats whos hows wer was wann wo warum wieso wie ist quien que cuando donde por como esta es"
)
ARTICLES = words("the der die das el la los las")
BE = words("is are hows ist sind esta estan")
NOTES = words("note update owner status add notiz nota besitzer estado actualizacion comment summary lead assignee")
"""Open a line about the incident that is talked about, with a colon behind them."""
GREETING = words(
    "hola hello hi hey hallo moin servus buenas morning ok okay good great cool fine nice alright hmm yes yeah right so gut gute ja hm uh super prima aha ah vale bien bueno si"
)
"""Open a message that goes on."""

FILLERS = words("""
endpoint endpoints region regions group grouped split next nachstes siguiente hola hello hi hallo moin servus buenas version minute hour day week far tail minuto hora pro por per viele wieviel wieviele cuantos cuantas any comparison compare us much many stretch extend stretched morning evening vergleich comparar
a n abt about actually after ago again against ah all also an and are as at back be been before between bot bout but by can check compared copilot correction could current currently did ditto do does done drop during
enough env environment environments every for forget former from further get give go had has have hey hm hmm how hows i id if ignore im in instead is it its just latter leave let lets like ll look looking make me mean meant mind moment my nah narrow
never nevermind no nope not now nvm of oh ok okay on once one ones only oops or other our out over past period please pls previous question range rather re region right s said same say scratch second since show shows skip so sorry sry still switch
t take than that thats the their them then there these they thing this those till time to too try u uh um until use versus version vs wait want was wbt we well were what whats which who why widen window with within would y yeah yep yes yet you your zoom first last service services more bit only side wider broader longer wrong meanwhile falsch frame zeitraum periodo
already both each same while when right up as
mach draus aber alle am falls wenn anstatt auch auf aus bei bitte da dann danach das dasselbe davon dazu dem den denn der des die diese diesen dieser dieses doch dort ein eine einen es fur gerade gleiche ich ihn ihr im ist ja jetzt letzte letzten letzter lieber
mal meine meinte mir mit nee nein nicht noch nochmal nun nur oder sah schau schauts selbe sie sieht siehts so sondern statt stattdessen und vergiss vom von war warum was wie zeig zeige zu zum zur
ahi ahora al alli anterior aqui cambio como con dame de decir deja del desde digo e el en entonces era es esa ese eso esta este esto fue gracias hay igual la las lo los mas mejor mismo muestra muestrame nuevo o olvida
otra otro para pasa perdon por favor porfa que quiero quise si sino solo tal tambien un una ver vez y ya porque
""")
"""Words that ask for nothing by themselves."""

_MEASURES = phrases(
    {
        "queue_depth": "queue|queues|warteschlange|cola",
        "error_rate": "errors|failures|5xx|500s|fehler|errores",
        "latency": "slow|slower|fast|faster|langsam|langsamer|schnell|lento|lenta|lentos|rapido",
        "request_rate": "requests|load|busy|hits|calls|anfragen|aufrufe|peticiones|llamadas",
    }
)
MEASURED = Phrases(_MEASURES)
"""What a question for a number measures that names no metric."""
MEASURED_WORDS = frozenset(_MEASURES)

HEADS = {
    Intent.LOG_QUERY: words("log logs lines line loglines error errors exception exceptions stacktrace stacktraces warnings fehler logzeilen registros errores"),
    Intent.TRACE_QUERY: words("trace traces span spans traza trazas"),
    Intent.METRIC_QUERY: words("graph graphs chart plot curve metric metrics number numbers trend growing shrinking rising falling climbing spike spikes spiking dip dips dropped jumped grafico diagramm ausreisser pico picos wachst wachsen steigt steigen sinkt sinken crece crecen value percentile grafik kurve grafica numeros"),
    Intent.TEST_COVERAGE: words("coverage covered testabdeckung abdeckung cobertura"),
    Intent.TEST_GENERATE: words("generate write add create draft some schreib generiere escribe genera"),
    Intent.ALERT_INVESTIGATION: words("alert alerts alarm alarme alerta alertas page pages"),
    Intent.SERVICE_HEALTH: words("healthy health up down ok okay fine alive better stable good reachable recovered broken working works doing affected alive impacted betroffen afectado gesund gut erreichbar stabil sano bien vivo caido lauft funktioniert geht funciona"),
    Intent.WORKFLOW_STATUS: words("done work worked landed finish finished complete completed progress status eta far running ready failed result results fehlgeschlagen ergebnis ergebnisse fallaron resultado resultados doing state stuck go going coming along green red pass passed passing approved fertig durch weit genehmigt stand terminado termino listo acabado va aprobado"),
    Intent.WORKFLOW_CANCEL: words("cancel stop abort kill halt stopp stoppe stoppen abbrechen cancela cancelalo paralo detenlo"),
    Intent.INCIDENT_RESOLVE: words("close closed resolve resolved schliess schließ schliesse schließe schliessen schließen cierra cierralo cerrar resuelve resuelvelo"),
    Intent.WORKFLOW_TRIGGER: words("run rerun retry redo repeat trigger start starte starten wiederhole wiederholen ejecuta ejecutalo lanza lanzalo repite repitelo reintenta"),
}  # fmt: skip
"""Words that, with nothing but fillers and names around them, tell what is wanted of the thing that was talked about."""

RUN_NOUNS = words(
    "run job canary retry restart deploy deployment rollout release rollback scale scaling upscale downscale failover migration drain flag flip reindex backfill batch eval evals evaluation "
    "benchmark suite test tests e2e smoke regression unit integration load security lauf testlauf despliegue lanzamiento pruebas tests"
)
"""What a run that was begun is called by."""
RECORDED = words(
    "severity assigned assignee owner owns commander lead opened reported timeline summary title schweregrad zustandig zugewiesen gravedad severidad asignado asignada responsable titulo resumen"
)
"""What is on record about an incident."""
TESTS = words(
    "test tests testing suite suites eval evals evaluation evaluations benchmark benchmarks bench e2e smoke regression unit integration specs pytest checks tester prueba pruebas"
)
"""What makes running something a test."""

KNOWN = FILLERS.union(
    *HEADS.values(), words("everything all things deploy deployment rollout release fix cluster system users customers")
)
"""Words that are no subject of their own in "is … up?"."""
