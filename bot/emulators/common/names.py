"""Names for people and channels of large workspaces; the same number always gives the same name."""

_FIRST = [
    "Ada",
    "Ben",
    "Cleo",
    "Dev",
    "Emil",
    "Faye",
    "Gus",
    "Hana",
    "Ivo",
    "Jo",
    "Kai",
    "Lena",
    "Milo",
    "Nia",
    "Omar",
    "Pia",
    "Quinn",
    "Rosa",
    "Sven",
    "Tara",
    "Uma",
    "Vik",
    "Wren",
    "Xena",
    "Yara",
    "Zeno",
]
_LAST = [
    "Abe",
    "Brook",
    "Castle",
    "Dahl",
    "Eaton",
    "Field",
    "Grant",
    "Holt",
    "Innes",
    "Joyce",
    "Keller",
    "Lowe",
    "Marsh",
    "North",
    "Okafor",
    "Park",
    "Quist",
    "Reyes",
    "Stone",
    "Tran",
    "Usman",
    "Vale",
    "West",
    "Xu",
    "York",
    "Zimmer",
]
_AREAS = [
    "api",
    "auth",
    "billing",
    "cart",
    "catalog",
    "checkout",
    "data",
    "deploys",
    "docs",
    "events",
    "growth",
    "infra",
    "ios",
    "legal",
    "mail",
    "metrics",
    "orders",
    "payments",
    "platform",
    "pricing",
    "releases",
    "returns",
    "search",
    "security",
    "shipping",
    "support",
]
_TOPICS = [
    "alerts",
    "backlog",
    "design",
    "dev",
    "help",
    "news",
    "ops",
    "oncall",
    "planning",
    "random",
    "review",
    "standup",
    "team",
    "tests",
]
COLOURS = ("e01e5a", "2eb67d", "ecb22e", "36c5f0", "7c3aed", "0b7285", "d9480f", "5c7cfa", "862e9c", "2b8a3e")


def person_name(n: int) -> str:
    """The n-th made-up full name (n from 0); from 676 on with a number."""
    turn, rest = divmod(n, len(_FIRST) * len(_LAST))
    name = f"{_FIRST[rest % len(_FIRST)]} {_LAST[rest // len(_FIRST)]}"
    return f"{name} {turn + 1}" if turn else name


def channel_name(n: int) -> str:
    """The n-th made-up channel name (n from 0), unique."""
    turn, rest = divmod(n, len(_AREAS) * len(_TOPICS))
    name = f"{_AREAS[rest % len(_AREAS)]}-{_TOPICS[rest // len(_AREAS)]}"
    return f"{name}-{turn + 1}" if turn else name


def colour(n: int) -> str:
    """A colour as six hexadecimal digits."""
    return COLOURS[n % len(COLOURS)]
