"""The class list: every bad row is told with its line, and nothing is written before all is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab import roster
from lab.errors import LabError, Problems
from lab.roster import Row


def rows(tmp_path: Path, text: str | bytes) -> list[Row]:
    path = tmp_path / "class.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return roster.read(path)


def problems(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(Problems) as refused:
        rows(tmp_path, text)
    return refused.value.lines


def test_cells_become_values_of_the_keys_types(tmp_path: Path) -> None:
    [row] = rows(
        tmp_path,
        "student,name,machine_types,disk_size,auto_snapshot,regions\n"
        'anna,"Muster, Anna",P4000|GPU+,100,TRUE,East Coast (NY2)\n',
    )
    assert row == Row(
        2,
        "anna",
        {
            "machine_types": ["P4000", "GPU+"],
            "disk_size": 100,
            "auto_snapshot": True,
            "regions": ["East Coast (NY2)"],
        },
    )


def test_a_column_s_name_may_begin_with_a_capital(tmp_path: Path) -> None:
    [row] = rows(tmp_path, "Student,Name,Disk_Size\nanna,Anna,100\n")
    assert (row.student, row.values) == ("anna", {"disk_size": 100})


def test_an_empty_cell_says_nothing_and_a_dash_is_the_default(tmp_path: Path) -> None:
    [row] = rows(tmp_path, "student,disk_size,template\nanna,,-\n")
    assert row.values == {"template": None}


@pytest.mark.parametrize("divider", [",", ";", "\t"])
def test_the_dividers_of_spreadsheets_are_all_read(tmp_path: Path, divider: str) -> None:
    [row] = rows(tmp_path, f"\ufeffstudent{divider}disk_size\r\nanna{divider}100\r\n")
    assert (row.student, row.values) == ("anna", {"disk_size": 100})


def test_every_bad_row_is_told_at_once_with_its_line(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        "student,disk_size,power\n"
        "anna,100,running\n"
        "Bob,100,running\n"
        "\n"
        "carl,70,asleep\n"
        "anna,50,running\n"
        "dora,50\n",
    )
    assert [line.split(":")[0] for line in told] == ["line 3", "line 5", "line 5", "line 6", "line 7"]
    assert "'Bob': use a-z, 0-9 and -" in told[0]
    assert 'disk_size = "70"' in told[1]
    assert "50, 100, 250" in told[1]
    assert "already on line 2" in told[3]
    assert "2 cells under 3 columns" in told[4]


def test_lines_are_counted_as_an_editor_does_across_quoted_line_ends(tmp_path: Path) -> None:
    told = problems(tmp_path, 'student,name\nanna,"two\nlines"\nBOB,x\n')
    assert told[0].startswith("line 4:")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("studnet,disk_size", "did you mean 'student'"),
        ("student,disc_size", "did you mean 'disk_size'"),
        ("student,disk_size,disk_size", "twice"),
        ("disk_size", "no column `student`"),
        ("student,user_password", "is a secret and has no place in a list"),
    ],
)
def test_a_wrong_column_is_told_with_the_closest_one(tmp_path: Path, header: str, told: str) -> None:
    assert any(told in line for line in problems(tmp_path, f"{header}\n"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"student\nanna\nm\xfcller\n", "line 3: not UTF-8"),
        (b'student,name\nanna,"x" y\n', "line 2"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_reason(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(LabError, match=told):
        rows(tmp_path, content)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"none\.csv cannot be read"):
        roster.read(tmp_path / "none.csv")


@pytest.mark.parametrize("student", ["a", "a1-b", "x" * 42])
def test_ids_that_every_backend_takes(tmp_path: Path, student: str) -> None:
    assert rows(tmp_path, f"student\n{student}\n")[0].student == student


@pytest.mark.parametrize("student", ["-a", "a-", "a_b", "a.b", "Ä", "x" * 43, "../x"])
def test_ids_that_some_backend_refuses_are_refused_here(tmp_path: Path, student: str) -> None:
    assert student in problems(tmp_path, f"student\n{student}\n")[0]
