"""What a report can tell of, and the phrases that tell it: the vocabulary of impact, in English, German and Spanish.

A phrase is written in folded words (`core.incidents.severity.words.fold`), with `prefix*`, alternatives as `one/other`, and `~`
for up to five words between. `$name` stands for a class of words
(`core.incidents.severity.word_classes`). Phrases never reach across punctuation.
"""

from dataclasses import dataclass
from enum import StrEnum


class Aspect(StrEnum):
    """What a signal says something about."""

    KIND = "kind"
    """What went wrong."""
    SCOPE = "scope"
    """For whom."""
    OBJECT = "object"
    """What is hit."""
    RELIEF = "relief"
    """Why it matters less."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing a report can tell of."""

    name: str
    aspect: Aspect
    says: str
    """For people, as part of a reason."""
    phrases: str
    """Separated by line breaks and `|`."""
    deniable: bool = False
    """"No data was lost" tells of no loss: a negation shortly before takes it back."""


FRAMES = """
can/could/would/may/might/shall/should/must/lets/will you/we/i/someone/somebody/u/ya/bot | could/can/would you ~ so kind
would you mind | would be good | id like/rather/open/say | i would like | i want/need/think/guess | we need/want/should
please/pls/plz/kindly/bitte/porfa/thanks/thx/hey/hello/hi/copilot/bot/asap | por favor | many thanks | good morning/evening
thank you | i am calling it | im calling it | calling it | time to declare | dear bot | $declare ~ $incident
$declare it/this/that/something/one/here/now/them/please/formally/officially/properly/up/pls
make it/this/that official/officially | make/treat this/it ~ $incident
$incident for/about/because/regarding/bitte/please/pls/now/title/called/on/with/and
new/fresh/separate/own/another/formal/proper/official/major/follow $incident | $incident anlegen/aufmachen/eroffnen
an/a/one/this/el/un/una/ein/einen $incident | put/with me/him/her/billing/us as/on lead/ic/owner/commander/reporter
me/i as/am ic/lead/owner/commander/reporter | owner/component/title/impact/commander is/me | i take ~ lead | war room
so that someone/somebody/we | need a/an number
invite/page/notify/loop/ping/call/pull ~ team/lead/oncall/officer/vendor/security/legal/finance/safety/facilities/engineer/engineers/platform
abre/abran/abrid/abrir/crea/crear/levanta/declara/declarar ~ $incident | hay que abrir/declarar | inc/incdent/inciden
"""
"""What a person says to have an incident opened; it tells nothing of how bad it is, and is passed over."""

IDIOMS = """
$alarm $document | $alarm weather $document | in the subject/title/template/handbook/wiki | the word | full stop/stops
no problem/problems/worries/drama | on call | every $time | each $time | in order to | out of office | at all | all caps
first of all | all good | all is well | stock photo/photos | not a big deal | no big deal | page break | by the way
sorry to bother | no idea | all day | all night | all morning | not only | no longer than | once and for all | each other
$belittled change*/fix/fixes/update/pr/patch/tweak*/edit/glitch/bug/release/deploy/flag/rename/bump/refactor/cleanup/typo/slip/one/thing/oopsie/hiccup/delay/disturbance/finding/severity/config/configuration/migration
$belittled wording/copy/css/label/color/colour/text/config/configuration/feature/version/regex/ui/style/template/code change/changes/fix/tweak/update/flag/bump/edit
cosmetic change to ~ template/page | memory leak* | leak* memory | sign up page | no longer needed | every now | at the same time
one more thing | half an/a | quarter of an | for some reason | in one click | one click | at first | other than
every other $time | no matter | the other day | not sure | i dont know | big deal | out of the box | open question/source
minor version/release | major version/release
"""
"""Phrases that look like signals and tell of nothing: their words are passed over."""

SIGNALS: tuple[Signal, ...] = (
    Signal("breach", Aspect.KIND, "strangers reached data or systems", """
        leak* | breach* | hacked/hack/hacker*/hacking | attacker*/atacante*/angreifer* | intruder*/intrusion
        ransom*/extortion/blackmail* | web shell/shells | webshell | sql injection | expos* | exfiltrat* | compromis*
        stolen/stole/theft/steal*/robad*/gestohlen | unauthori* | unauthenticated | malware/backdoor/rootkit/trojan/spyware
        account/accounts ~ taken over | takeover* | hijack* | ubernommen | wants money | readable in | without ~ session
        account of the person | before you/me | gives you admin | selling access | mine/mining monero/bitcoin/coins
        never deployed | taken over | public ~ bucket/buckets/share/repo/repository/github/link/url/internet/channel/s3
        bucket/share/folder ~ public | publicly/world ~ readable/accessible/available/reachable/visible/writable
        published ~ inadvertent*/mistake/accident* | without ~ login/password/authentication/auth/logging
        no password/authentication/auth ~ needed/required/and/on/anyone | has/have/had/with no password/auth/authentication
        no auth/authentication | any/empty/wrong/blank password | plain text/plaintext | plaintext | cleartext | google ~ indexed
        indexed by | search engine* | push* ~ key*/secret*/env/token*/credential*/password*
        commit* ~ key*/secret*/env/token*/credential*/password*
        see*/read*/view*/access*/open*/download*/show*/get*/sieht/sehen/ven/visible ~ other/others/another/anothers/elses/strangers/foreign/fremde*/otro*/ajen* ~ $private/$people
        someone/somebody/anyone elses | someone/somebody else | each others
        other/another/different ~ $people data/record*/invoice*/chat*/message*/order*/account*/document*/payout*
        logged in as ~ somebody/someone/other/another/any | into ~ other/strangers/others account* | stranger*/outsider*
        crypto miner* | miner/miners | for sale/dark web | dump ~ $private
        sent/uploaded/mailed/emailed/shared ~ unauthori*/third/wrong/unintended ~ recipient*/party/person/people/customer*/address*
        bypass* | privilege escalation | remote code | escalated privileges | ex employee* | insider
        unknown ~ ip/admin*/login*/person/party/device/account* | fremd* ~ zugriff | isolation ~ broken/fails/failed/missing
        separation ~ broken | sessions ~ mixed | scraped | phished/phishing | fraudster* | exploit* | ddos | filtracion/filtrad*
        datenleck | security incident/breach | sicherheitslucke | zugriff ~ fremd*
        access* ~ by ~ stranger/strangers/outsider*/attacker*/competitor* | prompts ~ answers | answers ~ company | cross tenant
        crosstenant | other tenants/companies/customers/hospitals | tenant ~ read/see ~ everyone*/other*/another*
        admin ~ rights ~ unknown/stranger* | dumped | brute force* | credential stuffing | card numbers
        key/keys/token/tokens/passwort ~ github/public/internet/pastebin | lost/missing ~ laptop
        copied ~ register/database/customer* | tamper* | manipulat* | foreign login/connections/ip
        suspicious ~ login*/activity/access/transfer*/process*
        somebody/someone ~ using/used/uses ~ key/token/credential*/account/password | reachable ~ guess*
        guess* ~ id/url/link/number | chang* ~ id/number ~ url/address | wide open
        open to ~ internet/world/public/anyone/everyone | unlocked ~ everyone/anyone
        everybody/everyone/anyone/anybody ~ download/read/see ~ $private
        role*/permission*/acl*/access ~ ignored/skipped/bypassed/off/disabled | log ~ in as ~ any/anyone/anybody/user/admin
        impersonat* | $private ~ public/internet/visible/pastebin/searchable/web/forum/bing/google | pastebin/darknet
        read/seen/viewed/opened/downloaded ~ by ~ any/anyone/everyone/stranger*/other/others
        another/other/otro*/otra*/andere*/fremde* $people/persona* | contain* ~ other/others/another ~ data/people/user* | pii
        unmasked | security/privacy incident/issue/breach/thing | another ~ own/account/accounts
        see ~ salary/salaries/payroll/everybodys/everyones/anothers | visible to ~ all/everyone/anyone/other*/every
        posted/posting/published ~ $private | prints/print/shows ~ password*/token*/secret* | got ~ password/key/token
        key/keys/tokens/credentials ~ copied/harvested/stolen/taken | harvest* | intercept*
        strip*/remov*/skip* auth/authentication | opened to ~ anonymous/public | ci credentials | modified agent/package/build
        sold ~ cookies/accounts | pretend* | found ~ each others | address bar
        $private ~ to ~ everyone/every/contractor*/stranger* | exporting ~ contacts/customers/users/data | reporter/journalist
        jeder ~ sieht ~ fremd* | root key | admin ~ created | nobody/none of us ~ created/made/changed | any logged in
        with the link | reused/replayed session*""", deniable=True),
    Signal("loss", Aspect.KIND, "data is lost or damaged", """
        lost ~ $record | loss of ~ $record | loses/losing ~ $record | deleted ~ full/mistake/accident*/wrong/entirely/everything
        erased/purged/wiped/vanished/evaporated | $record ~ are/is/was/were ~ gone/lost/deleted/missing
        $record ~ lost/vanished/disappeared/erased/wiped/deleted/destroyed/truncated/overwritten/purged/gone/dropped/evaporated/missing/emptied/corrupt*/unreadable/borrad*
        data loss/corruption | dataloss | datenverlust | perdida de datos | corrupt* | wiped/wipe
        drop*/truncat*/delet*/wip*/eras*/remov*/purg*/destroy*/nuk*/overw* ~ $record | irretriev* | irrecover* | unrecoverable
        irrevocabl* | irreversibl* | not/cant/nicht/without ~ recover*/restore*/restoring/recuper*
        no ~ backup*/snapshot*/copy/respaldo/copia | backup*/snapshot* ~ empty/old/fail*/corrupt*/useless/missing/damage*
        restor* ~ fail*/impossible | cant roll back/rollback | cant restore/recover | lost forever | datenbank ~ weg/leer/geloscht
        daten ~ verloren/weg/geloscht | haben ~ verloren | verloren ~ daten | geloscht | borrado/borraron/borro
        perdimos/perdio/perdieron/perdido | terraform destroy | delete without | rm rf | without where | encrypted overnight
        all ~ start at/from ~ scratch/zero/lvl/level | set to zero/zeros | overwritten | zeros | tidied up ~ gone
        never stored/saved/recorded | dont/not/never/isnt/arent ~ stored/persisted/recorded | hole ~ ledger/data
        gap ~ ledger/data | disk/array/storage ~ died/dead/failed ~ parity/copy/backup | no parity | geleert/futsch
        zeroed/zeroes | se borraron/borro | no intact copy | deleted by mistake | empty ~ table/tables/database/db
        table*/database/db ~ empty | multiplied by | wrong values ~ written | garbage written | silently ~ dropp*/discard*/los*
        dropped ~ silently | shows/show ~ zero ~ accounts | same damage | came back ~ blank*/empty | brought back ~ blank*/empty
        cant ~ get/find/bring ~ back | cant find ~ side/anywhere/backup*/them | never reached ~ database/db/storage
        mailbox*/albums/reservations/grades/balances/inventory ~ lost/gone/blank/vanished/disappeared/empty/zero/0 | wiping
        only copy | hadnt/stopped ~ sync* | has/have been lost | are/is lost
        lost ~ today/yesterday/hour/hours/minutes/week/month""", deniable=True),
    Signal("gone", Aspect.KIND, "something is gone", """
        delet*/wipe/wiped/wiping/purg*/truncat*/drop/dropped/discard*/formatted/overwrit*/overwrote/eras*/vanish*/disappear*/gone/lost/missing/destroy*/blank/emptied/empty/corrupt*/unreadable/flush*
        existed only | came back blank | verlier* | data loss | losing/loses/lose | verloren/geloscht/weg/perdi*/borr*/elimin*"""),
    Signal("unrecoverable", Aspect.KIND, "it cannot be brought back", """
        irretriev* | irrecover* | unrecoverable | irrevocabl* | irreversibl* | cant ~ restore/recover/undo/rollback/recuper*
        cant ~ be ~ restored/recovered/rebuilt | not ~ recoverable/restorable | no ~ backup*/snapshot*/copy/respaldo/copia/replica
        without ~ recovery/backup* | backup* ~ empty/fail*/corrupt*/useless/missing/old | lost forever | forever | permanent*
        restor* ~ fail* | replica ~ too/same | replicated ~ corruption/deletion | backups ~ too | good/gone for good | for real
        nichts ~ wiederher* | kein ~ backup | no se ~ recuperar | restore klappt nicht"""),
    Signal("safety", Aspect.KIND, "people may come to harm", """
        wrong ~ patient/patients/dosage/dose/medication/blood | emergency calls/services/call | ambulance* | resuscitation
        intensive care | infusion | dosage | allergies | blood bank | 112/911/999 | fire alarm* | cardiac | life threat* | injur*
        harm/danger* | train control | air traffic | brake* | insulin | notruf | emergencias | gas leak | defibrillat*""", deniable=True),
    Signal("money", Aspect.KIND, "money is counted wrong", """
        charged/billed/debited/invoiced/paid ~ twice/double/again/wrong*/times | double charg*/bill*/debit*/booking*/payment*
        twice ~ charged/billed | duplicate ~ charge*/payment*/invoice* | wrong ~ amount/amounts/price/prices/bank/account
        overcharg* | undercharg* | paying out/paid out ~ wrong/twice | negative refund* | draining
        doppelt ~ abgebucht/belastet/berechnet | cobra* ~ dos/doble | everything ~ free | price* ~ zero/0 | for free
        wrong ~ totals/balance/balances | tax* ~ wrong"""),
    Signal("total", Aspect.KIND, "nothing works any more", """
        full/total/complete/global/worldwide/nationwide/whole/entire/major/company ~ outage/blackout/failure/stop/standstill/loss/interruption/stoppage/downtime
        totalausfall | komplettausfall | kompletter stillstand/ausfall | cayo todo | comes/came up again | no ~ comes up
        doesnt/dont exist | no ~ url | error for all/everyone | caida total | outage ~ everywhere/all/worldwide/global
        nothing ~ work*/up/load*/answer*/respond*/function*/reach*/go/goes/possible | nothing can be | nothing but timeouts/errors
        nada funciona | nichts geht | nix ~ geht/mehr | nichts ~ funktioniert/mehr | geht nichts/nix
        everything ~ $dead/broken/dies/fails/failing/stopped/standstill/red/500/503 | every request/call
        each/all request/requests | not a single | not one
        zero ~ traffic/requests/logins/payments/orders/success*/transactions/users | 0% success*
        100% ~ request*/error*/fail*/traffic/calls | 0 ~ requests/users/players/orders | flat ~ zero/0/line/floor | flatlin*
        to zero/0 | at zero/0 | no ~ traffic/request*/orders/transaction*/function ~ since/recorded/at/whatsoever/comes/all
        no service | without ~ any/service
        site/website/platform/plattform/webseite/plataforma/product/app/service/system/network/cluster/backbone/production/prod/core/cloud/backend/stack ~ $dead/dies/died/ceased/lost/destroyed/fails
        site/website/page/platform/app doesnt/wont/isnt ~ $work ~ anyone/anybody/single/all/anywhere/everyone
        blank page ~ all/everyone/everybody | vanished from ~ internet | stands/standing/stand/come/came ~ still/standstill/halt
        at a standstill | steht still | everything ~ still | ground to ~ halt | disaster plan | all hands | fleet lost
        completely/totally/entirely/fully/komplett/completamente $dead
        $all ~ services/regions/systems/servers/sites/apps/applications/server/dienste/servicios/endpoints/pods/nodes/zones/datacenters
        all of ~ services/regions/systems/servers/applications/apis | alle ~ offline/tot/weg/down | todo ~ caido | todos ~ caidos
        both datacenters/regions/sites/power/core | dns ~ gone/deleted/resolve* | off the air | pitch black | lights out
        everything dies | burned/burning/on fire | dead everywhere | down everywhere | offline everywhere
        no ~ authenticate ~ anywhere | only ~ error page | control plane | site is down | website is down | app is down
        prod is down | production is down | we are down | were down | completely offline | went black | out of operation"""),
    Signal("stopped", Aspect.KIND, "does not work", """
        $dead | $cant | doesnt/dont/wont/didnt/isnt/arent/not/nicht/no/never/nie ~ $work | broken/broke/broked
        fail/fails/failed/failing/failure* | fallan/falla/fallo* | ausgefallen/ausfall | crash* | outage | stuck
        hang/hangs/hung/hanging | rejected/rejects/refused/refuses/declined/decline/declines/bounce/bounces/bounced/denied
        timeout* | timing/timed/times/time out | blank/white page | nothing ~ happens | does nothing
        no ~ results/response/answer/reaction | error/errors/exception* | 500/502/503/504/404
        stops/ceased/interrupted/disrupt*/disturb* | blocked/locked | vanish*/disappear*
        not ~ reachable/available/possible/sent/received/delivered/arriv*/saved/displayed/shown/created/processed/registered/show*/transmit*/refresh*
        out of ~ service/order | out of operation | unusable/unplayable | empty | 0 results | returns nothing/rubbish/garbage
        kommen nicht/keine | no llegan | no se | spinner | infinite loop | loop*
        isnt/arent/not/havent/hasnt/didnt/doesnt/dont ~ coming/arriving/arrive/issued/generated/done/granted/applied/accept*/deliver*/report*/transmit*/run/ran/start*/pick/scan/place/give/receive/ready/finish*/print*/record*/move
        silent/quiet since | cut | kicked | brick* | 403/401/4xx/5xx | zero audio/both | flapping | tripped | fell over | dying
        died/dies/ded | gibt/geben keine | verbindet ~ nicht | kommen/kommt ~ nicht | liefert ~ nur/500er | steht/stehen
        reagier* nicht | no ~ reciben/responde/funciona*/dan/llegan/timbra/carga*/pueden/sale | rechaza*/rechazan
        fehlgeschlagen*/fehler*/ausfall* | loop/loops | overflow* | unhealthy | not ready | read only
        lost ~ power/quorum/link/contact | sealed | blocks/block ~ every/all | on hold | kicked/thrown out | closes/closed itself
        hidden | no picture/sound/barcode/connection/signal | freeze*/frozen | locked out | refus* | expired | isnt there | cant
        lost ~ connection/menu | selling nothing | sales ~ zero/dropped | no ~ starts/work*/opens/passes
        doesnt/dont/didnt ~ get/find/recognise/recognize/understand/count/play/load/show/reach/arrive/open/display/scan/fire/sync/apply/calculate/appear/save/deliver
        wont | went ~ dark/dead/down | shut/closed | aborted | nobody gets | missing"""),
    Signal("wrong", Aspect.KIND, "gives wrong results", """
        wrong/incorrect*/false/falsch* | garbage/gibberish/nonsense/rubbish | mixed up | zeros/nulls/null
        duplicate*/duplicad*/doubled/doppelt/twice/doubles/doble | mismatch* | inconsisten* | nan | shows ~ yesterday/zero/zeros
        off by | out of sync | miscalculat*/miscount* | other people | not match* | doesnt/dont match | stale | upside down
        hallucinat* | irrelevant | equivocad*/incorrect*"""),
    Signal("slow", Aspect.KIND, "is slow or late", """
        slow*/sluggish/crawl*/laggy/lag/lags/lagging | latency/latencies | p95/p99/p50 | delay*/delays/late/later
        hours/minutes/days/runs/running/lagging/falling behind | behind by/schedule | seconds/sec/secs/minutes/ms ~ instead
        takes/took/take ~ seconds/minutes/hours/longer/s/min | response time* | degrad* | backlog | piling up | pile up
        queue* ~ grow*/long* | langsam* | ladezeit* | lento/lentisimo/lenta/tarda* | verzoger* | hours to | stale
        buffer*/stutter* | packet loss | throughput | overload*/saturat* | sluggish*/unresponsive | performance | ruckler
        hourglass | waiting/wait forever | times the normal | times slower | longer than"""),
    Signal("cosmetic", Aspect.KIND, "it is about how something looks or reads", """
        $look | dark mode | light mode | style guide | line break | page break | too small/big/wide ~ font/text
        text ~ cut/truncated/overlap*/abgeschnitten | overlap* | cut off | misaligned | off by ~ pixel*/px | px/pixels
        double dash/space | extra space | date format | order of the | looks ~ odd/ugly/creepy/alike/weird/strange/blurry/off
        capital letter | wrong shade/colour/color/icon/plural/symbol | black text | ugly | hard to ~ read/tell/distinguish
        dead/broken link | rude | flicker* | font too | sounds odd | suena rara | passt nicht zum design | farbe | spelt/spelled
        mispelled | se ve borros* | lorem ipsum | two full stops | superfluous | visual* | css | slightly ~ off/blurr*
        rounded corners | gif | screen saver | wrong language/town/date"""),
    Signal("question", Aspect.KIND, "it asks something", """
        who knows/own*/handle*/approves/may/is/runs/has | who do/to/should | tell me | whom | where ~ find/is/do/can
        how ~ do/can/to/long/does/often | what does ~ mean | what is the/our | what's the/our | when is/will/does/do
        was it meant | do we have | why ~ has/have ~ not | suggests/suggestion | would be ~ great/nice/good/cool
        someone/somebody/colleague/one/student asked/asks/suggests | is there ~ guide/way/doc | which ~ team/type/one/version
        is it ~ intended/known/possible/planned/expected/normal | could/can/would we/someone/somebody/you/i/it | should we
        question/questions/frage/pregunta/enquiry/inquiry/enquire | just wondering | wondering/curious | any idea
        does anyone/anybody know | please ~ advise/clarify/explain/rename/update/confirm | request for
        would like/be ~ to/desirable/nice | nice to have | feature request | suggestion/propos* | quien | donde | wer
        wo finde/ist/kann | need access | need ~ permission/access | can i/we get/have | may i/we | fyi | wie ~ kann/geht/lange
        como ~ se"""),
    Signal("everyone", Aspect.SCOPE, "for everyone", """
        $all ~ $people | every | each of | each ~ $people | nobody/niemand/nadie/none | no one | no ~ $people ~ can/is/get*
        not a single ~ $people | no single | everyone/everybody/everywhere/worldwide/nationwide/globally/global
        all ~ regions/countries/markets/channels/sites/locations/wards/branches/depots/stores/shops/requests/traffic/calls/acquirers/centres/centers/continents/zones/platforms/devices/hospitals
        in every ~ region/country/market/ward/branch/site/house
        every ~ region/country/market/call/request/order/login/payment/client/save/page/device/branch/site/ward/city
        anyone/anybody/literally | no ~ in the country | all our/the ~ stores/shops/tills/flights | none of our/the/them
        no exceptions | anywhere
        whole/entire ~ company/country/city/platform/site/base/world/customer/community/network/fleet/stack/hospital/house/population/cluster/product/portal/system/service
        across the ~ board | company wide | organisation wide | 100% | for all
        alle ~ kunden/nutzer/spieler/server/dienste/benutzer | kein ~ kunde/nutzer/login/einziger/spieler | weltweit/uberall
        todos ~ los | ningun* ~ usuario*/cliente*/jugador* | todas | en todos | without exception
        both ~ primary/datacenters/power | any ~ customer/user/client/tenant/region/ward/merchant/branch/player
        each ~ request/call/customer/client/order/booking | 0 ~ online | zero | throughout ~ hospital/company/country
        all of ~ them/our/it/us/the | jeder | keinem/keinen/keiner/keine"""),
    Signal("many", Aspect.SCOPE, "for many", """
        many/most/mostly/lots/dozens/hundreds/thousands/majority/plenty/numerous/several/tons/tausende/hunderte/viele/vielen/muchos/muchas/mayoria/cientos/miles
        lot of | loads of | masses | a great many
        large/big/huge/significant/considerable/substantial/good ~ part/share/number/portion/chunk/fraction/percent* | third of
        one/a third | half/quarter/halfte/drittel/mitad/tercio | every ~ second/third/other ~ $people/call/transaction/request/one
        every second/third/other | one of/in ~ two/three/2/3 | 1 of/in 3/2 | two of three | one out of ~ two/three/four
        thousand/million/hundred | severe/severely/seriously ~ degrad*/slow*/impact*/affect* | hundred/thousand ~ $people
        large proportion | proportion of | whole ~ department/team/centre/building
        nearly/almost/practically ~ all/every/everyone/each/nobody/casi
        support ~ overloaded/flooded/explodes/swamped/tickets/drowning/overrun
        complaints/complaining/angry/yelling/flooding/furious | phones ~ ring* | queue/queues ~ long/street/gate | casi todos
        grossteil/mehrheit | jede/jeder/jedes zweite/dritte | hefty part | half of the time | in droves of
        all ~ in ~ germany/region | key accounts | enterprise customers | tens of | in droves | ten times
        all ~ offices/branches/depots ~ north/south/region | major/main ~ customer*/client*/acquirer/provider
        eleven/dozen/twenty/thirty/forty/fifty ~ depots/sites/branches/stores/hospitals/schools"""),
    Signal("few", Aspect.SCOPE, "for a few", """
        one/single/two/three/ein/eine/einer/un/una/dos/tres/zwei/drei ~ $people/ward/terminal/department/guy/node/shop/office/tenant/region/practice/device/browser/store/supplier/carrier/depot/model/colleague
        one of/out
        a/the ~ customer/merchant/client/subscriber/colleague/user/player ~ reports/cant/gets/complain*/says/has/couldnt/is/hasnt/called/wrote
        single | individual | only ~ one/two/a/few/some/for/in/with/when/if/on
        few/handful/couple/some/certain/manche/einige/paar/algunos/algunas/unos/several ~ $people/old/minutes/requests/times
        small ~ number/part/fraction/% | isolated | minority | tiny ~ fraction/share/number
        sporadic*/intermittent*/occasional*/sometimes/rarely/rare/now and then/manchmal/gelegentlich/aveces | now and then
        once a day | from time to time | edge case | corner case
        older/old ~ browser*/device*/android*/phone*/version*/tariff/telephone* | special character* | umlaut*
        firefox/opera/edge/ie | per day | his/her/hers | specific | particular | less than | under ~ % | certain
        small ~ $people/customer | in rare | limited"""),
    Signal("crowd", Aspect.SCOPE, "for customers", """
        $crowd"""),
    Signal("region", Aspect.SCOPE, "in one region", """
        $region | in/the/our/all us | us customers/users/clients/shoppers/players/east/west/region/stack/order/orders/traffic
        one ~ datacenter/region/zone/site | one/two of ~ regions/datacenters/sites/zones/shards | shard/shards"""),
    Signal("variant", Aspect.SCOPE, "for one way of using it", """
        $variant"""),
    Signal("whole", Aspect.OBJECT, "the whole product", """
        platform/plattform/plataforma/website/site/webseite/product/backbone/production/prod/everything/alles/todo/nothing
        whole ~ system/thing/service/app | all ~ services/systems/apis/applications
        database/cluster/datacenter*/datacentre*/data centre/center | entire/whole/complete network | home page | homepage
        main domain | dns/gateway/control plane | api gateway | identity provider | core ~ network/system"""),
    Signal("gate", Aspect.OBJECT, "what everything else needs", """
        $gate"""),
    Signal("key", Aspect.OBJECT, "a key feature", """
        $core"""),
    Signal("secret", Aspect.OBJECT, "private or secret data", """
        password*/passwd/passport*/pan/card numbers/number/iban*/salar*/payroll/credential*/secret*/private*/personal/pii/phi/ssn*/medical/diagnos*/key/keys/token*/cookie*/inbox*/confidential/contract*/admin/root
        passwort*/contrasen*/kundendaten/patient data/records/files/names | customer data/list/records/table
        user table/data/emails | service account | names and addresses | email addresses | production backup | health records/data"""),
    Signal("outsider", Aspect.OBJECT, "people from outside", """
        public*/internet/world/stranger*/outsid*/anonymous*/unknown/attacker*/hacker*/intruder*/somebody/someone/random/third party/anyone/anybody/other/another/others/competitor*/pastebin/forum/github/gist/bing/google/scrap*/crawl*
        vendor/contractor*/partner/abroad/fremd*/desconocid*/unauthori*/bots/reachable/visible/harvest*/copied/stolen/reporter/press/everyone else
        wrong people/person/customer/recipient/account* | random account*/workspace* | any customer/user/logged"""),
    Signal("side", Aspect.OBJECT, "a side feature", """
        export*/csv/pdf/report/reports/reporting/statistic*/analytics/newsletter/digest/filter/filters/sort*/avatar/profile/preview/dashboard*/chart/charts/graph/widget/tutorial*/autocomplete/suggestion*
        theme/settings/calendar/attachment*/landscape/note/notes/history/replay/emote*/gif/sticker*/leaderboard*/recommendation*/bookmark*/favorit*/archive/receipt*/printer/map/search filter/promo/coupon*
        column/columns/form/field/import/integration/bot/plugin/extension/wizard/survey/help page | remember me | auto complete
        share link"""),
    Signal("inside", Aspect.RELIEF, "our own people notice it, customers hardly", """
        internal*/intern/interno/intranet/wiki/jira/confluence/office/canteen/lobby/colleague*/kollege*/laptop/readme/docs/documentation/doku/changelog/runbook*/handbook/manual/swagger
        build/ci/pipeline/branch/unit test*/linter/storybook/compiler | my ~ laptop/machine/pc/branch/local/computer | on my
        on call calendar | grafana/dashboard ~ title/panel/colour/color | backoffice | back office | admin ~ tool/table/panel/page
        slide*/presentation | log line/lines/level/spam/message | logs/log ~ noise/spam/noisy | badge | employee directory
        our own | wifi | meeting room | ticket system | metric is called"""),
    Signal("elsewhere", Aspect.RELIEF, "the rest works", """
        others/rest/other/else/everything/everyone else ~ $ok | $ok ~ otherwise/elsewhere
        is/are/works/work ~ fine/ok/okay/unaffected/normal | unaffected | not affected/touched/concerned | otherwise ~ $ok | sonst
        aber ~ geht | but ~ works/work/ok/fine/json/accepted/go/goes | does it | is possible | remain*/still ~ available/open/$ok
        still ~ work*/possible | colleagues can | as usual | within ~ target/slo/limits | payments/prod ok | pero ~ si
        can nevertheless | well tolerated | no ~ impact/effect/loss | no customer* ~ impact/affect*/notic*/hit
        not customer facing"""),
    Signal("workaround", Aspect.RELIEF, "there is a way around", """
        workaround* | work around | second/third/next ~ try/attempt/click | retry/retries/retried/retrying | try again
        again ~ succeed*/works/helps | reload*/refresh*/restart*/reboot*/reconnect*/reinstall*/reselect/f5/rerun/replay*
        manual*/manually/handmatig/manuell | by hand | von hand | a mano | by phone/telephone/mail/fax/id/name/typing/radio/hand
        use/uses/using ~ instead/other/another/second/api | alternative*/fallback
        another/other/different ~ browser/way/line/tool/device/lines | helps/help | clear* ~ cache | incognito | split*
        desktop ~ fine/ok/works | paper | at the neighbouring | via ~ api/desktop/web/app | at the counter | use/uses gate/other
        other/another/second/different ~ $ok | over the api | can be ~ read/done/used/printed/entered/typed/ignored | dedupe*
        takes/take over | others carry | carry the load | replaces it | traffic ~ drained/flows/moved | second line | handled
        raised his | in ~ chrome/desktop ~ fine/works/ok/good | chrome/desktop/json/web/android ~ ok/fine/works/geht/va
        reset ~ solved"""),
    Signal("recovered", Aspect.RELIEF, "it is over already", """
        recovered/recovers/resolved/solved/fixed already
        already ~ fixed/refunded/resolved/back/solved/mitigated/recovered/reverted | back to normal | back up | is back | was down
        were down | since then ~ normal/fine/ok | short ~ period/blip/time/moment | blip | self healed
        for ~ minute/minutes/min ~ only | healed | stable again | again ~ normal | reverted/rolled back
        wieder ~ da/ok/normal/stabil | ya ~ funciona/recuper* | refunded | now ~ fine/ok/normal/stable | drains | momentar*"""),
    Signal("harmless", Aspect.RELIEF, "nobody is harmed", """
        harmless | no ~ effect/impact/harm/consequence*/action/real/functional
        nobody/noone/niemand/nadie ~ notice*/use*/uses/using/cares/needs/affected/hit/harmed/merkt/usa
        unused/not used/retired/obsolete | intended/intentional* | as/is/are/was/were expected | as planned
        planned/scheduled ~ maintenance | that's/thats the plan | we plan to | will be ~ removed/deleted/retired
        only ~ info/cosmetic/visual/debug/our | low priority | whenever | no rush | no hurry | not urgent | nice to have
        nit/nitpick | just ~ info/curious/wondering/fyi | fire drill | drill/exercise/rehearsal/ubung | not shipped | only ~ tests
        values are right | false alarm | old template | anyway/anyways | lorem"""),
    Signal("rehearsal", Aspect.RELIEF, "it is not production", """
        $test ~ system/environment*/env/cluster/server/db/database/tenant/data/dataset/bench/run/account*/key/keys/merchant*/patients/version/model/shop/store
        staging/sandbox/preprod/qa/uat/playground/localhost/testumgebung/testsystem | pre prod/production
        dev ~ cluster/env/environment/ledger/vpn/db/only/server/box | in dev | on dev | auf dev/staging | entorno de
        test/demo/training/acceptance/development/integration/simulation environment/system/server/tenant/instance/module
        non productive | non prod | nonprod | non production | local ~ docker/machine/setup/env | in the test | test fixture
        in ~ simulation/demo | test data | mock | dummy | feature branch | my branch | load test"""),
)  # fmt: skip
"""All signals. Their order is the order in which they are listed where they weigh the same."""
