"""Commands of a real machine that a sandbox machine plays: systemctl, sudo, conda… (README.md lists them)."""
