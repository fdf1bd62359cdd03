package bulk

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// builders is how many connections make indexes at a time: PostgreSQL makes an
// index of words on one core.
const builders = 2

// turn is statements that need those of the turns before.
type turn struct {
	statements []string
	alone      bool // one by one, since two of them could wait for each other's tables
}

// makeAgain makes keys, then indexes, then foreign keys, and counts.
func (l *Loader) makeAgain(ctx context.Context, progress func(done, all int)) (err error) {
	conns := []*pgx.Conn{l.conn}
	for len(conns) < builders {
		conn, err := pgx.Connect(ctx, l.url)
		if err != nil {
			return store.Map(err)
		}
		defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is open on it
		conns = append(conns, conn)
	}
	for _, conn := range conns {
		if _, err := conn.Exec(ctx, `SET session_replication_role = origin; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'`); err != nil {
			return store.Map(err)
		}
	}
	all, done := 0, 0
	for _, t := range l.rebuild {
		all += len(t.statements)
	}
	for _, t := range l.rebuild {
		using := conns
		if t.alone {
			using = conns[:1]
		}
		if err := t.run(ctx, using, func() { done++; progress(done, all) }); err != nil {
			return err
		}
	}
	return nil
}

// run executes the statements, each on whichever connection is free.
func (t turn) run(ctx context.Context, conns []*pgx.Conn, told func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	todo := make(chan string, len(t.statements))
	for _, sql := range t.statements {
		todo <- sql
	}
	close(todo)
	var (
		lock sync.Mutex
		errs []error
		all  sync.WaitGroup
	)
	for _, conn := range conns {
		all.Go(func() {
			for sql := range todo {
				_, err := conn.Exec(ctx, sql)
				lock.Lock()
				if err != nil {
					errs = append(errs, fmt.Errorf("%s: %w", sql, store.Map(err)))
					cancel()
				} else {
					told()
				}
				lock.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}
