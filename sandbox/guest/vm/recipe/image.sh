# A file system image of a machine's disk. Takes OVERLAY (the mount's options), ROOT (where to mount it), IMAGE, SIZE,
# PARTS (a folder whose files are added) and BOOT (where kernel and initrd are to go).

mount -t overlay overlay -o "$OVERLAY" "$ROOT"
cp -a "$PARTS/." "$ROOT/"
cp "$(ls -v "$ROOT"/boot/vmlinuz-* | tail -n 1)" "$BOOT/vmlinuz"
cp "$(ls -v "$ROOT"/boot/initrd.img-* | tail -n 1)" "$BOOT/initrd"
mke2fs -q -t ext4 -E lazy_itable_init=1 -d "$ROOT" "$IMAGE" "$SIZE"
