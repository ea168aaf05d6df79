"""Running: stages and their keys, the plan of a scale, shards, and the rows that they leave."""

from harness.table import Table

STAGES = Table(
    "stage",
    {
        "train": "harness.train.loop:train",
        "linear": "harness.train.per_class_linear:fit",
        "annotate": "harness.train.annotation:annotate",
        "sigma_max": "harness.train.sigma_max:describe",
        "choose": "harness.metrics.best_checkpoint:choose",
        "guide": "harness.metrics.best_guidance:guide",
        "sample": "harness.sample.draw:draw",
        "render": "harness.sample.rendering:draw",
        "weights": "harness.metrics.given_weights:take",
        "classifier": "harness.metrics.classifier:train_classifier",
        "supervised": "harness.metrics.supervised:evaluate",
        "damage": "harness.metrics.damage:damage",
        "measure": "harness.metrics.measure:measure",
        "embedding": "harness.metrics.embedding_norm:measure",
        "train_tokens": "harness.tokenwise.loop:train",
        "sample_tokens": "harness.tokenwise.draw:draw",
        "token_loss": "harness.tokenwise.reading:measure",
        "attack": "harness.metrics.reconstruction:attack",
        "detection": "harness.metrics.detection_errors:detection",
        "geneval": "harness.metrics.geneval:evaluate",
        "excess": "harness.metrics.excess_risk:evaluate",
        "class_law": "harness.metrics.class_law:evaluate",
        "generation": "harness.metrics.trajectory:generate",
        "trajectory": "harness.metrics.trajectory:end",
        "again": "harness.metrics.loop_again:repeat",
        "gaussian_loop": "harness.train.gaussian_loop:simulate",
        "law": "harness.theorem:evaluate",
    },
)

# What later stages know a stage by, beside its own name: `measure` and `geneval` serve token models
# as they are. All training images of theirs are the truth, as those of `damage` are.
SEEN_AS = {"train_tokens": "damage", "sample_tokens": "sample"}
