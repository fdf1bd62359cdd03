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
	pages pile
	puts  atomic.Int64 // pages that were ever put there
	// former are pages of states that are over, which nobody is served any more: a page
	// that says the same as its former one need not be packed again. They go first where
	// there is no room.
	former pile
}

// pile is pages by their address, with the bytes that they take; the zero pile is empty.
type pile struct {
	at    map[string]*page
	bytes int64
}

// add puts a page, of which the bytes are counted, in the place of the one that was there.
func (p *pile) add(address string, one *page) {
	p.remove(address)
	if p.at == nil {
		p.at = map[string]*page{}
	}
	p.at[address] = one
	p.bytes += one.counted
}

func (p *pile) remove(address string) {
	if one := p.at[address]; one != nil {
		p.bytes -= one.counted
		delete(p.at, address)
	}
}

// drop lets some pages go.
func (p *pile) drop(which func(*page) bool) {
	for address, one := range p.at {
		if which(one) {
			p.remove(address)
		}
	}
}

// page returns the page at an address, nil when there is none.
func (s *shelf) page(address string) *page {
	s.mu.RLock()
	p := s.pages.at[address]
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
	s.pages.remove(address)
	p.counted = p.size()
	s.makeRoom(p.counted)
	s.pages.add(address, p)
	s.puts.Add(1)
}

// recount notes that a page takes another number of bytes than when it was put.
func (s *shelf) recount(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pages.at[address]
	if p == nil {
		return
	}
	size := p.size()
	s.pages.bytes += size - p.counted
	p.counted = size
	s.makeRoom(0)
}

// hasRoom reports whether so many bytes more can be kept without a page that has to go
// for them.
func (s *shelf) hasRoom(bytes int64) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.pages.bytes+bytes <= s.max
}

// each calls a function with all pages.
func (s *shelf) each(do func(address string, p *page)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for address, p := range s.pages.at {
		do(address, p)
	}
}

// makeRoom lets the former pages go, and then those that were not asked for since the
// last sweep: a clock without a hand, for Go walks a map from a random place. The second
// round finds every mark taken.
func (s *shelf) makeRoom(need int64) {
	if s.pages.bytes+s.former.bytes+need > s.max {
		s.former = pile{}
	}
	for range 2 {
		for address, p := range s.pages.at {
			if s.pages.bytes+need <= s.max {
				return
			}
			if !p.used.Swap(false) {
				s.pages.remove(address)
			}
		}
	}
}

// drop lets some pages go.
func (s *shelf) drop(which func(*page) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages.drop(which)
}

// turn makes former pages of all.
func (s *shelf) turn(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for address, p := range s.pages.at {
		p.former = now
		s.former.add(address, p)
	}
	s.pages = pile{}
}

// takeFormer returns the page of a state that is over at an address, once; nil where
// there is none.
func (s *shelf) takeFormer(address string) *page {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.former.at[address]
	s.former.remove(address)
	return p
}

// dropFormer lets the former pages go whose time is over.
func (s *shelf) dropFormer(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.former.drop(func(p *page) bool { return now.Sub(p.former) >= formerFor })
}

// size returns how many pages can be served, and the bytes that all take, former ones
// among them.
func (s *shelf) size() (pages int, bytes int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.pages.at), s.pages.bytes + s.former.bytes
}
