"""What a command, a shell and a terminal over SSH do. `trap n` is guest-facts.md, section 1."""

from __future__ import annotations

import asyncio
import hashlib
import os
import select
import subprocess
import time
import uuid

import asyncssh
import pytest

from tests.sandbox.guest.students import Student

BIG = 50 * 1024 * 1024


@pytest.fixture
def l1(level: str) -> None:
    if level != "L1":
        pytest.skip("needs the namespaces of level L1")


def test_exit_code_output_and_errors_arrive_apart(fastai: Student) -> None:
    done = fastai.run("echo out; echo err >&2; exit 7")
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "err\n")


def test_input_reaches_the_command_to_its_end(fastai: Student) -> None:
    assert fastai.out("wc -c", given=b"x" * 100_000) == "100000"


def test_fifty_megabytes_arrive_whole_in_both_directions(fastai: Student) -> None:
    """Trap 3: ending at the process's end truncates."""
    data = os.urandom(1024 * 1024) * (BIG // 1024 // 1024)
    done = subprocess.run(fastai.command("cat"), input=data, capture_output=True, timeout=60, check=True)
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(data).digest()


def test_a_program_that_reads_only_the_beginning_of_its_input_ends_well(fastai: Student) -> None:
    assert fastai.out("head -c 3", given=b"abc" + b"x" * 5_000_000) == "abc"


def test_a_daemon_that_keeps_the_output_holds_the_session(fastai: Student) -> None:
    """Trap 3, the other side: so does sshd."""
    fastai.out("rm -f /tmp/hold; mkfifo /tmp/hold")
    line = "(read word < /tmp/hold; echo $word) & echo begun; exit 4"
    held = subprocess.Popen(fastai.command(line), stdout=subprocess.PIPE, text=True)
    assert held.stdout
    assert held.stdout.readline() == "begun\n"
    assert held.poll() is None
    fastai.out("echo late > /tmp/hold")
    assert held.stdout.read() == "late\n"
    assert held.wait(30) == 4
    held.stdout.close()


def test_a_detached_daemon_outlives_its_session(fastai: Student) -> None:
    pid = fastai.out("setsid sleep 600 >/dev/null 2>&1 </dev/null & echo $!")
    assert fastai.run(f"kill {pid}").returncode == 0


async def answer_to_variable(student: Student, name: str) -> bool | None:
    """What the server says to a client that wants to know whether it takes the variable."""
    async with student.connected() as connection:
        channel, _ = await connection.create_session(asyncssh.SSHClientSession, "cat")
        return await channel._make_request(b"env", asyncssh.packet.String(name), asyncssh.packet.String("1"))


@pytest.mark.parametrize("name", ["LANG", "LC_ALL"])
def test_locale_variables_are_accepted(fastai: Student, name: str) -> None:
    assert fastai.out(f"echo ${name}", "-o", f"SetEnv={name}=C") == "C"


def test_any_other_variable_is_refused_out_loud(fastai: Student) -> None:
    """Trap 2: Go's client asks for an answer and fails on the refusal, OpenSSH's does not ask."""
    assert fastai.out("echo [$MY_SECRET]", "-o", "SetEnv=MY_SECRET=1") == "[]"
    assert asyncio.run(answer_to_variable(fastai, "MY_SECRET")) is False
    assert asyncio.run(answer_to_variable(fastai, "LC_ALL")) is True


def test_no_variable_of_the_host_reaches_the_machine(
    fastai: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trap 8."""
    names = {line.partition("=")[0] for line in fastai.out("env").splitlines()}
    expected = {"SHELL", "PWD", "LOGNAME", "HOME", "LANG", "USER", "SHLVL", "PATH", "XDG_RUNTIME_DIR", "_"}
    expected |= {"SSH_CLIENT", "SSH_CONNECTION", "GUEST_ROOT", "GIT_CONFIG_SYSTEM", "JUPYTER_CONFIG_PATH"}
    assert names <= expected


@pytest.mark.usefixtures("l1")
def test_the_user_is_1000_and_sudo_is_root(fastai: Student) -> None:
    assert fastai.out(
        "id -u; sudo -n id -u; sudo -u paperspace id -un; sudo su - paperspace -c 'id -u'"
    ).split() == [
        "1000",
        "0",
        "paperspace",
        "1000",
    ]


@pytest.mark.usefixtures("l1")
def test_only_sudo_can_write_outside_of_the_home(fastai: Student) -> None:
    assert fastai.run("touch /etc/mine").returncode == 1
    assert fastai.out("sudo touch /etc/mine && ls /etc/mine && sudo rm /etc/mine") == "/etc/mine"


def test_sudo_passes_output_code_input_and_assignments(fastai: Student) -> None:
    done = fastai.run(
        "sudo -nH A=1 B='two words' bash -c 'cat; echo $A $B; echo no >&2; exit 9'", given=b"in\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (9, "in\n1 two words\n", "no\n")


def test_sudo_keeps_the_callers_umask_and_says_who_called(fastai: Student) -> None:
    assert fastai.out("umask 077; sudo sh -c umask; umask 002; sudo sh -c umask") == "0077\n0022"
    assert fastai.out("sudo printenv SUDO_USER SUDO_UID") == "paperspace\n1000"
    assert fastai.run("sudo nosuch-command").returncode == 1


def test_sudo_s_takes_the_password_line_and_leaves_the_rest(fastai: Student) -> None:
    assert fastai.out("sudo -S cat", given=b"password\nrest") == "rest"


def test_chown_and_install_accept_known_users_and_refuse_others(fastai: Student) -> None:
    fastai.out("touch /tmp/f; sudo chown -R paperspace:paperspace /tmp/f")
    assert fastai.out("sudo install -m 600 -o paperspace /tmp/f /tmp/g; stat -c %a /tmp/g") == "600"
    assert "invalid user" in fastai.run("sudo chown nosuch /tmp/f").stderr
    assert fastai.run("sudo chown paperspace /nosuch").returncode == 1


def own_length() -> str:
    """Of a sleep: at L0 `pgrep` sees the whole host, where another checkout may be tested too."""
    return f"600.{uuid.uuid4().int}"


class Terminal:
    """A session with a pseudo-terminal, driven by a person who waits for what the screen shows."""

    def __init__(self, student: Student, line: str = "") -> None:
        command = student.command(line, "-tt") if line else student.command("", "-tt")[:-1]
        environment = {**os.environ, "TERM": "xterm"}
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.seen = b""

    def type(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def until(self, text: str) -> str:
        assert self.process.stdout
        deadline = time.monotonic() + 30
        while text.encode() not in self.seen:
            left = max(0.0, deadline - time.monotonic())
            assert select.select([self.process.stdout], [], [], left)[0], self.seen
            chunk = os.read(self.process.stdout.fileno(), 65536)
            assert chunk, self.seen
            self.seen += chunk
        before, _, self.seen = self.seen.partition(text.encode())
        return before.decode(errors="replace")

    def code(self) -> int:
        self.process.communicate(timeout=30)
        return self.process.returncode


def test_a_terminal_has_a_size_a_name_and_the_exit_code(fastai: Student) -> None:
    """Trap 5."""
    terminal = Terminal(fastai, "stty size; tty; exit 5")
    assert terminal.until("/dev/pts/").split() == ["24", "80"]
    assert terminal.code() == 5


def test_control_c_interrupts_the_program_and_not_the_shell(fastai: Student) -> None:
    seconds = own_length()
    terminal = Terminal(fastai)
    terminal.until("$ ")
    terminal.type(f"sleep {seconds}; echo after-$?\n")
    terminal.until(f"sleep {seconds}")
    terminal.until("\n")
    fastai.out(f"until pgrep -f '^sleep {seconds}' >/dev/null; do :; done")
    terminal.type("\x03")
    terminal.type("echo alive-$((1+1))\n")
    terminal.until("alive-2")
    terminal.type("exit 3\n")
    assert terminal.code() == 3


def test_the_shell_shows_the_prompt_of_the_course_notes(fastai: Student) -> None:
    terminal = Terminal(fastai)
    assert "Welcome to Ubuntu" in terminal.until(f"(fastai) paperspace@{fastai.machine}:~$ ")
    terminal.type("cd fastai\n")
    terminal.until(f"(fastai) paperspace@{fastai.machine}:~/fastai$ ")
    terminal.type("exit\n")
    assert terminal.code() == 0


def test_who_lists_terminals_and_wall_writes_to_them(fastai: Student) -> None:
    terminal = Terminal(fastai)
    terminal.until("$ ")
    assert "pts/" in fastai.out("who")
    assert fastai.run("sudo wall going down soon").returncode == 0
    terminal.until("going down soon")
    terminal.type("exit\n")
    assert terminal.code() == 0
    assert "pts/" not in fastai.out("who")


def test_a_terminal_whose_client_is_gone_hangs_up_its_programs(fastai: Student) -> None:
    seconds = own_length()
    terminal = Terminal(fastai, f"exec sleep {seconds}")
    fastai.out(f"until pgrep -f '^sleep {seconds}' >/dev/null; do :; done")
    terminal.process.kill()
    terminal.process.communicate()
    fastai.out(f"while pgrep -f '^sleep {seconds}' >/dev/null; do :; done")
