"""The detector with networks that say what the test wants; and the names of COCO."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from harness.geneval.vocabulary import COCO
from harness.problem import Problem
from harness.t2i import color, mask2former
from harness.t2i.mask2former import Mask2Former, enlarged, filled, names, prepared

HUB = {"computer mouse": "mouse", "tv remote": "remote", "computer keyboard": "keyboard"}
LABELS = [HUB.get(name, name) for name in COCO.classes]


def test_the_labels_of_the_hub_and_of_older_lists_are_cocos() -> None:
    assert names(LABELS) == list(COCO.classes)
    older = {"airplane": "aeroplane", "motorcycle": "motorbike", "couch": "sofa", "tv": "tvmonitor"}
    assert names([older.get(name, name) for name in LABELS]) == list(COCO.classes)
    assert names(LABELS[::-1]) == list(COCO.classes[::-1])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([*LABELS[:-1], "wall"], "unknown: wall; missing: toothbrush"),
        (LABELS[:-1], "missing: toothbrush"),
        ([*LABELS, "cup"], "twice: cup"),
    ],
)
def test_a_label_that_is_no_class_is_named(labels: list[str], words: str) -> None:
    with pytest.raises(Problem, match=words):
        names(labels)


def test_a_picture_is_scaled_normalised_and_filled_with_zeros(noise) -> None:
    picture = np.full((40, 60, 3), (10, 20, 30), np.uint8)
    made = prepared(picture)
    assert made.shape == (3, 800, 1200)
    wanted = (np.array([10, 20, 30]) - mask2former.MEAN) / mask2former.DEVIATION
    assert np.abs(made.transpose(1, 2, 0) - wanted).max() < 1e-5
    full = filled(prepared(noise(50, 71))[None])
    assert full.shape == (1, 3, 800, 1152)  # 1136 wide before
    assert (full[..., 1136:] == 0).all()
    assert (full[..., 1135] != 0).any()


class Network:
    """Finds what ``says`` lists: (query, class or None, probability, slice of coarse rows,
    slice of coarse columns, logit inside)."""

    def __init__(self, says: list[tuple[Any, ...]], queries: int = 5) -> None:
        self.says, self.queries, self.shapes = says, queries, []
        self.config = SimpleNamespace(id2label=dict(enumerate(LABELS)), _commit_hash="abc")

    def __call__(self, pixel_values: torch.Tensor) -> Any:
        self.shapes.append(tuple(pixel_values.shape))
        batch, _, height, width = pixel_values.shape
        law = torch.full((batch, self.queries, 81), 1e-9)
        law[..., -1] = 1.0
        fields = torch.full((batch, self.queries, height // 4, width // 4), -8.0)
        for query, klass, probability, rows, columns, logit in self.says:
            law[:, query, COCO.classes.index(klass)] = probability
            law[:, query, -1] = 1 - law[:, query, :-1].sum(-1)
            fields[:, query, rows, columns] = logit
        return SimpleNamespace(
            class_queries_logits=law.clamp(min=1e-9).log(), masks_queries_logits=fields
        )


class Reader:
    """Says the colour by the crop's size, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def read(self, klass: str, crops: list[np.ndarray]) -> list[str]:
        self.asked += [(klass, len(crops))] if crops else []
        return ["red" if crop.shape[0] > crop.shape[1] else "blue" for crop in crops]


def detector(says: list[tuple[Any, ...]], floor: float = 0.05) -> tuple[Mask2Former, Any, Reader]:
    network, reader = Network(says), Reader()
    return Mask2Former(network, reader, "cpu", floor), network, reader  # type: ignore[arg-type]


def test_an_object_has_the_score_of_its_class_times_that_of_its_mask(noise) -> None:
    # 64 x 64 becomes 800 x 800 and a grid of 200 x 200: an image pixel is 3.125 of its cells
    says = [(1, "cup", 0.9, slice(50, 150), slice(25, 75), 5.0)]
    detect, network, _ = detector(says)
    (found,) = detect([noise(64, 64)], [None])
    assert network.shapes == [(1, 3, 800, 800)]
    assert [each.klass for each in found] == ["cup"]
    assert found[0].box == pytest.approx((8, 16, 24, 48), abs=1)
    inside = 1 / (1 + np.exp(-5))
    assert 0.9 * 0.94 * inside < found[0].score < 0.9 * inside  # its border is less sure
    assert found[0].color == "red"  # higher than wide


def test_objects_come_by_score_and_one_query_can_be_two(noise) -> None:
    rows, columns = slice(0, 200), slice(0, 100)
    says = [(0, "cup", 0.3, rows, columns, 9.0), (2, "bus", 0.6, rows, columns, 9.0),
            (2, "car", 0.35, rows, columns, 9.0), (3, "cow", 0.04, rows, columns, 9.0),
            (4, "dog", 0.9, rows, columns, -1.0)]  # fmt: skip
    (found,) = detector(says)[0]([noise(64, 64)], [None])
    assert [each.klass for each in found] == ["bus", "car", "cup"]
    assert found[0].score == pytest.approx(0.6, rel=0.02)


def test_colours_are_read_above_the_threshold_and_of_the_asked_classes_alone(noise) -> None:
    rows, columns = slice(0, 200), slice(0, 100)
    says = [(0, "cup", 0.5, rows, columns, 9.0), (1, "cup", 0.2, rows, columns, 9.0),
            (2, "bus", 0.6, rows, columns, 9.0)]  # fmt: skip
    detect, _, reader = detector(says)
    found = detect([noise(64, 64)] * 3, [None, {"bus"}, ()])
    assert [[(o.klass, o.color) for o in each] for each in found] == [
        [("bus", "red"), ("cup", "red"), ("cup", None)],
        [("bus", "red"), ("cup", None), ("cup", None)],
        [("bus", None), ("cup", None), ("cup", None)],
    ]
    assert sorted(reader.asked) == [("bus", 1), ("bus", 1), ("cup", 1)]


def test_pictures_of_one_size_share_a_call_and_each_keeps_its_own_objects(noise) -> None:
    detect, network, _ = detector([(1, "cup", 0.9, slice(50, 150), slice(25, 75), 5.0)])
    pictures = [noise(64, 64, 1), noise(64, 64, 2), noise(32, 64, 3), noise(64, 64, 4)]
    found = detect(pictures, [None] * 4)
    assert network.shapes == [(2, 3, 800, 800), (1, 3, 672, 1344), (1, 3, 800, 800)]
    assert [detect([picture], [None])[0] for picture in pictures] == found


def test_a_picture_too_narrow_to_scale_is_named() -> None:
    detect, *_ = detector([])
    detect.check((1, 2666), "f.png")  # half a pixel is rounded up
    with pytest.raises(Problem, match=r"the objects of f\.png; got 1 x 2667 pixels"):
        detect.check((1, 2667), "f.png")
    with pytest.raises(Problem, match=r"got 4000 x 1 pixels"):
        detect.check((4000, 1), "f.png")


def test_masks_are_brought_back_without_the_filling() -> None:
    rows = torch.arange(168.0)[:, None].expand(168, 336)  # a ramp on the coarse grid
    fields = torch.stack([rows, rows.flip(0), rows * 0])
    steps = ((672, 1344), (667, 1333), (32, 64))
    made = enlarged(fields, np.array([1, 0]), steps)
    assert made.shape == (2, 32, 64)
    at = (np.arange(32) + 0.5) * 667 / 32  # the place of each row's middle in the filled input
    expected = at / 4 - 0.5
    assert made[1][:, 5] == pytest.approx(expected, abs=0.02)
    assert made[0][:, 5] == pytest.approx(167 - expected, abs=0.02)


def test_the_detector_says_what_it_is() -> None:
    detect, *_ = detector([])
    assert detect.settings["revision"] == "abc"
    assert detect.settings["floor"] == 0.05
    assert detect.settings["versions"]["torch"] == torch.__version__
    assert detect.settings["templates"] == list(color.TEMPLATES)
