package capture

import "net"

// Sniff is sniff, for its fuzz test.
var Sniff = sniff

// OnlyPublic is onlyPublic.
var OnlyPublic = onlyPublic

// ConfineSelf is confineSelf.
var ConfineSelf = confineSelf

// Recorded returns a connection as it is recorded, and what was sent over it so
// far.
func Recorded(line net.Conn) (recorded net.Conn, sent func() string) {
	w := (&wire{}).over(line)
	return w, func() string {
		_, sent, _ := w.said()
		return string(sent)
	}
}
