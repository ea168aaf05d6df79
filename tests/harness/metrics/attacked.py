"""Trainings that are attacked: on few imperfect images, on clean ones, on both."""

from dataclasses import replace

from harness.cell import part
from harness.data.load import load
from harness.train.training import Training

DIGITS = load("digits")
TRAIN = DIGITS.train
NOISE = part("gaussian_noise", sigma=0.3)
SMALL = part("mlp", width=8, blocks=1)
FEW = 30
IMPERFECT = Training(
    part("digits"),
    "imperfect",
    SMALL,
    part("denoising"),
    256,
    clean_fraction=FEW / TRAIN.count,
    corruption=NOISE,
    annotator=part("fixed"),
)
CLEAN = replace(IMPERFECT, pool="clean", clean_fraction=0.1, corruption=None, annotator=None)
MIXED = replace(IMPERFECT, pool="mixed", clean_fraction=0.1)
