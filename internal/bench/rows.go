package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// row is a ratio with its bounds.
type row struct {
	id, what       string
	values         []float64 // one for each round
	floor, stretch float64
	// less means that the ratio must be small, control that the floor must be missed.
	less, control bool
	note          string
}

// ratio is what a row compares: how many requests of one target a second of CPU does, for
// each of another.
type ratio struct {
	id, what, of, to string
	floor, stretch   float64
	less, control    bool
}

// ratios are those of PERFORMANCE's goals that are taken under wrk. Of "less" rows the
// value is CPU time against CPU time, of others requests against requests.
func ratios() []ratio {
	return []ratio{
		{"W1", "cached page, handler alone / nginx `gzip_static`, same bytes", "handler", "nginx", 0.33, 0.45, false, false},
		{"W1", "cached page, production trim / nginx `gzip_static`, same bytes", "trim", "nginx", 0.28, 0.40, false, false},
		{"W2", "cached page, handler alone / bare net/http, same bytes", "handler", "bare", 0.85, 0.95, false, false},
		{"W3", "304, production trim / nginx", "trim-304", "nginx-304", 0.30, 0.38, false, false},
		{"W4", "cached page, production trim / handler alone", "trim", "handler", 0.85, 0.95, false, false},
		{"W4", "control: a needless middleware / handler alone", "slow", "handler", 0.85, 0.95, false, true},
		{"", "shipped stack, nginx `proxy_cache` in front / nginx `gzip_static`", "proxy", "nginx", 0.9, 1, false, false},
		{"W5", "cold page of 40 entries, CPU / a stored blob", "cold", "blob", 10, 6, true, false},
		{"W5", "control: cold page of 200 entries, CPU / a stored blob of 40", "cold-200", "blob", 10, 6, true, true},
		{"W6", "cold page, CPU, 200 entries / 40 entries", "cold-200", "cold", 3.6, 2.4, true, false},
		{"P2", "cold page of 40 entries / Django, same schema", "cold", "django", 10, 25, false, false},
		{"P3", "cached page, production trim / Django `cache_page`", "trim", "django-cached", 20, 30, false, false},
		{"P2", "control: Django / itself", "django", "django", 10, 25, false, true},
	}
}

// order is in what order targets take turns.
func order() []string {
	return []string{"nginx", "bare", "handler", "trim", "slow", "proxy", "nginx-304", "trim-304", "blob", "cold", "cold-200", "cold-real", "django", "django-cached"}
}

// measure takes all rounds, then what is no matter of wrk alone.
func (b *bench) measure(ctx context.Context) error {
	names := slices.DeleteFunc(order(), func(name string) bool { _, ok := b.targets[name]; return !ok })
	for round := range b.rounds {
		say("round %d of %d", round+1, b.rounds)
		for _, name := range names {
			s, err := load(ctx, b.targets[name], b.window)
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
	return errors.Join(b.measureCrowd(ctx, "crowd", false), b.measureCrowd(ctx, "stampede", true), b.measureWrites(ctx))
}

// compare makes a row of two targets, unless one of them is missing.
func (b *bench) compare(r ratio) {
	of, to := b.samples[r.of], b.samples[r.to]
	if len(of) == 0 || len(to) == 0 {
		return
	}
	out := row{id: r.id, what: r.what, floor: r.floor, stretch: r.stretch, less: r.less, control: r.control}
	for i := range min(len(of), len(to)) {
		value := to[i].perRequest() / of[i].perRequest()
		if r.less {
			value = 1 / value
		}
		out.values = append(out.values, value)
	}
	b.rows = append(b.rows, out)
}

// publishEvery is how often something is published while a crowd reads.
const publishEvery = 40 * time.Millisecond

// measureCrowd counts how often a page is made for each publication while 64 readers ask
// for it, and what is left of their number.
func (b *bench) measureCrowd(ctx context.Context, name string, control bool) error {
	t := b.targets[name]
	window := 2 * b.window
	steady, err := load(ctx, t, window)
	if err != nil {
		return err
	}
	base := strings.TrimSuffix(t.url, page)
	before, err := b.made(ctx, base)
	if err != nil {
		return err
	}
	publishing, stop := context.WithCancel(ctx)
	published := make(chan float64, 1)
	go func() { published <- publish(publishing, base) }()
	busy, err := load(ctx, t, window)
	stop()
	acts := <-published
	if err != nil {
		return err
	}
	after, err := b.made(ctx, base)
	if err != nil {
		return err
	}
	what := "pages made for each publication, 64 readers"
	if control {
		what = "control: the same without a single flight"
	}
	b.rows = append(b.rows, row{
		id: "W7", what: what, values: []float64{(after - before) / acts}, floor: 1.05, stretch: 1, less: true, control: control,
		note: fmt.Sprintf("%.0f publications, %.0f requests", acts, busy.requests),
	})
	if !control {
		b.rows = append(b.rows, row{
			id: "W7", what: "readers served under 25 publications in a second / under none",
			values: []float64{busy.requests / busy.wall / (steady.requests / steady.wall)}, floor: 0.7, stretch: 0.9,
		})
	}
	return nil
}

// publish counts the generation on until it is stopped, and returns how often.
func publish(ctx context.Context, base string) (acts float64) {
	tick := time.NewTicker(publishEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return acts
		case <-tick.C:
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/publish", http.NoBody)
		if err != nil {
			return acts
		}
		if answer, err := http.DefaultClient.Do(request); err == nil {
			_ = answer.Body.Close()
			acts++
		}
	}
}

// made is how many pages a prototype has made.
func (b *bench) made(ctx context.Context, base string) (float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/made", http.NoBody)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close() //nolint:errcheck // it was only read
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(string(body), 64)
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
		return "aim"
	case within(r.floor):
		return "floor"
	}
	return "**missed**"
}

// table writes everything as Markdown.
func (b *bench) table() string {
	var out strings.Builder
	sign := map[bool]string{true: "≤", false: "≥"}
	fmt.Fprintf(&out, "\n| | ratio | measured (least–most) | floor | aim | |\n|---|---|--:|--:|--:|---|\n")
	for _, r := range b.rows {
		note := r.word()
		if r.note != "" {
			note += "; " + r.note
		}
		fmt.Fprintf(&out, "| %s | %s | %s (%s–%s) | %s %s | %s | %s |\n", r.id, r.what, figure(median(r.values)),
			figure(slices.Min(r.values)), figure(slices.Max(r.values)), sign[r.less], figure(r.floor), figure(r.stretch), note)
	}
	fmt.Fprintf(&out, "\n| target | CPU µs a request | requests a second | p99 |\n|---|--:|--:|--:|\n")
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
	fmt.Fprintf(&out, "\nFrom the start of `sijil serve` to its first page, schema in place: %d ms. %d rounds of %s.\n", b.begun.Milliseconds(), b.rounds, b.window)
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

// verdict is an error where a floor was missed or a control passed.
func (b *bench) verdict() error {
	var all []error
	for _, r := range b.rows {
		if word := r.word(); strings.HasPrefix(word, "**") {
			all = append(all, fmt.Errorf("%s %s: %s (%s)", r.id, r.what, figure(median(r.values)), strings.Trim(word, "*")))
		}
	}
	return errors.Join(all...)
}
