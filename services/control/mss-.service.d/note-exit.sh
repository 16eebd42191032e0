# shellcheck shell=sh
# In a folder where only root writes: how often a service ended by itself since the boot, and how it last did; the
# file's own time says when. For status, board and pages. Built-ins only, since the service's restart waits for it. The
# words are systemd's, see systemd.exec(5), $SERVICE_RESULT.
[ "$SERVICE_RESULT" = success ] && exit 0
umask 022
file=/run/mss/exits/$1.exit
count=0
[ ! -f "$file" ] || read -r count rest <"$file"
echo "$((count + 1)) $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS" >"$file"
