package desk

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	views "github.com/sijil/sijil/views/desk"
)

const operationsPath = "/desk/operations"

// From when on something is to be looked at. The rules for Prometheus say the
// same (internal/deploy/alerts.yml).
const (
	oldJob      = 10 * time.Minute
	longOverdue = 5 * time.Minute
	oldUnsigned = 15 * time.Minute
	oldBackup   = 36 * time.Hour
	farBehind   = 30 * time.Second
	// askServer is how long a side of the database may take to say which it is.
	askServer = 2 * time.Second
)

// Operations answers the page of how the installation does.
func (d *Desk) Operations(ctx context.Context, r Request) (Answer, error) {
	page, err := d.operationsPage(ctx, r)
	return show(views.Operations(page)), err
}

// RetryJob lets a job that failed be done again.
func (d *Desk) RetryJob(ctx context.Context, r Request) (Answer, error) {
	id, err := strconv.ParseInt(r.Form.Get("job"), 10, 64)
	if err != nil {
		return Answer{}, register.ErrInvalid
	}
	err = d.editorial.RetryJob(ctx, r.Who.Actor, id)
	if errors.Is(err, register.ErrNotFound) {
		page, err := d.operationsPage(ctx, r)
		page.Gone = d.loc(r).T("operations.job-gone")
		return Answer{Status: http.StatusConflict, Page: views.Operations(page)}, err
	}
	if err != nil {
		return Answer{}, err
	}
	return goTo(operationsPath, "job-retried"), nil
}

// side is a pool of connections, and the server that it leads to.
type side struct {
	Name   string
	Stat   store.PoolStat
	Server store.Server
	Down   bool
}

// operations is all that the page is made of.
type operations struct {
	editorial.Upkeep
	machine  Machine
	cache    *observe.Cache // nil: not known here
	sides    []side
	replicas []observe.Replica
	now      time.Time
}

func (d *Desk) operationsPage(ctx context.Context, r Request) (views.OperationsPage, error) {
	o := operations{now: d.now()}
	var err error
	if o.Upkeep, err = d.editorial.Operations(ctx, r.Who.Actor, auth.AliveAt(o.now)); err != nil {
		return views.OperationsPage{}, err
	}
	if d.cfg.Machine != nil {
		o.machine = *d.cfg.Machine
	}
	o.Log.Expect(o.machine.Witnesses)
	if d.cfg.Cache != nil {
		cache := d.cfg.Cache()
		o.cache = &cache
	}
	if o.machine.Replicas != nil {
		o.replicas = o.machine.Replicas()
	}
	for _, s := range o.machine.Sides {
		o.sides = append(o.sides, askSide(ctx, s))
	}
	return d.drawOperations(r, o), nil
}

// askSide asks a side of the database which server it is; one that does not answer
// is down, and that is all to be said of it.
func askSide(ctx context.Context, s Side) side {
	ctx, cancel := context.WithTimeout(ctx, askServer)
	defer cancel()
	server, err := s.Pool.Server(ctx)
	return side{Name: s.Name, Stat: s.Pool.Stat(), Server: server, Down: err != nil}
}

// older reports whether something is older than it should be; what never was is
// not.
func (o *operations) older(at time.Time, limit time.Duration) bool {
	return !at.IsZero() && o.now.Sub(at) > limit
}

// count is how many jobs are in a state.
func (o *operations) count(state string) (n int) {
	for _, j := range o.Jobs {
		if j.State == state {
			n += j.Count
		}
	}
	return n
}

// anyDown reports whether a side of the database does not answer.
func (o *operations) anyDown() bool {
	for _, s := range o.sides {
		if s.Down {
			return true
		}
	}
	return false
}

// anyBehind reports whether a replica is far behind.
func (o *operations) anyBehind() bool {
	for _, f := range o.Followers {
		if f.Lag > farBehind {
			return true
		}
	}
	for _, x := range o.replicas {
		if x.Lag > farBehind {
			return true
		}
	}
	return false
}

// locked is how often somebody was locked out.
func (o *operations) locked() int {
	for _, e := range o.Security {
		if e.Action == "locked-out" {
			return e.Count
		}
	}
	return 0
}
