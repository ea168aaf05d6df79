"""The first version of the schema stays readable: a reference of it, kept as it was published."""

import hashlib
from pathlib import Path

from harness.records.files import read_json_lines, read_jsonl, to_text
from harness.records.publish import read_manifest

GOLDEN = Path(__file__).parent / "golden" / "v1.0.0"


def test_the_first_version_is_read_and_written_as_it_was() -> None:
    """A later version keeps this file and this test, whatever else it reads and writes."""
    manifest = read_manifest(GOLDEN)
    rows = read_jsonl(GOLDEN / "records.jsonl")
    assert (manifest.schema_version, manifest.rows, len(rows)) == ("1.0.0", 168, 168)
    for name, expected in manifest.sha256.items():
        assert hashlib.sha256((GOLDEN / name).read_bytes()).hexdigest() == expected
    assert to_text(rows) == (GOLDEN / "records.jsonl").read_text()
    first = rows[0]
    assert (first.study, first.metric, first.replicate) == ("scenes_t2i", "binding_gap", 0)
    assert {row.cell_id for row in rows} == {
        run["cell_id"] for run in read_json_lines(GOLDEN / "runs.jsonl")
    }
