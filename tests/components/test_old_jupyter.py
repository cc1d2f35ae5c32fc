"""The step's configuration as Jupyters of other times really read it: pytest -m old_jupyter; needs PyPI."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from components.jupyter import jupyter_step
from sandbox.guest.packages import uv
from tests.components.guest import GuestHome
from tests.waiting import wait_until

pytestmark = pytest.mark.old_jupyter
TOKEN = "5ec2e7" * 8
COURSE = ["notebook==6.0.3", "jinja2<3.1", "tornado<6.2", "jupyter_client<8", "traitlets<5.10"]
COURSE += ["nbconvert<6.5", "mistune<1", "ipykernel<6.20", "pyzmq<26"]


@contextmanager
def running(guest: GuestHome, command: str, port: int) -> Iterator[None]:
    """`jupyter <command>` with the configuration files that the step writes."""
    body = jupyter_step(port, TOKEN).plan({}).body
    (guest.home / ".jupyter").mkdir()
    (guest.home / "fastai").mkdir()
    (guest.home / ".jupyter" / "notebook_token").write_text(TOKEN)
    definitions = body.partition("ANSWER_SECONDS=")[0]
    written = guest.bash(f'{definitions}\nfor file in "${{config_files[@]}}"; do config_text >$file; done')
    assert written.returncode == 0, written.stderr
    program = guest.home / "anaconda3" / "envs" / "fastai" / "bin" / "jupyter"
    path = f"{program.parent}:{os.defpath}"
    with (guest.root / "log").open("w") as log:
        jupyter = subprocess.Popen(
            [program, command, "--no-browser", "--allow-root"],
            env=guest.environment(PATH=path),
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: answers(port), "Jupyter listens")
        yield
    finally:
        jupyter.terminate()
        jupyter.wait(20)


def answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def contents(port: int, token: str) -> requests.Response:
    header = {"Authorization": f"token {token}"}
    return requests.get(f"http://127.0.0.1:{port}/api/contents", headers=header, timeout=20)


@pytest.mark.parametrize(
    ("packages", "command"),
    [
        pytest.param(COURSE, "notebook", id="classic notebook 6.0"),
        pytest.param(["notebook==6.5.7"], "notebook", id="classic notebook 6.5 on nbclassic"),
        pytest.param(
            ["notebook==6.4.12", "jupyter_server<2", "traitlets<5.10"], "server", id="jupyter_server 1"
        ),
    ],
)
def test_an_old_jupyter_takes_port_token_and_folder(
    guest: GuestHome, packages: list[str], command: str
) -> None:
    environment = guest.home / "anaconda3" / "envs" / "fastai"
    subprocess.run([uv(), "venv", "-q", environment], check=True)
    where = ["--python", environment / "bin" / "python"]
    subprocess.run([uv(), "pip", "install", "-q", *where, *packages, "setuptools"], check=True)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with running(guest, command, port):
        (guest.home / "fastai" / "mine.ipynb").touch()
        assert [each["name"] for each in contents(port, TOKEN).json()["content"]] == ["mine.ipynb"]
        assert contents(port, "wrong").status_code == 403
