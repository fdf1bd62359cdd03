package editorial

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/tlog"
)

// leaves collects what an act adds to the public log, which is appended all at
// once, in the act's transaction.
type leaves struct {
	kept keptLog
	list []register.LoggedLeaf
	// documents are those (SHA-256) that the log holds, or is to hold, of each
	// record that names some.
	documents map[string][]string
}

// keptLog is the log in the database.
type keptLog interface {
	LogEdge(ctx context.Context, size int64) ([]record.LogTile, error)
	AppendLeaves(ctx context.Context, leaves []register.LoggedLeaf, entries [][]byte) (first int64, err error)
	GrowTiles(ctx context.Context, grown []record.LogTile) error
	LoggedDocuments(ctx context.Context, reference string) ([]string, error)
}

func newLeaves(kept keptLog) *leaves {
	return &leaves{kept: kept, documents: map[string][]string{}}
}

// edition adds the leaf of an edition, and those of the documents that it is
// the first of its record to name.
func (l *leaves) edition(ctx context.Context, c *register.Content, canonical, salt []byte) error {
	l.list = append(l.list, register.LoggedLeaf{Leaf: register.EditionLeaf(c, canonical, salt)})
	if c.Statement == nil || len(c.Statement.Documents) == 0 {
		return nil
	}
	known, ok := l.documents[c.Reference]
	if !ok {
		var err error
		if known, err = l.kept.LoggedDocuments(ctx, c.Reference); err != nil {
			return err
		}
	}
	for _, d := range c.Statement.Documents {
		if slices.Contains(known, d.SHA256) {
			continue
		}
		leaf, err := register.DocumentLeaf(c, d, newSalt())
		if err != nil {
			return err
		}
		l.list, known = append(l.list, leaf), append(known, d.SHA256)
	}
	l.documents[c.Reference] = known
	return nil
}

// removal adds the leaf of a withdrawal or of a takedown of one edition.
func (l *leaves) removal(t register.LeafType, reference string, edition int, reason register.Text, at time.Time) error {
	leaf, err := register.RemovalLeaf(t, register.RemovalNotice{
		Edition: edition, Reason: reason, Reference: reference, RemovedAt: at,
	}, newSalt())
	l.list = append(l.list, leaf)
	return err
}

func newSalt() []byte {
	salt := make([]byte, register.SaltSize)
	rand.Read(salt)
	return salt
}

// write appends what was collected, under the lock of the generation, which
// its caller has.
func (l *leaves) write(ctx context.Context) error {
	if len(l.list) == 0 {
		return nil
	}
	entries, hashes, err := l.encode()
	if err != nil {
		return err
	}
	first, err := l.kept.AppendLeaves(ctx, l.list, entries)
	if err == nil {
		err = fillTiles(ctx, l.kept, first, hashes)
	}
	if err != nil {
		return fmt.Errorf("append to the log: %w", err)
	}
	l.list = nil
	return nil
}

// encode returns the entries of what was collected, and their hashes.
func (l *leaves) encode() (entries [][]byte, hashes []tlog.Hash, err error) {
	entries, hashes = make([][]byte, len(l.list)), make([]tlog.Hash, len(l.list))
	for i, leaf := range l.list {
		if entries[i], err = leaf.Canonical(); err != nil {
			return nil, nil, err
		}
		hashes[i] = tlog.HashLeaf(entries[i])
	}
	return entries, hashes, nil
}

// fillTiles keeps the tiles that became full by leaves from a position on. Most
// publications fill none, and then the tree is not looked at.
func fillTiles(ctx context.Context, kept keptLog, first int64, hashes []tlog.Hash) error {
	if first/tlog.TileWidth == (first+int64(len(hashes)))/tlog.TileWidth {
		return nil
	}
	edge, err := readEdge(ctx, kept, first)
	if err != nil {
		return err
	}
	var grown []record.LogTile
	for _, g := range edge.Append(hashes...) {
		switch {
		case g.Level > 0:
			grown = append(grown, record.LogTile{Level: g.Level, Index: g.Index, From: g.From, Hashes: g.Hashes})
		case g.Width == tlog.TileWidth:
			grown = append(grown, record.LogTile{Index: g.Index, Hashes: g.Whole()})
		}
	}
	return kept.GrowTiles(ctx, grown)
}

// readEdge reads the right edge of the tree of a log of a size.
func readEdge(ctx context.Context, kept keptLog, size int64) (*tlog.Edge, error) {
	tiles, err := kept.LogEdge(ctx, size)
	if err != nil {
		return nil, err
	}
	return tlog.NewEdge(size, func(wanted tlog.Tile) ([]byte, error) {
		for _, t := range tiles {
			if t.Level == wanted.Level && t.Index == wanted.Index {
				return t.Hashes, nil
			}
		}
		return nil, fmt.Errorf("%w: tile %s is missing", tlog.ErrBroken, wanted.Path())
	})
}

// appendLeaves appends what was published to the log, and asks for a checkpoint
// once it is committed.
func (p *publication) appendLeaves(ctx context.Context) error {
	if err := p.leaves.write(ctx); err != nil {
		return err
	}
	return p.askToSign(ctx)
}

// askToSign asks for a checkpoint of the log, in a transaction, and that the hub is
// told of what was published since a moment.
func (e *Editorial) askToSign(q store.Querier, since time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := store.Enqueue(ctx, q, register.SignLog{}); err != nil || !e.hub {
			return err
		}
		return store.Enqueue(ctx, q, register.PingHub{Since: since})
	}
}

// CatchUpLog gives their leaves to what was published, withdrawn or taken down
// before there was a log, in the order of publication. It must be done before
// anything is published: the order of the log is for ever.
func (e *Editorial) CatchUpLog(ctx context.Context) error {
	// What was signed was caught up before, and since then the database refuses
	// what has no leaf: a large register is not read at each start.
	if _, err := record.NewWriter(e.db.Querier()).Checkpoint(ctx); !isNotFound(err) {
		return err
	}
	const batch = 500
	for {
		count := 0
		err := e.db.InTx(ctx, func(q store.Querier) error {
			w := record.NewWriter(q)
			if err := w.LockGeneration(ctx); err != nil {
				return err
			}
			l := newLeaves(w)
			editions, err := w.UnloggedEditions(ctx, batch)
			if err != nil {
				return err
			}
			count = len(editions)
			if err := l.olderEditions(ctx, editions); err != nil {
				return err
			}
			if count < batch {
				if err := l.olderRemovals(ctx, w); err != nil {
					return err
				}
			}
			return l.write(ctx)
		})
		if err != nil || count < batch {
			return err
		}
	}
}

func (l *leaves) olderEditions(ctx context.Context, editions []record.UnloggedEdition) error {
	for _, e := range editions {
		content, err := register.DecodeContent(e.Content)
		if err != nil {
			return err
		}
		if err := l.edition(ctx, content, e.Content, e.Salt); err != nil {
			return err
		}
	}
	return nil
}

func (l *leaves) olderRemovals(ctx context.Context, w *record.Writer) error {
	removals, err := w.UnloggedRemovals(ctx)
	if err != nil {
		return err
	}
	for _, r := range removals {
		if err := l.removal(r.Type, r.Notice.Reference, r.Notice.Edition, r.Notice.Reason, r.Notice.RemovedAt); err != nil {
			return err
		}
	}
	return nil
}
