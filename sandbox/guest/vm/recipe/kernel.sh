# What a virtual machine needs beside the layers below: a kernel, its network, and an fstab. UPPER receives it.
# Takes LOWERS (overlayfs' lowerdir), UPPER, SCRATCH and PACKAGE (the kernel's).

root=$SCRATCH/root
mount -t overlay overlay -o "lowerdir=$LOWERS,upperdir=$UPPER,workdir=$SCRATCH/work" "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
cp /etc/resolv.conf "$root/etc/resolv.conf"

export DEBIAN_FRONTEND=noninteractive
chroot "$root" apt-get update -q
chroot "$root" apt-get install -q -y --no-install-recommends "$PACKAGE" initramfs-tools
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
: >"$root/etc/resolv.conf"

echo '/dev/vda / ext4 rw,noatime 0 0' >"$root/etc/fstab"
mkdir -p "$root/etc/systemd/network"
printf '[Match]\nName=e*\n[Network]\nDHCP=ipv4\n' >"$root/etc/systemd/network/50-any.network"
chroot "$root" systemctl enable systemd-networkd
chroot "$root" systemctl disable systemd-networkd-wait-online
umount "$root/proc" "$root/dev"
