package pagecache

import "sync"

// shelf holds the pages by their address, up to a number of bytes.
type shelf struct {
	max   int64
	mu    sync.RWMutex
	pages map[string]*page
	bytes int64
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
	s.makeRoom(p.size())
	s.pages[address] = p
	s.bytes += p.size()
}

// makeRoom lets pages go that were not asked for since the last sweep: a clock
// without a hand, for Go walks a map from a random place. The second round
// finds every mark taken.
func (s *shelf) makeRoom(need int64) {
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
		s.bytes -= p.size()
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

// clear lets all pages go.
func (s *shelf) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages, s.bytes = map[string]*page{}, 0
}

func (s *shelf) size() (pages int, bytes int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.pages), s.bytes
}
