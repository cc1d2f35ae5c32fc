"""What the machine's sshd_config says, as far as the sandbox obeys it."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatch

from sandbox.guest.ssh.files import GuestFiles

FILE = "/etc/ssh/sshd_config"


@dataclass(frozen=True)
class Settings:
    """Read when sshd starts, as the real one does; a later change needs `systemctl restart ssh`."""

    password_authentication: bool = True
    pubkey_authentication: bool = True
    permit_root_login: str = "prohibit-password"

    def allows_password(self, user: str) -> bool:
        """Whether the account may log in with a password."""
        return self.password_authentication and (user != "root" or self.permit_root_login == "yes")

    def allows_key(self, user: str) -> bool:
        """Whether the account may log in with a key."""
        return self.pubkey_authentication and (user != "root" or self.permit_root_login != "no")


def read(files: GuestFiles) -> Settings:
    """The first value of a keyword wins, Include stands where it is (sshd_config(5)); Match is left out."""
    values: dict[str, str] = {}
    _collect(files, FILE, values)
    return Settings(
        password_authentication=values.get("passwordauthentication", "yes") == "yes",
        pubkey_authentication=values.get("pubkeyauthentication", "yes") == "yes",
        permit_root_login=values.get("permitrootlogin", "prohibit-password").replace("without", "prohibit"),
    )


def _collect(files: GuestFiles, path: str, values: dict[str, str]) -> None:
    for line in files.read_text(path).splitlines():
        words = line.split("#")[0].replace("=", " ").split()
        if len(words) < 2:
            continue
        keyword = words[0].lower()
        if keyword == "match":
            return
        if keyword == "include":
            for pattern in words[1:]:
                _include(files, pattern, values)
        else:
            values.setdefault(keyword, words[1].lower())


def _include(files: GuestFiles, pattern: str, values: dict[str, str]) -> None:
    folder, _, name = files.inside(pattern, "/etc/ssh").rpartition("/")
    for found in files.names(folder):
        if fnmatch(found, name):
            _collect(files, f"{folder}/{found}", values)
