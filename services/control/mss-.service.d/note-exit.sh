# shellcheck shell=sh
# Beside a service's status file: how often it ended by itself since the boot, when it last did, and how. For status,
# board and pages. The words are systemd's, see systemd.exec(5), $SERVICE_RESULT.
[ "$SERVICE_RESULT" = success ] && exit 0
umask 022
file=/run/mss/status/$1.exit
count=0
[ ! -f "$file" ] || read -r count rest <"$file"
echo "$((count + 1)) $(date +%s) $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS" >"$file"
