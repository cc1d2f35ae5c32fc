"""SFTP, scp and port forwarding stay inside the machine. `trap n` is guest-facts.md, section 1."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from pathlib import Path

import pytest

from sandbox.guest.ssh.files import GuestFiles
from tests.ports import free_port
from tests.sandbox.guest.students import Student
from tests.waiting import wait_until


def scp(student: Student, *words: str) -> None:
    command = ["scp", "-q", *student.options("-o", "BatchMode=yes", port_option="-P"), *words]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize("protocol", ["-s", "-O"])
def test_scp_of_a_tree_lands_in_the_home_and_comes_back(
    fastai: Student, tmp_path: Path, protocol: str
) -> None:
    """Trap 1: not in the working directory of the sandbox."""
    tree = tmp_path / f"tree{protocol}"
    (tree / "below").mkdir(parents=True)
    (tree / "below/data.bin").write_bytes(os.urandom(3_000_000))
    scp(fastai, protocol, "-r", str(tree), f"{fastai.address}:")
    assert not Path(tree.name).exists()
    assert fastai.out(f"stat -c %s ~/{tree.name}/below/data.bin") == "3000000"
    scp(
        fastai,
        protocol,
        f"{fastai.address}:/home/paperspace/{tree.name}/below/data.bin",
        str(tmp_path / "back"),
    )
    assert (tmp_path / "back").read_bytes() == (tree / "below/data.bin").read_bytes()


def sftp(student: Student, work: str) -> subprocess.CompletedProcess[bytes]:
    command = [
        "sftp",
        "-q",
        "-b",
        "-",
        *student.options("-o", "BatchMode=yes", port_option="-P"),
        student.address,
    ]
    return subprocess.run(command, input=work.encode(), capture_output=True, timeout=60, check=False)


def test_sftp_sees_the_machine_and_not_the_host(fastai: Student, tmp_path: Path) -> None:
    done = sftp(fastai, f"pwd\nls /home\n-get {Path(__file__)} {tmp_path}/stolen\n")
    assert b"/home/paperspace" in done.stdout
    assert not (tmp_path / "stolen").exists()


def test_a_link_of_the_machine_leads_to_the_machine(fastai: Student, tmp_path: Path) -> None:
    fastai.out("ln -sfn /etc ~/away; ln -sfn ../../../../../../../../etc ~/up; ln -sfn loop ~/loop")
    for link in ("away", "up"):
        assert sftp(fastai, f"get {link}/hostname {tmp_path}/name\n").returncode == 0
        assert (tmp_path / "name").read_text().strip() == fastai.machine
    assert sftp(fastai, f"get loop {tmp_path}/loop\n").returncode != 0


def test_sftp_renames_links_removes_and_keeps_modes(fastai: Student, tmp_path: Path) -> None:
    (tmp_path / "f").write_text("text")
    (tmp_path / "f").chmod(0o640)
    put = f"put -p {tmp_path}/f sftp-f\n"
    assert (
        sftp(
            fastai, put + "rename sftp-f sftp-g\nln -s sftp-g sftp-l\nchmod 600 sftp-l\nrm sftp-l\n"
        ).returncode
        == 0
    )
    assert fastai.out("cat sftp-g; stat -c ' %a' sftp-g; ls sftp-l 2>/dev/null || true") == "text 600"


def test_sftp_writes_in_the_users_view_only(fastai: Student, tmp_path: Path, level: str) -> None:
    if level != "L1":
        pytest.skip("at L0 permissions are the host user's")
    (tmp_path / "f").write_text("x")
    assert sftp(fastai, f"put {tmp_path}/f /etc/profile\n").returncode != 0


def test_a_path_is_resolved_without_leaving_the_root(tmp_path: Path) -> None:
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "root/etc/name").write_text("inside")
    (tmp_path / "name").write_text("outside")
    (tmp_path / "root/up").symlink_to("../../..")
    (tmp_path / "root/file").symlink_to("/etc/name")
    files = GuestFiles(os.open(tmp_path / "root", os.O_PATH))
    assert files.read_text("/up/etc/name") == files.read_text("/file") == "inside"
    assert files.read_text("/../name") == files.read_text(files.inside("../../name", "/up")) == ""
    files.close()


def test_guest_root_before_a_path_means_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    files = GuestFiles(os.open(tmp_path, os.O_PATH), str(tmp_path))
    assert files.inside(f"{tmp_path}/etc/x") == files.inside("/etc/x") == "/etc/x"
    assert files.inside("x", "/home/paperspace") == "/home/paperspace/x"
    files.close()


def serve_words(student: Student, port: int) -> None:
    """A server on the machine's own loopback that answers each connection with its input in capitals."""
    program = (
        "import socketserver\n"
        "class Shout(socketserver.StreamRequestHandler):\n"
        "    def handle(self): self.wfile.write(self.rfile.read().upper())\n"
        f"socketserver.ThreadingTCPServer(('127.0.0.1', {port}), Shout).serve_forever()\n"
    )
    student.out("cat > ~/shout.py", given=program.encode())
    student.out("setsid ~/anaconda3/envs/fastai/bin/python ~/shout.py >/dev/null 2>&1 </dev/null &")
    student.out(f"until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do :; done")


def test_ssh_l_reaches_the_machines_own_loopback_with_half_closed_ends(fastai: Student) -> None:
    inside, outside = free_port(), free_port()
    serve_words(fastai, inside)
    forward = ("-N", "-o", "ExitOnForwardFailure=yes", "-L", f"127.0.0.1:{outside}:localhost:{inside}")
    tunnel = subprocess.Popen([*fastai.command("", *forward)[:-1]], stderr=subprocess.PIPE)

    def answers() -> bool:
        try:
            with socket.create_connection(("127.0.0.1", outside), timeout=10) as end:
                end.sendall(b"hello " * 100_000)
                end.shutdown(socket.SHUT_WR)
                heard = b""
                while chunk := end.recv(65536):
                    heard += chunk
        except OSError:
            return False
        return heard == b"HELLO " * 100_000

    wait_until(answers, "the tunnel carries everything")
    tunnel.kill()
    tunnel.communicate()


@pytest.mark.parametrize("target", ["127.0.0.1:1", "10.0.0.1:22", "example.org:80"])
def test_a_forward_to_nothing_or_elsewhere_is_refused(fastai: Student, target: str) -> None:
    command = fastai.command("", "-W", target)[:-1]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 255


def test_a_reverse_forward_is_refused(fastai: Student) -> None:
    done = fastai.run("true", "-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:1")
    assert done.returncode == 255


async def many_commands(student: Student) -> list[str]:
    async with student.connected() as connection:
        done = await asyncio.gather(*(connection.run(f"echo {number}") for number in range(60)))
    return [str(one.stdout).strip() for one in done]


def test_sixty_commands_at_once_over_one_connection_keep_their_answers(fastai: Student) -> None:
    assert asyncio.run(many_commands(fastai)) == [str(number) for number in range(60)]
