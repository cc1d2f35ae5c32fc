"""What the fast.ai template holds, and the steps of the course notes on it."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from urllib.error import URLError

import pytest

from sandbox.guest import upstream
from tests.ports import free_port
from tests.sandbox.guest.students import FASTAI, Student, World, student_of
from tests.waiting import wait_until

CONDA = "~/anaconda3/bin/conda"
LISTING = (
    "CODE-OF-CONDUCT.md LICENSE MANIFEST MANIFEST.in README.md README.rst courses environment.yml fastai "
    "requirements.txt setup.cfg setup.py tutorials"
)
UNIT = """[Service]
User=paperspace
WorkingDirectory=HOME/fastai
Environment=JUPYTER_TOKEN=secret-token
ExecStart=HOME/anaconda3/envs/fastai/bin/jupyter notebook --no-browser --port=PORT --ServerApp.port_retries=0
Restart=always
[Install]
WantedBy=multi-user.target
"""


def test_the_home_is_the_one_in_the_course_notes(fastai: Student) -> None:
    assert set(fastai.out("ls").split()) >= {"anaconda3", "data", "downloads", "fastai"}
    assert fastai.out("ls data").split() == ["dogscats", "dogscats.zip"]
    assert fastai.out("ls fastai").split() == LISTING.split()


def test_a_plain_template_has_an_empty_home(plain: Student) -> None:
    assert plain.out("ls") == ""


def test_git_pull_brings_what_upstream_published(fastai: Student, world: World) -> None:
    assert fastai.out("cd fastai && git status -sb").startswith("## master...origin/master")
    behind = "cd fastai && git fetch -q && git rev-list --count HEAD..origin/master"
    assert int(fastai.out(behind)) >= 3
    commit = upstream.publish(world.directory, "Add a hint", files={"HINT.md": "hint\n"})
    fastai.out("cd fastai && git pull -q")
    assert fastai.out("cd fastai && git rev-parse HEAD; cat HINT.md") == f"{commit}\nhint"
    fastai.out("git clone -q https://github.com/fastai/fastai ~/second && rm -rf ~/second")


def test_fastai_is_importable_everywhere_in_its_environment(fastai: Student) -> None:
    where = fastai.out(f"cd / && {CONDA} run -n fastai python -c 'import fastai; print(fastai.__file__)'")
    assert where == fastai.out("echo $HOME/fastai/fastai/__init__.py")


def test_conda_env_update_installs_what_environment_yml_gained(fastai: Student, world: World) -> None:
    upstream.publish(world.directory, "Need tabulate", requirements=["tabulate==0.9.0"])
    fastai.out(f"cd fastai && git pull -q && {CONDA} env update")
    show = f"{CONDA} run -n fastai python -c 'import tabulate; print(tabulate.__version__)'"
    assert fastai.out(show) == "0.9.0"
    fastai.out(f"cd fastai && sed -i /tabulate/d environment.yml && {CONDA} env update")
    assert fastai.out(show) == "0.9.0"
    fastai.out(f"cd fastai && {CONDA} env update --prune")
    assert fastai.run(show).returncode == 1
    fastai.out("cd fastai && git checkout -q environment.yml")


def test_a_gpu_can_be_switched_on_and_torch_comes_with_it(fastai: Student) -> None:
    assert fastai.run("nvidia-smi -L").returncode == 9
    python = "~/anaconda3/envs/fastai/bin/python -c 'import torch; print(torch.cuda.is_available())'"
    for switch, seen in (("Quadro M4000", "True"), ("Quadro M4000\\nwithout CUDA", "False")):
        fastai.out(f"printf '{switch}\\n' | sudo tee /etc/nvidia-gpu && cd fastai && {CONDA} env update")
        assert "Quadro M4000" in fastai.out("nvidia-smi -L")
        assert fastai.out(python).strip() == seen
    fastai.out("sudo rm /etc/nvidia-gpu")


def test_an_environment_is_made_beside_the_old_one_and_removed(fastai: Student) -> None:
    yml = "name: small\ndependencies:\n  - cudatoolkit\n  - pip:\n      - tabulate==0.9.0\n"
    fastai.out("cat > ~/small.yml", given=yml.encode())
    done = fastai.run(f"{CONDA} env create -f ~/small.yml")
    assert done.returncode == 0
    assert "left out, not pip requirements: cudatoolkit" in done.stderr
    listed = json.loads(fastai.out(f"{CONDA} env list --json"))["envs"]
    assert [path.rpartition("/")[2] for path in listed] == ["anaconda3", "fastai", "small"]
    assert fastai.run(f"{CONDA} env create -f ~/small.yml").returncode == 1
    fastai.out(f"{CONDA} env remove -n small; rm ~/small.yml")
    assert "small" not in fastai.out(f"{CONDA} env list")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: bad\ndependencies:\n  - pip:\n      - no-such-package-here===1\n", "Pip failed"),
        ("name: [", "EnvironmentFileNotValid"),
        (None, "EnvironmentFileNotFound"),
    ],
)
def test_a_bad_environment_file_leaves_no_environment(fastai: Student, text: str | None, said: str) -> None:
    fastai.out("rm -f ~/bad.yml")
    if text is not None:
        fastai.out("cat > ~/bad.yml", given=text.encode())
    done = fastai.run(f"{CONDA} env update -f ~/bad.yml")
    assert done.returncode != 0
    assert said in done.stderr
    assert "bad" not in fastai.out(f"{CONDA} env list")


def test_jupyter_is_real_and_answers_through_a_tunnel_and_after_a_reboot(
    fastai: Student, world: World
) -> None:
    inside, outside = free_port(), free_port()
    text = UNIT.replace("HOME", fastai.out("echo $HOME")).replace("PORT", str(inside))
    fastai.out("sudo tee ${GUEST_ROOT:-}/etc/systemd/system/jupyter.service", given=text.encode())
    fastai.out("sudo systemctl enable --now jupyter")
    assert notebooks(fastai, inside, outside) == ["dl1"]
    world.guests.halt(fastai.machine)
    world.boot(fastai.machine, template=FASTAI)
    assert notebooks(fastai, inside, outside) == ["dl1"]
    fastai.out("sudo systemctl disable --now jupyter")


def notebooks(student: Student, inside: int, outside: int) -> list[str]:
    """The folders below courses/ as the notebook's own API tells them through `ssh -N -L`."""
    forward = ("-N", "-L", f"localhost:{outside}:localhost:{inside}")
    tunnel = subprocess.Popen(student.command("", *forward)[:-1], stderr=subprocess.DEVNULL)
    url = f"http://localhost:{outside}/api/contents/courses?token=secret-token"
    found: list[str] = []

    def answered() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=10) as reply:
                found.extend(entry["name"] for entry in json.load(reply)["content"])
        except (URLError, ConnectionError):
            return False
        return True

    try:
        wait_until(answered, "Jupyter answers")
    finally:
        tunnel.kill()
        tunnel.communicate()
    return found


def test_a_change_in_one_machine_does_not_reach_another(
    fastai: Student, world: World, tmp_path_factory
) -> None:
    world.boot("psother", template=FASTAI)
    other = student_of(world, tmp_path_factory.mktemp("other"), "psother")
    file = "~/anaconda3/envs/fastai/lib/python3*/site-packages/notebook/app.py"
    assert other.run(f"echo '# mine' >> {file}").returncode != 0, "the shared files are read-only"
    other.out(f"sed -i '1i # mine' {file}; rm -rf ~/anaconda3/envs/fastai/share ~/fastai")
    assert fastai.out(f"head -1 {file}") != "# mine"
    assert fastai.out("ls ~/anaconda3/envs/fastai/share/jupyter | head -1") != ""
    world.guests.delete("psother")


def test_a_new_machine_is_behind_upstream_also_after_upstream_moved(world: World, fastai: Student) -> None:
    before = upstream.template_commit(world.directory)
    tip = upstream.publish(world.directory)
    assert upstream.template_commit(world.directory) == before != tip
