package web

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

const (
	// defaultRate is how many requests a network may make to the API in a minute:
	// enough to copy a register of ten thousand records in ten.
	defaultRate = 600
	rateWindow  = time.Minute
	// defaultTokenRate is how many requests a token may make in a minute.
	defaultTokenRate = 120
	// mostNetworks bounds what the limiter remembers; more share one number.
	mostNetworks = 100_000
)

// limiter counts the requests of each network (/24, /56) in the window of time that
// is running.
type limiter struct {
	rate   int
	window time.Duration
	what   string // is counted, as the headers name it
	mu     sync.Mutex
	until  time.Time // end of the window
	taken  map[string]int
	over   int64 // requests that were one too many, since the start
}

// newLimiter counts by the minute.
func newLimiter(what string, rate int) *limiter {
	return &limiter{what: what, rate: rate, window: rateWindow}
}

// allowance is what a network may still do.
type allowance struct {
	what       string
	rate, left int // left is negative for one request too many
	reset      time.Duration
}

// take counts a request.
func (l *limiter) take(network string, now time.Time) allowance {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !now.Before(l.until) || now.Before(l.until.Add(-l.window)) {
		l.until, l.taken = now.Truncate(l.window).Add(l.window), map[string]int{}
	}
	if _, known := l.taken[network]; !known && len(l.taken) >= mostNetworks {
		network = "others"
	}
	l.taken[network]++
	if l.taken[network] > l.rate {
		l.over++
	}
	return allowance{what: l.what, rate: l.rate, left: l.rate - l.taken[network], reset: l.until.Sub(now)}
}

// refused is how many requests were one too many.
func (l *limiter) refused() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

// tell writes the allowance into the headers of an answer (RateLimit header
// fields, draft-ietf-httpapi-ratelimit-headers-10), and reports whether it is to be
// given.
func (a allowance) tell(h http.Header) bool {
	seconds := int((a.reset + time.Second - 1) / time.Second)
	h.Set("RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=%d`, a.what, a.rate, int(rateWindow/time.Second)))
	h.Set("RateLimit", fmt.Sprintf(`"%s";r=%d;t=%d`, a.what, max(0, a.left), seconds))
	if a.left < 0 {
		h.Set("Retry-After", strconv.Itoa(seconds))
	}
	return a.left >= 0
}
