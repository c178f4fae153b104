"""The one line that greets after ``%load_ext trackside``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trackside._client import get_client
from trackside._display import bundle, live, words
from trackside._errors import TracksideError
from trackside._text import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def show_banner() -> None:
    """Show where jobs run, or why they cannot."""
    try:
        info = get_client().api("GET", "info", timeout=10.0)
    except TracksideError as error:
        live.publish({"text/plain": f"Trackside · {error}"})
        return
    live.publish(bundle.of_banner(banner(info)))
    for notice in (info.get("store") or {}).get("notices") or ():
        live.publish({"text/plain": words.clean(notice, 500)})


def banner(info: Mapping[str, Any]) -> str:
    """Return where jobs run, in one line."""
    places = " or ".join(_place(runner) for runner in info.get("runners") or ())
    return f"Trackside · runs on {places}" if places else "Trackside · no place to run jobs"


def _place(runner: Mapping[str, Any]) -> str:
    if not runner.get("cpus"):
        # A cluster tells what it has when it is asked for that; greeting does not wait for it.
        return words.clean(runner["label"])
    has = [plural(int(runner["cpus"]), "CPU"), _gpus(runner.get("gpus") or [])]
    return f"{words.clean(runner['label'])} ({', '.join(has)})"


def _gpus(gpus: Sequence[Mapping[str, Any]]) -> str:
    if not gpus:
        return "no GPU"
    names = {str(gpu["name"]) for gpu in gpus}
    name = words.clean(names.pop()) if len(names) == 1 else "GPUs"
    free = sum(1 for gpu in gpus if not gpu.get("in_use_by"))
    return f"{free} of {len(gpus)} {name} free"
