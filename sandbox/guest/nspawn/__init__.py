"""Level nspawn: machines with a real Debian inside, with systemd, PAM and sshd, under systemd-nspawn."""
