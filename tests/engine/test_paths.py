from __future__ import annotations

import pytest

from sandbox.engine.paths import contains, differences, parse, render, with_ignored
from sandbox.engine.values import secret


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a",)),
        ("a.b[0].c", ("a", "b", 0, "c")),
        ('a["b.c"]', ("a", "b.c")),
        ("triggers[*]", ("triggers", "*")),
        ('["x-y"].z', ("x-y", "z")),
    ],
)
def test_a_path_is_split_and_joined_again(text: str, parts: tuple[str | int, ...]) -> None:
    assert parse(text) == parts
    if "*" not in parts:
        assert parse(render(parts)) == parts


def test_a_broken_path_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a\[b"):
        parse("a[b")


def test_a_wildcard_contains_every_element() -> None:
    assert contains(parse("triggers[*]"), parse("triggers[3].x"))
    assert not contains(parse("triggers[*]"), parse("triggers"))


def test_differences_are_given_leaf_by_leaf() -> None:
    old = {"same": 1, "gone": 1, "list": ["x"], "deep": {"k": True}, "null": None}
    new = {"same": 1, "list": ["x", "y"], "deep": {"k": 1}, "new": {"a": 1}}
    found = {render(path): kind for path, kind in differences(old, new).items()}
    assert found == {"gone": "delete", "list[1]": "add", "deep.k": "update", "new": "add"}


def test_equal_numbers_of_different_type_are_no_difference() -> None:
    assert differences({"n": 1}, {"n": 1.0}) == {}


def test_ignored_paths_take_the_old_value_also_inside_secrets_and_lists() -> None:
    old = {"a": {"k": [1, 2]}, "s": secret({"x": 1, "y": 2}), "gone": 5}
    new = {"a": {"k": [9, 3]}, "s": secret({"x": 7, "y": 8}), "added": 6}
    result, unmatched = with_ignored(new, old, ["a.k[0]", "s.x", "gone", "added", "a.k[7]"])
    assert result == {"a": {"k": [1, 3]}, "s": secret({"x": 1, "y": 8}), "gone": 5}
    assert unmatched == ["a.k[7]"]
    assert new["a"] == {"k": [9, 3]}
