package pagecache

import (
	"context"
	"time"
)

const (
	// pollEvery is how old the knowledge of the generation may be; a change is
	// seen after this time at most.
	pollEvery = time.Second
	// pollTimeout ends a poll.
	pollTimeout = 2 * time.Second
	// staleFor is how long pages are served when nobody can say whether they
	// are still current.
	staleFor = 24 * time.Hour
)

// knowledge is what the cache knows of the published record.
type knowledge struct {
	generation Generation
	day        string
	checked    time.Time // of the last poll
	confirmed  time.Time // of the last poll that was answered
	failing    bool      // the last poll was not answered
}

// learned reports whether any poll was ever answered.
func (k *knowledge) learned() bool { return !k.confirmed.IsZero() }

// fits reports whether the page is of this generation, and whether that can
// still be relied on.
func (k *knowledge) fits(p *page, now time.Time) bool {
	return k.isOf(p) && now.Sub(k.confirmed) < staleFor
}

// isOf reports whether the page is of this generation, as far as it shows it.
func (k *knowledge) isOf(p *page) bool {
	return p.generation.Record == k.generation.Record && (!p.showsLog || p.generation.Log == k.generation.Log)
}

// vouchesFor reports whether the page is as current as the cache can know.
func (k *knowledge) vouchesFor(p *page, now time.Time) bool {
	return p.day == k.day && k.fits(p, now)
}

// current returns what is known now, at most pollEvery old where the database
// answers. It is asked for with every request, so it needs no background task.
func (c *Cache) current() knowledge {
	know := c.known.Load()
	if c.cfg.Now().Sub(know.checked) < pollEvery {
		return *know
	}
	polled := c.polls.DoChan("", func() (any, error) { c.poll(); return nil, nil })
	patience := time.NewTimer(c.cfg.Patience)
	defer patience.Stop()
	select {
	case <-polled:
	case <-patience.C:
	}
	return *c.known.Load()
}

// poll reads the generation. All pages of another generation go at once: one
// of them may have been withdrawn.
func (c *Cache) poll() {
	ctx, cancel := context.WithTimeout(context.Background(), pollTimeout)
	defer cancel()
	before := *c.known.Load()
	generation, err := c.cfg.Generation(ctx)
	now := c.cfg.Now()
	next := before
	next.checked, next.failing, next.day = now, err != nil, c.cfg.Day(now)
	if err == nil {
		next.generation, next.confirmed = generation, now
	}
	c.known.Store(&next)
	switch {
	case next.generation.Record != before.generation.Record:
		c.shelf.clear()
	case next.generation.Log != before.generation.Log:
		c.shelf.drop(func(p *page) bool { return p.showsLog })
	}
	switch {
	case next.failing && !before.failing:
		c.cfg.Log.Error("page cache: generation cannot be read; pages in memory are served as they are", "error", err)
	case !next.failing && before.failing:
		c.cfg.Log.Info("page cache: generation can be read again", "generation", generation.Record)
	}
}
