"""Words that phrases of the lexicon share, written the same way."""

CLASSES: dict[str, str] = {
    "crowd": "users/customers/clients/merchants/players/tenants/subscribers/people/shops/shoppers/buyers/patients/members/guests/"
    "drivers/dealers/partners/sellers/visitors/students/teachers/pupils/passengers/households/consumers/doctors/practices/"
    "hospitals/clinics/wards/schools/hotels/airlines/airports/restaurants/stores/branches/pharmacies/agents/editors/authors/"
    "hosts/donors/viewers/listeners/travellers/travelers/parents/families/orgs/organizations/organisations/companies/"
    "workspaces/accounts/teams/employees/nutzer/kunden/spieler/benutzer/usuarios/clientes/jugadores/devices/machines/"
    "terminals/carriers/suppliers/depots/sites/cities/universities/campuses/recipients/developers/readers/tills/trucks/"
    "operators/residents/contractors/citizens/offices/farmers/creators",
    "time": "few/day/days/morning/mornings/hour/hours/minute/minutes/min/mins/week/weeks/month/months/time/night/nights/evening/"
    "year/quarter/monday/tuesday/wednesday/thursday/friday/saturday/sunday/weekend/now/so/once",
    "declare": "open/declare/raise/create/start/file/log/register/make/spin/lodge/report/begin/abre/abran/abrir/crea/crear/declara/"
    "levanta/anlegen/aufmachen/eroffnen/declaring/filing/opening/initiate/record",
    "incident": "incident/incidents/inc/ticket/bridge/vorfall/incidente/incidencia/storung/severity/sev",
    "alarm": "outage/outages/breach/loss/disaster/catastrophe/emergency/fatal/down/failed/failure/error/fail/incident/attack/"
    "ransomware/downtime/totalausfall/severe/critical/catastrophic/recovery/postmortem",
    "document": "page/paragraph/poster/template/drill/banner/label/word/text/slide/slides/subject/title/training/chapter/section/"
    "handbook/wording/message/messages/button/folder/graph/icon/colour/color/wiki/runbook/exercise/simulator/simulation/"
    "screen/name/mail/font/guide/doc/docs/plan/animation/panel/picture/image/logo/branch/test/tests/warning/warnings/report/"
    "tooltip/übung",
    "belittled": "cosmetic/harmless/tiny/small/minor/trivial/boring/simple/easy/little/lil/slight/quick/routine/low/info/innocent/visual/"
    "critical/urgent/catastrophic/horrible/huge/severe",
    "people": "user*/customer*/client*/merchant*/player*/tenant*/subscriber*/people/shop/shops/shopper*/buyer*/patient*/account/"
    "accounts/member*/guest*/driver*/dealer*/partner*/seller*/visitor*/student*/teacher*/passenger*/household*/nutzer*/"
    "kunde*/spieler*/benutzer*/usuario*/cliente*/jugador*/anyone/anybody/compan*/org/orgs/organization*/workspace*/team/"
    "teams/employee*/staff/agent/agents/consumer*/subscription*/doctor*/nurse*/resident*/school*/hotel*/airline*/airport*/"
    "restaurant*/store/stores/pharmac*/editor*/host/hosts/donor*/viewer*/travel*/parent*/famil*/practice*/hospital*/clinic/"
    "clinics/child*/recipient*/terminal*/till/tills/citizen*/operator*/reader*/machine*/device*/person*/kid/kids/carrier*/"
    "supplier*/contractor*",
    "cant": "cant/unable/impossible/kann/konnen/pued*/podemos",
    "dead": "down/dead/offline/unreachable/unavailable/out/gone/dark/kaputt/tot/weg/caid*/muert*/standstill/halted/stopped/frozen/"
    "toast/ded/bricked/inaccessible/inoperable/inoperative/unresponsive",
    "work": "work*/load*/respond*/function*/operat*/render*/open*/start*/connect*/answer*/geht/gehen/funktionier*/klapp*/funciona*/"
    "responde*/carga*",
    "record": "data*/record*/row*/table*/order*/file*/document*/backup*/db/database*/ledger*/save/saves/progress/inventor*/message*/"
    "transaction*/invoice*/photo*/video*/event/events/history/upload*/archive*/user/users/account*/entries/booking*/"
    "appointment*/daten*/datos/pedido*/tabla*/copia*/prod/attachment*/project*/ticket*/comment*/content/balance*/volume*/"
    "disk*/schema*/bucket*/object*/write/writes/payment*/plan/plans/charts/prescription*",
    "private": "data/email*/mail*/password*/passport*/card/cards/pan/iban*/address*/customer*/user/users/patient*/personal/pii/phi/"
    "ssn*/medical/health/salar*/payroll/key/keys/token*/secret*/credential*/certificate*/session*/invoice*/document*/file*/"
    "record*/chat*/dm/dms/message*/passwort*/contrasen*/correo*/kundendaten/personenbezogen*/phone*/name/names/profile*/"
    "order*/info/information/details/source/code/repo*/salary/statement*/contract*/note/notes/grade*/claim*/polic*/scan/"
    "scans/photo*/list/history/location*/balance*/diagnos*",
    "all": "all/every/everyone/everybody/everything/entire/whole/alle/alles/allen/aller/jeder/jede/jeden/todos/todas/todo/toda/any/"
    "each/complete",
    "ok": "ok/okay/fine/well/good/work/works/working/unaffected/available/normal/normally/open/succeed*/accept*/healthy/geht/"
    "funktioniert/bien/funciona/function/functions/usual/running/possible/up",
    "test": "staging/stage/stg/dev/qa/uat/sandbox/preprod/playground/demo/demonstration/test/testing/acceptance/integration/"
    "localhost/local/testumgebung/entwicklung/preview/simulation/development/hackathon/poc/prototype/canary/loadtest/perf",
    "look": "color*/colour*/font*/icon*/logo*/pixel*/padding/margin/alignment/misalign*/favicon*/emoji*/banner/shade/contrast/"
    "animation*/hover/tooltip*/footer/placeholder/typo*/spelling/misspel*/grammar/wording/comma/capitali*/capital/typeface/"
    "headline/heading/caption/label/avatar/screenshot*/blurr*/pixelated/cosmetic*/ugly/aesthetic*/translation/translat*/"
    "farbe/schrift*/rechtschreib*/errata/icono/letra/tipp*/copyright/imprint/impressum/plural/apostrophe/hyphen/whitespace/"
    "scrollbar/cursor/indentation/mascot/symbol/symbols/picture/thumbnail*/tippfehler/ortograf*",
    "gate": "checkout/payment*/pay/pays/paying/login*/logon/signin/log/sign/api/apis/transaction*/authorisation*/authorization*/"
    "auth/authentication/call/calls/order/orders/ordering/internet/purchase*/buy/network/dispatch*/admission*/zahlung*/"
    "bezahl*/anmeld*/einlogg*/pago*/pagar/compra*/comprar/entrar/enter/play/playing/charge*/capture*/inference/request/"
    "requests/connect/reach/access/cards/card/trade/trading/transfers/rides/deploys/flights/boot/traffic/connection*",
    "core": "sso/signup/registration/register/search/cart/booking*/upload*/messag*/sms/voice/email/emails/mail/mails/notification*/"
    "refund*/payout*/matchmaking/streaming/playback/scan*/delivery/deliveries/onboarding/invoice*/billing/webhook*/suche/"
    "appointment*/prescription*/subscri*/sync*/editor/save/saving/feed/chat/wallet*/renewal*/ticket*/roaming/activation*/"
    "routing/sorting/tracking/publish*/print*/prediction*/scheduling/portal/invitation*/invites/friend/comments/"
    "recommendations/deploy*/dashboard*/video/videos/reset/labels/planning",
    "variant": "amex/visa/mastercard/jcb/paypal/klarna/apple/google/sepa/pix/sms/facebook/microsoft/saml/sso/okta/github/contactless/"
    "iphone*/android/ios/safari/chrome/firefox/edge/mobile/desktop/tablet*/mac/windows/linux/ps5/ps4/xbox/pc/opera/web/sdk/"
    "voucher/outlook/pos/kiosk*/app/apps/browser*/whatsapp/alexa/tv/roku/bluetooth",
    "region": "germany/france/italy/spain/uk/usa/eu/brazil/mexico/latam/apac/asia/europe/european/poland/polish/netherlands/nordics/"
    "japan/india/australia/canada/austria/switzerland/africa/northern/southern/eastern/western/north/south/east/west/"
    "frankfurt/province*/district*/region/regional/country/county/city/metropolitan/ireland/london/paris/berlin/singapore/"
    "tokyo/korea/china/turkey/sweden/portugal/osterreich/deutschland/emea/mumbai/sydney/ohio/virginia/oregon/texas/"
    "california/village/zone/az/town/campus/building",
}  # fmt: skip
"""Words that phrases share."""

DENIALS = frozenset(
    ("no", "not", "never", "without", "isnt", "wasnt", "werent", "hasnt", "havent", "didnt", "nothing", "none", "nicht", "kein", "keine",
     "nichts", "ohne", "sin", "ningun", "ninguna", "nada", "cant", "dont", "doesnt", "wont", "arent")
)  # fmt: skip
"""Shortly before a signal that is deniable, they take it back."""
