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

// awaitDatabase opens and examines what a side needs, as openChecked does. Where the
// database cannot be reached, and pages were saved, it shows these until it can be, on a
// listener that it returns, since readers may wait there; otherwise there is none. Nothing
// is written, and nothing read but by the checks, before all of these have passed.
func awaitDatabase(ctx context.Context, settings config.Config, side config.Side, at site) (opened, error) {
	usable := at.CacheFolder != "" && pagecache.SavedIn(at.CacheFolder, time.Now())
	patience := connectTimeout
	if usable {
		patience = retryEvery // readers are waiting
	}
	db, away := openWithin(ctx, patience, settings, side, at.traced())
	if away == nil || !usable || !errors.Is(away, register.ErrUnavailable) {
		return db, away
	}
	waiting, err := listen(ctx, settings.Addr, "SIJIL_ADDR")
	if err != nil {
		return opened{}, errors.Join(away, err)
	}
	at.Logger.Error("the database cannot be reached; pages saved in SIJIL_CACHE_DIR are shown until it can be", "error", away)
	saved, err := web.New(web.Config{
		BaseURL: at.BaseURL, Operator: at.Operator, Log: at.Logger, Now: time.Now, CacheFolder: at.CacheFolder,
	})
	if err == nil {
		db, err = showUntil(ctx, saved, waiting, at.Logger, func(ctx context.Context) (opened, error) {
			return openWithin(ctx, connectTimeout, settings, side, at.traced())
		})
	}
	if err != nil {
		return opened{}, errors.Join(err, waiting.Close())
	}
	at.Logger.Info("the database can be reached and has been examined")
	db.listener = waiting
	return db, nil
}

// openWithin is openChecked in a given time.
func openWithin(ctx context.Context, patience time.Duration, settings config.Config, side config.Side, how ...store.Option) (opened, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return openChecked(ctx, settings, side, how...)
}

// showUntil serves the saved pages until the database was opened, or fails otherwise than
// by being out of reach. The listener stays open.
func showUntil(
	ctx context.Context, saved *web.Site, listener net.Listener, logger *slog.Logger, open func(context.Context) (opened, error),
) (opened, error) {
	tcp, ok := listener.(*net.TCPListener)
	if !ok {
		return opened{}, errors.New("the listener is none of TCP")
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
	var db opened
	for err := register.ErrUnavailable; err != nil; {
		select {
		case err = <-ended:
			return opened{}, errors.Join(ctx.Err(), err) // without an error it was told to stop
		case <-ctx.Done():
			stop()
			return opened{}, errors.Join(ctx.Err(), <-ended)
		case <-again.C:
		}
		if db, err = open(ctx); err != nil && !errors.Is(err, register.ErrUnavailable) {
			stop()
			return opened{}, errors.Join(err, <-ended)
		}
	}
	stop()
	if err := errors.Join(<-ended, borrowed.giveBack()); err != nil {
		db.close()
		return opened{}, err
	}
	return db, nil
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
