"""Reading metrics, steps and progress out of one printed line.

Pure and without memory: what a line means by itself. What it means after the lines before it
(which step, which epoch) is decided in `steps`.
"""

from __future__ import annotations

import json
import math
import re
import time
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from trackside_server.jobs.capture import values
from trackside_server.jobs.capture.positions import (
    Positions,
    find_positions,
    may_hold_position,
    row_number,
)
from trackside_server.jobs.capture.text import strip_ansi, unwrap
from trackside_server.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_LINE = 16_384
MAX_PROSE = 4_096
# A user's pattern may need time that grows with a power of the length.
MAX_PATTERN_LINE = 500
_SLOW_SECONDS = 0.2
_MAX_SLOW = 3
MAX_VALUES = 200

_STEP_KEYS = ("step", "global_step", "iteration", "iter", "it", "round", "episode", "batch")
_STAGES = "train|training|val|valid|validation|test|testing|eval|evaluation|dev"
_ATTACHED = frozenset(
    [*_STAGES.split("|"), "avg", "average", "mean", "best", "min", "max", "running", "final"]
)
_FILLERS = frozenset(
    ["and", "with", "the", "a", "an", "at", "in", "of", "for", "to", "got", "is", "current", "now"]
)
_NAME = r"[^\W\d]\w*(?:['@./\-%]\w+)*"
_PAIR = re.compile(
    rf"(?<![\w./\\@#$&?+\-=<>!~])(?P<name>{_NAME}(?:[ ]{_NAME}){{0,3}})[\"']?"
    r"(?:[ ]?\((?P<note>[^()]{1,12})\))?"
    r"(?P<sep>[ \t]{0,8}(?:=(?!=)|:)[ \t]{0,8})[\"']?\(?"
    rf"(?P<value>{values.NUMBER})(?:/(?P<of>\d+))?{values.SUFFIX}{values.END}"
)
# Names that need no sign between them and their value: "loss 0.52".
_KNOWN_WORDS = (
    "loss acc accuracy auc f1 error perplexity ppl rmse mae mse precision recall reward score lr"
).split()
_KNOWN = re.compile(
    r"(?<![\w./\\@#$&?+\-=<>!~])"
    rf"(?P<name>(?:[A-Za-z]{{1,12}}[ _/]){{0,2}}(?:{'|'.join(_KNOWN_WORDS)}|acc@\d))[ \t]{{1,8}}"
    rf"(?P<value>[+-]?\d+(?:\.\d+(?:[eE][+-]?\d+)?|[eE][+-]?\d+)){values.SUFFIX}{values.END}",
    re.IGNORECASE,
)
_STAGE = re.compile(rf"(?<![\w/])(?:{_STAGES})(?![\w/])", re.IGNORECASE)
_PROSE_AFTER = re.compile(r"[ \t]+[a-z]{2,}\b(?![ \t]*[:=\d(\[-])")
# A line of source code, as a traceback quotes it: width = 64 // hidden
_CODE_AFTER = re.compile(r"[ \t]+(?://|\*\*|[+/])[ \t]+[\w.()\[\]]+$")
_FILE = re.compile(r"\.(?:py[xi]?|c|cc|cpp|cu|h|js|ts|json|ya?ml|txt|csv|ipynb|so|log|md)$")
_ENVIRONMENT = re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+$")
_EXCEPTION = re.compile(r"(?:\w+\.)*\w+(?:Error|Exception|Warning|Interrupt):")
_CLOCKS = ("time", "timestamp", "ts", "created")
# Quick looks that spare most lines the search itself.
_HAS_NUMBER = re.compile(r"\d|[nN][aA][nN]|[iI][nN][fF]")
_HAS_PAIR = re.compile(
    r"=[ \t]*[\"'(]?[\d.+\-niNI]|:[ \t]+[\"'(]?[\d.+\-niNI]|\w[\"')]{0,2}:[\"'(]?[+-]?\d*\."
)
# All that has one, and little else: it begins with one of two signs, which are found at once.
_MAY_PAIR = re.compile(r"=[ \t]*[\"'(]?[\d.+\-niNI]|:[ \t]+[\"'(]?[\d.+\-niNI]|:[\"'(]?[+-]?\d*\.")


class Reading(Struct, frozen=True):
    """What one line says.

    Attributes
    ----------
    metrics
        Values by metric key.
    at
        Where the program said it was.
    left_out
        The first metric that was one too many for a line.
    """

    metrics: dict[str, float] = field(default_factory=dict)
    at: Positions = field(default_factory=lambda: Positions(rest=""))
    left_out: str | None = None


class Recogniser:
    """Reads lines.

    Parameters
    ----------
    pattern
        A compiled pattern of the user's (`patterns.compile_pattern`). With it, only what it
        matches is a metric.
    """

    def __init__(self, pattern: re.Pattern[str] | None = None) -> None:
        self._pattern = pattern
        self._slow = 0

    @property
    def gave_up(self) -> bool:
        """Whether the pattern took so long on some lines that it is not used any more."""
        return self._slow >= _MAX_SLOW

    def read(self, line: str) -> Reading | None:
        """Return what a line says, or None when it says nothing of interest."""
        text = strip_ansi(line[:MAX_LINE]).strip()
        if not text:
            return None
        if self._pattern is not None:
            return self._by_pattern(self._pattern, text[:MAX_PATTERN_LINE])
        record = _record(text) if "{" in text else None
        if record is not None:
            return _structured(*record)
        return _prose(text[:MAX_PROSE])

    def may_read(self, block: str) -> bool:
        """Return whether one of several lines may say something; most blocks of a log do not."""
        if self._pattern is not None or not block.replace("\n", " ").isprintable():
            return True
        if not _HAS_NUMBER.search(block):
            return False
        lower = block.lower()
        return (
            "{" in block
            # What is unwrapped may become a pair.
            or ("(" in block and ("=" in block or ":" in block))
            or _holds_one(lower, _KNOWN_WORDS)
            or may_hold_position(block, lower)
            or _MAY_PAIR.search(block) is not None
        )

    def _by_pattern(self, pattern: re.Pattern[str], text: str) -> Reading | None:
        if self.gave_up:
            return None
        # Of this thread: on a busy machine any line may take long.
        start = time.thread_time()
        reading = _by_pattern(pattern, text)
        if time.thread_time() - start > _SLOW_SECONDS:
            self._slow += 1
        return reading


def _record(text: str) -> tuple[str, dict[str, Any]] | None:
    """Return the JSON object (or dictionary as Python prints it) that ends a line, and the rest."""
    start = text.index("{")
    record = _parse(text[start:]) if text.endswith("}") else None
    return None if record is None else (text[:start], record)


def _structured(prefix: str, record: dict[str, Any]) -> Reading | None:
    metrics: dict[str, float] = {}
    steps: dict[str, float] = {}
    left_out: str | None = None
    for key, value in _numbers(record, ""):
        tail = key.rsplit("/", 1)[-1].lower()
        if tail == "epoch" or tail in _STEP_KEYS:
            steps.setdefault(tail, value)
        elif tail in _CLOCKS and value > 1e8:
            continue
        elif not values.is_setting(key) and (name := values.clean_key(key)):
            if name in metrics or len(metrics) < MAX_VALUES:
                metrics[name] = value
            else:
                left_out = left_out or name
    before = find_positions(prefix)
    step = next((steps[key] for key in _STEP_KEYS if key in steps), None)
    whole = int(step) if step is not None and math.isfinite(step) else before.step
    epoch = steps.get("epoch", before.epoch)
    if not metrics:
        message = next((record[k] for k in ("message", "msg", "event") if k in record), None)
        if isinstance(message, str) and "{" not in message:
            return _prose(message[:MAX_PROSE])
        if whole is None and epoch is None:
            return None
    at = Positions("", whole, before.step_total, epoch, before.epoch_total, before.bar)
    return Reading(metrics, at, left_out)


def _parse(text: str) -> dict[str, Any] | None:
    for candidate in (text, _as_json(text)):
        try:
            found = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        return found if isinstance(found, dict) else None
    return None


_LITERALS = {"None": "null", "True": "true", "False": "false", "nan": "NaN", "inf": "Infinity"}
_LITERAL = re.compile(r"(?<![\w'\"])(?:None|True|False|nan|inf)(?![\w'\"])")


def _as_json(text: str) -> str:
    """Turn a printed Python dictionary into JSON, as far as numbers go."""
    return _LITERAL.sub(lambda match: _LITERALS[match[0]], unwrap(text).replace("'", '"'))


def _numbers(record: dict[str, Any], prefix: str) -> Iterator[tuple[str, float]]:
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, (int, float)):
            try:
                yield name, float(value)
            except OverflowError:
                continue
        elif isinstance(value, str):
            if re.fullmatch(values.NUMBER, value):
                yield name, values.to_number(value)
        elif isinstance(value, dict) and prefix.count("/") < 3:
            yield from _numbers(value, f"{name}/")


def _prose(text: str) -> Reading | None:
    if not _HAS_NUMBER.search(text):
        return None
    printed, text = text, unwrap(text)
    lower = text.lower()
    is_known = _holds_one(lower, _KNOWN_WORDS)
    # Most lines of a log say nothing, and there may be millions of them.
    if not (is_known or may_hold_position(text, lower) or _MAY_PAIR.search(text)):
        return None
    if _EXCEPTION.match(printed):
        return None
    at = find_positions(text)
    metrics = _pairs(at.rest) if _HAS_PAIR.search(at.rest) else {}
    if is_known:
        for match in islice(_KNOWN.finditer(at.rest), MAX_VALUES):
            _keep(metrics, match["name"], match, at.rest)
    if at.step is None and at.epoch is None and at.bar is None:
        if not metrics:
            return None
        at = replace(at, step=row_number(text))
    return Reading(metrics, at)


def _holds_one(lower: str, words: Sequence[str]) -> bool:
    # A loop: it takes a fraction of what a generator or a regular expression does.
    for word in words:  # noqa: SIM110
        if word in lower:
            return True
    return False


def _pairs(text: str) -> dict[str, float]:
    metrics: dict[str, float] = {}
    for match in islice(_PAIR.finditer(text), MAX_VALUES):
        name = _name_of(match)
        if _is_measured(match, name, text):
            _keep(metrics, name, match, text)
    return metrics


def _keep(metrics: dict[str, float], name: str, match: re.Match[str], text: str) -> None:
    key = values.clean_key(name)
    if key is None or values.is_setting(key):
        return
    if key in metrics:
        # The same name for two stages: Train: loss 0.3 | Val: loss 0.4
        stages = _STAGE.findall(text, max(0, match.start() - 200), match.start())
        key = f"{stages[-1].lower()}_{key}" if stages else key
    groups = match.groupdict()
    value = values.to_number(match["value"], match["unit"])
    if (of := groups.get("of")) is not None:
        value = value / float(of) if float(of) else value
    metrics.setdefault(key, value)


def _name_of(match: re.Match[str]) -> str:
    words = match["name"].split(" ")
    if len(words) > 3 or ("=" in match["sep"] and match["sep"] == "="):
        # Too long for a name: the words before it belong to a sentence.
        first = len(words) - 1
        while first > 0 and words[first - 1].lower() in _ATTACHED:
            first -= 1
        words = words[first:]
    while len(words) > 1 and words[0].lower() in _FILLERS:
        words = words[1:]
    if re.fullmatch(r"(?i)error|warning|warn|info|debug|critical", words[0]):
        words = words[1:] if len(words) > 1 else words
    note = match["note"]
    if note and re.fullmatch(r"[A-Za-z]\w+", note) and not re.fullmatch(values.UNIT, note):
        words = [*words, note]
    return " ".join(words)


def _is_measured(match: re.Match[str], name: str, text: str) -> bool:
    value, of = match["value"], match["of"]
    whole = value.lstrip("+-").isdigit()
    if of is not None and not (whole and int(value) <= int(of)):
        return False
    if match["sep"].strip() == ":" and whole and of is None:
        if match["sep"].endswith(":"):
            return False  # file.py:12, host:8080
        if not match["unit"] and _PROSE_AFTER.match(text, match.end()):
            return False  # "found: 3 files"
    if match["sep"] == " = " and _CODE_AFTER.match(text, match.end()):
        return False
    if _FILE.search(name) or (whole and _ENVIRONMENT.match(name)):
        return False
    return not (match["sep"] == ":" and value.lower().startswith(("n", "i")))


def _by_pattern(pattern: re.Pattern[str], text: str) -> Reading | None:
    metrics: dict[str, float] = {}
    places: dict[str, float] = {}
    for match in pattern.finditer(text):
        groups = match.groupdict()
        if groups.get("name") and groups.get("value"):
            groups = {groups["name"]: groups["value"], **groups}
            del groups["name"], groups["value"]
        for name, raw in groups.items():
            number = re.match(rf"\s*({values.NUMBER}){values.SUFFIX}", raw) if raw else None
            if number is None:
                continue
            value = values.to_number(number[1], number["unit"])
            if name == "epoch" or name in _STEP_KEYS:
                places[name] = value
            elif key := values.clean_key(name):
                metrics[key] = value
    step = next((places[key] for key in _STEP_KEYS if key in places), None)
    if not metrics and not places:
        return None
    whole = int(step) if step is not None and math.isfinite(step) else None
    return Reading(metrics, Positions("", whole, None, places.get("epoch"), None))
