#!/bin/sh
# The sensor software as one: /nsm/etc/mss.sh start|stop|restart|reload|status|reset|doctor
# Lines `export emailaddress=...` and `export emailtype="text"` placed here or in settings.sh turn on real-time mail;
# both files are read, never executed, by the services, and no update overwrites them.

case ${1:-} in
start | stop | restart | reload | status | reset | doctor)
  exec mss "$@"
  ;;
*)
  echo "usage: $0 start|stop|restart|reload|status|reset|doctor" >&2
  exit 2
  ;;
esac
