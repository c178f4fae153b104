"""Numbers and names as programs print them."""

from __future__ import annotations

import re
from functools import lru_cache

MAX_KEY = 250

# A comma groups thousands only where no list or decimal comma can be meant: 1,234 but not 0,123.
NUMBER = (
    r"[+-]?(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?(?![\d,])"
    r"|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
    r"|(?i:nan|inf(?:inity)?)\b)"
)
_PER = r"(?:/[A-Za-z]+)?"
UNIT = (
    r"(?:[%‰]|°?C|[munµ]?s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|[kKMGT]i?[bB]|[kMGTB]|bytes?"
    r"|x|it|img|imgs|images|samples?|ex|examples?|tok|tokens?|steps?|batch(?:es)?|fps|Hz|W|dB)"
)
SUFFIX = rf"(?:[ \t]?(?P<unit>{UNIT}{_PER}))?"
# What may follow a value: anything that would continue it (a date, an address, a version) may not.
END = r"(?=[\s,;|)\]}'\"]|\.?$|\.\s)"

_SCALE = {"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12}
_INVALID = re.compile(r"[^/\w.\- :]")
_BLANKS = re.compile(r"[\s_]*\s[\s_]*")

# Settings and facts of a process: numbers that do not change while it learns.
_NOT_METRICS = frozenset(
    (
        "version port pid ppid tid seed random_state line lineno rank local_rank world_size device "
        "gpu cuda id year month day date timestamp ts asctime created eta v_num thread process "
        "level levelno status code exit epochs n_epochs num_epochs max_epochs total_epochs steps "
        "max_steps num_steps total_steps max_iter n_iter iterations num_workers n_jobs batch_size "
        "parameters params remaining relativecreated msecs"
    ).split()
)
_NOT_MEASURED_ENDINGS = frozenset(
    "version port pid seed device gpu rank id parameters params workers".split()
)


def to_number(text: str, unit: str | None = None) -> float:
    """Return the value of a printed number; a unit of thousands counts, any other is dropped.

    Parameters
    ----------
    text
        What `NUMBER` matched.
    unit
        What `UNIT` matched after it.
    """
    value = float(text.replace(",", ""))
    scale = _SCALE.get(unit) if unit else None
    return value * scale if scale else value


@lru_cache(maxsize=4096)
def clean_key(name: str) -> str | None:
    """Return a name as a metric key that MLflow accepts, or None when nothing is left of it."""
    key = name.strip().replace("'", "").replace('"', "")
    key = _INVALID.sub("_", _BLANKS.sub("_", key))
    if "/" in key or "." in key:
        key = "/".join(part for part in key.split("/") if part.strip(".")).strip(". ")
    return key[:MAX_KEY].strip("_/ .:-") or None


@lru_cache(maxsize=4096)
def is_setting(key: str) -> bool:
    """Tell whether a key names a setting or a fact rather than something measured."""
    tail = key.rsplit("/", 1)[-1].lower()
    return tail in _NOT_METRICS or tail.rpartition("_")[2] in _NOT_MEASURED_ENDINGS
