# For the other scripts to source.

# The median of the numbers on standard input, between spaces or lines.
median() {
  tr -s ' ' '\n' | grep . | sort -n \
    | awk '{ a[NR] = $1 } END { print (a[int((NR + 1) / 2)] + a[int(NR / 2) + 1]) / 2 }'
}
