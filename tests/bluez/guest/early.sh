#!/busybox sh
# The first program of the guest: loads the kernel's modules and makes a root of the host's files. The host's side is
# read-only twice (qemu and mount); what is written lands in memory above it and is gone with the guest.
b=/busybox
$b mkdir -p /proc /host /memory /root
$b mount -t proc proc /proc
while read -r module; do
    $b insmod "/modules/$module" || echo "guest: module $module does not load"
done </modules/order
$b mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro host /host || echo "guest: no host files"
$b mount -t tmpfs -o size=75% memory /memory
$b mkdir /memory/upper /memory/work
$b mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work root /root || echo "guest: no root"
. /paths
exec $b chroot /root /bin/sh "$CHECKOUT/tests/bluez/guest/main.sh"
