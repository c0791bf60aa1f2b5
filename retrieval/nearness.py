"""Where words match -> how near every word is to a match."""

import numpy as np

from retrieval.evidence import Floats

REACH = 6  # words on each side of a matched word that are near it


def nearness(matches: Floats) -> Floats:
    """Give how near each word of a sentence is to a match, 1 at the match itself; both of shape (..., L)."""
    found = matches.copy()
    for step in range(1, min(REACH + 1, matches.shape[-1])):
        near = np.float32(1 - step / (REACH + 1)) * matches
        np.maximum(found[..., step:], near[..., :-step], out=found[..., step:])
        np.maximum(found[..., :-step], near[..., step:], out=found[..., :-step])
    return found
