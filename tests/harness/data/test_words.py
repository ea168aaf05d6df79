"""Words: captions as numbers and nothing lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.data.words import Words
from harness.problem import Problem
from harness.scenes.captions import captions

CAPTIONS = st.lists(
    st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=4).map(" ".join),
    min_size=1,
    max_size=6,
)


@given(CAPTIONS, st.booleans())
def test_tokens_tell_captions_apart_and_are_read_back(texts: list[str], whole: bool) -> None:
    words = Words.of(texts, whole)
    rows = words.tokens(texts)
    assert rows.shape == (len(texts), words.length)
    assert rows.max() < words.count
    back = [" ".join(words.known[t - 1] for t in row if t) for row in rows]
    assert back == texts


def test_the_world_of_scenes_has_seven_words_a_caption_at_most() -> None:
    words = Words.of(captions())
    assert words.length == 7
    assert len(np.unique(words.tokens(captions()), axis=0)) == len(captions())


def test_a_label_is_one_word_whatever_its_name() -> None:
    words = Words.of(["traffic light", "cat"], whole=True)
    assert words.tokens(["traffic light", "cat"]).tolist() == [[2], [1]]


@pytest.mark.parametrize(
    ("caption", "message"), [("a dog", "'dog'.*known words are a, cat"), ("a a cat", "at most 2")]
)
def test_a_caption_of_other_words_is_refused(caption: str, message: str) -> None:
    with pytest.raises(Problem, match=message):
        Words.of(["a cat"]).tokens([caption])


@pytest.mark.parametrize("captions", [[], ["a", ""]])
def test_captions_without_words_are_refused(captions: list[str]) -> None:
    with pytest.raises(Problem, match="class names"):
        Words.of(captions)
