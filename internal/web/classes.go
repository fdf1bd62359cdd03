package web

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
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

// gate lets as many in as there are places. Of those, and of the places to wait, one
// network has half at most: whoever floods from one leaves the others theirs.
type gate struct {
	all   int // places
	mu    sync.Mutex
	taken int
	of    map[string]int // how many of them each network has
	line  []*waiter      // first come first, but for those whose network has its half
}

// waiter is a request that waits for its turn.
type waiter struct {
	network string
	turn    chan struct{} // closed when it has come
}

// half of a number, and at least one.
func half(n int) int { return (n + 1) / 2 }

func newGate(places int) *gate { return &gate{all: max(places, 1), of: map[string]int{}} }

// newGates makes one for each class; what limits do not say is as by default.
func newGates(limits map[Class]int) map[Class]*gate {
	most := DefaultLimits()
	maps.Copy(most, limits)
	out := map[Class]*gate{}
	for class, n := range most {
		out[class] = newGate(n)
	}
	return out
}

// enter waits for a place, for somebody of a network, and not for long: errBusy where there
// is none. The caller calls leave when the work is done.
func (g *gate) enter(ctx context.Context, network string) (leave func(), err error) {
	w := g.stand(network)
	if w == nil {
		return nil, errBusy
	}
	leave = func() { g.leave(network) }
	full := time.NewTimer(classPatience)
	defer full.Stop()
	select {
	case <-w.turn:
		return leave, nil
	case <-full.C:
		err = errBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	if !g.giveUp(w) { // the turn came at the same moment
		leave()
	}
	return nil, err
}

// stand lets somebody in, or has him wait; nil where no more may wait.
func (g *gate) stand(network string) *waiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	w := &waiter{network, make(chan struct{})}
	if g.hasPlace(network) {
		g.let(w)
		return w
	}
	ofIt := 0
	for _, other := range g.line {
		if other.network == network {
			ofIt++
		}
	}
	if most := classQueue * g.all; len(g.line) >= most || ofIt >= half(most) {
		return nil
	}
	g.line = append(g.line, w)
	return w
}

// hasPlace reports whether there is a place for one more of a network.
func (g *gate) hasPlace(network string) bool { return g.taken < g.all && g.of[network] < half(g.all) }

func (g *gate) let(w *waiter) {
	g.taken++
	g.of[w.network]++
	close(w.turn)
}

// leave gives a place back, and lets the first in for whom there is one now. There is no
// second: for each other who waits there was none before, and only this network has
// one more.
func (g *gate) leave(network string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.taken--
	if g.of[network]--; g.of[network] == 0 {
		delete(g.of, network)
	}
	if i := slices.IndexFunc(g.line, func(w *waiter) bool { return g.hasPlace(w.network) }); i >= 0 {
		w := g.line[i]
		g.line = slices.Delete(g.line, i, i+1)
		g.let(w)
	}
}

// giveUp takes somebody out of the line; false where his turn has come.
func (g *gate) giveUp(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.line, w)
	if i < 0 {
		return false
	}
	g.line = slices.Delete(g.line, i, i+1)
	return true
}

// places tells how many places are in use.
func (g *gate) places() observe.Places {
	g.mu.Lock()
	defer g.mu.Unlock()
	return observe.Places{Taken: g.taken, All: g.all}
}

// enter waits for the turn of a request of a class.
func (a *app) enter(r *http.Request, class Class) (leave func(), err error) {
	return a.gates[class].enter(r.Context(), network(a.peer(r)))
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
