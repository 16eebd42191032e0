#!/bin/sh
# The login every copy ships with, and the check that keeps it off the network.
set -eu
echo root:metaflows | chpasswd
sed -n 's/^root:\([^:]*\):.*/\1/p' /etc/shadow >/nsm/etc/.shipped-hash
chmod 600 /nsm/etc/.shipped-hash
sed -i '/^@include common-auth/i # Not with the password that every copy of the appliance ships with.\nauth       requisite    pam_exec.so quiet /usr/local/lib/mss/refuse-shipped-password\n' /etc/pam.d/sshd
grep -q refuse-shipped-password /etc/pam.d/sshd
