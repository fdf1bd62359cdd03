package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sijil/sijil/internal/register"
)

const (
	// lookEvery is how often each replica is asked how far it is.
	lookEvery = 250 * time.Millisecond
	// lookSoon is how soon one that is behind is asked again, at first.
	lookSoon = 10 * time.Millisecond
	// lookTimeout is how long it may take to say so, and patientLooks how many times
	// in a row it may take longer before it is not asked any more: its readers may
	// only have all its connections for a moment, and what it had it still has.
	lookTimeout  = 500 * time.Millisecond
	patientLooks = 1
	// replicaPatience is how long a replica may take to begin with its answer before
	// the primary is asked: half of what a reader waits at most.
	replicaPatience = 2 * time.Second
	// primaryPatience is how long the primary may take to tell the generation where a
	// replica can tell it, too.
	primaryPatience = time.Second
)

// replicas are standbys of a database, which are read from. What decides whether one
// is asked is the generation of what is published: one that this program has heard
// of and the standby does not have yet is read from the primary, so that no page of
// a newer generation is made of what an older one says.
type replicas struct {
	list  []*replica
	turn  atomic.Uint64 // whose turn it is
	log   *slog.Logger
	home  identity // of the primary
	known atomic.Pointer[register.Generation]
	stop  context.CancelFunc
	work  sync.WaitGroup
}

// replica is one standby.
type replica struct {
	pool     *pgxpool.Pool
	name     string // for the log; without the password
	of       *replicas
	state    atomic.Pointer[replicaState]
	admitted bool // it was examined; only the one who looks at it asks
	late     int  // looks in a row that took too long; of the same
	again    chan struct{}
}

// replicaState is what was last seen of a replica.
type replicaState struct {
	generation register.Generation
	replayed   time.Time // when what it replayed last was committed; zero: unknown
	err        error     // why it is not asked
}

// ReadFrom has the pool of the public role read from standbys as long as they can
// be reached and are as far as this program has heard that the record is; all else
// goes to the primary. A standby that cannot be reached, now or later, is no fault:
// it is asked again. An address that is none is.
func (db *DB) ReadFrom(ctx context.Context, log *slog.Logger, urls ...string) error {
	home, err := identify(ctx, db.pool)
	if err != nil {
		return err
	}
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	all := &replicas{log: log, home: home, stop: stop}
	all.known.Store(&register.Generation{})
	for _, url := range urls {
		pool, err := openPool(ctx, url, PublicSide, db.how)
		if err != nil {
			all.close()
			return err
		}
		to := pool.Config().ConnConfig
		r := &replica{pool: pool, name: net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))), of: all, again: make(chan struct{}, 1)}
		r.state.Store(&replicaState{err: errors.New("nobody has looked at it yet")})
		all.list = append(all.list, r)
		all.work.Go(func() { r.watch(watching) })
	}
	db.replicas = all
	return nil
}

func (all *replicas) close() {
	if all == nil {
		return
	}
	all.stop()
	all.work.Wait()
	for _, r := range all.list {
		r.pool.Close()
	}
}

// Learn notes a generation of which this program has heard: what is older is read
// from no replica any more. It is called before pages are made of it.
func (db *DB) Learn(g register.Generation) {
	all := db.replicas
	if all == nil {
		return
	}
	for {
		known := all.known.Load()
		next := register.Generation{Record: max(known.Record, g.Record), Log: max(known.Log, g.Log)}
		if next == *known {
			return
		}
		if all.known.CompareAndSwap(known, &next) {
			break
		}
	}
	for _, r := range all.list {
		r.lookAgain()
	}
}

// Generation returns the state of what is published: as the primary has it or,
// where that cannot be reached, a replica that is as far as this program has heard.
func (db *DB) Generation(ctx context.Context) (register.Generation, error) {
	asking, cancel := ctx, context.CancelFunc(func() {})
	if db.replicas != nil {
		asking, cancel = context.WithTimeout(ctx, primaryPatience)
	}
	defer cancel()
	var g register.Generation
	err := Map(db.pool.QueryRow(asking, generationSQL).Scan(&g.Record, &g.Log))
	if db.replicas != nil && errors.Is(err, register.ErrUnavailable) {
		if r := db.replicas.pick(); r != nil {
			var second register.Generation
			switch failed := r.pool.QueryRow(ctx, generationSQL).Scan(&second.Record, &second.Log); {
			case failed != nil:
				r.fail(failed)
			case isAsFar(second, *db.replicas.known.Load()):
				g, err = second, nil
			}
		}
	}
	if err == nil {
		db.Learn(g)
	}
	return g, err
}

// isAsFar reports whether a state is not older than another.
func isAsFar(g, than register.Generation) bool { return g.Record >= than.Record && g.Log >= than.Log }

// pick returns the replica that is asked next; nil for none.
func (all *replicas) pick() *replica {
	if all == nil {
		return nil
	}
	known, first := *all.known.Load(), all.turn.Add(1)
	for i := range all.list {
		r := all.list[(first+uint64(i))%uint64(len(all.list))]
		state := r.state.Load()
		if state.err == nil && isAsFar(state.generation, known) {
			return r
		}
	}
	return nil
}

// fail has a replica not asked until somebody has looked at it again.
func (r *replica) fail(err error) {
	r.note(&replicaState{err: err})
	r.lookAgain()
}

func (r *replica) lookAgain() {
	select {
	case r.again <- struct{}{}:
	default: // somebody will
	}
}

// watch looks at the replica until the end, sooner again while it is behind.
func (r *replica) watch(ctx context.Context) {
	soon := lookSoon
	for ctx.Err() == nil {
		r.look(ctx)
		pause := lookEvery
		if state := r.state.Load(); state.err == nil && !isAsFar(state.generation, *r.of.known.Load()) {
			pause, soon = soon, min(lookEvery, 2*soon)
		} else {
			soon = lookSoon
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		case <-r.again:
			wait(ctx, lookSoon) // one that fails at once is not asked in a loop
		}
	}
}

// look asks the replica how far it is. One that could not be reached before is
// examined as the primary was: it must be of the same database, and the role must
// be able to do no more there than read.
func (r *replica) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	if !r.admitted {
		if err := r.examine(ctx); err != nil {
			r.note(&replicaState{err: err})
			return
		}
	}
	var state replicaState
	var replayed *time.Time
	err := r.pool.QueryRow(ctx, `
		SELECT generation, signatures, pg_last_xact_replay_timestamp() FROM record.generations`).
		Scan(&state.generation.Record, &state.generation.Log, &replayed)
	if errors.Is(err, context.DeadlineExceeded) && r.state.Load().err == nil && r.late < patientLooks {
		r.late++
		return
	}
	r.late = 0
	if replayed != nil {
		state.replayed = *replayed
	}
	state.err, r.admitted = Map(err), err == nil
	r.note(&state)
}

func (r *replica) examine(ctx context.Context) error {
	there := &DB{pool: r.pool}
	if err := CheckPublic(ctx, there); err != nil {
		return Map(err)
	}
	where, err := identify(ctx, r.pool)
	if err != nil {
		return err
	}
	if same := where.Name == r.of.home.Name && where.OID == r.of.home.OID && where.System == r.of.home.System; !same {
		return fmt.Errorf("it holds another database (%s) than the primary (%s)", where.Name, r.of.home.Name)
	}
	return nil
}

// note keeps what was seen, and logs it where it has changed.
func (r *replica) note(state *replicaState) {
	before := r.state.Swap(state)
	switch {
	case state.err != nil && before.err == nil:
		r.of.log.Warn("replica is not read from", "replica", r.name, "error", state.err)
	case state.err == nil && before.err != nil:
		r.of.log.Info("replica is read from", "replica", r.name, "generation", state.generation.Record)
	}
}

// Replica tells of one standby how it stands.
type Replica struct {
	Name string // host and port
	// Asked is whether readers are answered from it: it can be reached, and is as far
	// as this program has heard that the record is.
	Asked      bool
	Generation register.Generation
	// Replayed is when what it has replayed last was committed on the primary; zero
	// where it does not say.
	Replayed time.Time
	// Err is why it cannot be reached; nil when it only is behind, too.
	Err error
}

// Replicas tells of all standbys that the pool reads from.
func (db *DB) Replicas() []Replica {
	if db.replicas == nil {
		return nil
	}
	known := *db.replicas.known.Load()
	var out []Replica
	for _, r := range db.replicas.list {
		state := r.state.Load()
		out = append(out, Replica{
			Name: r.name, Generation: state.generation, Replayed: state.replayed, Err: state.err,
			Asked: state.err == nil && isAsFar(state.generation, known),
		})
	}
	return out
}

// isReplicas reports whether an error is the replica's, so that the primary may
// know the answer: it could not be reached, or had to choose between answering and
// replaying. That a statement took too long is none: it would there, too.
func isReplicas(err error) bool {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && (pgErr.Code == "40001" || pgErr.Code == "40P01") {
		return true
	} else if ok && pgErr.Code == "57014" {
		return false
	}
	return errors.Is(Map(err), register.ErrUnavailable) || errors.Is(err, context.Canceled)
}
