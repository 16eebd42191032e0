#!/bin/sh
# mmdebstrap hook, after all packages: takes out what a running sensor never reads. $1 = root folder.
set -eu
root=$1
rm -f "$root/usr/sbin/policy-rc.d"
rm -rf "$root"/usr/share/locale/* "$root"/usr/share/doc/* "$root"/var/lib/apt/lists/* "$root"/var/log/*.log
# core.img is built from these once, by mkdisk; the system never installs GRUB again.
find "$root/usr/lib/grub" -name '*.module' -delete
# Engine and mail are started by our own units, or later.
chroot "$root" systemctl disable suricata.service >/dev/null 2>&1 || :
chroot "$root" systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service \
  dpkg-db-backup.timer >/dev/null 2>&1
echo sensor >"$root/etc/hostname"
printf '127.0.0.1 localhost sensor\n::1 localhost\n' >"$root/etc/hosts"
: >"$root/etc/machine-id"
