package desk

import (
	"context"
	"time"

	"github.com/sijil/sijil/internal/observe"
	"github.com/sijil/sijil/internal/store"
)

// Machine is this program as it runs, for the page of operations.
type Machine struct {
	Version string
	Schema  uint
	Since   time.Time // of its start
	// Sides are its pools of connections, in the order in which they are shown.
	Sides []Side
	// Settings are what can be on or off. No value of them is secret.
	Settings []Setting
	// Witnesses are the names of those who are asked to cosign the log.
	Witnesses []string
	// Replicas are those that this program reads from; nil: none.
	Replicas func() []observe.Replica
}

// Side is a pool of connections by what it is for.
type Side struct {
	Name string
	Pool Pool
}

// Pool is a pool of connections to the database.
type Pool interface {
	Stat() store.PoolStat
	Server(ctx context.Context) (store.Server, error)
}

// Setting is something that the operator turned on or not; its name stands for
// "operations.setting." + Name in the messages.
type Setting struct {
	Name  string
	On    bool
	Value string // what is to be said of it; "" for nothing
}
