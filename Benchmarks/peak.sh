# For the other scripts to source.

# peak_of COMMAND...: runs it and sets `seconds` and `mebibytes` to its wall time and the peak
# of its resident memory; returns its exit status.
peak_of() {
  local start=$EPOCHREALTIME kib=0 now pid status=0
  "$@" &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
    kib=${now:-$kib}
    sleep 0.05
  done
  wait "$pid" || status=$?
  read -r seconds mebibytes < <(awk -v from="$start" -v to="$EPOCHREALTIME" -v kib="$kib" \
    'BEGIN { printf "%.2f %d\n", to - from, kib / 1024 }')
  return "$status"
}
