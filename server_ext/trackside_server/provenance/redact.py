"""Takes secrets out of text that will be kept: cells, differences, commands, addresses.

Three nets, from sure to likely: the known shapes of tokens and keys, addresses with a password, and
values that are assigned to something called password, token, secret or key. When in doubt a value
goes: a difference with a hole is of more use than a store with a password.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

REDACTED = "[redacted]"

# Every repetition is bounded or ends at a character outside its class, so that hostile text costs
# linear time.
_SHAPES = re.compile(
    r"""
      -----BEGIN[ ](?:[A-Z0-9]+[ ]){0,4}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----
        (?:(?!-----END)[\s\S]){0,16384}(?:-----END[A-Z0-9 ]{0,60}-----)?   # PEM, PGP
    | (?<![A-Za-z0-9_])(?:
        (?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}                    # AWS key id
      | gh[pousr]_[A-Za-z0-9]{30,255}                          # GitHub
      | github_pat_[A-Za-z0-9_]{22,255}
      | gl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{20,255}  # GitLab
      | xox[a-z]-[A-Za-z0-9-]{10,255} | xapp-[A-Za-z0-9-]{10,255}  # Slack
      | AIza[A-Za-z0-9_-]{35} | ya29\.[A-Za-z0-9_-]{20,1024} | GOCSPX-[A-Za-z0-9_-]{20,64}  # Google
      | sk-[A-Za-z0-9_-]{20,255}                               # OpenAI, Anthropic and others
      | hf_[A-Za-z0-9]{20,255}                                 # Hugging Face
      | (?:sk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9]{20,255}    # Stripe
      | npm_[A-Za-z0-9]{30,255} | pypi-[A-Za-z0-9_-]{40,1024}
      | dapi[a-f0-9]{32} | dop_v1_[a-f0-9]{64}                 # Databricks, DigitalOcean
      | SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}         # SendGrid
      | ts[kj]_[A-Za-z0-9_-]{40,64}                            # Trackside
      | eyJ[A-Za-z0-9_-]{8,4096}\.eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{0,1024}  # JWT
      | \d{8,10}:AA[A-Za-z0-9_-]{32,40}                        # Telegram
      )
    | (?<=hooks\.slack\.com/services/)[A-Za-z0-9/_-]{20,200}
    """,
    re.VERBOSE,
)

# scheme://user:password@host; the user alone is kept.
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/:@'\"<>]{0,128}):([^\s/@'\"<>]{1,512})(?=@)")
# https://token@host: a name of this length is no name.
_URL_TOKEN = re.compile(r"(?<=://)[A-Za-z0-9_.-]{20,512}(?=@)")
_HEADER = re.compile(
    r"(authorization['\"]?\s{0,4}[:=,]\s{0,4}f?['\"]?(?:bearer|basic|token)\s{1,4})"
    r"[A-Za-z0-9+/=._~-]{6,4096}",
    re.IGNORECASE,
)

_PROMISE = (
    r"(?:pass(?:word|wd|phrase|code)|pwd|secret|token|credential|connection[_-]?string"
    r"|(?:api|access|private|secret|account|auth|encryption)[_-]?key|signature|sig)"
)
# Where a name that promises a secret ends, like HF_TOKEN or ACCESS_KEY_ID.
_WORD = re.compile(rf"{_PROMISE}s?(?:_?(?:id|value|key|b64))?(?![A-Za-z0-9])", re.IGNORECASE)
# What follows it: an assignment, a dictionary entry or an argument with a value in quotes …
_QUOTED = re.compile(
    r"""['"]?\]?(?:\s{0,8}:\s{0,4}[\w.\[\]| ]{1,60})?\s{0,8}(?:=>|:=|[=:,])\s{0,8}\(?\s{0,8}"""
    r"""[rbfuRBFU]{0,2}('''|\"\"\"|'|")(?P<value>[\s\S]{1,4096}?)\1"""
)
# … or without, but only as shells, .env files, YAML and query strings write it.
_BARE = re.compile(
    r"(?P<between>=|:[ \t]{1,8}|[ \t]{1,2}=[ \t]{1,2}|[ \t]{1,4})"
    r"(?P<value>[^\s'\"()\[\]{},;&<>$`]{4,1024})"
)
_BARE_BEFORE = re.compile(r"(?:^|[\s;?&+-])[\w.-]{0,64}$")
# A space alone separates only after --flags and in `%env NAME value`.
_SPACE_BEFORE = re.compile(r"(?:(?:^|\s)--[\w-]{0,64}|%(?:set_)?env[ \t]{1,4}\w{0,64})$")
_PLACEHOLDER = re.compile(
    r"[<\[{$%].{0,200}|\.{2,}|\*+|x{3,}|none|null|true|false|str|string", re.IGNORECASE
)
# A name, a name with dots, a number: what programs assign.
_CODE = re.compile(
    r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|-?\d+(?:[._]\d+)*(?:e-?\d+)?|[A-Za-z_]{1,12}", re.IGNORECASE
)
_SECRET_NAME = re.compile(rf"{_PROMISE}s?$|(?:^|_)(?:key|auth|cookie|dsn)$", re.IGNORECASE)
_SECRET_FILE = re.compile(
    r"(?:^|/)(?:\.env(?:\.[\w.-]+)?|\.netrc|\.pgpass|\.npmrc|\.pypirc|\.htpasswd|\.git-credentials"
    r"|id_(?:rsa|dsa|ecdsa|ed25519)|kubeconfig|credentials(?:\.json|\.ya?ml|\.toml)?"
    r"|secrets?\.(?:json|ya?ml|toml|env|ini)|service[_-]account[\w-]*\.json"
    r"|[^/]+\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ovpn|tfvars))$",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return the text with everything that looks like a secret replaced by ``[redacted]``."""
    text = _SHAPES.sub(REDACTED, text)
    text = _URL_PASSWORD.sub(rf"\1:{REDACTED}", text)
    text = _URL_TOKEN.sub(REDACTED, text)
    text = _HEADER.sub(rf"\1{REDACTED}", text)
    return _redact_assignments(text)


def redact_url(url: str) -> str:
    """Return an address without user, password and query."""
    if "://" not in url:
        # The short form of ssh, user@host:path, cannot hold a password.
        return redact(url)
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return REDACTED
    user = parts.username if parts.scheme.endswith("ssh") else None
    return urlunsplit((parts.scheme, f"{user}@{host}" if user else host, parts.path, "", ""))


def redact_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return variables with their secret values replaced, known by name or by shape."""
    return {
        name: REDACTED if value and is_secret_name(name) else redact(value)
        for name, value in variables.items()
    }


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name holds a secret."""
    return _SECRET_NAME.search(name) is not None


def is_secret_file(path: str) -> bool:
    """Whether a file of this name holds secrets, so that nothing of it may be kept."""
    return _SECRET_FILE.search(path) is not None


def _redact_assignments(text: str) -> str:
    pieces = []
    done = 0
    for word in _WORD.finditer(text):
        if word.start() < done:
            continue
        span = _value(text, word)
        if span is not None:
            pieces += [text[done : span[0]], REDACTED]
            done = span[1]
    return "".join([*pieces, text[done:]])


def _value(text: str, word: re.Match[str]) -> tuple[int, int] | None:
    match = _QUOTED.match(text, word.end())
    if match is not None:
        value = match["value"]
        broken = "\n" in value and len(match[1]) == 1
        return None if broken or _is_harmless(value) else match.span("value")
    match = _BARE.match(text, word.end())
    # A bracket right behind it makes it a piece of program, which computes its value.
    if match is None or text[match.end() : match.end() + 1] in {"(", "[", "{", "<", "$", "`"}:
        return None
    before = _BARE_BEFORE if match["between"].strip() else _SPACE_BEFORE
    if not before.search(text, max(0, word.start() - 80), word.start()):
        return None
    value = match["value"]
    return None if _is_harmless(value) or _CODE.fullmatch(value) else match.span("value")


def _is_harmless(value: str) -> bool:
    return (
        value.startswith(REDACTED)
        or _PLACEHOLDER.fullmatch(value) is not None
        or not any(character.isalnum() for character in value)
    )
