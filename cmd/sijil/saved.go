package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/pagecache"
)

// retryEvery is how often a server that shows saved pages tries its database.
const retryEvery = time.Second

// keep has a site ask for what is new, and save its pages, until it is told to stop: also
// while it drains.
func keep(ctx context.Context, handler *web.Site) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() { handler.Keep(ctx) })
	return func() {
		cancel()
		work.Wait()
	}
}

// awaitDatabase opens and examines both sides, as openChecked does. Where the database
// cannot be reached, and pages were saved, it shows these until it can be, on a listener
// that it returns, since readers may wait there; otherwise there is none. Nothing is
// written, and nothing read but by the checks, before all of these have passed.
func awaitDatabase(ctx context.Context, settings config.Config, logger *slog.Logger) (desk, public *store.DB, waiting net.Listener, err error) {
	usable := settings.CacheDir != "" && pagecache.SavedIn(settings.CacheDir, time.Now())
	patience := connectTimeout
	if usable {
		patience = retryEvery // readers are waiting
	}
	desk, public, err = openWithin(ctx, patience, settings)
	if err == nil || !usable || !errors.Is(err, register.ErrUnavailable) {
		return desk, public, nil, err
	}
	away := err
	if waiting, err = listen(ctx, settings.Addr, "SIJIL_ADDR"); err != nil {
		return nil, nil, nil, errors.Join(away, err)
	}
	logger.Error("the database cannot be reached; pages saved in SIJIL_CACHE_DIR are shown until it can be", "error", away)
	saved, err := web.New(web.Config{
		BaseURL: settings.BaseURL, Operator: operator(settings), Log: logger, Now: time.Now, CacheFolder: settings.CacheDir,
	})
	if err == nil {
		desk, public, err = showUntil(ctx, saved, waiting, logger, func(ctx context.Context) (desk, public *store.DB, err error) {
			return openWithin(ctx, connectTimeout, settings)
		})
	}
	if err != nil {
		return nil, nil, nil, errors.Join(err, waiting.Close())
	}
	logger.Info("the database can be reached and has been examined")
	return desk, public, waiting, nil
}

// openWithin is openChecked with less time.
func openWithin(ctx context.Context, patience time.Duration, settings config.Config) (desk, public *store.DB, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return openChecked(ctx, settings)
}

// showUntil serves the saved pages until the database was opened, or fails otherwise than
// by being out of reach. The listener stays open.
func showUntil(
	ctx context.Context, saved *web.Site, listener net.Listener, logger *slog.Logger,
	open func(context.Context) (desk, public *store.DB, err error),
) (desk, public *store.DB, err error) {
	tcp, ok := listener.(*net.TCPListener)
	if !ok {
		return nil, nil, errors.New("the listener is none of TCP")
	}
	borrowed := &lent{TCPListener: tcp}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() {
		ended <- serveHTTP(serving, borrowed, saved, logger, stopping{drain: retryEvery})
	}()
	again := time.NewTicker(retryEvery)
	defer again.Stop()
	for errors.Is(err, register.ErrUnavailable) || err == nil && desk == nil {
		select {
		case err = <-ended:
			return nil, nil, err
		case <-ctx.Done():
			stop()
			return nil, nil, errors.Join(ctx.Err(), <-ended)
		case <-again.C:
		}
		desk, public, err = open(ctx)
	}
	stop()
	if errServe := <-ended; err == nil && errServe != nil {
		desk.Close()
		public.Close()
		return nil, nil, errServe
	}
	return desk, public, errors.Join(err, borrowed.giveBack())
}

// lent is a listener that is lent to a server: when that closes it, it takes no
// connection more, but those that come wait for the next server instead of being refused.
type lent struct {
	*net.TCPListener
	closed    atomic.Bool
	accepting sync.Mutex
}

// Accept implements net.Listener.
func (l *lent) Accept() (net.Conn, error) {
	l.accepting.Lock()
	defer l.accepting.Unlock()
	if l.closed.Load() {
		return nil, net.ErrClosed
	}
	return l.TCPListener.Accept()
}

// Close implements net.Listener.
func (l *lent) Close() error {
	l.closed.Store(true)
	return l.SetDeadline(time.Unix(1, 0))
}

// giveBack waits until the server that had it takes no connection more.
func (l *lent) giveBack() error {
	err := l.Close()
	l.accepting.Lock()
	defer l.accepting.Unlock()
	return errors.Join(err, l.SetDeadline(time.Time{}))
}
