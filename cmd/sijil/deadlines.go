package main

import (
	"net"
	"os"
	"sync"
	"time"
)

// early is the part of the time that is left by which a deadline may come too soon, so
// that those of one request after another, a little later each, need not be told to the
// system.
const early = 64

// deadlines are those of a connection. That of reading is told to the system when a
// read begins, since net/http sets six for each request, and waits under one of them.
type deadlines struct {
	mu      sync.Mutex
	reading int       // how many reads are under way
	wanted  time.Time // of reading
	told    time.Time // of reading, to the system
	write   time.Time // told to the system
}

// serves reports whether a deadline that was told is as good as another one.
func serves(told, wanted, now time.Time) bool {
	if told.IsZero() || wanted.IsZero() {
		return told.Equal(wanted)
	}
	later := wanted.Sub(told)
	return later >= 0 && later <= told.Sub(now)/early
}

// setRead is the deadline of reads to come, and of those that wait.
func (d *deadlines) setRead(c *net.TCPConn, t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = t
	if d.reading == 0 {
		return nil
	}
	d.told = t
	return c.SetReadDeadline(t)
}

// begin says that a read begins. It returns [os.ErrDeadlineExceeded] where there is no
// time for it, which is how net/http ends one that has not begun.
func (d *deadlines) begin(c *net.TCPConn) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	if !d.wanted.IsZero() && !now.Before(d.wanted) {
		return os.ErrDeadlineExceeded
	}
	if !serves(d.told, d.wanted, now) {
		d.told = d.wanted
		if err := c.SetReadDeadline(d.wanted); err != nil {
			return err
		}
	}
	d.reading++
	return nil
}

// end says that a read that began has ended.
func (d *deadlines) end() {
	d.mu.Lock()
	d.reading--
	d.mu.Unlock()
}

// setWrite is the deadline of writes.
func (d *deadlines) setWrite(c *net.TCPConn, t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if serves(d.write, t, time.Now()) {
		return nil
	}
	d.write = t
	return c.SetWriteDeadline(t)
}
