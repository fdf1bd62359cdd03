package pagecache

import (
	"sync"
	"sync/atomic"
	"time"
)

// formerFor is how long pages of a state that is over are kept: most that are read at all
// are asked for again by then, and what was withdrawn shall not stay in memory.
const formerFor = time.Minute

// shelf holds the pages by their address, up to a number of bytes.
type shelf struct {
	max   int64
	mu    sync.RWMutex
	pages map[string]*page
	bytes int64
	puts  atomic.Int64 // pages that were ever put there
	// former are pages of states that are over, which nobody is served any more: a page
	// that says the same as its former one need not be packed again. They go first where
	// there is no room.
	former      map[string]*page
	formerBytes int64
}

// page returns the page at an address, nil when there is none.
func (s *shelf) page(address string) *page {
	s.mu.RLock()
	p := s.pages[address]
	s.mu.RUnlock()
	if p != nil && !p.used.Load() {
		p.used.Store(true)
	}
	return p
}

// put keeps a page, and lets others go where there is no room.
func (s *shelf) put(address string, p *page) {
	if p.size() > s.max/4 {
		return // one page must not push out all others
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(address)
	p.counted = p.size()
	s.makeRoom(p.counted)
	s.pages[address] = p
	s.bytes += p.counted
	s.puts.Add(1)
}

// recount notes that a page takes another number of bytes than when it was put.
func (s *shelf) recount(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pages[address]
	if p == nil {
		return
	}
	size := p.size()
	s.bytes += size - p.counted
	p.counted = size
	s.makeRoom(0)
}

// each calls a function with all pages.
func (s *shelf) each(do func(address string, p *page)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for address, p := range s.pages {
		do(address, p)
	}
}

// makeRoom lets the former pages go, and then those that were not asked for since the
// last sweep: a clock without a hand, for Go walks a map from a random place. The second
// round finds every mark taken.
func (s *shelf) makeRoom(need int64) {
	if s.bytes+s.formerBytes+need > s.max {
		s.former, s.formerBytes = map[string]*page{}, 0
	}
	for range 2 {
		for address, p := range s.pages {
			if s.bytes+need <= s.max {
				return
			}
			if !p.used.Swap(false) {
				s.remove(address)
			}
		}
	}
}

func (s *shelf) remove(address string) {
	if p := s.pages[address]; p != nil {
		s.bytes -= p.counted
		delete(s.pages, address)
	}
}

// drop lets some pages go.
func (s *shelf) drop(which func(*page) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for address, p := range s.pages {
		if which(p) {
			s.remove(address)
		}
	}
}

// turn makes former pages of all.
func (s *shelf) turn(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for address, p := range s.pages {
		s.removeFormer(address)
		p.former = now
		s.former[address] = p
		s.formerBytes += p.counted
	}
	s.pages, s.bytes = map[string]*page{}, 0
}

// takeFormer returns the page of a state that is over at an address, once; nil where
// there is none.
func (s *shelf) takeFormer(address string) *page {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.former[address]
	s.removeFormer(address)
	return p
}

// dropFormer lets the former pages go whose time is over.
func (s *shelf) dropFormer(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for address, p := range s.former {
		if now.Sub(p.former) >= formerFor {
			s.removeFormer(address)
		}
	}
}

func (s *shelf) removeFormer(address string) {
	if p := s.former[address]; p != nil {
		s.formerBytes -= p.counted
		delete(s.former, address)
	}
}

// size returns how many pages can be served, and the bytes that all take, former ones
// among them.
func (s *shelf) size() (pages int, bytes int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.pages), s.bytes + s.formerBytes
}
