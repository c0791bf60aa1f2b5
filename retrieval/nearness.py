"""How near a word stands to another: what counts of a match, by the words between."""

import numpy as np

REACH = 6  # words on each side of a matched word that are near it
WEIGHTS = (1 - np.abs(np.arange(-REACH, REACH + 1)) / (REACH + 1)).astype(np.float32)  # from the farthest before it on
