#!/bin/sh
# The same installer that linux.zip ships, with all of the appliance's own files.
set -eu
cd /root
tar --zstd -xf nsm.tar.zst
nsm/setup.sh --yes --appliance
rm -rf nsm nsm.tar.zst
