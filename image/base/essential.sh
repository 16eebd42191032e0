#!/bin/sh
# mmdebstrap hook, before the packages of packages.txt: what their post-install scripts read. $1 = root folder.
set -eu
root=$1
here=$(dirname "$0")

# Suricata comes from backports; nothing else does.
suite=$(sed -n 's/^VERSION_CODENAME=//p' "$root/usr/lib/os-release")
mkdir -p "$root/etc/apt/preferences.d"
printf 'Package: suricata* libhtp* libsuricata*\nPin: release n=%s-backports\nPin-Priority: 600\n' "$suite" \
  >"$root/etc/apt/preferences.d/mss-suricata"

# A listed initrd is a quarter the size of the default one and unpacks four times as fast.
mkdir -p "$root/etc/initramfs-tools/conf.d"
cp "$here/initramfs-modules" "$root/etc/initramfs-tools/modules"
printf 'MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=19\nBUSYBOX=n\n' >"$root/etc/initramfs-tools/conf.d/mss"

# No service starts inside the chroot.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"

chroot "$root" debconf-set-selections <<'ANSWERS'
postfix postfix/main_mailer_type select Local only
postfix postfix/mailname string sensor.localdomain
ANSWERS
