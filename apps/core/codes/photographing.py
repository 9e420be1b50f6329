"""Bar codes in a photo, for browsers that cannot read them themselves."""

from typing import BinaryIO

import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

HEAVIEST = 15 * 1024 * 1024  # bytes of a photo; what phones make today weighs a third of it
_LONGEST_SIDE = 2400  # pixels; bars stay wide enough, and a photo of any size costs the same
_FORMATS = ("JPEG", "PNG", "WEBP")


class UnreadablePhoto(ValueError):
    """The file is no photo that can be read."""


def codes_in(photo: BinaryIO) -> list[str]:
    """The texts of the codes in a photo, in no particular order; none where none can be made out. Raises UnreadablePhoto."""
    try:
        with Image.open(photo, formats=_FORMATS) as picture:
            picture.draft("L", (_LONGEST_SIDE, _LONGEST_SIDE))  # a JPEG need not be unpacked in full
            grey = ImageOps.exif_transpose(picture).convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnreadablePhoto from error
    grey.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    found = zxingcpp.read_barcodes(grey)
    return list(dict.fromkeys(code.text for code in found if code.valid and code.text))
