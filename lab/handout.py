"""What an instructor gives one student: a zip with key, known host, SSH configuration and a page of text.

It is unpacked in the student's home folder. It holds that student's secrets and nobody else's.
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from jinja2 import Environment, StrictUndefined

from lab.outputs import Outputs
from lab.ssh_files import SshFiles

TEXT = """\
Your fast.ai machine: {{ o.machine_type }} in {{ o.region }}

1. Unpack this zip in your home folder. It adds, and changes nothing else:
     .ssh/{{ files.key.name }}    your key: give it to nobody
     .ssh/{{ files.known_hosts.name }}    how your computer knows the machine
     .ssh/config.d/{{ files.config.name }}    how it is reached
   On Linux and macOS then, once:  chmod 600 ~/.ssh/{{ files.key.name }}

2. Open the tunnel and leave it open:
     ssh -N -F ~/.ssh/config.d/{{ files.config.name }} {{ o.ssh_alias }}

3. The notebook:
     {{ o.notebook_url }}?token={{ o.notebook_token.get_secret_value() }}

A shell on the machine:
     ssh -F ~/.ssh/config.d/{{ files.config.name }} -o ClearAllForwardings=yes {{ o.ssh_alias }}

The machine costs ${{ '%.2f' % o.hourly_rate }} an hour while it runs,
and ${{ '%.2f' % o.monthly_fixed }} a month for its disk and address, also while it is off.
`sudo poweroff` on the machine does NOT end the hourly cost: ask your instructor to stop it.
"""


def text(outputs: Outputs) -> str:
    """The page, with the notebook's token in it."""
    template = Environment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
    return template.from_string(TEXT).render(o=outputs, files=SshFiles(outputs.ssh_alias))


def write(outputs: Outputs, folder: Path) -> Path:
    """`<folder>/<alias>.zip`, readable by its owner only at every moment."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{outputs.ssh_alias}.zip"
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        for name, content in contents(outputs).items():
            archive.writestr(entry(name), content if content.endswith("\n") else f"{content}\n")
    return path


def contents(outputs: Outputs) -> dict[str, str]:
    """Path below the home folder -> text."""
    files, home = SshFiles(outputs.ssh_alias), Path.home()
    return {
        f"{outputs.ssh_alias}.txt": text(outputs),
        files.key.relative_to(home).as_posix(): outputs.private_key.get_secret_value(),
        files.known_hosts.relative_to(home).as_posix(): outputs.known_hosts,
        files.config.relative_to(home).as_posix(): outputs.ssh_config,
    }


def entry(name: str) -> zipfile.ZipInfo:
    """Unpacked with mode 0600; without a date, so that the same outputs make the same file."""
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o100600 << 16
    return info
