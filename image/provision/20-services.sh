#!/bin/sh
# Which of Debian's services run, and when.
set -eu
systemctl enable nftables.service chrony.service ssh.service sshd-keygen.service systemd-networkd.service \
  systemd-resolved.service postfix.timer open-vm-tools.service
systemctl disable postfix.service vgauth.service systemd-networkd-wait-online.service grub-common.service \
  suricata.service
# Nothing here uses them, and each costs a process and a place in the boot's queue.
systemctl mask systemd-networkd-wait-online.service systemd-pstore.service systemd-hwdb-update.service \
  systemd-udev-load-credentials.service systemd-binfmt.service \
  modprobe@drm.service modprobe@configfs.service sys-kernel-config.mount sys-kernel-debug.mount \
  sys-kernel-tracing.mount dev-hugepages.mount systemd-rfkill.socket

# The board owns the first screen; the second has a login, and so has the serial port.
[ ! -e /nsm/current/units/mss-console.service ] || systemctl disable getty@tty1.service
systemctl enable getty@tty2.service serial-getty@ttyS0.service
