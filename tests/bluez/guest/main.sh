#!/bin/sh
# What the guest does: a system bus, the scenarios, and off. CHECKOUT, WORK and PYTHON come from the first program.
export PATH="$WORK/system/usr/sbin:$WORK/system/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME=/root LC_ALL=C.UTF-8
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm
mount -t tmpfs shm /dev/shm
rm -rf /run/vitals /var/lib/bluetooth
mkdir -p /run/vitals/tmp /var/lib/bluetooth
export TMPDIR=/run/vitals/tmp DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/vitals/bus
export PYTHONPYCACHEPREFIX="$WORK/pycache" PYTHONUNBUFFERED=1 WORK
export LD_LIBRARY_PATH="$WORK/system/usr/lib/$LIBRARIES:$WORK/system/lib/$LIBRARIES"
"$WORK/busybox" ip link set lo up
echo "guest: up $(cut -d' ' -f1 /proc/uptime)s"
cd "$CHECKOUT" || exit
dbus-daemon --config-file=tests/bluez/guest/dbus.conf --nofork --nopidfile &
while [ ! -S /run/vitals/bus ]; do sleep 0.05; done
"$PYTHON" -m tests.bluez.scenarios >/dev/ttyS1
echo "END $?" >/dev/ttyS1
sync
"$WORK/busybox" poweroff -f
