"""A machine's disk: a folder tree made once from the template's image, kept until the machine is deleted."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sandbox.guest import course, packages, passwords, upstream
from sandbox.guest.atomic import made_once
from sandbox.guest.init.specification import LIBRARY, UPSTREAM, USER, USER_ID

IMAGE = Path(__file__).parent / "image"
FASTAI_TEMPLATES = ("fast.ai", "tzd1e8km")
FOLDERS = ("etc/ssh/sshd_config.d", "etc/systemd/system", "etc/sudoers.d", "home", "root", "opt", "srv",
           "mnt", "media", "tmp", "run/guest", "usr/local/bin", "usr/local/sbin", "usr/local/lib",
           "var/cache", "var/log", "var/lib", "var/spool", "var/tmp")  # fmt: skip
HOST_ETC = ("alternatives", "bash.bashrc", "ca-certificates", "ca-certificates.conf", "debian_version",
            "gai.conf", "host.conf", "inputrc", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
            "localtime", "locale.alias", "login.defs", "lsb-release", "magic", "mime.types",
            "os-release", "pki", "profile", "profile.d", "protocols", "services", "shells", "skel",
            "terminfo", "timezone", "vim")  # fmt: skip
ETC = {
    "passwd": f"root:x:0:0:root:/root:/bin/bash\n{USER}:x:{USER_ID}:{USER_ID}:{USER}:/home/{USER}:/bin/bash\n"
    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
    "group": f"root:x:0:\nadm:x:4:{USER}\ntty:x:5:\nsudo:x:27:{USER}\nshadow:x:42:\n{USER}:x:{USER_ID}:\n"
    "nogroup:x:65534:\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n",
    "ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin prohibit-password\n"
    "PasswordAuthentication yes\nAcceptEnv LANG LC_*\nSubsystem sftp internal-sftp\n",
    "motd": "Welcome to Ubuntu 16.04.3 LTS (GNU/Linux 4.4.0-104-generic x86_64)\n\n"
    " * Documentation:  https://help.ubuntu.com\n * This is a machine of the sandbox.\n\n",
    "environment": "",
    "resolv.conf": "",
}


class Disk:
    """The tree of one machine under <directory>/machines/<id>/disk."""

    def __init__(self, directory: Path, machine_id: str) -> None:
        self.folder = directory / "machines" / machine_id
        self.root = self.folder / "disk"
        self._directory = directory
        self._machine_id = machine_id

    def make(self, template: str, password: str) -> None:
        """Make the tree when it is missing; one that is there keeps its files and its passwords."""
        self.folder.mkdir(parents=True, exist_ok=True)
        made_once(
            self.root, lambda root: _Image(root, self._directory).write(self._machine_id, template, password)
        )

    def prepare(self, python: str, libraries: dict[str, str], *, confined: bool) -> None:
        """What every boot begins with: empty /run and /tmp, and this version's stand-ins."""
        for name in ("run", "tmp"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        for name in ("run/guest", f"run/user/{USER_ID}", "run/lock", "tmp", "var/tmp"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "var/tmp"):
            (self.root / name).chmod(0o1777)
        (self.root / f"run/user/{USER_ID}").chmod(0o700)
        _install_stand_ins(self.root / "usr/local/bin", python, libraries, confined=confined)
        inside = f"{UPSTREAM}/fastai.git" if confined else str(upstream.repository(self._directory))
        (self.root / "etc/gitconfig").write_text(course.upstream_configuration(inside), encoding="utf-8")
        if not confined:
            self._allow_any_user_to_run_jupyter()

    def remove(self) -> None:
        """Remove the machine's folder, also files that the machine made unwritable."""
        if self.folder.exists():
            for folder, _, _ in os.walk(self.folder):
                if not Path(folder).is_symlink():
                    Path(folder).chmod(0o700)
            shutil.rmtree(self.folder)

    def _allow_any_user_to_run_jupyter(self) -> None:
        """At L0 a host user plays the machine's user; when that is root, Jupyter would refuse to start."""
        if os.geteuid() == 0:
            settings = self.root / "etc/jupyter/jupyter_server_config.json"
            settings.parent.mkdir(exist_ok=True)
            settings.write_text('{"ServerApp": {"allow_root": true}}\n', encoding="utf-8")


class _Image:
    """Writes the tree of a new disk."""

    def __init__(self, root: Path, directory: Path) -> None:
        self._root = root
        self._home = root / "home" / USER
        self._directory = directory

    def write(self, machine_id: str, template: str, password: str) -> None:
        for name in FOLDERS:
            (self._root / name).mkdir(parents=True, exist_ok=True)
        self._settings(machine_id, password)
        self._home.mkdir()
        shutil.copy(IMAGE / "home/profile", self._home / ".profile")
        shutil.copy(IMAGE / "home/bashrc", self._home / ".bashrc")
        shutil.copy(IMAGE / "home/bashrc", self._root / "root/.bashrc")
        if template.lower() in FASTAI_TEMPLATES:
            self._fastai()

    def _settings(self, machine_id: str, password: str) -> None:
        etc = self._root / "etc"
        for name in HOST_ETC:
            _copy(Path("/etc", name), etc / name)
        _copy(Path("/etc/ssl/certs"), etc / "ssl/certs")
        _copy(Path("/etc/ssl/openssl.cnf"), etc / "ssl/openssl.cnf")
        for name, text in ETC.items():
            (etc / name).write_text(text, encoding="utf-8")
        (etc / "hostname").write_text(f"{machine_id}\n", encoding="utf-8")
        (etc / "hosts").write_text(
            f"127.0.0.1 localhost\n127.0.1.1 {machine_id}\n::1 localhost\n", encoding="utf-8"
        )
        shadow = f"root:!:20000:0:99999:7:::\n{USER}:{passwords.hashed(password)}:20000:0:99999:7:::\n"
        (etc / "shadow").write_text(shadow, encoding="utf-8")
        (etc / "shadow").chmod(0o640)

    def _fastai(self) -> None:
        for name in ("data", "downloads", "anaconda3/bin", "anaconda3/envs"):
            (self._home / name).mkdir(parents=True)
        with (self._home / ".bashrc").open("a", encoding="utf-8") as file:
            file.write((IMAGE / "home/bashrc.fastai").read_text(encoding="utf-8"))
        shutil.copy(IMAGE / "home/activate", self._home / "anaconda3/bin/activate")
        (self._home / "anaconda3/bin/conda").symlink_to("../../../../usr/local/bin/conda")
        environment = packages.template_environment(packages.user_cache())
        shutil.copytree(
            environment, self._home / "anaconda3/envs/fastai", symlinks=True, copy_function=_link_or_copy
        )
        course.clone(self._directory, self._home / "fastai")
        course.dogs_and_cats(self._home / "data")


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _copy(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, ignore_dangling_symlinks=True)
    elif source.is_symlink() or source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)


STAND_INS = ("chgrp", "chown", "chpasswd", "conda", "halt", "hostnamectl", "install", "journalctl", "last",
             "loginctl", "nvidia-smi", "passwd", "poweroff", "reboot", "runuser", "shutdown", "su", "sudo",
             "systemctl", "w", "wall", "who")  # fmt: skip


def _install_stand_ins(folder: Path, python: str, libraries: dict[str, str], *, confined: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [LIBRARY] if confined else sorted({str(Path(path).parent) for path in libraries.values()})
    script = launcher(python, paths)
    for name in STAND_INS:
        file = folder / name
        if not file.is_file() or file.read_text(encoding="utf-8") != script:
            file.unlink(missing_ok=True)
            file.write_text(script, encoding="utf-8")
            file.chmod(0o755)


def launcher(python: str, paths: list[str]) -> str:
    """A program that is the stand-in of its own name."""
    program = f"import sys; sys.path[:0] = {paths!r}; from sandbox.guest.standins.command import main; main()"
    return f"""#!/bin/sh\nexec '{python}' -ISc "{program}" "${{0##*/}}" "$@"\n"""
