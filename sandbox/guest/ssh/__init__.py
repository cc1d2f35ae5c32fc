"""The machine's sshd: asyncssh in front of a machine's process number one."""
