package record

import (
	"log/slog"
	"time"
)

// InHaste has a store be patient for no longer than this when it counts; it rests from
// nothing, has one count under way and one waiting, and keeps results of so many bytes.
func (s *Store) InHaste(patience time.Duration, bytes int64) *Store {
	s.figures = newFigures(s.db, slog.New(slog.DiscardHandler), pace{
		patience: patience, limit: time.Minute, atOnce: 1, waiting: 1, bytes: bytes,
	})
	return s
}

// Looking has exports look at so many records at once.
func (s *Store) Looking(window int) *Store {
	s.window = window
	return s
}

// Kept is how many choices of statistics are kept, and how many bytes they count for.
func (s *Store) Kept() (choices int, bytes int64) {
	k := s.figures.chosen
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.entries), k.size
}
