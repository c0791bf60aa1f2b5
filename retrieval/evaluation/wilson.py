"""The interval of a share that was counted (Wilson 1927): sound for few questions too, and for shares near 0 and 1."""

import math

_QUANTILE = 1.96  # of the normal distribution, for 95 %


def wilson_interval(part: int, of: int) -> tuple[float, float]:
    """Return between which shares, 0 to 1, the true one lies with 95 % confidence; `of` > 0."""
    share, weight = part / of, _QUANTILE**2 / of
    middle = (share + weight / 2) / (1 + weight)
    half = _QUANTILE * math.sqrt(share * (1 - share) / of + weight / of / 4) / (1 + weight)
    return max(middle - half, 0.0), min(middle + half, 1.0)
