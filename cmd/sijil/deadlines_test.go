package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"testing"
	"time"
)

// TestDeadlinesOfReads end reads in time, whether they are set before or meanwhile.
func TestDeadlinesOfReads(t *testing.T) {
	in := func(d time.Duration) time.Time { return time.Now().Add(d) }
	past, none := time.Unix(1, 0), time.Time{}
	for name, test := range map[string]struct {
		before    func(c net.Conn) error // the read
		meanwhile func(c net.Conn) error
		least     time.Duration // 0: at once
		ends      bool          // without the other end
	}{
		"a short one":        {func(c net.Conn) error { return c.SetReadDeadline(in(150 * time.Millisecond)) }, nil, 140 * time.Millisecond, true},
		"of both directions": {func(c net.Conn) error { return c.SetDeadline(in(150 * time.Millisecond)) }, nil, 140 * time.Millisecond, true},
		"one that is past":   {func(c net.Conn) error { return c.SetReadDeadline(past) }, nil, 0, true},
		"the last of several": {func(c net.Conn) error {
			return errors.Join(c.SetReadDeadline(past), c.SetReadDeadline(in(time.Minute)), c.SetReadDeadline(in(150*time.Millisecond)))
		}, nil, 140 * time.Millisecond, true},
		"a shorter one after a read": {func(c net.Conn) error {
			return errors.Join(waited(c, in(time.Second)), c.SetReadDeadline(in(150*time.Millisecond)))
		}, nil, 140 * time.Millisecond, true},
		"a longer one after a read": {func(c net.Conn) error {
			return errors.Join(waited(c, in(20*time.Millisecond)), c.SetReadDeadline(in(300*time.Millisecond)))
		}, nil, 290 * time.Millisecond, true},
		"a past one meanwhile":    {nil, func(c net.Conn) error { return c.SetReadDeadline(past) }, 0, true},
		"a shorter one meanwhile": {func(c net.Conn) error { return c.SetReadDeadline(in(time.Minute)) }, func(c net.Conn) error { return c.SetReadDeadline(in(150 * time.Millisecond)) }, 140 * time.Millisecond, true},
		"taken away":              {func(c net.Conn) error { return errors.Join(waited(c, past), c.SetReadDeadline(none)) }, nil, 0, false},
		"taken away meanwhile":    {func(c net.Conn) error { return c.SetReadDeadline(in(200 * time.Millisecond)) }, func(c net.Conn) error { return c.SetReadDeadline(none) }, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, theirs := gathered(t)
			if test.before != nil {
				if err := test.before(ours); err != nil {
					t.Fatal(err)
				}
			}
			began, read := time.Now(), make(chan error, 1)
			go func() {
				_, err := ours.Read(make([]byte, 1))
				read <- err
			}()
			if test.meanwhile != nil {
				time.Sleep(50 * time.Millisecond) // so that the read waits
				if err := test.meanwhile(ours); err != nil {
					t.Fatal(err)
				}
			}
			if !test.ends {
				select {
				case err := <-read:
					t.Fatalf("it ended: %v", err)
				case <-time.After(300 * time.Millisecond):
				}
				if _, err := theirs.Write([]byte("a")); err != nil {
					t.Fatal(err)
				}
			}
			select {
			case err := <-read:
				if test.ends != errors.Is(err, os.ErrDeadlineExceeded) {
					t.Error(err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it waits")
			}
			if took := time.Since(began); took < test.least {
				t.Errorf("it ended after %s, too soon", took)
			}
		})
	}
}

// waited has a read end at a deadline.
func waited(c net.Conn, deadline time.Time) error {
	if err := c.SetReadDeadline(deadline); err != nil {
		return err
	}
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("a read until %s ended with %w", deadline, err)
	}
	return nil
}

// TestDeadlinesOfWrites end one that waits for a reader who does not read.
func TestDeadlinesOfWrites(t *testing.T) {
	for name, set := range map[string]func(c net.Conn) error{
		"one":                func(c net.Conn) error { return c.SetWriteDeadline(time.Now().Add(200 * time.Millisecond)) },
		"of both directions": func(c net.Conn) error { return c.SetDeadline(time.Now().Add(200 * time.Millisecond)) },
		"a shorter one after": func(c net.Conn) error {
			return errors.Join(c.SetWriteDeadline(time.Now().Add(time.Minute)), c.SetWriteDeadline(time.Now().Add(200*time.Millisecond)))
		},
		"one after none again": func(c net.Conn) error {
			return errors.Join(c.SetWriteDeadline(time.Time{}), c.SetWriteDeadline(time.Now().Add(200*time.Millisecond)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, _ := gathered(t)
			if err := set(ours); err != nil {
				t.Fatal(err)
			}
			written := make(chan error, 1)
			go func() {
				for {
					if _, err := ours.Write(make([]byte, 1<<16)); err != nil {
						written <- err
						return
					}
				}
			}()
			select {
			case err := <-written:
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Error(err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it waits")
			}
		})
	}
}

// TestWhatDeadlinesServe says which deadline need not be told to the system again.
func TestWhatDeadlinesServe(t *testing.T) {
	now, none := time.Now(), time.Time{}
	for name, test := range map[string]struct {
		told, wanted time.Time
		serves       bool
	}{
		"none and none":             {none, none, true},
		"none, and one":             {none, now.Add(time.Minute), false},
		"one, and none":             {now.Add(time.Minute), none, false},
		"the same":                  {now.Add(time.Minute), now.Add(time.Minute), true},
		"a little later":            {now.Add(time.Minute), now.Add(time.Minute + 900*time.Millisecond), true},
		"later":                     {now.Add(time.Minute), now.Add(time.Minute + time.Second), false},
		"a little later, but soon":  {now.Add(time.Second), now.Add(time.Second + 100*time.Millisecond), false},
		"earlier":                   {now.Add(time.Minute), now.Add(time.Minute - time.Millisecond), false},
		"one that is past, and not": {now.Add(-time.Minute), now.Add(time.Minute), false},
		"past, a little later":      {now.Add(-time.Minute), now.Add(-time.Minute + time.Millisecond), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := serves(test.told, test.wanted, now); got != test.serves {
				t.Errorf("%t", got)
			}
		})
	}
}
