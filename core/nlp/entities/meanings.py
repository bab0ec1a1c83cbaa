"""Words that name services and mean something else besides: what stands beside them decides."""

from core.nlp.entities.sentence import Sentence, words

USUAL = words(
    "checkout payments payment billing auth search inventory orders cart catalog shipping notifications recommendations gateway frontend login pricing identity ledger fulfillment invoicing "
    "invoices users accounts webhooks ingest ingestion scheduler mailer emailer reporting analytics profile profiles notification recommendation booking bookings subscription subscriptions "
    "fraud shipment audit router planner invoice account user order fulfilment delivery loyalty wallet fleet geo media messaging chat"
)
"""Names that services often have; without a catalogue these are taken for some."""
_AMBIGUOUS = words(
    "search notify ship shipping order orders report reports reporting schedule scheduler track tracking watch monitor monitoring deploy scale route match pay post log logs "
    "logging load build test tests run fetch sync index queue cache store mail email message messages messaging alert alerts alerting status health metrics events event time "
    "chat feed home web users user share shop support billing checkout auth config settings media data main core edge front back backend frontend app admin api gateway proxy worker "
    "workers jobs job identity profile session sessions session pricing catalog files images image video upload uploads download export import print rank ranking review reviews "
    "vote votes note notes tag tags stream streams task tasks token tokens trace traces update updates view views web site account accounts customer customers product products"
)
NAMES = _AMBIGUOUS | USUAL
"""What may name a service although everybody says it in other meanings too."""
COMPONENTS = words(
    "gateway router proxy scheduler worker loader indexer broker ledger bridge relay limiter planner balancer consumer producer ingester crawler renderer mailer bidder"
)
"""What an ordinary word at the end of a service's name stands for: "the gateway"."""
_VERBS = words(
    "search notify ship order report schedule track watch monitor deploy scale route match pay post log load build test run fetch sync index queue cache store mail email message alert "
    "share support import export print rank review vote note tag stream trace update view checkout feed upload download identity"
)
_OBJECTS = words(
    "for the my our this that all those these through any me us them it a an if when whether by everyone everybody every some him her what where why who how your their into up out "
    "out with nothing anything something only both each here there"
)
_BEFORE_VERBS = words("to please you can could let lets and i we")
_SEARCHED = words("logs log traces spans")
_GOING_TO = words(
    "traffic requests request calls call queries writes reads access connections connection latency route routes routing errors path shift send sends sent"
)
"""What goes to a service: "traffic to search"."""
_MARKS_NOUN = words(
    "is are was were of in on from does did has had why hows how's for at via with against between vs versus than and or called named behind service restart restarting rollback scale "
    "ship deploy redeploy bounce kill stop start drain page hit hits hitting through into the inside s which make makes made check en de del auf im von bei ist sind was's"
)
_BEHIND_NOUN = words(
    "is was are has keeps service svc api latency errors error logs cpu memory traffic throughput p99 p95 p90 p50 team down slow up went in on prod production staging got seems failing fails failed 500s 5xx "
    "response traces pods deploy rollback"
)
EVERYDAY = words(
    "time status health test tests log logs alert alerts metrics event events message messages user users customer customers data time job jobs task tasks trace traces token tokens "
    "deploy build run report reports update updates note notes tag tags order orders image images file files version main home back front product products app apps worker workers "
    "session sessions account accounts queue cache load view views review reviews settings config support share import export print match track watch schedule stream streams store "
    "email post mail chat edge core admin site"
)
_RATHER_NOT = words(
    "time status health test tests log logs alert alerts metrics event events message messages data run deploy build version main home back load trace traces token tokens report reports "
    "update updates view track watch match edge app apps"
)
"""Without a preposition or the like beside them these stay what they are everywhere else."""
_PLAIN_BEFORE = words(
    "the a an some any all more many our my their new these those your this that per each every no other old few user"
)
_SERVICE = words("service svc srv")


def word_meant(sentence: Sentence, index: int) -> bool:
    """Whether the word that could name a service is meant as the verb or the everyday noun that it also is."""
    word, behind = sentence.word(index), sentence.word(index + 1)
    if word not in NAMES or behind in _SERVICE:
        return False
    return (word in _VERBS and _as_verb(sentence, index)) or (word in EVERYDAY and _as_noun(sentence, index))


def meant_as_two_words(sentence: Sentence, index: int, count: int) -> bool:
    """ "Check out the logs" is not the service checkout; "check out is slow" is."""
    start, end = sentence.span(index, count)
    if " " not in sentence.folded[start:end] or any(
        sentence.word(index + place) in _SERVICE for place in range(1, count)
    ):
        return False
    before, behind = sentence.word(index - 1), sentence.word(index + count)
    return behind in _OBJECTS or not (before in _MARKS_NOUN or behind in _BEHIND_NOUN)


def stands_as_noun(sentence: Sentence, index: int) -> bool:
    """Whether the words beside this one make it the name of something that runs."""
    return sentence.word(index + 1) in _BEHIND_NOUN or sentence.word(index - 1) in _MARKS_NOUN


def _as_verb(sentence: Sentence, index: int) -> bool:
    before, behind = sentence.word(index - 1), sentence.word(index + 1)
    noun = before in _MARKS_NOUN
    if behind in _OBJECTS and not noun:
        return True
    if before in _BEFORE_VERBS and not noun and sentence.word(index - 2) not in _GOING_TO:
        return behind not in ("", "is", "in", "on")
    return index == 0 and behind in _SEARCHED


def _as_noun(sentence: Sentence, index: int) -> bool:
    before = sentence.word(index - 1)
    if before in _PLAIN_BEFORE or sentence.word(index + 1) == "per":
        return True
    return (
        sentence.word(index) in _RATHER_NOT
        and before not in _MARKS_NOUN
        and sentence.word(index + 1) not in _BEHIND_NOUN
    )
