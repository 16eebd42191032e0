# Distribution packages, per family. Debian 12 and 13 are tested; Ubuntu and the RHEL 9 family are written from their
# package lists and unverified. Sourced by setup.sh.
record=/nsm/etc/.installed
os_release=/etc/os-release

# Sets: family, packages, tested.
choose_packages() {
  # shellcheck disable=SC1090
  . "$os_release"
  tested=no
  case "${ID:-} ${ID_LIKE:-}" in
  debian*)
    family=apt
    packages="ca-certificates ethtool fuse3 iproute2 nftables suricata zstd"
    case ${VERSION_ID:-} in 12 | 13) tested=yes ;; esac
    ;;
  ubuntu* | *debian*)
    family=apt
    packages="ca-certificates ethtool fuse3 iproute2 nftables suricata zstd"
    ;;
  *rhel* | *fedora* | *centos*)
    family=dnf
    packages="ca-certificates ethtool fuse3 iproute nftables suricata zstd"
    ;;
  *) stop_with 1 "${PRETTY_NAME:-this distribution} is not known here: Debian 12 or 13, Ubuntu, or the RHEL 9 family" ;;
  esac
  if [ "$tested" = no ]; then say "${PRETTY_NAME:-this distribution}: written for, but not verified by the project"; fi
}

is_installed() {
  case $family in
  apt) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null || :)" = installed ] ;;
  dnf) rpm -q "$1" >/dev/null 2>&1 ;;
  esac
}

# Debian's own Suricata is older than its backport: name the machine's own mirror once more, for backports.
add_backports() {
  local mirror file=/etc/apt/sources.list.d/mss-backports.list
  [ "${ID:-}" = debian ] || return 0
  if apt-cache policy 2>/dev/null | grep -q "n=$VERSION_CODENAME-backports"; then return 0; fi
  mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
    awk -v suite="$VERSION_CODENAME" '$2 == suite { print $1; exit }')
  [ -n "$mirror" ] || { say "no mirror of $VERSION_CODENAME found: Suricata comes from what apt knows"; return 0; }
  ask_yes "Add $VERSION_CODENAME-backports to apt, for a newer Suricata only?" yes || return 0
  echo "deb $mirror $VERSION_CODENAME-backports main" | write_file "$file" 644
  printf 'Package: suricata* libhtp* libsuricata*\nPin: release n=%s-backports\nPin-Priority: 600\n' \
    "$VERSION_CODENAME" | write_file /etc/apt/preferences.d/mss-suricata 644
  act apt-get update -qq
}

install_packages() {
  local missing='' package
  choose_packages
  for package in $packages; do
    is_installed "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  ask_yes "Install these packages of the distribution:$missing?" yes || stop_with 1 "the sensor cannot run without:$missing"
  say "packages:$missing"
  case $family in
  apt)
    act apt-get update -qq
    add_backports
    # shellcheck disable=SC2086
    act env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
    ;;
  dnf)
    # Suricata and its libraries are in EPEL.
    is_installed epel-release || act dnf install -y epel-release ||
      stop_with 1 "no EPEL here, which has Suricata: enable it as its own page says, then run this again"
    # shellcheck disable=SC2086
    act dnf install -y $missing
    ;;
  esac
  # Only what was not there before is taken out again by --uninstall.
  missing="$(cat "$record" 2>/dev/null || :)$missing"
  echo "$missing" | write_file "$record" 644
  # The engine is our own unit; the distribution's would inspect a second time.
  case $missing in *suricata*) act systemctl disable --now suricata.service ;; esac
}
