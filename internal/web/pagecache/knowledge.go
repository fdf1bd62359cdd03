package pagecache

import (
	"context"
	"time"
)

const (
	// pollEvery is how old the knowledge of the generation may be; a change is
	// seen after this time at most.
	pollEvery = time.Second
	// carefulEvery is how old it may be for readers who may have published something:
	// less than it takes to click, and so long that a crowd of whoever says that he is one
	// of them asks the database twenty times a second.
	carefulEvery = 50 * time.Millisecond
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
	woken      int       // how often somebody has asked for a poll
	restored   bool      // from disk, and no poll has ended since
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

// doubtful reports whether nobody can say what was published since: the database does
// not answer, or was not asked for longer than an answer may take.
func (k *knowledge) doubtful(now time.Time) bool {
	return k.failing || now.Sub(k.confirmed) > pollEvery+pollTimeout
}

// vouchesFor reports whether the page is as current as the cache can know.
func (k *knowledge) vouchesFor(p *page, now time.Time) bool {
	return p.day == k.day && k.fits(p, now)
}

// current returns what is known now, at most so old where the database answers. It is
// asked for with every request, so it needs no background task.
func (c *Cache) current(now time.Time, age time.Duration) *knowledge {
	know := c.known.Load()
	if now.Sub(know.checked) < age {
		return know
	}
	polled := c.polls.DoChan("", func() (any, error) { c.poll(); return nil, nil })
	if know.restored {
		// A database that answers slowly is not away, and may know of a withdrawal.
		<-polled
		return c.known.Load()
	}
	patience := time.NewTimer(c.cfg.Patience)
	defer patience.Stop()
	select {
	case <-polled:
	case <-patience.C:
	}
	return c.known.Load()
}

// Learn tells of a generation that somebody else has heard of, such as from a
// notification of the database: pages that are older go at once. News that come late
// are no news. A cache that knows nothing yet asks by itself with its first request.
func (c *Cache) Learn(g Generation) {
	c.turn(func(know *knowledge) {
		if !know.learned() {
			return
		}
		know.generation = newest(know.generation, g)
	})
}

// Wake has the next request ask for the generation, however lately that was done: for
// who cannot tell whether he has missed a notification.
func (c *Cache) Wake() {
	c.turn(func(know *knowledge) { know.checked, know.woken = time.Time{}, know.woken+1 })
	c.polls.Forget("") // one that is under way may have been answered before
}

// newest is the newer of two states, part by part.
func newest(a, b Generation) Generation {
	return Generation{Record: max(a.Record, b.Record), Log: max(a.Log, b.Log)}
}

// poll reads the generation.
func (c *Cache) poll() {
	ctx, cancel := context.WithTimeout(context.Background(), pollTimeout)
	defer cancel()
	before := c.known.Load()
	asked := before.generation
	read, err := c.cfg.Generation(ctx)
	now := c.cfg.Now()
	var failed, failing bool
	c.turn(func(know *knowledge) {
		failed, failing = know.failing, err != nil
		know.failing, know.day, know.restored = failing, c.cfg.Day(now), false
		if know.woken == before.woken {
			know.checked = now
		}
		switch {
		case failing:
			return
		case know.generation != asked: // learned of in the meantime, of what the question may have been too early for
			read = newest(know.generation, read)
		}
		know.generation, know.confirmed = read, now
	})
	switch {
	case failing && !failed:
		c.cfg.Log.Error("page cache: generation cannot be read; pages in memory are served as they are", "error", err)
	case !failing && failed:
		c.cfg.Log.Info("page cache: generation can be read again", "generation", read.Record)
	}
}

// turn changes what is known. No page of another generation is served from then on: one
// of them may have been withdrawn.
func (c *Cache) turn(change func(*knowledge)) {
	c.turning.Lock()
	defer c.turning.Unlock()
	before := c.known.Load()
	next := *before
	change(&next)
	if next.generation.Record != before.generation.Record {
		c.forget() // before anybody acts on it: a server that is killed now must not bring them back
	}
	c.known.Store(&next)
	switch {
	case next.generation.Record != before.generation.Record:
		c.shelf.turn(c.cfg.Now())
	case next.generation.Log != before.generation.Log:
		c.shelf.drop(func(p *page) bool { return p.showsLog })
	}
}
