"""Words by which people ask for lines; none of them is looked for in lines unless somebody says so."""

import re

from core.query.wording import BLANK, word_set

ASKING = word_set(
    # Articles, pronouns, prepositions, conjunctions, auxiliaries.
    "a an the this that these those it its he him his she her hers they them their theirs we us our ours i im me my you your yours who whom whose which what where when why how whichever whatever "
    "in on at of for from to into onto by with within without via per through thru across over under above below between around about against behind before after during since until till up down out off than as like near toward towards inside outside "
    "and or but nor not no so if then else because while although though whether either neither both also too yet plus minus vs versus w w/ w/o "
    "is are was were be been being am isn't isnt aren't arent wasn't wasnt do does did doing don't dont doesn't doesnt didn't didnt has have had having hasn't hasnt haven't havent can can't cant could would should will won't wont shall may might must let lets "
    # Adverbs and fillers.
    "please pls plz thanks thx ta cheers hey hi hello yo ok okay well just only really actually maybe perhaps again still already now currently right rn asap today tonight yesterday tomorrow recently lately earlier later soon ever never always often sometimes usually "
    "there here everywhere anywhere somewhere together alone exactly precisely roughly approximately about quickly fast basically simply literally even much very quite rather kinda sorta somehow somewhat yes yeah nope "
    "new old recent latest newest oldest last first next previous past current same other another different various several some any all every each few more most less least many lot lots bunch couple plenty enough such own whole entire full total overall complete "
    "weird strange odd funny suspicious bad good ugly nasty annoying noisy boring interesting relevant serious real actual proper main common frequent sporadic random usual unusual normal typical possible related similar specific particular certain single unique distinct individual raw plain whole big small huge large long short slow fast high low higher lower bigger smaller longer shorter slower faster top bottom "
    "repeated recurring repeating unhandled uncaught internal external unexpected known unknown obvious hidden remaining further additional extra "
    # Verbs of asking, and of what happens.
    "show give get got getting gets find found see seen saw seeing look looking looks looked check checking checked search searching searched scan dig hunt pull pulled fetch list display print printed printing prints tail grep grepping filter filtered read write writes wrote written writing want wanted wants need needs needed "
    "tell help know think guess hear try trying tried use using used make makes made take takes took taking put call called calling say says said saying talk talking ask asks asking asked answer keep keeps kept start started starting stop stopped stopping go goes going gone went come comes came coming happen happens happened happening occur occurs occurred appear appears appeared appearing exist exists "
    "log logs logged logging emit emits emitted output outputs produce produced produces producing throw throws threw throwing thrown report reports reported reporting complain complains complained complaining mention mentions mentioned mentioning contain contains contained containing include includes included including match matches matched matching hold holds holding having exclude excludes excluding excluded except ignore ignoring ignored skip skipping skipped drop dropping dropped leave leaving hide omit remove removing mute suppress "
    "return returned returning returns gave giving send sends sent receive received hit hits hitting do run runs running ran investigate debug debugging explain paste dump download pop popped turn turned cause caused causing spit spits spitting spat fill fills filled explode exploded grow grew grown growing rise rising rose spike spiked spiking increase increased increasing "
    "count counts counting number numbers amount amounts rate rates ratio share shares percent percentage pct fraction proportion portion part sum average avg mean median max maximum min minimum p50 p75 p90 p95 p99 p999 percentile quantile highest lowest biggest smallest largest longest shortest slowest fastest noisiest loudest chattiest busiest worst best trend trends graph chart plot histogram table breakdown group grouped split sorted sort order ordered compare compared comparing comparison difference diff delta change changed changes volume size bytes data "
    # Nouns of logs, and of time and place.
    "line lines logline loglines log-line entry entries record records row rows message messages msg msgs event events stuff thing things noise spam junk chatter one ones everything anything something nothing none "
    "level levels severity lvl field fields key keys label labels value values word words text string strings phrase pattern regex regexp regular expression json logfmt format formatted structured parse parsed parsing parser unparsed "
    "case casing insensitive sensitive upper lower uppercase lowercase caps "
    "second seconds sec secs minute minutes min mins hour hours hr hrs day days week weeks month months year years morning afternoon evening night noon midnight lunch weekend time times moment period window windows interval ago back monday tuesday wednesday thursday friday saturday sunday "
    "service services svc app apps application applications component components system systems server servers host hosts instance instances node nodes machine machines box boxes pod pods container containers cluster clusters namespace namespaces ns environment environments env envs region regions stream streams deployment deployments release releases version versions prod production prd live staging stage stg dev development test qa loki "
    "user users customer customers client clients account accounts tenant tenants people person team teams guy guys support boss folks somebody someone anybody anyone everybody everyone nobody "
    "request requests call calls response responses status statuses code codes method methods path paths route routes url urls endpoint endpoints duration durations latency latencies id ids ip ips address addresses type types kind kinds "
    "problem problems issue issues trouble outage incident ticket question bill dashboard access "
    "error errors err errs warning warnings warn info debug fatal critical erroring errored "
    # German and Spanish.
    "der die das den dem des ein eine einen einem einer und oder aber nicht kein keine keinen ohne mit von vom aus im in am an auf bei zum zur für fuer nach seit bis über unter wo was wer wie viele oft welche welcher welches alle alles nur mal bitte zeig zeige zeigt mir uns gib such suche suchen finde hol gibt es ist sind war waren hat haben hatte hatten wird werden zeilen zeile meldungen meldung einträge eintrag fehler warnungen warnung letzte letzten letzter stunde stunden minuten tag tage tagen woche heute gestern jetzt drin steht stehen enthalten enthält vorkommt auch noch schon und "
    "el la los las lo un una unos unas y o u e pero sin con de del al en por para que cual cuales cuál quien donde cuando como cómo cuantos cuántos cuantas cuántas cuanto todo todos toda todas solo sólo solamente dame dime muestra muéstrame muestrame enséñame busca buscar búscame buscame quiero necesito ver mira hay es son fue fueron ha han tuvo tiene tienen hubo registros registro líneas linea línea lineas mensajes mensaje entradas errores error avisos última ultima últimas ultimas último ultimo últimos ultimos hora horas minutos minuto día dias días semana hoy ayer ahora porfa favor gracias menos excepto salvo más mas nivel "
    "zu um spam spams shows showed showing shown kb mb gb tb gigs megs gigabyte gigabytes megabyte megabytes kilobytes le les des du dans pour avec sur depuis lignes ligne montre montrez heure heures dernière dernières derniere dernieres cherche combien quels quelles toutes sum expr "
    "zero hourly daily minutely weekly lose losing lost-logs svc svcs bucket buckets cant wont couldnt couldn't shouldn't wouldn't spamming flooding spewing throwing generating raising hitting barfing dumping causing facing experiencing suffering having alarming außer ausser salvo sauf sans subnet network range cidr block hubo hubieron había habia salen sale aparece aparecen pasa pasó paso anzahl zahl menge anteil prozent pro je gab gibts kommen kam kamen davon aller fewer less rather zusammen insgesamt eines jeder jede jedes pod pods servicio servicios dienst dienste namespace porcentaje proporción parte tasa cantidad número numero veces vez cada favor durante entre mientras "
    "wann wieso weshalb warum ob dass damit diese dieser dieses diesen waren würde könnte sollte möchte brauche brauch check checke prüfe zähle zähl vergleiche verglichen gegenüber als dann denn doch mehr weniger meisten wenigsten größten höchsten schlimmsten lautesten top gruppiert sortiert"
)

_SHORTEST = 6
"""Letters of a word that may be mistyped: of short ones too many are others."""
_LONG = frozenset(word for word in ASKING if len(word) >= _SHORTEST)
_SHORTENED = frozenset(
    word[:place] + word[place + 1 :] for word in _LONG if len(word) > _SHORTEST for place in range(1, len(word))
)
FUNCTION = word_set(
    "a an the this that it me us our my all any each every time now hand default mistake far then in on at of for to from with and or not"
)
"""Words that are the name of nothing."""
_INNER = word_set(
    "to of by for too not already without while cannot can't cant unable group user request session token key id type service server client host node pod stream thread call response time value window connection has have been was message event code data file test new old high low more than on at is"
)
"""Words of asking that stand between the words of a phrase, too: "failed to acquire lock", "consumer group rebalancing"."""
_AUXILIARIES = word_set("has have been was is to not")
_PATIENTS = word_set(
    "user request session token key account route path file host message job response customer tenant client server service field value record event version region namespace pod container node method"
)
"""Things of which lines say what happened to them."""
_TRAILING = word_set("high low full slow long empty missing down twice again up short large big deep late")
"""At the end of one: "replication lag too high"."""
_KEPT = (
    "funds",
    "credentials",
    "permissions",
    "privileges",
    "arguments",
    "args",
    "headers",
    "bounds",
    "resources",
    "results",
    "details",
    "params",
    "redis",
    "postgres",
    "kubernetes",
    "dns",
    "tls",
    "aws",
    "sms",
    "gps",
    "ios",
    "https",
    "cors",
    "nats",
    "parameters",
    "news",
)
"""What is said in the plural of one."""
_WORD = re.compile(r"[^\s,;:?!()\[\]\"'`“”„<>=|{}…—–" + BLANK + r"]+")
_AMOUNT = re.compile(
    r"[<>=~+-]*\d+(?:[.,:]\d+)*(?:ns|us|ms|s|m|h|d|w|k|min|mins|sec|secs|hr|hrs|am|pm|xx|x|%|kb|mb|gb|kib|mib|gib|th|st|nd|rd)?|\d+(?:-|/)\d+\S*|-{1,2}\w?",
    re.IGNORECASE,
)
"""Numbers, also with units, and options of commands."""
_PLURAL = re.compile(r"(?<=[a-z]{2}(?:ss|sh|ch))es\Z|(?<=[a-z]{2}x)es\Z|(?<=[a-z]{2}[a-rtv-z])(?<!ie)s\Z")
_NOUN_AND_ID = re.compile(
    r"(?!(?:port|version|line|code|step|chunk|part|shard|attempt|retry|http|tls|layer|phase|try|exit)s? )[a-z]{2,20}(?: (?:number|id|no\.?|nr\.?|#))? #?((?=[\w-]*\d)[\w-]{4,60})",
    re.ASCII,
)
_CODE = re.compile(r"[0-9]{3,6}")
""" "SMTP 550"."""
_LONGEST = 4
"""Words of a phrase."""


def content(word: str) -> bool:
    """Whether the word says something that is not about asking."""
    bare = word.strip(".,'’").lower()
    if len(bare) < 2 or _AMOUNT.fullmatch(bare):
        return False
    if bare in ASKING or bare.removesuffix("'s").removesuffix("’s") in ASKING:
        return False
    return not _mistyped(bare)


def _mistyped(word: str) -> bool:
    """Whether it is a word of asking with two letters in the wrong order, one too few or one too many: "nubmer"."""
    if len(word) < _SHORTEST or not word.isalpha():
        return False
    return (
        word in _SHORTENED
        or any(
            word[: place - 1] + word[place] + word[place - 1] + word[place + 1 :] in _LONG
            for place in range(1, len(word))
        )
        or any(word[:place] + word[place + 1 :] in _LONG for place in range(1, len(word)))
    )


def before(rest: str, end: int, *, happened: bool = False) -> int:
    """Where the phrase begins that stands right before this place; `end` itself where there is none. `happened`: what follows says
    what happened to the last thing, so that it may have any name: "user not found"."""
    start, at = end, end
    for _ in range(_LONGEST):
        if at == 0 or rest[at - 1] != " ":
            break
        first = rest.rfind(" ", 0, at - 1) + 1
        word = rest[first : at - 1]
        if not _WORD.fullmatch(word) or word.endswith("."):
            break
        if content(word) or (happened and start == end and word.lower() in _PATIENTS):
            start = first
        elif word.lower() not in _INNER or not (start < end or (happened and word.lower() in _AUXILIARIES)):
            break
        at = first
    return start


def behind(rest: str, start: int, *, longest: int = _LONGEST, inside: bool = False) -> int:
    """Where the phrase ends that stands right behind this place. `inside`: its first word stands before it."""
    end = at = start
    for _ in range(longest):
        word = _WORD.match(rest, at + 1) if rest[at : at + 1] == " " else None
        if word is None:
            break
        last = word[0].lower().rstrip(".")
        if content(word[0]) or ((at > start or inside) and (last in _TRAILING or _CODE.fullmatch(last))):
            end = word.end()
        elif word[0].lower() not in _INNER:
            break
        at = word.end()
        if word[0].endswith("."):
            return end - 1 if end == at else end
    return end


def singular(text: str) -> str:
    """The text with its last word in the singular: each of "cache misses" is a cache miss."""
    return text if text.lower().endswith(_KEPT) else _PLURAL.sub("", text)


def named(text: str) -> str:
    """ "Pnr ABC123" is found by its id."""
    found = _NOUN_AND_ID.fullmatch(text)
    return found[1] if found else text
