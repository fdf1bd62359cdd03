package web

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// Watched is the record as the server reads it.
func Watched(r Records) Records { return watched{r} }

// ClassOf is the class of a request; "" where no route answers it.
func ClassOf(r *http.Request) Class {
	routes := newTable(Routes())
	for i := range routes {
		if _, ok := routes[i].match(strings.Split(r.URL.Path[1:], "/")); ok && routes[i].Method == r.Method {
			return routes[i].Class(r)
		}
	}
	return ""
}

// PageOf is the page on which somebody sees what came of a form that was sent to a path.
func PageOf(pattern, path string) string { return newTable(Routes()).pageOf(pattern, path) }

// Gate is a class of work, with its places.
type Gate = gate

// NewGate makes one with so many places.
func NewGate(places int) *Gate { return newGate(places) }

// Enter waits for a place.
func Enter(ctx context.Context, g *Gate, network string) (leave func(), err error) {
	return g.enter(ctx, network)
}

// Limiter counts requests.
type Limiter = limiter

// MostNetworks is how many networks a limiter remembers.
const MostNetworks = mostNetworks

// NewLimiter makes one that gives so many requests in a minute.
func NewLimiter(rate int) *Limiter { return newLimiter("network", rate) }

// Take counts a request, and tells how many are left.
func Take(l *Limiter, network string, now time.Time) (left int) { return l.take(network, now).left }
