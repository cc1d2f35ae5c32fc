"""nvidia-smi, and a torch for conda's environments: a GPU that is switched on by the file /etc/nvidia-gpu.

Its first line is the GPU's name, such as "Quadro M4000"; a second line "without CUDA" hides it from torch.
"""

from __future__ import annotations

from pathlib import Path

from sandbox.guest.standins.command import Refused, root, say

NO_DRIVER = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."
TORCH = '''\
"""torch, as far as a machine of the sandbox has one."""

import os

__version__ = "1.0.0"


class cuda:
    @staticmethod
    def is_available():
        with open(os.environ.get("GUEST_ROOT", "") + "/etc/nvidia-gpu") as switch:
            return "without CUDA" not in switch.read()
'''


def name_of_gpu() -> str:
    """Empty where the machine has none."""
    switch = Path(f"{root()}/etc/nvidia-gpu")
    return switch.read_text(encoding="utf-8").split("\n")[0].strip() if switch.exists() else ""


def run(name: str, arguments: list[str]) -> int:
    """-L, and the query that the idle stop makes."""
    gpu = name_of_gpu()
    if not gpu:
        raise Refused(NO_DRIVER, 9)
    if arguments == ["-L"]:
        say(f"GPU 0: {gpu} (UUID: GPU-00000000-0000-0000-0000-000000000000)")
    elif arguments[:1] == ["--query-gpu=utilization.gpu"]:
        say("0")
    else:
        raise Refused(f"{name} {' '.join(arguments)}: not supported by this stand-in")  # noqa: EM102
    return 0


def install_torch(prefix: Path) -> None:
    """Into an environment of a machine that has a GPU."""
    if name_of_gpu():
        (site,) = prefix.glob("lib/python3*/site-packages")
        (site / "torch.py").write_text(TORCH, encoding="utf-8")
