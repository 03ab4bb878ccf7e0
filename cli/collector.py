"""Python's garbage collector, as the parts run with it."""

import gc
from typing import Final

YOUNG_OBJECTS: Final = 5_000
"""New objects until the young ones are looked at (Python's own: 700). What a reading makes is in no circle: four
seconds of the engine's benchmark had 1,200 collections, which took 0.1 s and found nothing; now four, in 0.01 s."""


def settle() -> None:
    """Keep what there is by now, above all what is imported, out of every later collection; collect less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)
