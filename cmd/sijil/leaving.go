package main

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// lastLook is for how long a listener that is to be closed still takes connections.
// Connections that wait are taken at once: it is so long only because a busy machine may
// let the one who takes them wait.
const lastLook = 100 * time.Millisecond

// leaving is a listener that takes, before it is closed, all connections that wait. The
// system has made them already, and whoever asked has sent his request; it would reset
// those that nobody took, and a proxy that sent a form there sends it nowhere else.
type leaving struct {
	net.Listener
	closing atomic.Bool
}

// Accept implements net.Listener.
func (l *leaving) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil && l.closing.Load() && errors.Is(err, os.ErrDeadlineExceeded) {
		return nil, errors.Join(net.ErrClosed, l.Listener.Close())
	}
	return c, err
}

// Close implements net.Listener. The one who accepts closes it, when nobody waits.
func (l *leaving) Close() error {
	timed, ok := l.Listener.(interface{ SetDeadline(time.Time) error })
	if !ok {
		return l.Listener.Close()
	}
	l.closing.Store(true)
	return timed.SetDeadline(time.Now().Add(lastLook))
}
