#!/bin/bash
# Installs the sensor software on this machine: ./setup.sh [--yes] [--dry-run] [--uninstall] [--appliance]
# Asks before everything it does; --yes takes the defaults. Changes no firewall, network, root password, sshd or mail
# set-up of a plain Linux machine without a yes of its own. --appliance is for the image's build only: all of it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib/say.sh"
. "$here/lib/packages.sh"
. "$here/lib/install.sh"
. "$here/lib/uninstall.sh"

usage() {
  cat <<'TEXT'
usage: ./setup.sh [options]
  --yes                  take the default answer to every question
  --dry-run              say what would be done, change nothing
  --uninstall            take everything out again
  --listen INTERFACE     the interface that sees the mirrored traffic
  --home-net CIDR,...    the networks to protect
  --firewall             also drop everything that comes in except the sensor's ports and ssh
TEXT
}

mode=install listen='' home_net='' firewall=no
while [ $# -gt 0 ]; do
  case $1 in
  --yes) answer_yes=1 ;;
  --dry-run) dry_run=1 ;;
  --uninstall) mode=uninstall ;;
  --appliance) appliance=1 ;;
  --firewall) firewall=yes ;;
  --listen | --home-net)
    [ $# -ge 2 ] || stop_with 2 "$1 needs a value"
    if [ "$1" = --listen ]; then listen=$2; else home_net=$2; fi
    shift
    ;;
  --help | -h)
    usage
    exit 0
    ;;
  *)
    usage >&2
    stop_with 2 "unknown option $1"
    ;;
  esac
  shift
done

[ "$(id -u)" = 0 ] || [ -n "$dry_run" ] || stop_with 1 "run this as root"
[ "$(uname -m)" = x86_64 ] || stop_with 1 "the release is for x86-64, this machine is $(uname -m)"
[ -d /run/systemd/system ] || [ -n "$dry_run" ] || stop_with 1 "systemd is not running here; the sensor's services need it"

if [ "$mode" = uninstall ]; then
  uninstall
else
  install_sensor
fi
