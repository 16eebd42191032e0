# The installation itself: release, links, users, units; and what only the appliance gets. Sourced by setup.sh.
release_source=$here/release
units_dir=/etc/systemd/system
# Is there when --uninstall has to switch the firewall off again.
firewall_was_off=/nsm/etc/.firewall-was-off
firewall_names=/etc/nftables.d/mss-listening.nft
engine_drop_ins=$units_dir/mss-suricata.service.d
# Of the release's rootfs/, what every machine gets; the rest is the appliance's own.
plain_files="usr/lib/sysusers.d/mss.conf usr/lib/tmpfiles.d/mss.conf usr/lib/systemd/system/mss.target usr/local/bin/mss"

release_version() { sed -n 's/^ *"version": "\(.*\)",*$/\1/p' "$release_source/manifest.json" | head -n 1; }

# Every file is what the manifest says, before anything is changed.
check_release() {
  [ -f "$release_source/manifest.json" ] || stop_with 1 "$release_source/manifest.json is missing: unpack linux.zip again"
  (cd "$release_source" && sed -n 's/^ *"\(.*\)": "\([0-9a-f]\{64\}\)",*$/\2  \1/p' manifest.json | sha256sum --quiet -c -) ||
    stop_with 1 "the release in $release_source is damaged: unpack linux.zip again"
}

copy_release() {
  local version target
  version=$(release_version)
  target=/nsm/releases/$version
  say "release $version into $target"
  act mkdir -p /nsm/releases /nsm/etc
  act rm -rf "$target.new"
  act cp -r "$release_source" "$target.new"
  act chown -R root:root "$target.new"
  act chmod -R u=rwX,go=rX "$target.new"
  # The same version once more: /nsm/current leads nowhere for two renames, not for a deletion.
  act rm -rf "$target.old"
  if [ -e "$target" ]; then act mv "$target" "$target.old"; fi
  act mv "$target.new" "$target"
  act rm -rf "$target.old"
  # A rename: after a power cut the link is the old or the new one, never absent.
  act ln -sfn "releases/$version" /nsm/current.new
  act mv -T /nsm/current.new /nsm/current
}

copy_rootfs() {
  local file
  if [ -n "$appliance" ]; then
    act cp -r --preserve=mode --no-preserve=ownership "$release_source/rootfs/." /
  else
    for file in $plain_files; do
      act install -D -m "$(stat -c %a "$release_source/rootfs/$file")" "$release_source/rootfs/$file" "/$file"
    done
  fi
  act install -D -m 755 "$here/etc/mss.sh" /nsm/etc/mss.sh
  [ -f /nsm/etc/settings.sh ] || act install -m 644 "$here/etc/settings.sh" /nsm/etc/settings.sh
}

# Units are links into /nsm/current, so that a switched release brings its own.
link_units() {
  local unit name
  for unit in "$release_source"/units/*; do
    [ -e "$unit" ] || continue
    name=$(basename "$unit")
    act ln -sfn "/nsm/current/units/$name" "$units_dir/$name"
  done
  act systemd-sysusers
  act systemd-tmpfiles --create mss.conf
  act systemctl daemon-reload
}

# Links for [Install] are made by hand: systemctl enable refuses units that are links to links.
want_unit() { # TARGET UNIT
  [ -e "$release_source/units/$2" ] || return 0
  act mkdir -p "$units_dir/$1.wants"
  act ln -sfn "/nsm/current/units/$2" "$units_dir/$1.wants/$2"
}

enable_units() {
  local unit target
  for unit in "$release_source"/units/*; do
    [ -f "$unit" ] || continue
    case $(basename "$unit") in
    mss-console*) [ -n "$appliance" ] || continue ;;
    esac
    for target in $(sed -n 's/^WantedBy=//p' "$unit"); do want_unit "$target" "$(basename "$unit")"; done
  done
}

# Nothing where there is no Suricata yet.
engine_major() { { suricata -V 2>/dev/null || :; } | sed -n 's/.* version \([0-9]*\)\..*/\1/p'; }

# From version 8 on Suricata tells systemd that it is ready. An older one would be waited for in vain, and then ended.
adapt_engine_unit() {
  local major
  major=$(engine_major)
  act rm -rf "$engine_drop_ins"
  case $major in
  '') ;;
  [1-6]) say "Suricata $major is too old: nothing is inspected until version 7 or later is installed" ;;
  7) printf '[Service]\nType=exec\n' | write_file "$engine_drop_ins/says-nothing.conf" 644 ;;
  esac
}

management_interface() { ip -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1; }

first_other_interface() {
  local management interface
  management=$(management_interface)
  for interface in /sys/class/net/*; do
    interface=$(basename "$interface")
    case $interface in lo | docker* | veth* | br-* | virbr*) continue ;; esac
    [ "$interface" = "$management" ] || { echo "$interface"; return; }
  done
  echo "${management:-eth0}"
}

is_sensor() { grep -qs '^export sid=[1-9]' /nsm/etc/UUID; }

write_seed() {
  listen=$(ask_value "Interface that sees the mirrored traffic?" "${listen:-$(first_other_interface)}")
  home_net=$(ask_value "Networks to protect?" "${home_net:-10.0.0.0/8,172.16.0.0/12,192.168.0.0/16}")
  printf '{ "sensorType": "standalone", "homeNet": "%s", "promiscuousInterface": "%s" }\n' "$home_net" "$listen" |
    write_file /nsm/etc/seed.json 600
}

install_firewall() {
  [ "$firewall" = yes ] || ask_yes "Drop everything that comes in except ssh and the sensor's ports?" no || return 0
  # Others keep their rules elsewhere, and would not read ours.
  if [ -z "$dry_run" ] && [ ! -f /etc/nftables.conf ]; then
    say "no /etc/nftables.conf on this distribution: the firewall is left alone, set one up by the README's port table"
    return 0
  fi
  if [ ! -f /etc/nftables.conf.before-mss ]; then
    act cp /etc/nftables.conf /etc/nftables.conf.before-mss
    systemctl is-enabled --quiet nftables.service 2>/dev/null || act touch "$firewall_was_off"
  fi
  # Nothing that comes in by a listening interface is for us. The appliance's names for those may be the way in here.
  local only_listens=
  [ "$listen" = "$(management_interface)" ] || only_listens=$listen
  printf 'redefine listening = { "%s" }\n' "$(echo "${only_listens:-none}" | sed 's/,/", "/g')" |
    write_file "$firewall_names" 644
  act install -m 755 "$release_source/rootfs/etc/nftables.conf" /etc/nftables.conf
  act systemctl enable --now nftables.service
}

install_sensor() {
  local start
  check_release
  [ -n "$appliance" ] || install_packages
  copy_release
  copy_rootfs
  adapt_engine_unit
  link_units
  enable_units
  if [ -n "$appliance" ]; then
    : >/nsm/etc/appliance
    say "done"
    return
  fi
  if is_sensor; then
    # An update, or what an earlier --uninstall kept: first start is over, and its answers hold.
    act systemctl enable mss.target
    start="mss-control.service mss.target"
  else
    write_seed
    act rm -rf /var/lib/mss/firstboot
    start="mss-control.service mss-firstboot.service"
  fi
  install_firewall
  if ask_yes "Start the sensor now?" yes; then
    # shellcheck disable=SC2086
    act systemctl restart $start
  fi
  say "done: 'mss status' shows the sensor, 'mss menu' configures it, $here/setup.sh --uninstall takes it out"
}
