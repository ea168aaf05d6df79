"""What a metric claims to see: the damages that must move it, and those that it is blind to.

Every metric states, before anything is measured, which kinds of damage it ``sees`` (its
distance from its ``right`` value must rise with the severity) and to which it is ``blind`` (that
distance must stay where it is between two clean halves). What is in neither list is left open. A
metric without a right value is held to moving away from its undamaged value. The study
``metric_sensitivity`` holds each to its word on every extractor that it is tried with.
"""

from typing import Literal

Kind = Literal[
    "noise",
    "blur",
    "jpeg",
    "colour",
    "dropped",
    "imbalance",
    "duplicates",
    "copies",
    "gaussian",
    "relabelled",
]

KINDS: dict[str, str] = {
    "noise": "white Gaussian noise on every image",
    "blur": "Gaussian blur of every image",
    "jpeg": "every image compressed as JPEG",
    "colour": "a shift of the mean level of one channel, or of the only one",
    "dropped": "whole classes, or whole photographs, left out",
    "imbalance": "some classes more frequent than others, none left out",
    "duplicates": "a part of the images repeated in the place of the others",
    "copies": "a share of the images replaced by copies of images of the reference",
    "gaussian": "a share of the images replaced by a Gaussian field of their mean and covariance",
    "relabelled": "a share of the samples said to have been asked for the class of another",
}
