package editorial

import (
	"context"
	"fmt"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/tlog"
)

// Filling publishes records into a database that holds none: each in its first
// edition, with the rows that drafting, reviewing and publishing it would have
// written at the desk, in the record, in the search and in the public log. It
// reads nothing and checks nothing: it is for registers made for measurements.
// The chain of the audit is not written.
type Filling struct {
	p                *publication
	record           *record.Loader
	author, reviewer register.Actor
	known            map[string]string          // identifiers of sources, by key
	sources          map[string]register.Source // by key
	edge             *tlog.Edge
	// unfinished are the tiles above the leaves that are not full, by level.
	unfinished map[int]tlog.Growth

	// What is public is written beside what comes next, in its order.
	publishing chan func() error
	published  chan struct{} // closed at the end, for the reason failed
	failed     error
}

// NewFilling begins to fill the desk's tables through working and the record's
// through public, which are used at the same time; in the names of an author and a
// reviewer. Close must be called.
func NewFilling(working, public store.Querier, author, reviewer register.Actor, reason register.Text) *Filling {
	known := map[string]string{}
	loader := record.NewLoader(public)
	f := &Filling{
		p: &publication{
			desk: desk.New(working).Knowing(known), record: loader.Writer, leaves: newLeaves(nothingKept{}), actor: reviewer, reason: reason,
			references: map[register.Ref]string{}, editions: map[string]register.Edition{}, gone: map[string]bool{},
		},
		record: loader, author: author, reviewer: reviewer,
		known: known, sources: map[string]register.Source{}, edge: &tlog.Edge{}, unfinished: map[int]tlog.Growth{},
		publishing: make(chan func() error, 64), published: make(chan struct{}),
	}
	go f.writePublic()
	return f
}

func (f *Filling) writePublic() {
	defer close(f.published)
	for write := range f.publishing {
		if f.failed = write(); f.failed != nil {
			return
		}
	}
}

// later writes what is public once all before it is written.
func (f *Filling) later(write func() error) error {
	select {
	case f.publishing <- write:
		return nil
	case <-f.published: // before the end only when it failed
		return f.failed
	}
}

// Close waits until nothing is written any more, and returns why that ended.
func (f *Filling) Close() error {
	if f.publishing != nil {
		close(f.publishing)
		f.publishing = nil
	}
	<-f.published
	return f.failed
}

// nothingKept is the log of an empty database: documents are all new.
type nothingKept struct{ keptLog }

func (nothingKept) LoggedDocuments(context.Context, string) ([]string, error) { return nil, nil }

// Source makes a source, which records can cite until it is forgotten.
func (f *Filling) Source(ctx context.Context, s register.Source) error {
	f.sources[s.Key] = s
	return saveSource(ctx, f.p.desk, s, f.author)
}

// Publish publishes a record at a time, and returns its identifier, by which
// others can point to it until it is forgotten. The draft is changed: its
// identifiers become references.
func (f *Filling) Publish(ctx context.Context, at time.Time, draft Draft) (register.Ref, error) {
	draft.ID, draft.Version = store.NewID(), 1
	it := &item{
		head: draft.head(), draft: draft, author: f.author.ID, authorRole: f.author.Role,
		reviewer: f.reviewer.ID, reviewerRole: f.reviewer.Role,
	}
	f.p.at = at.UTC().Truncate(time.Second)
	series := it.series(at)
	it.head.Reference = fmt.Sprintf("%s-%04d", series, f.record.Next(series))
	f.p.references[draft.ID] = it.head.Reference
	if err := f.p.desk.InsertPublished(ctx, it.head, f.author.ID, f.reviewer.ID, f.p.at); err != nil {
		return "", err
	}
	if err := saveContent(ctx, f.p.desk, draft); err != nil {
		return "", err
	}
	return draft.ID, f.publish(ctx, it)
}

// publish makes the edition.
func (f *Filling) publish(ctx context.Context, it *item) error {
	f.p.items = []*item{it}
	if err := f.p.translate(); err != nil {
		return err
	}
	if err := f.p.publish(ctx, it, 1, f.sources); err != nil {
		return err
	}
	if err := f.p.desk.InsertPublications(ctx, f.p.acts); err != nil {
		return err
	}
	pending := f.p.pending
	if err := f.later(func() error { return f.record.Insert(ctx, pending) }); err != nil {
		return err
	}
	f.p.acts, f.p.pending, f.p.made, f.p.audits = nil, nil, nil, nil
	if len(f.p.leaves.list) < tlog.TileWidth {
		return nil
	}
	return f.log(ctx)
}

// log appends the leaves that were collected to the log.
func (f *Filling) log(ctx context.Context) error {
	entries, hashes, err := f.p.leaves.encode()
	if err != nil {
		return err
	}
	position, leaves := f.edge.Head().Size, f.p.leaves.list
	tiles := f.fillTiles(hashes)
	f.p.leaves.list = nil
	clear(f.p.leaves.documents)
	return f.later(func() error { return f.record.InsertLeaves(ctx, position, leaves, entries, tiles) })
}

// fillTiles returns the tiles that become full by leaves, and keeps the others.
func (f *Filling) fillTiles(hashes []tlog.Hash) []record.LogTile {
	var full []record.LogTile
	for _, g := range f.edge.Append(hashes...) {
		switch {
		case g.Width == tlog.TileWidth:
			full = append(full, wholeTile(g))
			delete(f.unfinished, g.Level)
		case g.Level > 0: // hashes of leaves are kept once they fill a tile
			f.unfinished[g.Level] = g
		}
	}
	return full
}

func wholeTile(g tlog.Growth) record.LogTile {
	return record.LogTile{Level: g.Level, Index: g.Index, Hashes: g.Whole()}
}

// Forget lets go of records and sources to which nothing will point any more:
// what is kept in memory does not grow with the register.
func (f *Filling) Forget(records []register.Ref, sources []string) {
	for _, id := range records {
		delete(f.p.editions, f.p.references[id])
		delete(f.p.references, id)
	}
	for _, key := range sources {
		delete(f.known, key)
		delete(f.sources, key)
	}
}

// Finish writes what was counted on the way.
func (f *Filling) Finish(ctx context.Context) error {
	if err := f.log(ctx); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	var tiles []record.LogTile
	for _, g := range f.unfinished {
		tiles = append(tiles, wholeTile(g))
	}
	if err := f.record.InsertLeaves(ctx, 0, nil, nil, tiles); err != nil {
		return err
	}
	return f.record.Finish(ctx)
}

// ToBeFilled has no search rely on the newest incidents, since no trigger keeps their words
// while a database is filled.
func (e *Editorial) ToBeFilled(ctx context.Context) error {
	return e.lockedRecord(ctx, func(w *record.Writer) error {
		if kept, _, err := w.NewestIncidents(ctx); err != nil || kept > 0 {
			return err // it is filled already
		}
		return w.KeepNone(ctx)
	})
}

// Filled keeps the words of the newest incidents, tells page caches that there is something
// to show, and asks for the log to be signed, once a filled database has its keys and
// triggers again.
func (e *Editorial) Filled(ctx context.Context) error {
	if err := e.fillNewest(ctx); err != nil {
		return err
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		if err := record.NewWriter(q).BumpGeneration(ctx); err != nil {
			return err
		}
		return e.askToSign(q, e.now())(ctx)
	})
}
