"""The Jupyter step and the proof, with real bash; Jupyter and systemd are stand-ins at the edge.

The real Jupyter runs in the tests of sandbox/guest and in tests/e2e.
"""

from __future__ import annotations

import asyncio
import json
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from components import key_pair, proof
from components.jupyter import jupyter_step
from components.proof import ProofFailed
from components.step import Step
from sandbox import processes
from tests.components.guest import GuestHome
from tests.components.ssh_server import SshServer

USER, HOST = key_pair.generate(), key_pair.generate()
TOKEN = "5ec2e7" * 8
WANTS = "etc/systemd/system/multi-user.target.wants"
SYSTEMCTL = """\
cd @ROOT@
case $1 in
  enable) mkdir -p WANTS && ln -sf ../$2.service WANTS/$2.service;;
  is-active) grep -q "^State:.[^Z]" "/proc/$(cat pid)/status" && echo active || exit 3;;
  restart)
    kill "$(cat pid)"
    unit=etc/systemd/system/$2.service
    cd "$(sed -n 's/^WorkingDirectory=//p' "@ROOT@/$unit")"
    setsid $(sed -n 's/^ExecStart=//p' "@ROOT@/$unit") >@ROOT@/jupyter.log 2>&1 </dev/null &
    echo $! >@ROOT@/pid;;
esac 2>/dev/null
"""
JUPYTER = """\
#!@PYTHON@
import http.server, os, sys, types

if os.path.exists(os.path.expanduser("~/jupyter-is-broken")):
    sys.exit("no kernel module named foo")


class Config(dict):
    def __getattr__(self, name):
        return self.setdefault(name, Config())

    __setattr__ = dict.__setitem__


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        let_in = self.headers.get("Authorization") == f"token {config.IdentityProvider.token}"
        self.send_response(200 if let_in else 403)
        self.send_header("Content-Length", "0")
        self.end_headers()


config = Config()
sys.modules["notebook"] = types.ModuleType("notebook")
sys.modules["notebook"].__version__ = "7.6.5"
sys.modules["jupyter_server"] = types.ModuleType("jupyter_server")
sys.modules["jupyter_server"].__version__ = "2.21.1"
exec(open(os.path.expanduser("~/.jupyter/jupyter_server_config.py")).read(), {"get_config": lambda: config})
http.server.HTTPServer((config.ServerApp.ip, config.ServerApp.port), Handler).serve_forever()
"""


class Workplace:
    """A machine with fastai's environment, where systemctl really starts what the unit names."""

    def __init__(self, guest: GuestHome, port: int) -> None:
        self.guest, self.port = guest, port
        guest.command("sudo", 'exec "$@"')
        guest.command("journalctl", f"cat {guest.root}/jupyter.log")
        guest.command("systemctl", SYSTEMCTL.replace("@ROOT@", str(guest.root)).replace("WANTS", WANTS))
        (guest.root / "etc" / "systemd" / "system").mkdir(parents=True)
        (guest.home / "fastai" / "fastai").mkdir(parents=True)
        (guest.home / "fastai" / "fastai" / "__init__.py").touch()
        self.environment = guest.home / "anaconda3" / "envs" / "fastai" / "bin"
        self.environment.mkdir(parents=True)
        (self.environment / "python").symlink_to(sys.executable)
        (self.environment / "jupyter").write_text(JUPYTER.replace("@PYTHON@", sys.executable))
        (self.environment / "jupyter").chmod(0o755)
        self.runs = 0

    def step(self, token: str = TOKEN) -> Step:
        return jupyter_step(self.port, token)

    def set_up(self, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
        self.runs += 1
        return self.guest.run(self.step(token), f"t-{self.runs}", {})

    def drift(self) -> str:
        """Why the check is not satisfied; empty when it is."""
        found = self.guest.find(self.step())["jupyter"]
        return "" if found.satisfied else found.drift

    def settings(self, **versions: str) -> dict[str, dict[str, object]]:
        """What the configuration file sets where packages of these versions are installed."""
        program = (
            "import json, sys, types\n"
            "class C(dict):\n"
            "    __getattr__ = lambda s, n: s.setdefault(n, C())\n"
            "    __setattr__ = dict.__setitem__\n"
            "c = C()\n"
            "sys.modules.update(notebook=None, jupyter_server=None)\n"
            f"for name, version in {versions!r}.items():\n"
            "    sys.modules[name] = types.SimpleNamespace(__version__=version)\n"
            f"exec(open('{self.config}').read(), {{'get_config': lambda: c}})\n"
            "print(json.dumps(c))"
        )
        printed = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
        loaded: dict[str, dict[str, object]] = json.loads(printed.stdout)
        return loaded

    @property
    def config(self) -> Path:
        return self.guest.home / ".jupyter" / "jupyter_notebook_config.py"

    def stop(self) -> None:
        """End Jupyter. A zombie is ended: nobody waits for this one, and init may take seconds to."""
        file = self.guest.root / "pid"
        pid = int(file.read_text()) if file.exists() else 0
        if started := processes.started_at(pid):
            processes.end(pid, started, patience=20)


@pytest.fixture
def workplace(guest: GuestHome) -> Iterator[Workplace]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    place = Workplace(guest, port)
    yield place
    place.stop()


def set_up(workplace: Workplace) -> Workplace:
    result = workplace.set_up()
    assert result.returncode == 0, result.stderr
    assert workplace.drift() == ""
    return workplace


def test_nothing_is_set_up_before_the_first_run(workplace: Workplace) -> None:
    assert workplace.drift() == "jupyter_notebook_config.py was changed"


def test_the_service_lets_the_token_in_and_is_started_with_the_machine(workplace: Workplace) -> None:
    set_up(workplace)
    assert (workplace.guest.root / WANTS / "jupyter.service").is_symlink()
    unit = (workplace.guest.root / "etc/systemd/system/jupyter.service").read_text()
    assert "Restart=always" in unit
    assert f"WorkingDirectory={workplace.guest.home}/fastai" in unit
    assert "WantedBy=multi-user.target" in unit


@pytest.mark.parametrize(
    ("versions", "reader", "folder", "owner_of_token"),
    [
        pytest.param(
            {"notebook": "7.6.5", "jupyter_server": "2.21.1"},
            "ServerApp", "root_dir", "IdentityProvider", id="today's",
        ),
        pytest.param({"notebook": "5.7.8"}, "NotebookApp", "notebook_dir", "NotebookApp", id="the course's"),
        pytest.param(
            {"notebook": "6.5.7", "jupyter_server": "2.21.1"},
            "NotebookApp", "notebook_dir", "NotebookApp", id="classic beside a new server",
        ),
        pytest.param(
            {"notebook": "6.4.12", "jupyter_server": "1.24.0"},
            "ServerApp", "root_dir", "ServerApp", id="a server before 2",
        ),
    ],
)  # fmt: skip
def test_the_configuration_uses_the_names_of_the_jupyter_that_reads_it(
    workplace: Workplace, versions: dict[str, str], reader: str, folder: str, owner_of_token: str
) -> None:
    settings = set_up(workplace).settings(**versions)
    assert settings[reader].items() >= {
        "ip": "localhost",
        "port": workplace.port,
        "port_retries": 0,
        "open_browser": False,
        "allow_remote_access": True,
        folder: f"{workplace.guest.home}/fastai",
    }.items()  # fmt: skip
    assert settings[owner_of_token]["token"] == TOKEN
    assert ("NotebookApp" in settings) == (not versions["notebook"].startswith("7"))


def test_the_token_is_in_one_private_file_only(workplace: Workplace) -> None:
    set_up(workplace)
    holders = [
        path
        for path in workplace.guest.root.rglob("*")
        if path.is_file() and TOKEN in path.read_text(errors="replace")
    ]
    assert holders == [workplace.guest.home / ".jupyter" / "notebook_token"]
    assert stat.S_IMODE(holders[0].stat().st_mode) == 0o600


def test_a_killed_jupyter_is_drift_and_comes_back(workplace: Workplace) -> None:
    set_up(workplace).stop()
    assert workplace.drift() == "jupyter is not running"
    set_up(workplace)


def test_an_edited_configuration_is_drift_and_the_edit_is_kept_beside(workplace: Workplace) -> None:
    set_up(workplace)
    workplace.config.write_text("c.NotebookApp.port = 1\n")
    assert workplace.drift() == "jupyter_notebook_config.py was changed"
    set_up(workplace)
    [kept] = workplace.config.parent.glob("jupyter_notebook_config.py.before-*")
    assert kept.read_text() == "c.NotebookApp.port = 1\n"


def test_an_edited_unit_and_a_disabled_service_are_drift(workplace: Workplace) -> None:
    set_up(workplace)
    (workplace.guest.root / WANTS / "jupyter.service").unlink()
    assert workplace.drift() == "jupyter does not start with the machine"
    with (workplace.guest.root / "etc/systemd/system/jupyter.service").open("a") as unit:
        unit.write("# mine\n")
    assert workplace.drift() == "jupyter.service was changed"


def test_another_token_is_another_version(workplace: Workplace) -> None:
    set_up(workplace)
    assert workplace.step("other").plan({}).version != workplace.step().plan({}).version
    assert TOKEN not in workplace.step().plan({}).body + workplace.step().plan({}).summary


def test_a_jupyter_that_does_not_start_fails_with_its_log(workplace: Workplace) -> None:
    (workplace.guest.home / "jupyter-is-broken").touch()
    result = workplace.guest.bash(f"printf %s {TOKEN} | bash {body_file(workplace)}", ANSWER_SECONDS="1")
    assert result.returncode == 1
    assert "no kernel module named foo" in result.stdout
    assert "did not answer" in result.stderr


def body_file(workplace: Workplace) -> Path:
    path = workplace.guest.root / "body"
    path.write_text(workplace.step().plan({}).body)
    return path


def test_a_token_that_was_cut_off_is_not_taken(workplace: Workplace) -> None:
    result = workplace.guest.bash(f"printf %s {TOKEN[:9]} | bash {body_file(workplace)}")
    assert result.returncode == 1
    assert "did not arrive whole" in result.stderr


def test_a_machine_without_jupyter_is_told_so(workplace: Workplace) -> None:
    (workplace.environment / "jupyter").unlink()
    result = workplace.set_up()
    assert result.returncode == 1
    assert "there is no jupyter" in result.stderr


# --- the proof ---------------------------------------------------------------------------------------


@pytest.fixture
def server(workplace: Workplace) -> Iterator[SshServer]:
    (workplace.guest.home / ".ssh").mkdir()
    (workplace.guest.home / ".ssh" / "authorized_keys").write_text(USER["public_key"])
    with SshServer(workplace.guest, HOST["private_key"]) as running:
        yield running


def prove(server: SshServer, port: int, token: str = TOKEN) -> None:
    asyncio.run(proof.prove(server.login(USER["private_key"]), port, token))


def is_ok(workplace: Workplace, step: str) -> bool:
    return (workplace.guest.steps / step / "ok").exists()


def test_a_notebook_that_answers_through_a_tunnel_is_proven(workplace: Workplace, server: SshServer) -> None:
    set_up(workplace)
    prove(server, workplace.port)
    assert is_ok(workplace, "jupyter")


def test_a_refused_token_fails_the_proof_and_makes_the_step_dirty(
    workplace: Workplace, server: SshServer
) -> None:
    set_up(workplace)
    with pytest.raises(ProofFailed, match="GET /api/status through a tunnel gave 403"):
        prove(server, workplace.port, "wrong")
    assert not is_ok(workplace, "jupyter")


def test_a_stopped_jupyter_fails_the_proof_with_its_log_and_without_the_token(
    workplace: Workplace, server: SshServer
) -> None:
    set_up(workplace).stop()
    (workplace.guest.root / "jupyter.log").write_text(f"killed: token={TOKEN}\n")
    with pytest.raises(ProofFailed, match=r"killed: token=\[secret\]") as failed:
        prove(server, workplace.port)
    assert TOKEN not in str(failed.value)


def test_a_fastai_that_cannot_be_imported_fails_the_proof_with_pythons_words(
    workplace: Workplace, server: SshServer
) -> None:
    set_up(workplace)
    (workplace.guest.home / "fastai" / "fastai" / "__init__.py").write_text("import torch_of_tomorrow\n")
    with pytest.raises(ProofFailed, match="torch_of_tomorrow"):
        prove(server, workplace.port)
