package record

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// Loader writes what is published to a database that holds nothing yet, without
// reading: it counts by itself what a Writer would ask the database for.
type Loader struct {
	*Writer
	words  map[string]int // in how many incidents each stands
	series map[string]int
}

// NewLoader returns a loader that inserts through q.
func NewLoader(q store.Querier) *Loader {
	return &Loader{Writer: NewWriter(q), words: map[string]int{}, series: map[string]int{}}
}

// Next gives the next number of a series of references.
func (l *Loader) Next(series string) int {
	l.series[series]++
	return l.series[series]
}

// Insert stores first editions with what lists, search and counts read of them.
func (l *Loader) Insert(ctx context.Context, editions []NewEdition) error {
	var batch pgx.Batch
	for i := range editions {
		queueEdition(&batch, &editions[i])
	}
	queueProjections(&batch, editions, l.words)
	return store.Map(l.q.SendBatch(ctx, &batch).Close())
}

// InsertLeaves adds leaves to the log from a position on, each with its entry,
// and tiles.
func (l *Loader) InsertLeaves(ctx context.Context, position int64, leaves []register.LoggedLeaf, entries [][]byte, tiles []LogTile) error {
	var batch pgx.Batch
	for i, leaf := range leaves {
		batch.Queue(`
			INSERT INTO record.log_leaves (position, type, reference, edition, logged_at, commitment, entry)
			VALUES (@position, @type, @reference, @edition, @at, @commitment, @entry)`,
			pgx.StrictNamedArgs{
				"position": position + int64(i), "type": leaf.Type, "reference": leaf.Reference, "edition": leaf.Edition,
				"at": leaf.Time, "commitment": leaf.Commitment, "entry": entries[i],
			})
	}
	for _, t := range tiles {
		batch.Queue(`
			INSERT INTO record.log_tiles (level, index, hashes)
			VALUES (@level, @index, @hashes)`,
			pgx.StrictNamedArgs{"level": t.Level, "index": t.Index, "hashes": t.Hashes})
	}
	return store.Map(l.q.SendBatch(ctx, &batch).Close())
}

// Finish writes what was counted: words, and numbers of series.
func (l *Loader) Finish(ctx context.Context) error {
	var batch pgx.Batch
	for series, last := range l.series {
		batch.Queue(`
			INSERT INTO record.reference_series (series, last)
			VALUES (@series, @last)`,
			pgx.StrictNamedArgs{"series": series, "last": last})
	}
	for word, documents := range l.words {
		batch.Queue(`
			INSERT INTO record.search_words (word, documents, trigrams)
			VALUES (@word, @documents, @trigrams)`,
			pgx.StrictNamedArgs{"word": word, "documents": documents, "trigrams": trigrams(word)})
	}
	return store.Map(l.q.SendBatch(ctx, &batch).Close())
}
