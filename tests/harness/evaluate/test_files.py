import os
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import harness.evaluate.files
from harness.evaluate.source import open_images
from harness.problem import Problem


@pytest.fixture(params=["set", "set.zip"])
def put(request: pytest.FixtureRequest, tmp_path: Path, save: Any) -> Callable[..., Path]:
    """The same files as a folder and as an archive."""
    return lambda files: save(tmp_path / request.param, files)


def test_files_come_in_code_point_order_of_their_paths(put, x) -> None:
    names = ["B.png", "a.png", "a/z.png", "a.b/y.png", "é.png", "10.png", "9.png", "x.PNG"]
    images = open_images(put(dict.fromkeys(names, x[0])))
    assert images.names == tuple(sorted(names))
    assert images.names[:3] == ("10.png", "9.png", "B.png")


def test_what_is_hidden_or_no_picture_is_left_alone(put, x) -> None:
    other = [".a.png", ".git/b.png", "__MACOSX/c.png", "a/__MACOSX/d.png", "a/.e/f.png", "g.txt"]
    images = open_images(put({"a/seen.png": x[0], **dict.fromkeys(other, b"broken")}))
    assert images.names == ("a/seen.png",)


@pytest.mark.parametrize(
    ("names", "classes", "labels"),
    [
        (["cat/1.png", "dog/2.png", "cat/3/4.png"], ("cat", "dog"), [0, 0, 1]),
        (["cat/1.png", "2.png"], (), None),
        (["1.png", "2.png"], (), None),
        (["cat/1.png", "cat/2.png"], ("cat",), [0, 0]),
        (["set/cat/1.png", "set/dog/2.png"], ("cat", "dog"), [0, 1]),
        (["set/cat/1.png", "set/2.png"], ("set",), [0, 0]),
        (["top/set/cat/1.png", "top/set/dog/2.png"], ("cat", "dog"), [0, 1]),
    ],
)
def test_the_first_folder_is_the_class(put, x, names, classes, labels) -> None:
    images = open_images(put(dict.fromkeys(names, x[0])))
    assert images.classes == classes
    if labels is None:
        assert images.labels is None
    else:
        np.testing.assert_array_equal(images.labels, labels)


def test_names_that_do_not_print_are_escaped(put, x) -> None:
    assert open_images(put({"a\n\x1b[31m.png": x[0]})).names == ("a\\n\\x1b[31m.png",)


def test_links_are_followed_and_a_circle_ends(tmp_path: Path, save, x) -> None:
    root = save(tmp_path / "set", {"a/1.png": x[0]})
    other = save(tmp_path / "other", {"2.png": x[1]})
    (root / "b").symlink_to(other)
    (other / "back").symlink_to(root)
    (root / "a" / "self").symlink_to(root / "a")
    (root / "loop").symlink_to(root / "loop")
    (root / "3.png").symlink_to(other / "2.png")
    assert open_images(root).names == ("3.png", "a/1.png", "b/2.png")


def refused(root: Path, message: str, count: int = 1) -> None:
    """Both ways: a problem with the reason; left out with it, and good.png kept."""
    with pytest.raises(Problem, match=message) as caught:
        open_images(root)
    assert "--skip-unreadable" in str(caught.value)
    images = open_images(root, skip_unreadable=True)
    assert images.names == ("good.png",)
    assert len(images.unreadable) == count


def fifo(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()
    (path / "inside.png").write_bytes(b"not reached")


def dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def itself(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (folder, "bad.png: a folder"),
        (dangling, "bad.png: a link to nothing"),
        (itself, "bad.png: a link to nothing"),
        (fifo, "bad.png: no regular file"),
        (Path.touch, "bad.png: an empty file"),
    ],
)
def test_what_is_no_file_is_listed_and_can_be_skipped(
    tmp_path: Path, save, x, make, reason
) -> None:
    root = save(tmp_path / "set", {"good.png": x[0]})
    make(root / "bad.png")
    refused(root, f"1 of 2 that cannot be read .{reason}")


def test_a_file_without_permission_is_listed(tmp_path, save, x, monkeypatch) -> None:
    root = save(tmp_path / "set", {"good.png": x[0], "bad.png": x[1]})

    def closed(path: str, mode: str) -> Any:
        if path.endswith("bad.png"):
            raise PermissionError(13, "Permission denied", path)
        return open(path, mode)

    monkeypatch.setattr(harness.evaluate.files, "open", closed, raising=False)
    refused(root, r"\(bad.png: permission denied\)")


def test_a_folder_that_may_not_be_entered_is_listed(tmp_path, save, x, monkeypatch) -> None:
    root = save(tmp_path / "set", {"good.png": x[0], "shut/1.png": x[1]})

    def closed(real: Any) -> Any:
        def call(path: str) -> Any:
            if path.endswith("shut"):
                raise PermissionError(13, "Permission denied", path)
            return real(path)

        return call

    monkeypatch.setattr(harness.evaluate.files.os, "scandir", closed(os.scandir))
    monkeypatch.setattr(harness.evaluate.files.os, "listdir", closed(os.listdir))
    refused(root, r"\(shut: permission denied\)")


def test_a_file_that_is_too_large_is_refused_by_name(put, x, monkeypatch) -> None:
    monkeypatch.setattr(harness.evaluate.files, "LARGEST", 1 << 16)
    bomb = np.zeros((400, 400, 3), np.uint8).tobytes()
    refused(put({"good.png": x[0], "bomb.png": bomb}), "bomb.png: 0 MiB where at most 256 MiB")


def patched(path: Path, name: str, at: int, value: bytes) -> None:
    """Change a field in the central directory's entry of a member."""
    data = bytearray(path.read_bytes())
    entry = data.rindex(name.encode()) - 46
    assert data[entry : entry + 4] == b"PK\x01\x02"
    data[entry + at : entry + at + len(value)] = value
    path.write_bytes(bytes(data))


def test_a_member_that_lies_about_its_size_is_not_unpacked_whole(tmp_path, save, x) -> None:
    files = {"good.png": x[0], "bomb.png": bytes(1 << 25)}
    path = save(tmp_path / "a.zip", files, compression=zipfile.ZIP_DEFLATED)
    patched(path, "bomb.png", 24, struct.pack("<I", 1000))
    tracemalloc.start()
    refused(path, "bomb.png: bytes that do not unpack .BadZipFile: Bad CRC-32")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 22


def test_an_encrypted_member_is_listed(tmp_path, save, x) -> None:
    path = save(tmp_path / "a.zip", {"good.png": x[0], "locked.png": x[1]})
    patched(path, "locked.png", 8, b"\x01\x00")
    refused(path, r"\(locked.png: an encrypted file\)")


def test_a_member_packed_in_an_unknown_way_is_listed(tmp_path, save, x) -> None:
    path = save(tmp_path / "a.zip", {"good.png": x[0], "odd.png": x[1]})
    patched(path, "odd.png", 10, b"\x63\x00")
    refused(path, r"odd.png: bytes that do not unpack \(\w+: ")


def test_a_broken_member_is_listed(tmp_path, save, x, encoded) -> None:
    path = save(
        tmp_path / "a.zip",
        {"bad.png": x[1], "good.png": x[0]},
        compression=zipfile.ZIP_DEFLATED,
    )
    data = bytearray(path.read_bytes())
    start = data.index(b"IHDR") if b"IHDR" in data else 60
    data[start : start + 20] = bytes(20)
    path.write_bytes(bytes(data))
    refused(path, "bad.png: bytes that do not unpack")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_second_member_of_one_name_is_listed(tmp_path, x, encoded) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("good.png", encoded(x[0]))
        archive.writestr("good.png", encoded(x[1]))
    refused(tmp_path / "a.zip", r"\(good.png: a second file of this name\)")
    kept = open_images(tmp_path / "a.zip", skip_unreadable=True).take(np.array([0]))
    np.testing.assert_array_equal(kept[0], np.moveaxis(x[0], -1, 0))


def test_an_archive_leaves_nothing_on_disk(tmp_path, save, x) -> None:
    path = save(tmp_path / "a.zip", {"../out.png": x[0], "/root.png": x[1], "in/a.png": x[2]})
    images = open_images(path)
    assert images.count == len(list(images.pieces(1))) == 3
    assert list(tmp_path.iterdir()) == [path]
