package register

// Generation is a state of all that is published.
type Generation struct {
	// Record grows with every publication, and with every change of a vocabulary.
	Record int64
	// Log grows with every signature of the public log, its own or a witness's.
	Log int64
}
