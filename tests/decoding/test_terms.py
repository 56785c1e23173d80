"""Terms in a beam, against exhaustive search, by scripted steps."""

import numpy as np
import pytest
from keras import ops
from scripted_model import END, VOCABULARY, HistoryModel, every_hypothesis, run

from closeness import assert_close
from kerasseq.decoding import Beam
from kerasseq.decoding.banks import banked
from kerasseq.decoding.next_tokens import NEVER
from kerasseq.decoding.terms import LONGEST, Terms
from kerasseq.decoding.unwanted import WIDEST
from kerasseq.text.spelling import IN_WORD, Spelling

# 4 and 5 are words, 6 a mark, and 7 goes on with a word.
WRITTEN = {4: " ab", 5: " b", 6: ",", 7: "b"}


def spelled(written=WRITTEN):
    codes = np.zeros((VOCABULARY, 4), "int32")
    for token, text in written.items():
        for place, letter in enumerate(text):
            codes[token, place] = ord(letter) + IN_WORD * letter.isalpha()
    lengths = (codes > 0).sum(axis=1).astype("int32")
    last = [bool(length) and codes[i, length - 1] >= IN_WORD for i, length in enumerate(lengths)]
    return Spelling(codes, lengths, codes[:, 0] >= IN_WORD, np.array(last))


def terms(wanted, unwanted=None, least=0, written=WRITTEN):
    """Terms of lists, for each row, of terms, lists of phrases of tokens; and of str."""
    count = max(least, *(sum(map(len, row)) for row in wanted))
    owners = np.zeros((len(wanted), count), "int32")
    phrases = np.zeros((len(wanted), count, LONGEST), "int32")
    for row, own in enumerate(wanted):
        listed = [(n, phrase) for n, term in enumerate(own, 1) for phrase in term]
        for i, (n, phrase) in enumerate(listed):
            owners[row, i] = n
            phrases[row, i, : len(phrase)] = phrase
    given = [owners, phrases.reshape(len(owners), -1)]
    if unwanted is not None:
        sizes = np.zeros((len(unwanted), max(map(len, unwanted))), "int32")
        codes = np.zeros((*sizes.shape, WIDEST), "int32")
        for row, own in enumerate(unwanted):
            for i, text in enumerate(own):
                letters = [ord(letter) + IN_WORD * letter.isalpha() for letter in text]
                sizes[row, i] = len(letters)
                codes[row, i, WIDEST - len(letters) :] = letters
        given += [sizes, codes.reshape(len(codes), -1)]
    owners, phrases, *others = map(ops.convert_to_tensor, given)
    return Terms(owners, phrases, spelled(written), *others)


def text_of(tokens, written=WRITTEN):
    return "".join(written.get(int(token), "") for token in tokens)


def words_of(text):
    """Whether a word stands in a text, or several: as whole words."""
    return f" {text.replace(',', ' , ')} ".replace("  ", " ")


def stands(term, text):
    return words_of(term) in words_of(text)


def has(tokens, wanted):
    """Whether tokens have, of each term, one phrase as whole words."""
    tokens = [0, *tokens, 0]
    return all(
        any(
            tokens[i : i + len(phrase)] == phrase
            and not (phrase[0] == 7 and tokens[i - 1] in (4, 5, 7))
            and not (phrase[-1] != 6 and tokens[i + len(phrase)] == 7)
            for phrase in term
            for i in range(1, len(tokens) - len(phrase))
        )
        for term in wanted
    )


WANTED = [
    [[[4]]], [[[5]]], [[[7]]], [[[4, 7]]], [[[4, 5]]], [[[6]], [[5]]], [[[4], [5]]], [],
    [[[5, 5]]], [[[4]], [[5]]],
]  # fmt: skip


def exhaustive(model, row, max_length, allowed):
    found = [
        (score, words) for words, score in every_hypothesis(model, row, max_length)
        if allowed(words)
    ]  # fmt: skip
    return max(found)


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("max_length", [3, 6])
def test_every_hypothesis_that_a_beam_prefers_has_its_terms(size, max_length):
    model = HistoryModel(len(WANTED), 5, seed=max_length)
    plain = run(Beam(size, 0.0), model, max_length)
    found = run(Beam(size, 0.0), model, max_length, terms=terms(WANTED))
    differ = 0
    for row, wanted in enumerate(WANTED):
        words = [int(t) for t in found[0][row, 0] if t]
        assert has(words, wanted), (row, words)
        for term in wanted:
            assert any(stands(text_of(phrase), text_of(words)) for phrase in term)
        assert_close(found[2][row, 0], sum(
            model.log_p(row, words[:i])[t] for i, t in enumerate(words)
        ))  # fmt: skip
        differ += words != [int(t) for t in plain[0][row, 0] if t]
    assert differ > 3


def test_a_beam_that_holds_everything_finds_the_best():
    class Few(HistoryModel):
        def __init__(self, rows, steps, seed=0):
            super().__init__(rows, steps, seed)
            self.table[..., 6] = -50.0

    for seed in range(3):
        model = Few(len(WANTED), 4, seed)
        model.table[..., END] += 1.0
        wanted = [own if [[6]] not in own else [] for own in WANTED]
        found = run(Beam(8, 0.0), model, 3, terms=terms(wanted))
        for row, own in enumerate(wanted):
            score, words = exhaustive(model, row, 3, lambda each, own=own: has(each, own))
            assert [t for t in found[0][row, 0] if t] == words, (seed, row, own)
            assert_close(found[2][row, 0], score)


def test_no_terms_change_nothing():
    model = HistoryModel(6, 5, seed=4)
    for search in (Beam(3, n_best=3), Beam(5, 0.6, coverage_penalty=0.2), Beam(1)):
        plain = run(search, model, 5)
        for given in (terms([[]] * 6, least=2), terms([[]] * 6, [["zz"]] * 6, least=1)):
            found = run(search, model, 5, terms=given)
            np.testing.assert_array_equal(found[0], plain[0])
            assert_close(found[2], plain[2])


UNWANTED = [["ab"], ["b"], ["abb"], ["ab b"], [","], ["b", "ab"], [], ["b,"]]


@pytest.mark.parametrize("size", [1, 2, 5])
def test_unwanted_terms_never_stand_in_a_text(size):
    model = HistoryModel(len(UNWANTED), 5, seed=7)
    plain = run(Beam(size, n_best=size), model, 5)[0]
    held = [[any(stands(t, text_of(n)) for t in own) for n in plain[row]]
            for row, own in enumerate(UNWANTED)]  # fmt: skip
    assert np.any(held)
    given = terms([[]] * len(UNWANTED), UNWANTED, least=1)
    tokens, _, scores, _ = run(Beam(size, n_best=size), model, 5, terms=given)
    for row, own in enumerate(UNWANTED):
        assert scores[row, 0] > -1e3, own
        for words in tokens[row]:
            assert not any(stands(term, text_of(words)) for term in own), (own, words)
    tokens, _, scores, _ = run(Beam(8, 0.0), model, 2, terms=given)
    for row, own in enumerate(UNWANTED):
        score, words = exhaustive(
            model, row, 2,
            lambda each, own=own: not any(stands(t, text_of(each)) for t in own),
        )  # fmt: skip
        assert [t for t in tokens[row, 0] if t] == words, (row, own)
        assert_close(scores[row, 0], score)


def test_a_source_does_not_depend_on_the_terms_of_others():
    model = HistoryModel(4, 5, seed=11)
    wanted, unwanted = [[], [[[4]], [[5]]], [], []], [["zz"], ["zz"], ["zz"], ["ab"]]
    plain = run(Beam(3, n_best=3), model, 5)
    found = run(Beam(3, n_best=3), model, 5, terms=terms(wanted, unwanted))
    for row in (0, 2):
        np.testing.assert_array_equal(found[0][row], plain[0][row])
        assert_close(found[2][row], plain[2][row])
    for row in (1, 3):
        own = [each if i == row else [] for i, each in enumerate(wanted)]
        other = [each if i == row else [] for i, each in enumerate(unwanted)]
        alone = run(Beam(3, n_best=3), model, 5, terms=terms(own, other, least=1))
        np.testing.assert_array_equal(alone[0][row], found[0][row])
        assert_close(alone[2][row], found[2][row])


def test_a_beam_without_wanted_terms_has_no_room_for_them_and_answers_alike():
    model = HistoryModel(4, 5, seed=14)
    alike = terms([[]] * 4, [["b"], ["ab"], [","], []], least=1)
    spare = Terms(
        None, None, spelled(), alike.unwanted.sizes, ops.reshape(alike.unwanted.codes, (4, -1))
    )
    assert (alike.room, spare.room) == (2, 0)
    for size in (1, 3, 5):
        found, expected = (
            run(Beam(size, n_best=size), model, 5, terms=given) for given in (spare, alike)
        )
        np.testing.assert_array_equal(found[0], expected[0])
        assert_close(found[2], expected[2])


def test_what_cannot_be_met_leaves_the_best_that_can_be():
    model = HistoryModel(2, 4, seed=12)
    given = terms([[[[4]], [[4, 4, 4, 4, 4]]], [[[5]]]], [[], ["b"]], least=1)
    tokens, _, scores, _ = run(Beam(4, 0.0), model, 3, terms=given)
    assert has([int(t) for t in tokens[0, 0]], [[[4]]])
    assert not stands("b", text_of(tokens[1, 0]))
    for row in range(2):
        words = [int(t) for t in tokens[row, 0] if t]
        total = sum(model.log_p(row, words[:i])[t] for i, t in enumerate(words))
        assert_close(scores[row, 0], total)


@pytest.mark.parametrize("size", [2, 5])
def test_unwanted_terms_never_end_within_a_token(size):
    written = {4: " ab,", 5: " b", 6: ",b", 7: "b"}
    asked = [["ab"], ["b"], ["b,b"], [","], ["abb"], []]
    model = HistoryModel(len(asked), 5, seed=13)
    plain = run(Beam(size, n_best=size), model, 5)[0]
    given = terms([[]] * len(asked), asked, least=1, written=written)
    tokens = run(Beam(size, n_best=size), model, 5, terms=given)[0]
    np.testing.assert_array_equal(tokens[-1], plain[-1])
    found = [
        [any(stands(t, text_of(words, written)) for words in each[row] for t in own)
         for row, own in enumerate(asked)]
        for each in (plain, tokens)
    ]  # fmt: skip
    assert sum(found[0]) > 2 and not any(found[1])


@pytest.mark.parametrize("size", [1, 3])
@pytest.mark.parametrize("max_length", [5, 6, 8])
def test_terms_are_begun_while_there_is_room_for_all_of_them(size, max_length):
    model = HistoryModel(8, 6, seed=max_length)
    model.table[..., 4:6] -= 6.0  # which the model would rather not write
    model.table[..., 7] += 20.0  # and this, which goes on with a word, behind everything
    wanted = [[[[4, 5, 4]], [[5, 5]]], [[[4]], [[5, 5], [5, 4, 4]], [[6]]]] * 4
    found = run(Beam(size, 0.0), model, max_length, terms=terms(wanted))
    for row, own in enumerate(wanted):
        assert has([int(t) for t in found[0][row, 0] if t], own), (row, found[0][row, 0])


@pytest.mark.parametrize("size", [1, 4])
@pytest.mark.parametrize(
    ("prefix", "unwanted"),
    [
        ((4, 5, 6), ["ab", "b"]),  # within it
        ((5, 6), [","]), ((5, 6), ["b,"]), ((4, 6, 5, 6), [","]),  # at its end
        ((6, 7, 4), ["b"]),  # within one of its tokens
    ],
)  # fmt: skip
def test_what_is_given_stands_though_it_is_unwanted(size, prefix, unwanted):
    written = WRITTEN | {7: "b,b"} if prefix[1] == 7 else WRITTEN
    model = HistoryModel(3, 6, seed=15)
    model.table[2, ..., END] += 9.0  # which ends behind it
    search = Beam(size, 0.0)
    for force, most in ((False, 6), (True, len(prefix) + 1)):
        given = terms([[]] * 3, [unwanted, ["zz"], unwanted], least=1, written=written)
        search = search.replace(force_end=force)
        tokens, lengths, scores, _ = run(search, model, most, prefix=prefix, terms=given)
        plain = run(search, model, most, prefix=prefix)
        assert (tokens[:, 0, : len(prefix)] == prefix).all()
        for row in range(3):
            words = [int(t) for t in tokens[row, 0, : lengths[row, 0]]]
            asked = words[len(prefix) : -1 if force and len(words) == most else None]
            total = sum(model.log_p(row, words[: len(prefix) + i])[t] for i, t in enumerate(asked))
            assert_close(scores[row, 0], total)
            free = text_of(asked, written)
            assert row == 1 or not any(stands(term, free) for term in unwanted)
        np.testing.assert_array_equal(tokens[1:, 0], plain[0][1:, 0])


@pytest.mark.parametrize("size", [1, 4])
def test_behind_a_prefix_that_an_unwanted_term_ends_something_is_written(size):
    model, given = HistoryModel(4, 6, seed=16), [["b"]] * 4
    search = Beam(size, 0.0)
    tokens = run(search, model, 5, prefix=(4, 5), terms=terms([[]] * 4, given, least=1))[0]
    assert (tokens[:, 0, 2] == 7).all()  # makes it another word
    limited = search.replace(max_length_ratio=1.0)
    tokens, _, scores, _ = run(
        limited, model, 5, prefix=(4, 5), terms=terms([[]] * 4, given, least=1),
        source_lengths=np.full(4, 2, "int32"),
    )  # fmt: skip
    assert (tokens[:, 0, :3] == (4, 5, END)).all() and (scores[:, 0] > -1e3).all()
    # Where no token goes on with a word.
    apart = WRITTEN | {7: " a"}
    tokens, _, scores, _ = run(
        search, model, 5, prefix=(4, 5), terms=terms([[]] * 4, given, 1, apart)
    )
    assert (tokens[:, 0, :2] == (4, 5)).all() and (scores[:, 0] > -1e3).all()
    assert not (tokens[:, 0, 2:] == 5).any()


def test_a_wide_beam_shares_its_places_as_a_narrow_one():
    numbers = np.random.default_rng(5)
    few, many, size = 400, 60_000, 6  # whose square is beyond an int32
    scores = -10 * numbers.random((2, few)).astype("float32")
    ends, begun, goes_on, late = numbers.random((4, 2, few)) < 0.3
    met = numbers.integers(0, 3, (2, few)).astype("int32")
    met[:, :4] = 0
    leaves = scores, ends, met, begun, begun & goes_on, late

    def chosen(leaves):
        total = ops.convert_to_tensor([2, 2])
        found = banked(*map(ops.convert_to_tensor, leaves), total, 2, size, 0)
        return [ops.convert_to_numpy(each) for each in found]

    wide = [np.pad(leaf, ((0, 0), (0, many - few))) for leaf in leaves]
    wide[0][:, few:] = NEVER
    for narrow, other in zip(chosen(leaves), chosen(wide), strict=True):
        np.testing.assert_array_equal(narrow[:, :size], other[:, :size])
        assert narrow[:, :size].any()
