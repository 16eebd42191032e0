# Questions, progress and the one place where something is really done. Sourced by setup.sh.
answer_yes=${answer_yes:-} dry_run=${dry_run:-} appliance=${appliance:-}

say() { echo "setup: $*"; }
stop_with() {
  echo "setup: $2" >&2
  exit "$1"
}

# ask_yes QUESTION DEFAULT(yes|no)
ask_yes() {
  local reply=
  if [ -z "$answer_yes" ] && [ -t 0 ]; then
    read -r -p "$1 [$2] " reply || :
  fi
  case ${reply:-$2} in
  [yY]*) return 0 ;;
  *) return 1 ;;
  esac
}

# ask_value QUESTION DEFAULT: the answer on standard output
ask_value() {
  local reply=
  if [ -z "$answer_yes" ] && [ -t 0 ]; then
    read -r -p "$1 [$2] " reply || :
  fi
  echo "${reply:-$2}"
}

# Does a command, or says it.
act() {
  if [ -n "$dry_run" ]; then
    echo "would run: $*"
  else
    "$@"
  fi
}

# write_file PATH MODE: standard input into PATH, or says so.
write_file() {
  if [ -n "$dry_run" ]; then
    echo "would write: $1"
    cat >/dev/null
  else
    mkdir -p "$(dirname "$1")"
    cat >"$1"
    chmod "$2" "$1"
  fi
}
