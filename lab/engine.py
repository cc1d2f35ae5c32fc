"""Which `pulumi` runs the stacks (design.md, "Which engine runs it").

In order: PULUMI_ROOT, `pulumi` on PATH, the official release installed for this SDK, and, where the internet
cannot be reached, the sandbox engine that comes with the project. `python -m lab.engine` prints its path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import requests

SDK_VERSION = "3.272.0"
INSTALLER = "https://get.pulumi.com/install.sh"
REACHABLE_SECONDS = 3
INSTALL_SECONDS = 300
SANDBOX_ENGINE = Path(__file__).resolve().parent.parent / "sandbox" / "engine"
INSTALL = f"""
import semver
from pulumi.automation import PulumiCommand
PulumiCommand.install(version=semver.VersionInfo.parse("{SDK_VERSION}"))
"""


class EngineMissing(Exception):
    """No executable where one was named; the text says which variable named it."""


def installed_root() -> Path:
    """Where PulumiCommand.install puts this SDK's release."""
    return Path.home() / ".pulumi" / "versions" / SDK_VERSION


def executable(root: Path) -> Path:
    return root / "bin" / "pulumi"


def present() -> Path | None:
    """The real Pulumi CLI if this machine has one.

    Raises EngineMissing if PULUMI_ROOT names a folder without bin/pulumi.
    """
    if root := os.environ.get("PULUMI_ROOT"):
        if not executable(Path(root)).is_file():
            message = f"PULUMI_ROOT={root} has no bin/pulumi; unset it, or point it at a Pulumi installation"
            raise EngineMissing(message)
        return executable(Path(root))
    if found := shutil.which("pulumi"):
        return Path(found)
    installed = executable(installed_root())
    return installed if installed.is_file() else None


def internet_reaches_pulumi() -> bool:
    try:
        return requests.head(INSTALLER, timeout=REACHABLE_SECONDS, allow_redirects=True).ok
    except requests.RequestException:
        return False


def install() -> Path | None:
    """The official release for this SDK, or None if it could not be installed within INSTALL_SECONDS."""
    if not internet_reaches_pulumi():
        return None
    print(f"Installing the Pulumi CLI {SDK_VERSION} into {installed_root()} ...", file=sys.stderr)
    try:
        subprocess.run(
            [sys.executable, "-c", INSTALL], check=True, capture_output=True, timeout=INSTALL_SECONDS
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as failure:
        print(f"Could not install it ({type(failure).__name__}); using the sandbox engine.", file=sys.stderr)
        return None
    return executable(installed_root())


def choose() -> Path:
    """The `pulumi` to run. Raises EngineMissing as `present` does."""
    return present() or install() or executable(SANDBOX_ENGINE)


def main() -> None:
    try:
        print(choose())
    except EngineMissing as missing:
        sys.exit(f"error: {missing}")


if __name__ == "__main__":
    main()
