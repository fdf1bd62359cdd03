package main

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/store"
)

// opened is what a server works with: the pools of its sides, and the listener on which
// readers waited for them.
type opened struct {
	desk     *store.DB    // nil where the public side is alone
	public   *store.DB    // reads what is published; by the desk's role where that is alone
	listener net.Listener // nil: nobody waited
}

// close gives all of it up.
func (o opened) close() {
	for _, db := range []*store.DB{o.desk, o.public} {
		if db != nil {
			db.Close()
		}
	}
	if o.listener != nil {
		_ = o.listener.Close() // whoever served on it has closed it already
	}
}

// openChecked opens what a side needs and examines it. It returns all faults at once,
// each with the variable that leads to it.
func openChecked(ctx context.Context, settings config.Config, side config.Side, how ...store.Option) (o opened, err error) {
	var errDesk, errPublic error
	if side != config.PublicSide {
		o.desk, errDesk = openSide(ctx, "DATABASE_URL", settings.DatabaseURL, store.DeskSide, store.CheckDesk, how...)
		errDesk = errors.Join(errDesk, checkTakedown(ctx, settings, o.desk))
	}
	if side != config.DeskSide {
		o.public, errPublic = openSide(ctx, "SIJIL_PUBLIC_DATABASE_URL", settings.PublicDatabaseURL, store.PublicSide, store.CheckPublic, how...)
	}
	err = errors.Join(errDesk, errPublic)
	switch {
	case err != nil:
	case side == config.DeskSide: // what is published is read by the desk's own role
		o.public, err = store.Open(ctx, settings.DatabaseURL, store.PublicSide, how...)
	case side == config.BothSides:
		if err = store.CheckSame(ctx, o.desk, o.public); err != nil {
			err = fmt.Errorf("SIJIL_PUBLIC_DATABASE_URL: %w", err)
		}
	}
	if err != nil {
		o.close()
		return opened{}, err
	}
	return o, nil
}

// openTakedown opens the pool for takedowns; nil where there is no address. Its
// role was examined by openChecked.
func openTakedown(ctx context.Context, url string, how ...store.Option) (*store.DB, error) {
	if url == "" {
		return nil, nil //nolint:nilnil // none is a setting, not a fault
	}
	return store.Open(ctx, url, store.TakedownSide, how...)
}

// checkTakedown examines the role for takedowns, where there is one.
func checkTakedown(ctx context.Context, settings config.Config, desk *store.DB) error {
	const variable = "SIJIL_TAKEDOWN_DATABASE_URL"
	if settings.TakedownDatabaseURL == "" {
		return nil
	}
	takedown, err := openSide(ctx, variable, settings.TakedownDatabaseURL, store.TakedownSide, store.CheckTakedown)
	if err != nil {
		return err
	}
	defer takedown.Close()
	if desk == nil {
		return nil // what is wrong with it is said already
	}
	if err := store.CheckSame(ctx, desk, takedown); err != nil {
		return fmt.Errorf("%s: %w", variable, err)
	}
	return nil
}

// openSide opens one side and has it checked.
func openSide(
	ctx context.Context, variable, url string, side store.Side, check func(context.Context, *store.DB) error, how ...store.Option,
) (*store.DB, error) {
	db, err := store.Open(ctx, url, side, how...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	if err := db.Ping(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: the database cannot be reached: %w", variable, err)
	}
	if err := errors.Join(check(ctx, db), store.CheckTimes(ctx, db, side)); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w", variable, err)
	}
	return db, nil
}
