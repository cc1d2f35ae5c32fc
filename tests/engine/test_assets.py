"""Assets and archives get the hashes that the real CLI 3.260.0 gave the same ones (measured)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from sandbox.engine.assets import with_hashes
from sandbox.engine.errors import StepFailed
from sandbox.engine.values import ARCHIVE, ASSET, SIGNATURE


def asset(**parts: Any) -> dict[str, Any]:
    return {SIGNATURE: ASSET, **parts}


def archive(**parts: Any) -> dict[str, Any]:
    return {SIGNATURE: ARCHIVE, **parts}


MEMBERS = {"x": asset(text="1"), "sub": archive(path="data"), "f": asset(path="data/one.txt")}
HASHES = {
    "text": (asset(text="hi"), "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"),
    "file": (
        asset(path="data/one.txt"),
        "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
    ),
    "folder": (archive(path="data"), "cab5297a22e923608e915cb5d3d44218e8160b6611ce9551761165fb95055b54"),
    "zip": (archive(path="d.zip"), "5fdf8a18cc9e60b28ca370e969b6823683064cc8d59123002f824588f6165f75"),
    "mixed": (archive(assets=MEMBERS), "393055466f72f9d7f45286e85bad75d28098e2535d036c1ad7224af993180e8a"),
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "data/sub").mkdir(parents=True)
    (tmp_path / "data/one.txt").write_text("one")
    (tmp_path / "data/sub/two.txt").write_text("two")
    with zipfile.ZipFile(tmp_path / "d.zip", "w") as file:
        file.writestr(zipfile.ZipInfo("a.txt"), "A")
    return tmp_path


def test_each_kind_has_the_real_hash_at_any_depth(directory: Path) -> None:
    values = {name: [value] for name, (value, _) in HASHES.items()}
    found = with_hashes(values, directory)
    assert {name: found[name][0]["hash"] for name in found} == {
        name: each[1] for name, each in HASHES.items()
    }


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (asset(path="gone"), "failed to compute asset hash: gone: No such file"),
        (archive(path="gone"), "couldn't read archive path"),
        (asset(uri="http://x"), "remote assets"),
        (archive(uri="http://x"), "remote archives"),
        (archive(assets={"n" * 101: asset(text="")}), "over 100 bytes"),
    ],
)
def test_what_cannot_be_read_is_named(value: dict[str, Any], problem: str, directory: Path) -> None:
    with pytest.raises(StepFailed, match=problem):
        with_hashes(value, directory)
