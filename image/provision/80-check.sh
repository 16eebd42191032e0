#!/bin/sh
# An image that would not work is not built.
set -eu
/nsm/current/bin/node --version
mss --help >/dev/null
suricata -V
nft -c -f /etc/nftables.conf
sshd -t
# Nothing on a sensor builds software.
for program in cc gcc g++ ld make; do
  if command -v "$program"; then exit 1; fi
done
systemd-sysusers --dry-run
for unit in /nsm/current/units/*; do
  [ ! -f "$unit" ] || systemd-analyze verify --man=no --recursive-errors=no "$(basename "$unit")"
done
