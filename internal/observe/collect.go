package observe

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sijil/sijil/internal/register"
)

// stateTimeout bounds the reading of the state: who reads figures waits no longer
// for a database that hangs.
const stateTimeout = 3 * time.Second

// metric is a figure that is made when it is asked for.
type metric struct {
	*prometheus.Desc
	kind prometheus.ValueType
}

func gauge(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc(name, help, labels, nil), prometheus.GaugeValue}
}

func counter(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc(name, help, labels, nil), prometheus.CounterValue}
}

// tell sends a value of the figure.
func (m metric) tell(to chan<- prometheus.Metric, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(m.Desc, m.kind, value, labels...)
}

// at sends a moment, in seconds since 1970; nothing for one that never was.
func (m metric) at(to chan<- prometheus.Metric, t time.Time, labels ...string) {
	if !t.IsZero() {
		m.tell(to, float64(t.UnixMilli())/1000, labels...)
	}
}

func describe(to chan<- *prometheus.Desc, all ...metric) {
	for _, m := range all {
		to <- m.Desc
	}
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// siteCollector asks the server of pages.
type siteCollector struct{ site func() *Site }

type siteMetrics struct {
	hits, made, stale, pages, bytes, working, workMost, limited metric
}

func ofSite() siteMetrics {
	return siteMetrics{
		hits:     counter("sijil_page_cache_hits_total", "Answers from the page cache."),
		made:     counter("sijil_page_cache_made_total", "Pages that the page cache had made."),
		stale:    counter("sijil_page_cache_stale_total", "Answers from the page cache since the page could not be made anew."),
		pages:    gauge("sijil_page_cache_pages", "Pages in memory."),
		bytes:    gauge("sijil_page_cache_bytes", "Memory that they take."),
		working:  gauge("sijil_work_running", "Work under way, by class: pages that are made, searches, exports, sign-ins, files, the desk.", "class"),
		workMost: gauge("sijil_work_limit", "How much of it can be under way at the same time.", "class"),
		limited:  counter("sijil_rate_limited_total", "Requests that were refused for their number, by the limit.", "limit"),
	}
}

// Describe implements prometheus.Collector.
func (c *siteCollector) Describe(to chan<- *prometheus.Desc) {
	m := ofSite()
	describe(to, m.hits, m.made, m.stale, m.pages, m.bytes, m.working, m.workMost, m.limited)
}

// Collect implements prometheus.Collector.
func (c *siteCollector) Collect(to chan<- prometheus.Metric) {
	site := c.site()
	if site == nil {
		return
	}
	m, cache := ofSite(), site.Cache()
	m.hits.tell(to, float64(cache.Hits))
	m.made.tell(to, float64(cache.Made))
	m.stale.tell(to, float64(cache.Stale))
	m.pages.tell(to, float64(cache.Pages))
	m.bytes.tell(to, float64(cache.Bytes))
	for class, places := range site.Work() {
		m.working.tell(to, float64(places.Taken), class)
		m.workMost.tell(to, float64(places.All), class)
	}
	for limit, n := range site.Limited() {
		m.limited.tell(to, float64(n), limit)
	}
}

// traceCollector asks the traces what they lost; it tells nothing where there are none.
type traceCollector struct{ traces *Traces }

func ofTraces() metric {
	return counter("sijil_trace_spans_dropped_total", "Spans of traces that no collector got, by why: too many were waiting, or it did not take them.", "reason")
}

// Describe implements prometheus.Collector.
func (*traceCollector) Describe(to chan<- *prometheus.Desc) { describe(to, ofTraces()) }

// Collect implements prometheus.Collector.
func (c *traceCollector) Collect(to chan<- prometheus.Metric) {
	m := ofTraces()
	for reason, n := range c.traces.Lost() {
		m.tell(to, float64(n), reason)
	}
}

// pools asks the pools of connections, by what they are for.
type pools struct {
	mu sync.Mutex
	by map[string]Pool
}

func (c *pools) add(side string, p Pool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil {
		c.by = map[string]Pool{}
	}
	c.by[side] = p
}

type poolMetrics struct{ connections, most, acquired, waited, waitedFor, givenUp metric }

func ofPools() poolMetrics {
	return poolMetrics{
		connections: gauge("sijil_db_pool_connections", "Connections to the database, by what the pool is for and whether they are in use.", "side", "state"),
		most:        gauge("sijil_db_pool_connections_limit", "How many the pool opens at most.", "side"),
		acquired:    counter("sijil_db_pool_acquired_total", "Connections that the pool handed out.", "side"),
		waited:      counter("sijil_db_pool_waits_total", "Of these, those that somebody had to wait for.", "side"),
		waitedFor:   counter("sijil_db_pool_wait_seconds_total", "Time of these waits.", "side"),
		givenUp:     counter("sijil_db_pool_given_up_total", "Waits that were given up.", "side"),
	}
}

// Describe implements prometheus.Collector.
func (c *pools) Describe(to chan<- *prometheus.Desc) {
	m := ofPools()
	describe(to, m.connections, m.most, m.acquired, m.waited, m.waitedFor, m.givenUp)
}

// Collect implements prometheus.Collector.
func (c *pools) Collect(to chan<- prometheus.Metric) {
	c.mu.Lock()
	by := maps.Clone(c.by)
	c.mu.Unlock()
	m := ofPools()
	for side, pool := range by {
		s := pool.Stat()
		m.connections.tell(to, float64(s.InUse), side, "in-use")
		m.connections.tell(to, float64(s.Idle), side, "idle")
		m.most.tell(to, float64(s.Most), side)
		m.acquired.tell(to, float64(s.Acquired), side)
		m.waited.tell(to, float64(s.Waited), side)
		m.waitedFor.tell(to, s.WaitedFor.Seconds(), side)
		m.givenUp.tell(to, float64(s.GivenUp), side)
	}
}

// stateCollector asks the database how the installation does.
type stateCollector struct{ cfg Config }

type stateMetrics struct {
	up, published, overdue, generation, jobs, oldestJob, mails, oldestMail, leaves, unsigned, signedAt, unsignedSince,
	witnessLag, witnessAt, stampLag, stampAt, backup, archived, archiveFailing, followerLag, followerBytes,
	replicaLag, replicaUsable, sessions metric
}

func ofState() stateMetrics {
	return stateMetrics{
		up:        gauge("sijil_database_up", "Whether the desk's side of the database answers."),
		published: gauge("sijil_last_publication_timestamp_seconds", "When the last edition was published."),
		overdue: gauge("sijil_publication_overdue_since_timestamp_seconds",
			"The earliest set time of a publication that has come, of which nothing has become."),
		generation: gauge("sijil_generation", "Number of the state of the published record."),
		jobs:       gauge("sijil_jobs", "Jobs that are not done, by queue and state.", "queue", "state"),
		oldestJob:  gauge("sijil_jobs_oldest_due_timestamp_seconds", "Since when the job waits that could have begun first."),
		mails:      gauge("sijil_mails", "Mails of the outbox, by state.", "state"),
		oldestMail: gauge("sijil_mails_oldest_waiting_timestamp_seconds", "Since when the first waiting mail waits."),
		leaves:     gauge("sijil_log_leaves", "Leaves of the public log."),
		unsigned:   gauge("sijil_log_unsigned_leaves", "Leaves that no checkpoint covers."),
		signedAt:   gauge("sijil_log_checkpoint_timestamp_seconds", "When the newest checkpoint was signed."),
		unsignedSince: gauge("sijil_log_unsigned_since_timestamp_seconds",
			"When the first leaf was appended that no checkpoint covers."),
		witnessLag: gauge("sijil_log_witness_missing_leaves", "Leaves that are signed and that the witness has not cosigned.", "witness"),
		witnessAt:  gauge("sijil_log_witness_timestamp_seconds", "When the witness cosigned last.", "witness"),
		stampLag:   gauge("sijil_log_undated_leaves", "Leaves that are signed and that no timestamp covers.", "authority"),
		stampAt:    gauge("sijil_log_dated_timestamp_seconds", "When the newest checkpoint with a timestamp was dated.", "authority"),
		backup:     gauge("sijil_backup_timestamp_seconds", "Of which moment the last copy is that sijil backup made."),
		archived:   gauge("sijil_wal_archived_timestamp_seconds", "When PostgreSQL archived the last piece of its write-ahead log."),
		archiveFailing: gauge("sijil_wal_archive_failing",
			"Whether the last attempt to archive a piece of the write-ahead log failed."),
		followerLag: gauge("sijil_follower_lag_seconds",
			"How far a streaming replica is behind, as the primary sees it; only for a role that may know.", "follower", "state"),
		followerBytes: gauge("sijil_follower_lag_bytes", "The same, in bytes of the write-ahead log.", "follower", "state"),
		replicaLag:    gauge("sijil_replica_lag_seconds", "How far a replica that this node reads from is behind.", "replica"),
		replicaUsable: gauge("sijil_replica_usable", "Whether this node reads from the replica now.", "replica"),
		sessions:      gauge("sijil_sessions", "Sessions of staff that have not ended."),
	}
}

// Describe implements prometheus.Collector.
func (c *stateCollector) Describe(to chan<- *prometheus.Desc) {
	m := ofState()
	describe(to, m.up, m.published, m.overdue, m.generation, m.jobs, m.oldestJob, m.mails, m.oldestMail, m.leaves, m.unsigned, m.signedAt,
		m.unsignedSince, m.witnessLag, m.witnessAt, m.stampLag, m.stampAt, m.backup, m.archived, m.archiveFailing,
		m.followerLag, m.followerBytes, m.replicaLag, m.replicaUsable, m.sessions)
}

// Collect implements prometheus.Collector. While the database does not answer,
// the figures that it knows are missing, and one says so.
func (c *stateCollector) Collect(to chan<- prometheus.Metric) {
	m := ofState()
	if c.cfg.Replicas != nil {
		for _, r := range c.cfg.Replicas() {
			m.replicaLag.tell(to, r.Lag.Seconds(), r.Name)
			m.replicaUsable.tell(to, truth(r.Usable), r.Name)
		}
	}
	if c.cfg.State == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), stateTimeout)
	defer cancel()
	o, err := c.cfg.State(ctx)
	m.up.tell(to, truth(err == nil))
	if err != nil {
		return
	}
	m.tellWork(to, o)
	m.tellLog(to, o.Log)
	m.backup.at(to, o.Backup)
	if o.Archive.On {
		m.archived.at(to, o.Archive.Last)
		m.archiveFailing.tell(to, truth(o.Archive.Failing()))
	}
	for _, f := range o.Followers {
		m.followerLag.tell(to, f.Lag.Seconds(), f.Name, f.State)
		m.followerBytes.tell(to, float64(f.Bytes), f.Name, f.State)
	}
}

// tellWork tells of what is published, and of what waits.
func (m stateMetrics) tellWork(to chan<- prometheus.Metric, o register.Operations) {
	m.published.at(to, o.Published)
	m.overdue.at(to, o.Overdue)
	m.generation.tell(to, float64(o.Generation))
	for _, j := range o.Jobs {
		m.jobs.tell(to, float64(j.Count), j.Queue, j.State)
	}
	m.oldestJob.at(to, o.OldestJob)
	m.mails.tell(to, float64(o.Mails.Waiting), "waiting")
	m.mails.tell(to, float64(o.Mails.Failed), "failed")
	m.oldestMail.at(to, o.Mails.Oldest)
	m.sessions.tell(to, float64(o.Sessions))
}

// tellLog tells how far the log is signed and attested.
func (m stateMetrics) tellLog(to chan<- prometheus.Metric, log register.LogState) {
	m.leaves.tell(to, float64(log.Leaves))
	m.unsigned.tell(to, float64(log.Unsigned()))
	m.signedAt.at(to, log.SignedAt)
	m.unsignedSince.at(to, log.UnsignedSince)
	for _, w := range log.Witnesses {
		m.witnessLag.tell(to, float64(max(0, log.Signed-w.Size)), w.By)
		m.witnessAt.at(to, w.At, w.By)
	}
	for _, t := range log.Timestamps {
		m.stampLag.tell(to, float64(max(0, log.Signed-t.Size)), t.By)
		m.stampAt.at(to, t.At, t.By)
	}
}
