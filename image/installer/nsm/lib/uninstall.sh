# Takes out what install.sh put in. Packets, events and settings stay unless a person says otherwise. Sourced by setup.sh.

uninstall() {
  local unit file user group
  [ ! -e /nsm/etc/appliance ] || stop_with 1 "this is the appliance itself: delete the virtual machine instead"
  ask_yes "Stop the sensor and take its software out?" yes || stop_with 1 "nothing was changed"
  act systemctl stop mss.target || :
  for unit in "$units_dir"/mss-*; do
    [ -L "$unit" ] || continue
    act systemctl stop "$(basename "$unit")" || :
    act rm -f "$unit"
  done
  act find "$units_dir" -path '*.wants/*' -lname '/nsm/current/*' -delete
  act systemctl disable mss.target || :
  act rm -rf "$units_dir/mss.target.wants" "$engine_drop_ins"
  # Control made this one at boot. What is on that disk or share is nobody's to delete here: others may use it too.
  act systemctl stop nsm-packets.mount nsm-share.mount || :
  act rm -f /run/systemd/system/nsm-packets*.mount /run/systemd/system/nsm-share.mount
  if [ -f /etc/nftables.conf.before-mss ]; then
    act mv /etc/nftables.conf.before-mss /etc/nftables.conf
    if [ -e "$firewall_was_off" ]; then act systemctl disable --now nftables.service || :; fi
    act systemctl try-reload-or-restart nftables.service || :
    act rm -f "$firewall_was_off" "$firewall_names"
  fi
  for file in $plain_files; do act rm -f "/$file"; done
  act systemctl daemon-reload
  act systemctl reset-failed || :
  if [ -s "$record" ] && ask_yes "Remove the packages that setup.sh installed:$(cat "$record")?" yes; then
    # shellcheck disable=SC2046
    case $(command -v apt-get dnf | head -n 1) in
    *apt-get) act env DEBIAN_FRONTEND=noninteractive apt-get remove -y -qq $(cat "$record") ;;
    *dnf) act dnf remove -y $(cat "$record") ;;
    esac
  fi
  act rm -f /etc/apt/sources.list.d/mss-backports.list /etc/apt/preferences.d/mss-suricata "$record"
  act rm -rf /nsm/releases /nsm/current /run/mss
  if [ -z "$answer_yes" ] && ask_yes "Delete settings, events and the packets on this system's own disk too?" no; then
    act rm -rf --one-file-system /nsm /var/lib/mss /var/spool/mss
    for user in $(sed -n 's/^u \([^ ]*\).*/\1/p' "$release_source/rootfs/usr/lib/sysusers.d/mss.conf"); do
      act userdel "$user" || :
    done
    for group in $(sed -n 's/^g \([^ ]*\).*/\1/p' "$release_source/rootfs/usr/lib/sysusers.d/mss.conf"); do
      act groupdel "$group" || :
    done
  else
    say "kept: /nsm/etc, /var/lib/mss, /var/spool/mss, and the users that own files there"
  fi
  say "done"
}
