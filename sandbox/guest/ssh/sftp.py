"""SFTP in the user's view of the machine, which starts in the home (guest-facts.md, trap 1)."""

from __future__ import annotations

import os
import stat
from typing import cast

import asyncssh
from asyncssh.channel import SSHChannel

from sandbox.guest.ssh.files import GuestFiles


class GuestSFTP(asyncssh.SFTPServer):
    """Serves one session. home: the account's home, as an absolute path inside the machine."""

    def __init__(self, channel: SSHChannel[bytes], files: GuestFiles, home: str) -> None:
        super().__init__(cast(asyncssh.SSHServerChannel[bytes], channel))
        self._files = files
        self._home = home

    def map_path(self, path: bytes) -> bytes:
        """The host's path; symbolic links are resolved inside the machine."""
        return os.fsencode(self._files.outside(self._inside(path)))

    def reverse_map_path(self, path: bytes) -> bytes:
        """Not needed: what is reported is worked out inside the machine."""
        return path

    def realpath(self, path: bytes) -> bytes:
        """The absolute path inside the machine."""
        return os.fsencode(self._inside(path))

    def lstat(self, path: bytes) -> os.stat_result:
        return os.lstat(self._unfollowed(path))

    def readlink(self, path: bytes) -> bytes:
        """The target as the link says it."""
        return os.fsencode(os.readlink(self._unfollowed(path)))  # noqa: PTH115

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """Make a link whose target is kept as it is said."""
        os.symlink(oldpath, self._unfollowed(newpath))  # noqa: PTH211

    def remove(self, path: bytes) -> None:
        os.unlink(self._unfollowed(path))  # noqa: PTH108

    def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """Rename; unlike posix_rename never over a file that is there."""
        target = self._unfollowed(newpath)
        if os.path.lexists(target):
            raise asyncssh.SFTPFailure(f"{os.fsdecode(newpath)} exists")  # noqa: EM102
        os.rename(self._unfollowed(oldpath), target)  # noqa: PTH104

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        os.replace(self._unfollowed(oldpath), self._unfollowed(newpath))  # noqa: PTH105

    def link(self, oldpath: bytes, newpath: bytes) -> None:
        os.link(self._unfollowed(oldpath), self._unfollowed(newpath))

    def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Owner and group are left: one host user owns every file of the machine."""
        super().setstat(path, _without_owner(attrs))

    def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        super().fsetstat(file_obj, _without_owner(attrs))

    def exit(self) -> None:
        """End with code 0, as sftp-server does; without a code OpenSSH's scp reports a failure."""
        if not self.channel.is_closing():
            self.channel.exit(0)

    def _inside(self, path: bytes) -> str:
        return self._files.inside(os.fsdecode(path), self._home)

    def _unfollowed(self, path: bytes) -> str:
        return self._files.outside(self._inside(path), follow_last=False)


def _without_owner(attrs: asyncssh.SFTPAttrs) -> asyncssh.SFTPAttrs:
    attrs.uid = attrs.gid = attrs.owner = attrs.group = None
    if attrs.permissions is not None:
        attrs.permissions = stat.S_IMODE(attrs.permissions)
    return attrs
