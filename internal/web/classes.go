package web

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sijil/sijil/internal/observe"
)

// Class is a kind of work with a bound of its own on how much of it is done at
// the same time, so that a flood of one does not starve the others.
type Class string

// The classes. What costs nothing (what is in memory, assets, health) has none.
const (
	ClassPage   Class = "page"    // a page of the record that is not in memory
	ClassSearch Class = "search"  // what goes through the register: searches, filtered lists, statistics
	ClassExport Class = "export"  // files of any length
	ClassSignIn Class = "sign-in" // proofs of who somebody is: a hash of a password takes memory
	ClassFetch  Class = "fetch"   // stored files that are handed out, drawn or brought in
	ClassDesk   Class = "desk"    // all else at the desk, and drafts for programs
)

// Classes lists all classes.
func Classes() []Class {
	return []Class{ClassPage, ClassSearch, ClassExport, ClassSignIn, ClassFetch, ClassDesk}
}

// DefaultLimits is how much of each class is done at the same time. Searches and
// exports together hold fewer connections to the database than there are.
func DefaultLimits() map[Class]int {
	return map[Class]int{ClassPage: 32, ClassSearch: 4, ClassExport: 4, ClassSignIn: 4, ClassFetch: 8, ClassDesk: 32}
}

const (
	// classPatience is how long a request waits for its turn.
	classPatience = 2 * time.Second
	// classQueue is how many wait for each place; one more is turned away at once.
	classQueue = 8
)

// gate lets as many in as there are places.
type gate struct {
	places  chan struct{}
	waiting atomic.Int64
}

// newGates makes one for each class; what limits do not say is as by default.
func newGates(limits map[Class]int) map[Class]*gate {
	most := DefaultLimits()
	maps.Copy(most, limits)
	out := map[Class]*gate{}
	for class, n := range most {
		out[class] = &gate{places: make(chan struct{}, max(n, 1))}
	}
	return out
}

// enter waits for a place, not for long: errBusy where there is none. The caller
// calls leave when the work is done.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	release := func() { <-g.places }
	select {
	case g.places <- struct{}{}:
		return release, nil
	default:
	}
	if g.waiting.Add(1) > int64(classQueue*cap(g.places)) {
		g.waiting.Add(-1)
		return nil, errBusy
	}
	defer g.waiting.Add(-1)
	full := time.NewTimer(classPatience)
	defer full.Stop()
	select {
	case g.places <- struct{}{}:
		return release, nil
	case <-full.C:
		return nil, errBusy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// taken tells how many places are in use.
func (g *gate) taken() observe.Places {
	return observe.Places{Taken: len(g.places), All: cap(g.places)}
}

// enter waits for the turn of a request of a class.
func (a *app) enter(ctx context.Context, class Class) (leave func(), err error) {
	return a.gates[class].enter(ctx)
}

// in puts a route into a class.
func in(class Class, r Route) Route {
	r.class = class
	return r
}

// listed is a route of a list: with a filter, a search, or beyond its first page
// it goes through the register, and without it is a page like others.
func listed(r Route) Route {
	r.listed = true
	return r
}

// Class is that of a request to the route.
func (c *compiled) Class(r *http.Request) Class {
	switch {
	case c.class != "":
		return c.class
	case c.listed && len(c.known(r.URL.Query())) > 0:
		return ClassSearch
	case c.IsDesk() && strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/"):
		return ClassFetch
	case c.IsDesk(), c.IsProgram():
		return ClassDesk
	}
	return ClassPage
}
