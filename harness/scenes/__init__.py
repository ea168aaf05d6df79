"""Scenes: a captioned world of coloured shapes, its renderer, and a detector that is all but exact.

GenEval scores a text-to-image model by what a detector sees in its images, so that a score is one
of the model and of the detector together. In this world the detector's own error is measured and
near zero. The six tasks, the form of the prompts and the rules are GenEval's (Ghosh, Hajishirzi and
Schmidt 2023); the world is ours.
"""
