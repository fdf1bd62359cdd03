# Sourced by what looks at a running demonstration: it starts one on a free port
# with data of its own, leaves its address in $address and a folder that goes at
# the end in $work.
work=$(mktemp -d)
chmod 755 "$work" # PostgreSQL's account has to get in
demo=''
finish() {
	if [[ -n $demo ]]; then
		kill -INT "$demo" 2>/dev/null || true
		wait "$demo" || true
	fi
	rm -rf "$work"
}
trap finish EXIT

go build -o "$work/sijil" ./cmd/sijil
"$work/sijil" demo --addr 127.0.0.1:0 --data-dir "$work/data" >"$work/said" 2>"$work/errors" &
demo=$!
address=''
for _ in $(seq 1200); do
	address=$(sed -n 's/^Sijil is ready: //p' "$work/said")
	[[ -z $address ]] || break
	if ! kill -0 "$demo" 2>/dev/null; then
		cat "$work/said" "$work/errors" >&2
		demo=''
		exit 1
	fi
	sleep 0.1
done
[[ -n $address ]] || { echo "the demo is not ready after two minutes" >&2; exit 1; }
