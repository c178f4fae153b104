"""Where a program says it is: steps, epochs, fractions and progress bars."""

from __future__ import annotations

import re

from msgspec import Struct

_WORDS = r"global[_ ]?step|step|iteration|iter|it|round|episode|epoch|ep|batch"
_NAMED = re.compile(
    rf"(?<![\w/.\-])(?<!per )(?P<word>{_WORDS})(?:\(\w{{1,12}}\))?"
    r"(?P<colon>\s{0,4}[:=#]\s{0,4}|\s{1,4})?"
    r"(?P<open>[\[(]?)\s{0,4}(?P<value>\d{1,15}(?:\.\d{1,6})?)(?![\w.]*[\w%])[\])]?"
    r"(?:\s{0,4}(?:/|of)\s{0,4}\[?(?P<total>\d{1,15})(?![\w./%\-:]*\w)[\])]?)?",
    re.IGNORECASE,
)
_BRACKETED = re.compile(
    r"[\[(]\s{0,8}(?P<value>\d{1,15})\s{0,4}/\s{0,4}(?P<total>\d{1,15})(?=[\s\])])"
)
_TQDM = re.compile(
    r"(?P<label>[^|]{0,200}?)(?P<percent>\d{1,3})%\|[^|]{0,300}\|\s{0,8}"
    r"(?P<value>[\d.]+)(?P<unit>[kMGT]?)/(?P<total>[\d.]+)(?P<total_unit>[kMGT]?)[^\[]{0,40}"
    r"\[(?P<clock>[^\]]*)\]?"
)
_TQDM_OPEN = re.compile(
    r"(?P<label>[^|]{0,200}?)(?<![\w.])(?P<value>\d{1,15})\w{1,12} "
    r"\[(?P<clock>\d+:\d\d[^\]]*)\]?"
)
_KERAS = re.compile(
    r"\s{0,8}(?P<value>\d{1,15})/(?P<total>\d{1,15}|Unknown)\s{1,8}(?:[━╺╸]|\[[=>.]|-\s)"
)
_ROW = re.compile(r"\[(?P<bracket>\d{1,15})\]\s|(?P<bare>\d{1,15}):\s")
_BYTES = re.compile(r"[kMGT]?i?B/s|s/[kMGT]?i?B\b")
_FRACTION = re.compile(r"^\s{0,8}\d{1,15}/", re.MULTILINE)
_SHORT = re.compile(r"(?:it|ep)(?:\(\w{1,12}\))?\s{0,4}[:=#]")
_SI = {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


class Bar(Struct, frozen=True):
    """A place in a sequence that may begin again: batch 9 of 20 in each epoch.

    Attributes
    ----------
    label
        Tells bars apart that are drawn at the same time.
    drawn
        Whether it is drawn again and again, rather than printed once at each place.
    """

    value: float
    total: float | None
    label: str = ""
    drawn: bool = False


class Positions(Struct, frozen=True):
    """What a line says about where the program is, and the text that is left without it."""

    rest: str
    step: int | None = None
    step_total: int | None = None
    epoch: float | None = None
    epoch_total: int | None = None
    bar: Bar | None = None


def may_hold_position(text: str, lower: str) -> bool:
    """Return whether text is worth a search for places; little is, and this takes no time.

    Parameters
    ----------
    text, lower
        Lines, and these in lower case.
    """
    return (
        "step" in lower
        or "epoch" in lower
        or "iter" in lower
        or "batch" in lower
        or "round" in lower
        or "episode" in lower
        # What is drawn beside a bar, and the words that need a sign behind them.
        or "%|" in text
        or "it/s" in text
        or "s/it" in text
        or _SHORT.search(lower) is not None
        or ("/" in text and _FRACTION.search(text) is not None)
    )


def find_positions(text: str) -> Positions:
    """Return where the program is according to one line."""
    return _tqdm(text) or _keras(text) or _words(text)


def row_number(text: str) -> int | None:
    """Return the number that a line of a table begins with: ``[10] train-rmse:0.3``."""
    match = _ROW.match(text)
    return int(match["bracket"] or match["bare"]) if match else None


def _tqdm(text: str) -> Positions | None:
    match = _TQDM.match(text) if "%|" in text else None
    if match is None:
        match = _TQDM_OPEN.match(text) if "it/s" in text or "s/it" in text else None
        if match is None:
            return None
        value, total = float(match["value"]), None
    else:
        try:
            value = float(match["value"]) * _SI[match["unit"]]
            total = float(match["total"]) * _SI[match["total_unit"]] or None
        except ValueError:
            return None
    label = match["label"].strip().rstrip(":").strip()
    rest = f"{label}, {match['clock']}{text[match.end() :]}"
    if _BYTES.search(match["clock"]):
        # A download: it says nothing about the training.
        return Positions(rest="")
    named = _words(rest)
    name = re.sub(r"[\d.,=\s]+", " ", label.split("=")[0])[:40].strip()
    return Positions(
        rest=named.rest,
        epoch=named.epoch,
        epoch_total=named.epoch_total,
        bar=Bar(value, total, name, drawn=True),
    )


def _keras(text: str) -> Positions | None:
    match = _KERAS.match(text)
    if match is None:
        return None
    total = None if match["total"] == "Unknown" else float(match["total"])
    return Positions(rest=text[match.end() :], bar=Bar(float(match["value"]), total))


def _words(text: str) -> Positions:
    step: tuple[int, int | None] | None = None
    epoch: tuple[float, int | None] | None = None
    batch: Bar | None = None
    inner = False
    kept: list[str] = []
    end = 0
    for match in _NAMED.finditer(text):
        word = match["word"].lower()
        if not _is_position(match, word):
            continue
        total = int(match["total"]) if match["total"] else None
        if word in ("epoch", "ep"):
            epoch = epoch or (float(match["value"]), total)
        elif "." in match["value"]:
            continue
        elif word == "batch":
            batch = batch or Bar(float(match["value"]), float(total) if total else None, "batch")
        elif step is None or word.endswith("step"):
            step = (int(match["value"]), total)
            inner = not word.endswith("step") or total is not None
        kept.append(text[end : match.start()])
        end = match.end()
    rest = " ; ".join([*kept, text[end:]]) if kept else text
    if epoch is not None:
        if step is not None and inner:
            # Counts within an epoch begin again with the next one.
            batch = Bar(float(step[0]), float(step[1]) if step[1] else None, "step")
            step = None
        if step is None and batch is None and (bracket := _BRACKETED.search(rest)):
            batch = Bar(float(bracket["value"]), float(bracket["total"]) or None, "batch")
            rest = rest[: bracket.start()] + rest[bracket.end() :]
    return Positions(
        rest=rest,
        step=step[0] if step else None,
        step_total=step[1] if step else None,
        epoch=epoch[0] if epoch else None,
        epoch_total=epoch[1] if epoch else None,
        bar=batch,
    )


def _is_position(match: re.Match[str], word: str) -> bool:
    separated = match["colon"] or match["open"]
    if word in ("it", "ep"):
        return bool(match["colon"] and match["colon"].strip())
    return bool(separated)
