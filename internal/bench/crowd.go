package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/store"
)

const (
	// readers are how many ask for one page at the same time.
	readers = 64
	// publishEvery is how often something changes meanwhile.
	publishEvery = 40 * time.Millisecond
)

// crowd is a server that can be told that something was published, and asked how many
// pages it has made.
type crowd struct {
	what    string
	target  target
	control bool
	publish func(ctx context.Context) error
	made    func(ctx context.Context) (float64, error)

	perAct, kept []float64 // of each round
	pages, acts  float64
	calm, busy   float64 // requests of all rounds
}

// measureCrowd counts how often a page is made for each publication while readers ask for
// it, and what is left of their number. What is published is nothing but a new
// generation, which the database announces to the program as it announces a publication.
func (b *bench) measureCrowd(ctx context.Context) error {
	db, err := store.Open(ctx, b.postgres.URL(database, store.DeskLogin), store.DeskSide)
	if err != nil {
		return err
	}
	defer db.Close()
	shipped, stampede := b.targets["trim"], b.targets["stampede"]
	shipped.connections = readers
	base := strings.TrimSuffix(stampede.url, page)
	crowds := []*crowd{
		{
			what: "pages made for each new generation, 64 readers of one page of the program as shipped", target: shipped,
			publish: func(ctx context.Context) error { return raise(ctx, db) },
			made: func(ctx context.Context) (float64, error) {
				return number(ctx, "http://"+b.at(atMetrics)+"/metrics", `(?m)^sijil_page_cache_made_total (\S+)$`)
			},
		},
		{
			what: "control: the same with a cache in which all who wait make the page, eight at least", target: stampede, control: true,
			publish: func(ctx context.Context) error { return post(ctx, base+"/publish") },
			made:    func(ctx context.Context) (float64, error) { return number(ctx, base+"/made", `^(\d+)$`) },
		},
	}
	turns := slices.Clone(crowds)
	for round := range b.rounds {
		say("crowds, round %d of %d", round+1, b.rounds)
		for _, c := range turns {
			if err := c.measure(ctx, b.window); err != nil {
				return err
			}
		}
		slices.Reverse(turns)
	}
	for _, c := range crowds {
		b.rows = append(b.rows, row{
			id: "W7", what: c.what, ours: figure(c.pages), peer: figure(c.acts), values: c.perAct, floor: 1.05, stretch: 1, less: true, control: c.control,
		})
	}
	for _, c := range crowds {
		what := "requests under 25 new generations in a second / under none"
		if c.control {
			what = "control: the same with a cache in which all who wait make the page, eight at least"
		}
		b.rows = append(b.rows, row{
			id: "W7", what: what, ours: figure(c.busy), peer: figure(c.calm), values: c.kept, floor: 0.7, stretch: 0.9, control: c.control,
		})
	}
	return nil
}

// measure takes a window without publications, and one with, second by second in turn:
// what the machine does besides meets both alike.
func (c *crowd) measure(ctx context.Context, window time.Duration) error {
	var calm, busy, acts, made float64 // requests, new generations, pages
	for range max(1, int(window/time.Second)) {
		quiet, err := load(ctx, c.target, time.Second)
		if err != nil {
			return err
		}
		before, err := c.made(ctx)
		if err != nil {
			return err
		}
		full, done, err := c.under(ctx)
		if err != nil {
			return err
		}
		after, err := c.made(ctx)
		if err != nil {
			return err
		}
		calm, busy = calm+quiet.requests/quiet.wall, busy+full.requests/full.wall
		acts, made = acts+done, made+after-before
	}
	c.pages, c.acts = c.pages+made, c.acts+acts
	c.calm, c.busy = c.calm+calm, c.busy+busy
	c.perAct, c.kept = append(c.perAct, made/acts), append(c.kept, busy/calm)
	return nil
}

// under takes a second with publications, and returns how many there were.
func (c *crowd) under(ctx context.Context) (busy sample, acts float64, err error) {
	publishing, stop := context.WithCancel(ctx)
	defer stop()
	type result struct {
		acts float64
		err  error
	}
	published := make(chan result, 1)
	go func() {
		acts, err := c.publishAll(publishing)
		published <- result{acts, err}
	}()
	busy, err = load(ctx, c.target, time.Second)
	stop()
	done := <-published
	return busy, done.acts, errors.Join(err, done.err)
}

// publishAll publishes until it is stopped, and returns how often.
func (c *crowd) publishAll(ctx context.Context) (acts float64, err error) {
	tick := time.NewTicker(publishEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return acts, nil
		case <-tick.C:
		}
		// What has begun is not cut off, or nobody knew whether it counts.
		if err := c.publish(context.WithoutCancel(ctx)); err != nil {
			return acts, err
		}
		acts++
	}
}

// raise makes a new generation, and has it announced.
func raise(ctx context.Context, db *store.DB) error {
	return db.InTx(ctx, func(q store.Querier) error {
		_, err := q.Exec(ctx, "UPDATE record.generations SET generation = generation + 1, changed_at = now()")
		store.Announce(q)
		return err
	})
}

func post(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, http.NoBody)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

// number reads a number from a page.
func number(ctx context.Context, url, pattern string) (float64, error) {
	body, _, err := fetch(ctx, url, "identity")
	if err != nil {
		return 0, err
	}
	found := regexp.MustCompile(pattern).FindSubmatch(body)
	if found == nil {
		return 0, fmt.Errorf("%s does not say %s", url, pattern)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}
