package main

import (
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
// else; for a page from memory each write is a sixth of all that is done for it.
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
	held []byte // empty, or a full buffer
}

// Write implements net.Conn.
func (c *gatheringConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case len(c.held) == 0 && len(b) == fullBuffer:
		c.held = append(c.held, b...)
		return len(b), nil
	case len(c.held) == 0:
		return c.TCPConn.Write(b)
	}
	both := net.Buffers{c.held, b}
	n, err := both.WriteTo(c.TCPConn)
	sent := max(int(n)-len(c.held), 0)
	c.held = c.held[:0]
	return sent, err
}

// release sends what is held back.
func (c *gatheringConn) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) == 0 {
		return nil
	}
	_, err := c.TCPConn.Write(c.held)
	c.held = c.held[:0]
	return err
}

// Read implements net.Conn.
func (c *gatheringConn) Read(b []byte) (int, error) {
	if err := c.release(); err != nil {
		return 0, err
	}
	return c.TCPConn.Read(b)
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
	return c.TCPConn.SetReadDeadline(t)
}

// CloseWrite sends what is left, and says that nothing more comes.
func (c *gatheringConn) CloseWrite() error {
	if err := c.release(); err != nil {
		return err
	}
	return c.TCPConn.CloseWrite()
}

// Close implements net.Conn.
func (c *gatheringConn) Close() error {
	err := c.release()
	if closed := c.TCPConn.Close(); err == nil {
		err = closed
	}
	return err
}
