package verify

// Hurry leaves no time between attempts.
func (s *Site) Hurry() { s.pause = 0 }
