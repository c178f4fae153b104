"""Writing a document of plain values as YAML that people can read, in the order given."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

# A word that YAML reads as a text, whatever its version.
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]*[A-Za-z0-9_]|[A-Za-z]")
_OTHER_MEANING = re.compile(r"true|false|yes|no|on|off|y|n|null|none|nan|inf", re.IGNORECASE)
# What may stand in a block of lines as it is.
_BLOCK = re.compile(r"[\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


def document(value: Mapping[str, object], *, comment: str = "") -> str:
    """Return a document.

    Parameters
    ----------
    value
        Dictionaries with texts as keys, lists, texts, numbers, booleans and None.
    comment
        Lines that stand on top.
    """
    top = "".join(f"# {line}\n" for line in comment.splitlines())
    return top + "\n".join(_mapping(value)) + "\n"


def _mapping(value: Mapping[str, object]) -> list[str]:
    lines: list[str] = []
    for key, item in value.items():
        name = _text(key)
        lines += _behind(f"{name}:", item, indent="  ")
    return lines


def _sequence(value: Sequence[object]) -> list[str]:
    lines: list[str] = []
    for item in value:
        if isinstance(item, Mapping) and item:
            first, *rest = _mapping(item)
            lines += [f"- {first}", *(f"  {line}" if line else line for line in rest)]
        else:
            lines += _behind("-", item, indent="  ")
    return lines


def _behind(head: str, item: object, *, indent: str) -> list[str]:
    if isinstance(item, Mapping) and item:
        return [head, *_indented(_mapping(item), indent)]
    if isinstance(item, list | tuple) and item:
        return [head, *_indented(_sequence(item), "" if head != "-" else indent)]
    if isinstance(item, str) and _may_be_block(item):
        chomp = "" if item.endswith("\n") else "-"
        return [f"{head} |{chomp}", *_indented(item.removesuffix("\n").split("\n"), indent)]
    return [f"{head} {_scalar(item)}"]


def _indented(lines: list[str], indent: str) -> list[str]:
    return [indent + line if line else line for line in lines]


def _may_be_block(text: str) -> bool:
    return (
        "\n" in text.removesuffix("\n")
        and not text.startswith((" ", "\t", "\n"))
        and not text.endswith("\n\n")
        and all(not line or line.strip() for line in text.split("\n"))
        and _BLOCK.fullmatch(text) is not None
    )


def _scalar(item: object) -> str:
    if isinstance(item, str):
        return _text(item)
    if isinstance(item, Mapping):
        return "{}"
    if isinstance(item, list | tuple):
        return "[]"
    return _number(item) if isinstance(item, float) else json.dumps(item)


def _number(value: float) -> str:
    # Readers of YAML 1.1 take 1e-05 for a text: they want a point before the exponent.
    text = json.dumps(value, allow_nan=False)
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def _text(text: str) -> str:
    if _WORD.fullmatch(text) and not _OTHER_MEANING.fullmatch(text):
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(letter if _BLOCK.fullmatch(letter) else _escaped(letter) for letter in quoted)


def _escaped(letter: str) -> str:
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}"
