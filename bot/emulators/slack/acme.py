"""The demo workspace. Ids are constants, so that a bot with a database finds its channels again after a restart."""

from bot.emulators.slack.model import Person

TEAM = "T0ACME001"
TEAM_NAME = "Acme"
TEAM_DOMAIN = "acme"
OTHER_TEAM = "T0GLOBEX1"

APP = "A0COPILOT"
BOT_USER = "U0COPILOT"
BOT = "B0COPILOT"
BOT_NAME = "copilot"

BOT_TOKEN = "xoxb-emulated-acme-copilot"  # noqa: S105 -- opens nothing but this emulator
APP_TOKEN = "xapp-emulated-acme-copilot"  # noqa: S105 -- same
SIGNING_SECRET = "emulated-acme-signing-secret"  # noqa: S105 -- same
VERIFICATION_TOKEN = "emulated-acme-verification"  # noqa: S105 -- same

DANA = "U0DANA001"
LEE = "U0LEE0001"
SAM = "U0SAM0001"
ROBIN = "U0ROBIN01"
KIM = "U0KIM0001"
PAT = "U0PAT0001"
DEPLOYBOT = "U0DEPLOYS"

GENERAL = "C0GENERAL"
CHECKOUT = "C0CHECKOUT"
DEPLOYS = "C0DEPLOYS"
APPROVALS = "C0APPROVALS"
INCIDENTS = "C0INCIDENTS"
PARTNERS = "C0PARTNERS"
SECURITY = "C0SECURITY"

PEOPLE = (
    Person(DANA, "dana", "Dana", TEAM, "e01e5a", "On-call engineer", "dana@acme.example", roles=["oncall"]),
    Person(LEE, "lee", "Lee", TEAM, "2eb67d", "Release manager", "lee@acme.example", admin=True, roles=["releases"]),
    Person(SAM, "sam", "Sam", TEAM, "36c5f0", "Developer", "sam@acme.example", roles=["releases"]),
    Person(ROBIN, "robin", "Robin", TEAM, "ecb22e", "Contractor", "robin@guest.example", guest=True),
    Person(KIM, "kim", "Kim", OTHER_TEAM, "7c3aed", "Engineer at Globex", "kim@globex.example"),
    Person(PAT, "pat", "Pat", TEAM, "868e96", "Left in spring", "pat@acme.example", deactivated=True),
    Person(DEPLOYBOT, "deploybot", "Deploy bot", TEAM, "495057", bot_id="B0DEPLOYS", app_id="A0DEPLOYS"),
)
COPILOT = Person(BOT_USER, BOT_NAME, "Copilot", TEAM, "5c7cfa", "Chat-ops", bot_id=BOT, app_id=APP)

_STAFF = (DANA, LEE, SAM)
CHANNELS = (
    # (id, name, private, topic, members, other workspaces)
    (GENERAL, "general", False, "Everything and everybody", (*_STAFF, ROBIN, DEPLOYBOT, BOT_USER), ()),
    (CHECKOUT, "checkout", False, "The checkout service", (*_STAFF, ROBIN, BOT_USER), ()),
    (DEPLOYS, "deploys", False, "What goes out, and when", (*_STAFF, DEPLOYBOT, BOT_USER), ()),
    (APPROVALS, "approvals", False, "What waits for somebody's yes", (*_STAFF, BOT_USER), ()),
    (INCIDENTS, "incidents", False, "What burns", (*_STAFF, BOT_USER), ()),
    (PARTNERS, "partners", False, "Shared with Globex", (*_STAFF, KIM, BOT_USER), (OTHER_TEAM,)),
    (SECURITY, "security-private", True, "Copilot is no member here", (DANA, LEE), ()),
)

GROUPS = (("S0ONCALL1", "oncall", "On call"), ("S0RELEASE", "releases", "Release managers"))
COMMANDS = (
    {
        "name": "/copilot",
        "description": "Ask, run, approve",
        "options": [],
        "usage_hint": "help | ask … | run … | status",
    },
)
SHORTCUTS = ({"name": "Declare incident", "callback": "declare"},)
"""Of a message's menu, as configured for the app."""
EVENTS = (
    "app_home_opened",
    "app_mention",
    "member_joined_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "pin_added",
    "reaction_added",
)
