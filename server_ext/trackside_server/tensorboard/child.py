"""Runs TensorBoard for one board: the process that `process.py` starts.

It takes its wish as a line of JSON on standard input, so that the secret in it stands in no list of
processes, and ends when that input ends. So it never outlives the Jupyter server, whatever ended
that, and the folder of the board goes with it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from typing import Any
from urllib.parse import urlsplit


def main() -> None:
    """Serve until nobody wants it any more."""
    # Modules beside this file must not be taken for those that TensorBoard asks for.
    sys.path.pop(0)
    # What it and its plug-ins print is none of the answer, and nobody reads on after that.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    wish: dict[str, Any] = json.loads(sys.stdin.readline())
    watch = threading.Thread(target=_end_with_server, args=(wish["folder"],))
    watch.start()
    # On a machine with GPUs, TensorFlow would take hold of them.
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    from tensorboard import program

    board = program.TensorBoard()
    board.configure(
        argv=[
            "tensorboard",
            *("--logdir", wish["logdir"]),
            *("--host", "127.0.0.1"),
            *("--port", "0"),
            *("--path_prefix", wish["prefix"]),
            *("--reload_interval", "5"),
            *("--reload_multifile", "true"),
            # Its data server would listen on a port of its own, open to everybody on the machine.
            *("--load_fast", "false"),
        ]
    )
    port = urlsplit(board.launch()).port
    answer.write(json.dumps({"port": port}) + "\n")
    answer.close()
    watch.join()


def _end_with_server(folder: str) -> None:
    while sys.stdin.read(4096):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    try:
        main()
    except BaseException as error:  # noqa: BLE001 - whatever it was, it is told
        # The watch keeps the process alive otherwise.
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
