"""How a student gets in: the stack's keys, the script that installs them, and the SSH client's files."""

from __future__ import annotations

import pulumi

from components import guest_files
from components.key_pair import KeyPair
from components.ssh import USER

CONFIG = """\
Host {alias}
    HostName {host}
    Port {port}
    User {user}
    IdentityFile ~/.ssh/{alias}
    IdentitiesOnly yes
    UserKnownHostsFile ~/.ssh/{alias}.known_hosts
    HostKeyAlias {alias}
    LocalForward {local_port} localhost:{notebook_port}
"""


class Access(pulumi.ComponentResource):
    """The student's key pair and the machine's host key pair, both made before the machine."""

    def __init__(
        self, name: str, own_public_key: str, password_login: bool, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("fastai:paperspace:Access", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        self.user_key = KeyPair("user-key", inside)
        self.host_key = KeyPair("host-key", inside)
        keys = (self.user_key.public_key, self.host_key.private_key, self.host_key.public_key)
        self.startup_script = pulumi.Output.all(*keys).apply(
            lambda keys: startup_script(
                [keys[0], own_public_key], keys[1], keys[2], password_login=password_login
            )
        )
        self.register_outputs({})


def startup_script(
    public_keys: list[str], host_private_key: str, host_public_key: str, *, password_login: bool = False
) -> str:
    """The text that Paperspace runs as root at boot. Holds the host's private key: a secret."""
    return guest_files.with_variables(
        guest_files.read("startup.sh"),
        {
            "AUTHORIZED_KEYS": "\n".join(key for key in public_keys if key),
            "HOST_PRIVATE_KEY": host_private_key.strip(),
            "HOST_PUBLIC_KEY": host_public_key.strip(),
            "PASSWORD_LOGIN": "yes" if password_login else "no",
        },
    )


def alias(stack: str) -> str:
    """The name of a stack's machine for `ssh`, and of its files in ~/.ssh."""
    return f"fastai-{stack}"


def known_hosts(alias: str, host_public_key: str) -> str:
    """The line that lets an SSH client verify the first connection."""
    return f"{alias} {host_public_key}\n"


def ssh_config(alias: str, host: str, port: int, local_port: int, notebook_port: int) -> str:
    """The block for ~/.ssh/config."""
    return CONFIG.format(
        alias=alias, host=host, port=port, user=USER, local_port=local_port, notebook_port=notebook_port
    )


def tunnel_command(alias: str, host: str, port: int, local_port: int, notebook_port: int) -> str:
    """The course's tunnel, verified, for a computer without the block in its configuration."""
    options = (
        f"-i ~/.ssh/{alias} -o IdentitiesOnly=yes -o HostKeyAlias={alias} "
        f"-o UserKnownHostsFile=~/.ssh/{alias}.known_hosts"
    )
    port_option = "" if port == 22 else f"-p {port} "
    forward = f"-L localhost:{local_port}:localhost:{notebook_port}"
    return f"ssh -N {forward} {options} {port_option}{USER}@{host}"
