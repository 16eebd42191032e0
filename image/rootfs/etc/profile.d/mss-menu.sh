# shellcheck shell=sh
# A person who logs in as root on a terminal lands in the menu; item 3 leaves it for this shell.
# `ssh host command`, scp and sftp start no login shell and never come here.
case $- in
*i*)
  if [ "$(id -u)" = 0 ] && [ -t 0 ] && [ -t 1 ] && [ -z "${MSS_MENU_SHOWN:-}" ]; then
    export MSS_MENU_SHOWN=1
    mss menu
  fi
  ;;
esac
