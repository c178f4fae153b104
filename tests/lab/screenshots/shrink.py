"""Make the screenshots small: 256 colours are enough for pages of text and lines."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

COLOURS = 256


def main(folder: Path) -> None:
    """Write each picture with a palette where that makes it smaller."""
    for path in sorted(folder.rglob("*.png")):
        with Image.open(path) as picture:
            if picture.mode == "P":
                continue
            small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        before = path.stat().st_size
        made = path.with_suffix(".small")
        small.save(made, format="PNG", optimize=True)
        if made.stat().st_size < before:
            made.replace(path)
        else:
            made.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
