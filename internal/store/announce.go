package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// channel is the name under which it is announced that something was published,
// or that the log was signed, with the generation that this made.
const channel = "sijil_published"

// jobsChannel is where River listens for jobs that were asked for.
const jobsChannel = JobsSchema + ".river_insert"

// announceTimeout ends the attempt to announce.
const announceTimeout = 2 * time.Second

// announcePause is what lies between two announcements at least: each is a commit of
// its own, which writers in a crowd would pay for, and who hears of the second hears
// of all that came in between. The first of a crowd is told at once.
const announcePause = 20 * time.Millisecond

// transaction notes what is to be announced once it is committed. A NOTIFY of its
// own would hold a lock of the whole cluster through the flush to the disk, so
// that all writers queue: they then commit a fifth as often.
type transaction struct {
	pgx.Tx
	said news
	last pgx.Batch // what is written when all else is done
}

// news is what is to be announced.
type news struct {
	published bool
	queues    map[string]bool // of jobs, in which one waits
}

func (n *news) empty() bool { return !n.published && len(n.queues) == 0 }

func (n *news) add(more news) {
	n.published = n.published || more.published
	if n.queues == nil {
		n.queues = map[string]bool{}
	}
	maps.Copy(n.queues, more.queues)
}

// Announce has it announced, once the caller's transaction is committed, that
// what readers see has changed. Outside of one of InTx nobody is told: page
// caches ask each second all the same.
func Announce(q Querier) {
	if tx, ok := q.(*transaction); ok {
		tx.said.published = true
	}
}

// AnnounceJob has River told, once the caller's transaction is committed, that a job
// waits in a queue; outside of one of InTx it finds it when it looks by itself.
func AnnounceJob(q Querier, queue string) {
	if tx, ok := q.(*transaction); ok {
		tx.said.add(news{queues: map[string]bool{queue: true}})
	}
}

// announcer tells what was committed, one at a time: what comes meanwhile is told
// together.
type announcer struct {
	mu      sync.Mutex
	waiting news
	busy    bool
	work    sync.WaitGroup
}

// announce tells it without holding up the caller.
func (db *DB) announce(said news) {
	if said.empty() {
		return
	}
	a := &db.announcer
	a.mu.Lock()
	defer a.mu.Unlock()
	a.waiting.add(said)
	if !a.busy {
		a.busy = true
		a.work.Go(db.tell)
	}
}

// next takes what waits to be told; nothing ends the telling.
func (a *announcer) next() (news, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	said := a.waiting
	a.waiting = news{}
	a.busy = !said.empty()
	return said, a.busy
}

// tell announces until nothing waits. What fails is not tried again: page caches
// and River ask each second by themselves.
func (db *DB) tell() {
	for said, more := db.announcer.next(); more; said, more = db.announcer.next() {
		ctx, cancel := context.WithTimeout(context.Background(), announceTimeout)
		_, _ = db.pool.Exec(ctx, `
			SELECT pg_notify(@channel, generation || ' ' || signatures) FROM record.generations WHERE @published
			UNION ALL
			SELECT pg_notify(@jobs, jsonb_build_object('queue', queue)::text) FROM unnest(@queues::text[]) AS queue`,
			pgx.StrictNamedArgs{
				"channel": channel, "published": said.published, "jobs": jobsChannel, "queues": slices.Sorted(maps.Keys(said.queues)),
			})
		cancel()
		time.Sleep(announcePause)
	}
}
