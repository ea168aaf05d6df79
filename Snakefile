# The paths, all under build/ and none of them committed:
#   cache/<stage>/<key>/                     one finished stage of one cell
#   <scale>/<study>/shards/<i>-of-<n>.jsonl  the rows of some cells, made in one job
#   <scale>/<study>/records.jsonl            the rows of a study; runs.jsonl: how each cell was made
#   <scale>/tables/<study>.{csv,md,tex}      what the study found
#   <scale>/figures/<study>.{pdf,svg,png,txt}  the same as pictures, and their caption
#   <scale>/claims.jsonl                     every claim with its verdict
#   <scale>/{report.html,paper.pdf,supplement.pdf}, <scale>/latex/: what one reads, or takes over
# A job depends on the keys of its cells and on a digest of the code that makes its output (params:),
# never on the time or the commit, so a comment re-runs nothing. `make` is the usual way in.
import sys

sys.path.insert(0, workflow.basedir)

from harness.plugin import inherit

inherit()  # before any table is read
from harness.records.root import root_hash
from harness.report.register import published_digest
from harness.run.code import ROOT, package_digest, remember
from harness.run.plan import Plan

PLAN = Plan.read(
    scale=config.get("scale", "cpu"),
    studies=config.get("studies", "default"),
    cells_per_job=config.get("cells_per_job"),
)
SCALE, STUDIES = PLAN.scale, PLAN.studies
READ = package_digest("harness.records", "harness.claims", "harness.studies")
SHOWN = package_digest("harness.report") + READ


container: "docker://python:3.11"  # inert: no rule asks for one; it tells --lint where Python is


wildcard_constraints:
    study="|".join(STUDIES),
    scale=SCALE,
    shard=r"\d+-of-\d+",


rule all:
    input:
        expand("build/{scale}/report.html", scale=SCALE),
        expand("build/{scale}/paper.pdf", scale=SCALE),
        expand("build/{scale}/claims.jsonl", scale=SCALE),
        expand("build/{scale}/tables/{study}.{kind}", scale=SCALE, study=STUDIES, kind=["csv", "md", "tex"]),
        expand("build/{scale}/figures/{study}.{kind}", scale=SCALE, study=STUDIES, kind=["pdf", "svg", "png", "txt"]),


rule shard:
    output:
        rows="build/{scale}/{study}/shards/{shard}.jsonl",
        runs="build/{scale}/{study}/shards/{shard}.runs.jsonl",
    params:
        made=lambda wildcards: PLAN.shard_digest(wildcards.study, wildcards.shard),
        per_job=PLAN.per_job_option,
        cores=lambda wildcards, input: workflow.cores,  # a function of input is no trigger
    resources:
        gpu=int(PLAN.sizes.device == "cuda"),  # one card, one job at a time
    log:
        "build/{scale}/{study}/shards/{shard}.log",
    shell:
        "python -m harness shard {wildcards.study} {wildcards.shard} --scale {wildcards.scale}"
        " {params.per_job} --cores {params.cores} 2>&1 | tee {log} >&2"


rule collect:
    input:
        rows=lambda wildcards: PLAN.shard_files(wildcards.study, ".jsonl"),
        runs=lambda wildcards: PLAN.shard_files(wildcards.study, ".runs.jsonl"),
    output:
        records="build/{scale}/{study}/records.jsonl",
        runs="build/{scale}/{study}/runs.jsonl",
    params:
        code=READ,
    log:
        "build/{scale}/{study}/collect.log",
    shell:
        "python -m harness collect {wildcards.study} --scale {wildcards.scale}"
        " --rows {input.rows} --runs {input.runs} > {log} 2>&1"


rule claims:
    input:
        expand("build/{{scale}}/{study}/records.jsonl", study=STUDIES),
    output:
        report("build/{scale}/claims.jsonl", category="all studies", labels={"result": "claims"}, caption="harness/report/captions/claims.rst"),
    params:
        code=READ,
    log:
        "build/{scale}/claims.log",
    shell:
        "python -m harness claims --scale {wildcards.scale} --records {input} > {log} 2>&1"


rule show:
    input:
        claims="build/{scale}/claims.jsonl",
        records="build/{scale}/{study}/records.jsonl",
        runs="build/{scale}/{study}/runs.jsonl",
    output:
        multiext("build/{scale}/tables/{study}", ".md", ".tex"),
        multiext("build/{scale}/figures/{study}", ".pdf", ".png", ".txt"),
        report("build/{scale}/tables/{study}.csv", category="{study}", labels={"result": "table"}, caption="harness/report/captions/table.rst"),
        report("build/{scale}/figures/{study}.svg", category="{study}", labels={"result": "figure"}, caption="harness/report/captions/figure.rst"),
    params:
        code=SHOWN,
    log:
        "build/{scale}/figures/{study}.log",
    shell:
        "python -m harness show {wildcards.study} --scale {wildcards.scale} > {log} 2>&1"


rule report:
    input:
        claims="build/{scale}/claims.jsonl",
        tables=expand("build/{{scale}}/tables/{study}.csv", study=STUDIES),
        figures=expand("build/{{scale}}/figures/{study}.svg", study=STUDIES),
    output:
        report("build/{scale}/report.html", category="all studies", labels={"result": "report"}, caption="harness/report/captions/report.rst"),
    params:
        code=SHOWN,
        studies=",".join(STUDIES),
        published=published_digest(ROOT / "results", SCALE),
    log:
        "build/{scale}/report.log",
    shell:
        "python -m harness report --scale {wildcards.scale} --studies {params.studies} > {log} 2>&1"


rule paper:
    input:
        claims="build/{scale}/claims.jsonl",
        tables=expand("build/{{scale}}/tables/{study}.csv", study=STUDIES),
        figures=expand("build/{{scale}}/figures/{study}.svg", study=STUDIES),
    output:
        report("build/{scale}/paper.pdf", category="all studies", labels={"result": "paper"}, caption="harness/report/captions/paper.rst"),
        "build/{scale}/supplement.pdf", "build/{scale}/latex/numbers.tex",
    params:
        code=SHOWN + package_digest("paper") + (root_hash(ROOT / "results", SCALE) or ""),
        studies=",".join(STUDIES),
    log:
        "build/{scale}/paper.log",
    shell:
        "python -m harness paper --scale {wildcards.scale} --studies {params.studies} > {log} 2>&1"


onsuccess:
    remember()
