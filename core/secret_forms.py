"""What secrets look like: the rules of `core.redaction`. Every repetition that something must follow is bounded, to stay linear.

A rule's one group is what stays readable: the first characters of a token, or the name before a value.
"""

import re
from dataclasses import dataclass

MASK = "[redacted]"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to recognise secrets."""

    hints: tuple[str, ...]
    """One of these stands in every text that the rule could change, lower case: most texts need no more than this look."""
    pattern: re.Pattern[str]


_ALONE = r"(?<![A-Za-z0-9])"
"""Not inside a longer word."""
_HAS_DIGIT = r"(?=[^\s]{0,80}\d)"
"""Tells a token from prose."""
_NEW = rf"(?!{re.escape(MASK)})"
"""Not masked already."""
_TELLING = (
    r"(?:pass(?:word|wd|phrase|wort)|pwd|secret|token|credentials?|kennwort|geheimnis|wachtwoord|senha|mot de passe"
    r"|(?:zugangs|geheim)[_-]?(?:schl(?:ü|Ü|ue|u)ssel|code|wort)|contrase(?:ñ|Ñ|n)a|пароль"
    r"|clave(?:[ _-](?:secreta|privada|api|de[ _-]acceso))?"
    r"|(?:api|access|secret|private|signing|account|encryption|master|session|auth|deploy|hmac|application)[_-]?key)"
    r"(?:[_-]?(?:value|base|hash|\d{1,3}))?"
)
_QUOTE = r"(?:\\{0,3}[\"'])?"
"""Perhaps a quotation mark, escaped where a quotation is quoted."""
_END = r"(?![^\s\"',;:.)\]}\\|])"
_NO_SECRET = (
    r"(?!(?:null|nil|none|true|false|required|optional|expired|missing|invalid|unknown|wrong|empty|unset|undefined|revoked"
    rf"|rotated|string|\w{{1,64}}\(\)){_END})"
)
"""Words that say something about a secret instead of it, and calls that fetch one."""
_VALUE = (
    rf"(?!{_QUOTE}{re.escape(MASK)}){_NO_SECRET}(?:"
    r"(?<=\\\")(?:(?!\\\").){1,512}"
    r"|(?<=\")(?:\\.|[^\"\\\r\n]){1,512}"
    r"|(?<=')(?:\\.|[^'\\\r\n]){1,512}"
    r"|[^\s\"',;&()\[\]{}<>$|](?:[^\s\"',;&()\[\]{}<>$|]|[$()\[\]{}](?=[\w!?@#%])){3,})"
)


def _form(hints: str, pattern: str) -> Rule:
    """What a token begins with is documented by its issuer."""
    return Rule(tuple(hints.split()), re.compile(pattern, re.ASCII))


def _named(hints: str, pattern: str) -> Rule:
    """Whatever the case."""
    return Rule(tuple(hints.split("|")), re.compile(pattern, re.ASCII | re.IGNORECASE))


RULES = (
    _form("xox xapp- xwfp-", rf"({_ALONE}(?:xox[a-z][.-]|xapp-|xwfp-))[A-Za-z0-9.%-]{{8,}}"),
    _form("hooks.slack", r"(https://hooks\.slack(?:-gov)?\.com/(?:services|commands|actions|workflows|triggers)/)[A-Za-z0-9/_-]+"),
    _form("/webhooks/ /interactions/", r"(/(?:webhooks|interactions)/\d{15,20}/)[A-Za-z0-9_-]{20,}"),
    _form(".", rf"({_ALONE}[MNO][A-Za-z0-9_-]{{23,27}}\.)[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,40}}"),
    _form("gho_ ghp_ ghs_ ghu_ ghr_ github_pat_", rf"({_ALONE}(?:gh[opsur]_|github_pat_))[A-Za-z0-9_]{{20,}}"),
    _form("glpat- gldt- glrt- glptt- glsoat- glcbt-", rf"({_ALONE}gl(?:pat|dt|rt|ptt|soat|cbt)-)[A-Za-z0-9_-]{{16,}}"),
    _form("k_live_ k_test_ whsec_", rf"({_ALONE}(?:[sr]k_(?:live|test)_|whsec_))[A-Za-z0-9]{{10,}}"),
    _form("sk-", rf"({_ALONE}sk-(?:ant-|proj-|svcacct-|or-)?){_HAS_DIGIT}[A-Za-z0-9_-]{{20,}}"),
    _form("akia asia", rf"({_ALONE}(?:AKIA|ASIA))[A-Z0-9]{{16}}(?![A-Za-z0-9])"),
    _form("aiza ya29. gocspx-", rf"({_ALONE}(?:AIza|ya29\.|GOCSPX-))[A-Za-z0-9_-]{{20,}}"),
    _form(
        "npm_ pypi- hf_ hvs. glsa_ dop_v1_ shpat_ lin_api_ sntrys_ nrak- dckr_pat_ ntn_ atbb atatt3x sq0 $production$ age-secret-key-1",
        rf"({_ALONE}(?:npm_|pypi-|hf_|hvs\.|glsa_|dop_v1_|shpat_|lin_api_|sntrys_|NRAK-|dckr_pat_|ntn_|ATBB|ATATT3x|sq0[a-z]{{3}}-"
        r"|access_token\$production\$|AGE-SECRET-KEY-1))[A-Za-z0-9_-]{20,}",
    ),
    _form("key-", rf"({_ALONE}key-)[A-Za-z0-9]{{32}}(?![A-Za-z0-9])"),
    _form(":aa", rf"({_ALONE}(?:bot)?\d{{6,12}}:AA)[A-Za-z0-9_-]{{20,}}"),
    _form("sg.", r"(\bSG\.)[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}"),
    _form("eyj", rf"({_ALONE}eyJ)[A-Za-z0-9_-]{{8,256}}\.[A-Za-z0-9_-]{{8,}}(?:\.[A-Za-z0-9_-]*)?"),
    _form(
        "-----begin ",
        rf"(-----BEGIN [A-Z ]{{0,30}}PRIVATE KEY(?: BLOCK)?-----){_NEW}(?:[^-]|-(?!----))+(?:-----END [A-Z ]{{0,40}}-----)?",
    ),
    _named("://", rf"(\b[a-z][a-z0-9+.-]{{1,20}}://[^\s:/@\"'<>]{{0,64}}:){_NEW}[^\s/\"'<>]{{1,256}}(?=@)"),
    _named("://", rf"(://){_NEW}{_HAS_DIGIT}[a-z0-9_-]{{20,128}}(?=@)"),
    _named("authorization", rf"(\bauthorization{_QUOTE}\s{{0,3}}[:=]\s{{0,3}}{_QUOTE}(?:[a-z]{{1,12}} )?+){_NEW}[^\s\"',;\\]{{4,}}"),
    _named(
        "authorization",
        rf"(\bauthorization{_QUOTE}\s{{0,3}}[:=]\s{{0,3}}{_QUOTE}(?:digest|oauth|hawk|signature|aws4-hmac-sha256) ){_NEW}[^\r\n]{{4,}}",
    ),
    _named("cookie:", rf"(\bcookie:\s{{0,3}}){_NEW}[^\s\"'][^\r\n\"']{{3,}}"),
    _named("sess", rf"(sess(?:ion)?[_-]?id{_QUOTE}\s{{0,3}}[:=]\s{{0,3}}{_QUOTE}){_NEW}{_HAS_DIGIT}[a-z0-9%._+/=-]{{16,}}"),
    _named("bearer |basic |bot ", rf"(\b(?:bearer|basic|bot) ){_NEW}{_HAS_DIGIT}[a-z0-9_.~+/=-]{{12,}}"),
    _named("--", rf"(--[a-z-]{{0,24}}{_TELLING}[ =]){_NEW}{_NO_SECRET}\S{{3,}}"),
    _named("curl|--user|--proxy-user", rf"(\s(?:-u|--user|--proxy-user)[ =]?{_QUOTE}[^\s:\"'/]{{1,64}}:){_NEW}[^\s\"']{{3,}}"),
    _named(
        "mysql|mariadb|sshpass",
        rf"(\b(?:mysql|mariadb|sshpass)[a-z]{{0,8}}(?:(?!\s-p)[^\r\n]){{0,120}}\s-p\s?{_QUOTE}){_NEW}[^\s\"']{{3,}}",
    ),
    _named("passw|identified", rf"(\b(?:password|identified\s{{1,3}}by)\s{{1,3}}'){_NEW}[^'\r\n]{{1,256}}"),
    _named("sig=|signature=", rf"(\bsig(?:nature)?=){_NEW}[a-z0-9%/+_=-]{{16,}}"),
    _named("?|&", rf"([?&](?:key|auth|code|ticket)=){_NEW}{_HAS_DIGIT}[a-z0-9%._~+/=-]{{16,}}"),
    _named('auth"|auth\'|auth\\', rf"(\\{{0,3}}[\"']_?auth\\{{0,3}}[\"']\s{{0,3}}:\s{{0,3}}\\{{0,3}}[\"']){_NEW}[a-z0-9+/=]{{12,}}"),
)  # fmt: skip

TELLING = re.compile(_TELLING, re.ASCII)
"""The name before a secret, in lower case."""
TELLING_ANY_CASE = re.compile(_TELLING, re.ASCII | re.IGNORECASE)
BY_NAME = tuple(
    re.compile(pattern, re.ASCII | re.IGNORECASE)
    for pattern in (
        # with a sign between, quoted or not
        rf"({_TELLING}{_QUOTE}\s{{0,3}}(?:[=:]>?)\s{{0,3}}{_QUOTE}){_VALUE}",
        # a name and a value beside it, as in JSON
        rf"({_TELLING}\w{{0,10}}{_QUOTE},?\s{{1,20}}{_QUOTE}value{_QUOTE}\s{{0,3}}[=:]\s{{0,3}}{_QUOTE}){_VALUE}",
        # YAML's blocks
        rf"({_TELLING}:\s{{0,3}}[|>][+-]?\r?\n(?P<indent>[ \t]{{1,16}})){_NEW}\S[^\r\n]*(?:\r?\n(?P=indent)\S?[^\r\n]*)*",
        # <password>…</password>
        rf"({_TELLING}>){_NEW}[^<\s][^<]{{0,200}}(?=</)",
        # | password | … |
        rf"({_TELLING}\s{{0,20}}\|\s{{0,20}}){_NEW}{_HAS_DIGIT}[^\s|]{{4,}}",
        # the password is …
        rf"({_TELLING}(?: for [^\s:]{{1,80}}:| is| was| ist| lautet| es)\s{{1,3}}{_QUOTE}){_NEW}{_HAS_DIGIT}(?=\S{{0,80}}[a-z])[^\s\"',;]{{6,}}",
    )
)
"""What is tried wherever a name stands."""

SECRET_OBJECT = re.compile(r"\bkind[\"']?\s{0,3}:\s{0,3}[\"']?Secret\b")
"""A Kubernetes Secret: its data is base64 under names that tell nothing."""
DATA = re.compile(r"\bdata[\"']?\s{0,3}:")
"""Where the data of one begins, before its kind is known."""
ENTRY = Rule(
    (":",),
    re.compile(
        r"((?:^|[\n,{])[ \t]{0,12}[\"']?[\w.-]{1,63}[\"']?:[ \t]{0,3}[\"']?)(?:[A-Za-z0-9+/]{64,}={0,2}"
        r"|(?:[A-Za-z0-9+/]{4}){2,15}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?=[\s\"',}]|\Z))",
        re.ASCII,
    ),
)

ODD = re.compile(
    r"(?P<gone>[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff\u0300-\u036f]"
    r"|(?<=[A-Za-z0-9_-]{8})\\?\r?\n[ \t]{0,8}(?=[A-Za-z_-]{0,60}\d[\w-]{5,100}\r?(?:\n|\Z)))"
    r"|(?P<wide>[\uff01-\uff5e])|%(?P<percent>[2-7][0-9A-Fa-f])|&(?P<entity>quot|amp|lt|gt|#39|#x27);"
    r"|\\u00(?P<escaped>[2-7][0-9A-Fa-f])|\\(?P<literal>[\\*_~`\[\]>|])"
)
"""What may stand in the middle of a secret, and means nothing or another character: invisible ones, the end of a line that was
wrapped, full-width forms, and the escapes of addresses, HTML, JSON and our Markdown."""
ENTITIES = {"quot": '"', "amp": "&", "lt": "<", "gt": ">", "#39": "'", "#x27": "'"}
