package main

import (
	"errors"
	"net"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/config"
)

// TestWhoWaitsIsTaken: connections that nobody has accepted when a server closes its
// listener are accepted yet. Without that the system resets them, which is the control.
func TestWhoWaitsIsTaken(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		leave bool
		want  int
	}{"a listener that leaves": {true, 3}, "control: one that closes": {false, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bare, err := listen(t.Context(), "127.0.0.1:0", "")
			if err != nil {
				t.Fatal(err)
			}
			listener := bare
			if c.leave {
				listener = &leaving{Listener: bare}
			}
			for range 3 {
				caller, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", bare.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer caller.Close() //nolint:errcheck // it has said nothing
			}
			if err := listener.Close(); err != nil {
				t.Fatal(err)
			}
			taken := 0
			for {
				conn, err := listener.Accept()
				if err != nil {
					if !errors.Is(err, net.ErrClosed) {
						t.Errorf("it ends with %v", err)
					}
					break
				}
				taken++
				_ = conn.Close()
			}
			if taken != c.want {
				t.Errorf("%d connections are taken, want %d", taken, c.want)
			}
			if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", bare.Addr().String()); err == nil {
				_ = conn.Close()
				t.Error("it still listens")
			}
		})
	}
}

// TestAStopIsLongerThanARequest, by what is set where nobody sets anything.
func TestAStopIsLongerThanARequest(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"DATABASE_URL": "postgres://web_desk@localhost/sijil", "SIJIL_PUBLIC_DATABASE_URL": "postgres://web_public@localhost/sijil",
		"SIJIL_BASE_URL": "https://sijil.example", "SIJIL_SECRET_KEY": "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk", "SIJIL_SMTP_URL": "none",
	}
	settings, err := config.Load(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	l := serverLimits()
	if rest := settings.DrainTimeout - settings.DrainNotice; rest <= longestRequest() || longestRequest() < l.read || l.read >= l.write {
		t.Errorf("after %v of notice a stop leaves %v, and a request may take %v, of which %v to be read",
			settings.DrainNotice, rest, longestRequest(), l.read)
	}
	// systemd's own patience, and that of docker-compose.yml, which its test compares.
	if all := settings.DrainTimeout + jobsDrain + 5*time.Second; all > 90*time.Second {
		t.Errorf("a stop may take %v", all)
	}
}
