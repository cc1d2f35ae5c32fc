"""Level vm: machines with a kernel of their own, under qemu without hardware help (TCG)."""
