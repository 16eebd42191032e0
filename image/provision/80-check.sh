#!/bin/sh
# An image that would not work is not built.
set -eu
/nsm/current/bin/node --version
mss --help >/dev/null
suricata -V
nft -c -f /etc/nftables.conf
sshd -t
systemd-sysusers --dry-run
for unit in /nsm/current/units/*; do
  [ ! -f "$unit" ] || systemd-analyze verify --man=no --recursive-errors=no "$(basename "$unit")"
done
