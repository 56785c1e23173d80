"""The error of word alignments against gold ones."""

from kerasseq.metrics.checks import check_aligned
from kerasseq.processing.word_links import parse_links


def alignment_error_rate(links, sure, possible=None):
    """`AER = 1 - (|A ∩ S| + |A ∩ P|) / (|A| + |S|)` (Och and Ney 2003), over all pairs.

    `A` are the links that were found, `S` the sure links of people who aligned the pairs, all of
    which should be found, and `P` these and the possible ones, which may be.

    Args:
        links: list of the links of each pair: a str in Pharaoh's format, or an iterable of
            `(source, target)` positions.
        sure: list of the same, as long; of a str "0?1" and "0p1" are possible links.
        possible: list of the same, further possible links; None for none.

    Returns:
        float from 0 to 1, less is better; 0 where there is no link at all.

    Raises:
        ValueError: when the lists differ in length or are empty, for a str that is not in
            Pharaoh's format, or possible links among those that were found.
    """
    links, sure = check_aligned(links, sure, "alignments")
    further = (
        [()] * len(sure) if possible is None else check_aligned(possible, sure, "alignments")[0]
    )
    hits = total = 0
    for number, row in enumerate(zip(links, sure, further, strict=True), 1):
        (found, unsure), (must, may), others = (_parsed(each, f"pair {number}") for each in row)
        if unsure:
            raise ValueError(
                f"Expected links that were found in pair {number}, as 0-1; received possible ones, "
                "as 0?1. Give the gold alignments second."
            )
        may = may | must | others[0] | others[1]
        hits += len(found & must) + len(found & may)
        total += len(found) + len(must)
    return 1 - hits / total if total else 0.0


def _parsed(links, where):
    """Two sets, the sure links and the possible ones."""
    if isinstance(links, str):
        sure, possible = parse_links(links, where)
        return set(sure), set(possible)
    return {(int(source), int(target)) for source, target in links}, set()
