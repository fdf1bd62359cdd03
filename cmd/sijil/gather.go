package main

import (
	"cmp"
	"io"
	"net"
	"sync"
	"time"
)

// fullBuffer is how much net/http gathers before it writes: a write of just that many
// bytes is the beginning of an answer whose rest follows at once.
const fullBuffer = 4 << 10

// gathering is a listener whose connections send the beginning of an answer with its
// rest. net/http writes a page in two pieces, 4 KiB with the headers and then all
// else; for a page from memory each write is a sixth of all that is done for it. They
// also keep net/http's deadlines, seven for each request, from the system's timers until
// somebody waits: see deadlines.
type gathering struct{ net.Listener }

// Accept implements net.Listener.
func (l gathering) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c, nil
	}
	return &gatheringConn{TCPConn: tcp}, nil
}

// gatheringConn holds back a full buffer until the next write. Where none comes, it is
// sent as soon as the server waits for the next request, which it does by setting a
// deadline and reading, or closes the connection: nothing stays behind.
type gatheringConn struct {
	*net.TCPConn
	mu   sync.Mutex
	held *[fullBuffer]byte // nil: nothing
	due  deadlines
}

// heldBuffers are used again: of the connections that wait for a request none needs one.
var heldBuffers = sync.Pool{New: func() any { return new([fullBuffer]byte) }}

// Write implements net.Conn.
func (c *gatheringConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.held == nil && len(b) == fullBuffer:
		c.held = heldBuffers.Get().(*[fullBuffer]byte)
		return copy(c.held[:], b), nil
	case c.held == nil:
		return c.TCPConn.Write(b)
	}
	n, err := c.send(b)
	return max(n-fullBuffer, 0), err
}

// send sends what is held back, with more behind it.
func (c *gatheringConn) send(more []byte) (int, error) {
	both := net.Buffers{c.held[:], more}
	n, err := both.WriteTo(c.TCPConn)
	heldBuffers.Put(c.held)
	c.held = nil
	return int(n), err
}

// release sends what is held back.
func (c *gatheringConn) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held == nil {
		return nil
	}
	_, err := c.send(nil)
	return err
}

// Read implements net.Conn.
func (c *gatheringConn) Read(b []byte) (int, error) {
	if err := c.release(); err != nil {
		return 0, err
	}
	if err := c.due.begin(c.TCPConn); err != nil {
		return 0, err
	}
	n, err := c.TCPConn.Read(b)
	c.due.end()
	return n, err
}

// ReadFrom implements io.ReaderFrom.
func (c *gatheringConn) ReadFrom(r io.Reader) (int64, error) {
	if err := c.release(); err != nil {
		return 0, err
	}
	return c.TCPConn.ReadFrom(r)
}

// SetReadDeadline implements net.Conn.
func (c *gatheringConn) SetReadDeadline(t time.Time) error {
	if err := c.release(); err != nil {
		return err
	}
	return c.due.setRead(c.TCPConn, t)
}

// SetWriteDeadline implements net.Conn.
func (c *gatheringConn) SetWriteDeadline(t time.Time) error { return c.due.setWrite(c.TCPConn, t) }

// SetDeadline implements net.Conn.
func (c *gatheringConn) SetDeadline(t time.Time) error {
	return cmp.Or(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// CloseWrite sends what is left, and says that nothing more comes.
func (c *gatheringConn) CloseWrite() error {
	if err := c.release(); err != nil {
		return err
	}
	return c.TCPConn.CloseWrite()
}

// lastWrite is how long a close may take for what is held back.
const lastWrite = 5 * time.Second

// Close implements net.Conn. It waits for no write that is under way, which is what it
// is to end: of somebody who does not read what he asked for.
func (c *gatheringConn) Close() error {
	if !c.mu.TryLock() {
		return c.TCPConn.Close()
	}
	defer c.mu.Unlock()
	if c.held == nil {
		return c.TCPConn.Close()
	}
	err := c.SetWriteDeadline(time.Now().Add(lastWrite))
	if err == nil {
		_, err = c.send(nil)
	}
	return cmp.Or(err, c.TCPConn.Close())
}
