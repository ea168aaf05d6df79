"""What `patina plan` prints: minutes of cores, minutes of a card with its jobs, or a bill alone."""

import re

from harness.run.bill import core_seconds
from harness.run.card import job_seconds, jobs
from harness.run.invoice import invoice
from harness.scale import read_sizes
from harness.studies import STUDIES


def rows(text: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}


def test_a_scale_of_cores_prints_core_minutes_and_no_word_of_a_card() -> None:
    text = invoice("cpu", "ambient_blur", None)
    assert text.splitlines()[0].split() == ["study", "cells", "runs", "operations", "core-minutes"]
    assert "GPU" not in text
    assert len(text.splitlines()) == 3


def test_what_studies_share_is_billed_once_in_all_and_once_in_each_of_them() -> None:
    sizes, studies = read_sizes("cpu"), ("ambient_blur", "ambient_motion")
    cells = [STUDIES[study].cells(sizes) for study in studies]
    own = [sum(core_seconds(each)) / 60 for each in cells]
    arms = [cell.labels()["arm"] for cell in cells[1]]  # the clean and the oracle are both studies'
    both = [s for arm, s in zip(arms, core_seconds(cells[1])) if arm in ("clean", "oracle")]
    text = invoice("cpu", ",".join(studies), None)
    assert [float(rows(text)[study][-1]) for study in studies] == [round(m, 1) for m in own]
    assert len(both) == 3
    assert abs(float(text.split()[-1]) - (sum(own) - sum(both) / 60)) < 0.06


def test_a_card_prints_its_minutes_as_an_estimate_with_jobs_and_the_longest() -> None:
    text = invoice("gpu", "ambient_blur,memorisation", None)
    assert text.splitlines()[0].split()[4:] == ["GPU-minutes", "jobs", "longest"]
    assert "GPU-minutes are an estimate" in text
    total, count = 0.0, 0
    for study in ("ambient_blur", "memorisation"):
        cut = jobs(STUDIES[study].cells(read_sizes("gpu")))
        spent = [job_seconds(job) / 60 for job in cut]
        *_, minutes, number, longest = rows(text)[study]
        assert (minutes, int(number), longest) == (
            f"{sum(spent):.1f}",
            len(cut),
            f"{max(spent):.1f}",
        )
        total, count = total + sum(spent), count + len(cut)
    assert rows(text)["all"] == [f"{total:.1f}", str(count)]


def test_the_published_scale_names_the_papers_settings_and_is_no_run() -> None:
    text = invoice("published", "ambient_blur,ambient_jpeg", None)
    assert "jobs" not in text
    for words in ("CIFAR-10", "FFHQ-64", "AFHQ-64", "55.7M", "61.8M", "42.4 GFLOP", "200 M"):
        assert words in text
    assert text.splitlines()[-1].startswith("the papers' own settings: a bill, not a run")
    assert re.search(r"GPU-minutes are an estimate", text)
    assert "papers" not in invoice("gpu", "ambient_blur", None)
