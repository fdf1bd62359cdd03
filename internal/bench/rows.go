package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// row is a ratio with its bounds.
type row struct {
	id, what       string
	ours, peer     string    // what was compared
	values         []float64 // one for each round
	floor, stretch float64   // 0: the row has no bounds
	// less means that the ratio must be small, control that the floor must be missed.
	less, control bool
}

// ratio is what a row compares: how many requests of one target a second of CPU does, for
// each of another.
type ratio struct {
	id, what, of, to string
	floor, stretch   float64
	less, control    bool
}

// ratios are those of the goals that are taken under wrk. Of "less" rows the value is CPU
// time against CPU time, of others requests against requests. Bounds of the program as it
// is shipped are those of the cache's handler times those of W4.
func ratios() []ratio {
	return []ratio{
		{"W1", "cached page: the cache's handler / nginx `gzip_static`, same bytes", "handler", "nginx", 0.33, 0.45, false, false},
		{"W1×W4", "cached page: the program as shipped / nginx `gzip_static`, same bytes", "trim", "nginx", 0.28, 0.43, false, false},
		{"W1", "control: a needless middleware / nginx", "slow", "nginx", 0.33, 0.45, false, true},
		{"W2", "cached page: the cache's handler / bare net/http, same bytes", "handler", "bare", 0.85, 0.95, false, false},
		{"W2", "control: a needless middleware / bare net/http", "slow", "bare", 0.85, 0.95, false, true},
		{"W3", "304: the cache's handler / nginx", "handler-304", "nginx-304", 0.35, 0.5, false, false},
		{"W3×W4", "304: the program as shipped / nginx", "trim-304", "nginx-304", 0.3, 0.48, false, false},
		{"W3", "control: a needless middleware, the whole page / nginx 304", "slow", "nginx-304", 0.35, 0.5, false, true},
		{"W4", "cached page: the program as shipped / the cache's handler", "trim", "handler", 0.85, 0.95, false, false},
		{"W4", "control: a needless middleware / the cache's handler", "slow", "handler", 0.85, 0.95, false, true},
		{"", "cached page: nginx `proxy_cache` in front of the program / nginx `gzip_static`", "proxy", "nginx", 0.9, 0.95, false, false},
		{"", "control: nginx in front of the program without its cache / nginx `gzip_static`", "pass", "nginx", 0.9, 0.95, false, true},
		{"", "for comparison: the same `proxy_cache` in front of that nginx / nginx `gzip_static`", "own", "nginx", 0, 0, false, false},
		{"W5", "CPU of a cold page of 40 entries / of the same bytes, stored in the database", "cold", "blob", 10, 6, true, false},
		{"W5", "control: the page made 20 times / stored", "waste", "blob", 10, 6, true, true},
		{"W6", "CPU of a cold page of 200 entries / of 40", "cold-200", "cold", 3.6, 2.4, true, false},
		{"W6", "control: of 200, made 20 times / of 40", "waste-200", "cold", 3.6, 2.4, true, true},
		{"P2", "cold page of 40 entries: ours / Django, same article in tables of its own", "cold", "django", 10, 25, false, false},
		{"P2", "control: ours, made 20 times / Django", "waste", "django", 10, 25, false, true},
		{"P3", "cached page of 40 entries: the program as shipped / Django `cache_page`", "trim-40", "django-cached", 20, 30, false, false},
		{"P3", "control: ours, made 20 times / Django `cache_page`", "waste", "django-cached", 20, 30, false, true},
	}
}

// order is in what order targets take turns.
func order() []string {
	return []string{
		"nginx", "bare", "handler", "trim", "slow", "proxy", "pass", "own", "nginx-304", "handler-304", "trim-304",
		"blob", "cold", "cold-200", "waste", "waste-200", "django", "trim-40", "django-cached",
	}
}

// part is one that may be measured alone.
type part struct {
	name    string
	measure func(*bench, context.Context) error
}

func parts() []part {
	return []part{{"pages", (*bench).measurePages}, {"crowd", (*bench).measureCrowd}, {"writes", (*bench).measureWrites}, {"starts", (*bench).measureStarts}}
}

func partNames() []string {
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}

// measure takes all rows, or those of one part.
func (b *bench) measure(ctx context.Context) error {
	var failures []error
	for _, p := range parts() {
		if b.only == "" || b.only == p.name {
			failures = append(failures, p.measure(b, ctx))
		}
	}
	return errors.Join(failures...)
}

// measurePages has all targets take turns, the other way round in every second round.
func (b *bench) measurePages(ctx context.Context) error {
	names := slices.DeleteFunc(order(), func(name string) bool { _, ok := b.targets[name]; return !ok })
	for round := range b.rounds {
		say("round %d of %d", round+1, b.rounds)
		for _, name := range names {
			t, window := b.targets[name], b.window
			if b.quick { // that a slow machine, too, has answered some in the end
				t.connections = min(t.connections, 2)
				if strings.HasPrefix(name, "waste") {
					window = 4 * time.Second
				}
			}
			s, err := load(ctx, t, window)
			if err != nil {
				return err
			}
			b.samples[name] = append(b.samples[name], s)
		}
		slices.Reverse(names)
	}
	for _, r := range ratios() {
		b.compare(r)
	}
	return nil
}

// compare makes a row of two targets, unless one of them is missing.
func (b *bench) compare(r ratio) {
	of, to := b.samples[r.of], b.samples[r.to]
	if len(of) == 0 || len(to) == 0 {
		return
	}
	cost := func(samples []sample) string {
		var all []float64
		for _, s := range samples {
			all = append(all, s.perRequest())
		}
		return figure(median(all)) + " µs"
	}
	out := row{id: r.id, what: r.what, ours: cost(of), peer: cost(to), floor: r.floor, stretch: r.stretch, less: r.less, control: r.control}
	for i := range min(len(of), len(to)) {
		value := to[i].perRequest() / of[i].perRequest()
		if r.less {
			value = 1 / value
		}
		out.values = append(out.values, value)
	}
	b.rows = append(b.rows, out)
}

// word says how a row stands.
func (r row) word() string {
	value := median(r.values)
	within := func(bound float64) bool {
		if r.less {
			return value <= bound
		}
		return value >= bound
	}
	switch {
	case r.floor == 0:
		return "–"
	case r.control && within(r.floor):
		return "**the control passes: the measurement is broken**"
	case r.control:
		return "fails, as it must"
	case within(r.stretch):
		return "stretch"
	case within(r.floor):
		return "floor"
	}
	return "**missed**"
}

// table writes everything as Markdown.
func (b *bench) table() string {
	var out strings.Builder
	fmt.Fprintf(&out, "\n| | what | ours | peer | ratio (least–most) | floor | stretch | verdict |\n|---|---|--:|--:|--:|--:|--:|---|\n")
	for _, r := range b.rows {
		floor, stretch := "–", "–"
		if r.floor > 0 {
			sign := map[bool]string{true: "≤ ", false: "≥ "}[r.less]
			floor, stretch = sign+figure(r.floor), sign+figure(r.stretch)
		}
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s (%s–%s) | %s | %s | %s |\n", r.id, r.what, r.ours, r.peer, figure(median(r.values)),
			figure(slices.Min(r.values)), figure(slices.Max(r.values)), floor, stretch, r.word())
	}
	if len(b.samples) > 0 {
		fmt.Fprintf(&out, "\n| target | CPU µs a request | requests a second | p99 |\n|---|--:|--:|--:|\n")
	}
	for _, name := range order() {
		samples := b.samples[name]
		if len(samples) == 0 {
			continue
		}
		var cpu, rate []float64
		for _, s := range samples {
			cpu, rate = append(cpu, s.perRequest()), append(rate, s.requests/s.wall)
		}
		fmt.Fprintf(&out, "| %s | %.0f | %.0f | %s |\n", name, median(cpu), median(rate), samples[len(samples)-1].p99)
	}
	fmt.Fprintln(&out)
	if b.begun > 0 {
		fmt.Fprintf(&out, "From the start of `sijil serve` to its first page, schema in place: %d ms. ", b.begun.Milliseconds())
	}
	fmt.Fprintf(&out, "%d rounds of %s.\n", b.rounds, b.window)
	fmt.Fprintf(&out, "Not compared here: listmonk, miniflux's pages (P1) and WordPress (P4), which no package of Debian's starts by itself; searches (S) are `task bench:scale`.\n")
	for _, peer := range b.missing {
		fmt.Fprintf(&out, "Not measured, since it is not installed: %s.\n", peer)
	}
	return out.String()
}

// figure writes a ratio with three digits.
func figure(v float64) string {
	digits := 2
	if v != 0 {
		digits = max(0, 2-int(math.Floor(math.Log10(math.Abs(v)))))
	}
	return strconv.FormatFloat(v, 'f', min(digits, 3), 64)
}

// verdict is an error where a floor was missed or a control passed; of a quick run only
// where a row has no figure: a second on a machine that does something else says nothing.
func (b *bench) verdict() error {
	var all []error
	for _, r := range b.rows {
		if b.quick {
			if value := median(r.values); !(value > 0) || math.IsInf(value, 0) {
				all = append(all, fmt.Errorf("%s %s: %v is no ratio", r.id, r.what, value))
			}
			continue
		}
		if word := r.word(); strings.HasPrefix(word, "**") {
			all = append(all, fmt.Errorf("%s %s: %s (%s)", r.id, r.what, figure(median(r.values)), strings.Trim(word, "*")))
		}
	}
	return errors.Join(all...)
}
