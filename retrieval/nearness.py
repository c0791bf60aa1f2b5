"""Where words match -> how near every word is to a match."""

import math

import numpy as np

from retrieval.evidence import Floats

REACH = 6  # words on each side of a matched word that are near it
_STEPS = np.arange(-REACH, REACH + 1)
_WEIGHTS = (1 - np.abs(_STEPS) / (REACH + 1)).astype(np.float32)


def nearness(matches: Floats) -> Floats:
    """Give how near each word of a sentence is to a match, 1 at the match itself; both of shape (T, L, ...).

    Few words match, so each match is added to the places around it, in a copy with room for them at both ends.
    """
    terms, words, *rest = matches.shape
    room = np.zeros((terms, words + 2 * REACH, *rest), np.float32)
    step = math.prod(rest)
    at = np.flatnonzero(matches > 0)
    places = at + step * REACH * (1 + 2 * (at // max(step * words, 1)))
    around = (places[:, None] + step * _STEPS).ravel()
    np.maximum.at(room.reshape(-1), around, (matches.reshape(-1)[at][:, None] * _WEIGHTS).ravel())
    return room[:, REACH : REACH + words]
