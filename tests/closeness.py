"""How close two results in floating point must be that mathematics says are equal.

A processor adds the terms of a sum in its own order, several at a time, and rounds a product and
its addition once or twice: results over the same numbers agree but for their rounding. However n
terms are ordered, two sums of them lie within n·ε of their magnitude (Higham, Accuracy and
Stability of Numerical Algorithms, 2002, section 4.2), where ε is 1.2e-7 in float32. Bits are equal
where numbers are copied, looked up or counted; where they are added up, tests ask for this bound.
"""

import numpy as np

# A number of the tests' small models is a chain of sums: over some ten tokens, through two layers,
# of up to 64 products each. The bound for 1000 terms is 1.2e-4 of the magnitude.
TERMS = 1000


def rounding(terms=TERMS, magnitude=1.0):
    """How far two float32 sums of the same terms may lie apart.

    Args:
        terms: int, how many numbers are added up, in a chain of sums those of all.
        magnitude: float, the size of what is added up.

    Returns:
        float.
    """
    return float(terms * np.finfo("float32").eps * magnitude)


def assert_close(found, expected, terms=TERMS):
    """Two arrays hold the same numbers but for the rounding of sums.

    The magnitude is that of the largest number expected, and at least 1: a number near zero is
    what is left of larger ones.

    Args:
        found, expected: arrays or scalars of one shape.
        terms: int, as for `rounding`.
    """
    expected = np.asarray(expected)
    magnitude = np.abs(expected[np.isfinite(expected)]).max(initial=1.0)
    np.testing.assert_allclose(found, expected, rtol=0, atol=rounding(terms, magnitude))


def assert_unmoved(moved, effect, terms=TERMS):
    """What should not matter moved no more than rounding does; what should matter, ten times that.

    Args:
        moved: array, what changed where nothing should have.
        effect: array, what changed where something should have.
        terms: int, as for `rounding`.
    """
    bound = rounding(terms)
    moved, effect = np.abs(moved).max(initial=0.0), np.abs(effect).min()
    assert moved < bound, f"{moved:.1e} is more than rounding, {bound:.1e}"
    assert effect > 10 * bound, f"{effect:.1e} is not far above rounding, {bound:.1e}"
