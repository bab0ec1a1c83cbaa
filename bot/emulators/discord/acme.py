"""The demo server. Ids are constants, so that a bot with a database finds its channels again after a restart."""

from bot.emulators.discord import permissions
from bot.emulators.discord.model import Channel, Person, Role

GUILD = "1000000000000000001"
GUILD_NAME = "Acme"
APPLICATION = "1000000000000000002"
BOT_USER = APPLICATION
BOT_TOKEN = "MTAwMDAwMDAwMDAwMDAwMDAwMg.Gacme1.emulated-acme-copilot"  # noqa: S105 -- opens nothing but this emulator

DANA = "1000000000000000011"
LEE = "1000000000000000012"
SAM = "1000000000000000013"
ROBIN = "1000000000000000014"
KIM = "1000000000000000015"
PAT = "1000000000000000016"
DEPLOYBOT = "1000000000000000017"

GENERAL = "1000000000000000101"
CHECKOUT = "1000000000000000102"
APPROVALS = "1000000000000000103"
INCIDENTS = "1000000000000000104"
SECURITY = "1000000000000000105"

ROLE_EVERYONE = GUILD
ROLE_OPERATORS = "1000000000000000201"
ROLE_RELEASES = "1000000000000000202"
ROLE_BOTS = "1000000000000000203"

ROLES = (
    Role(ROLE_EVERYONE, "@everyone", position=0, permissions=permissions.EVERYONE, mentionable=False),
    Role(ROLE_OPERATORS, "operators", 0xE01E5A, position=1, permissions=permissions.PIN_MESSAGES),
    Role(ROLE_RELEASES, "releases", 0x2EB67D, position=2, permissions=permissions.PIN_MESSAGES),
    Role(ROLE_BOTS, "Copilot", 0x5C7CFA, position=3, managed=True),
)
PEOPLE = (
    Person(DANA, "dana", "Dana", "e01e5a", roles=[ROLE_OPERATORS]),
    Person(LEE, "lee", "Lee", "2eb67d", roles=[ROLE_RELEASES], owner=True),
    Person(SAM, "sam", "Sam", "36c5f0", roles=[ROLE_RELEASES]),
    Person(ROBIN, "robin", "Robin", "ecb22e", pending=True),
    Person(KIM, "kim", "Kim", "7c3aed", member=False),
    Person(PAT, "pat", "Pat", "868e96", member=False, deactivated=True),
    Person(DEPLOYBOT, "deploybot", "Deploy bot", "495057", bot=True),
    Person(BOT_USER, "copilot", "Copilot", "5c7cfa", bot=True, roles=[ROLE_BOTS]),
)

CHANNELS = (
    Channel(GENERAL, "general", topic="Everything and everybody"),
    Channel(CHECKOUT, "checkout", topic="The checkout service"),
    Channel(APPROVALS, "approvals", topic="What waits for somebody's yes"),
    Channel(INCIDENTS, "incidents", topic="What burns"),
    Channel(SECURITY, "security-private", kind="private", topic="Copilot is no member here", members={DANA, LEE}),
)
