package public

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/tlog"
)

// The public log is served as it is: these addresses have no language. What is
// not under a checkpoint yet is not there.

const (
	plainText = "text/plain; charset=utf-8"
	rawBytes  = "application/octet-stream"
)

// LogCheckpoint answers the newest checkpoint, with what witnesses signed of it;
// ErrNotFound when none was signed.
func (p *Pages) LogCheckpoint(ctx context.Context, _ Request) (Answer, error) {
	c, err := p.records.Checkpoint(ctx)
	if err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{MediaType: plainText, Body: []byte(c.Note), Shared: true}}, nil
}

// LogKeys answers the verifier keys of the log, one a line, the newest first;
// those that sign no more are marked. ErrNotFound when there is none.
func (p *Pages) LogKeys(ctx context.Context, _ Request) (Answer, error) {
	keys, err := p.records.LogKeys(ctx)
	if err == nil && len(keys) == 0 {
		err = register.ErrNotFound
	}
	if err != nil {
		return Answer{}, err
	}
	newest, err := p.records.Checkpoint(ctx)
	if err != nil {
		return Answer{}, err
	}
	list := make([]string, len(keys))
	for i, k := range keys {
		list[i] = k.Key
	}
	return Answer{File: &File{MediaType: plainText, Body: tlog.KeyList(list, []byte(newest.Note)), Shared: true}}, nil
}

// LogTile answers a tile of hashes or a bundle of entries, as wide as is asked
// for; ErrNotFound for what no checkpoint covers.
func (p *Pages) LogTile(ctx context.Context, r Request) (Answer, error) {
	tile, err := tlog.ParsePath(strings.TrimPrefix(r.Path, "/"))
	if err != nil {
		return Answer{}, register.ErrNotFound
	}
	c, err := p.records.Checkpoint(ctx)
	if err != nil {
		return Answer{}, err
	}
	if !tile.In(c.Size) {
		return Answer{}, register.ErrNotFound
	}
	body, err := p.tileBytes(ctx, tile)
	if err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{MediaType: rawBytes, Body: body, Shared: true, Immutable: true}}, nil
}

func (p *Pages) tileBytes(ctx context.Context, tile tlog.Tile) ([]byte, error) {
	if !tile.IsEntries() {
		return p.records.LogTile(ctx, tile.Level, tile.Index, tile.Width)
	}
	entries, err := p.records.LogEntries(ctx, tile.Index*tlog.TileWidth, tile.Width)
	if err != nil {
		return nil, err
	}
	return tlog.EncodeEntries(entries)
}

// logTiles reads tiles to prove something by them.
type logTiles struct{ pages *Pages }

// ReadTile implements tlog.TileReader.
func (t logTiles) ReadTile(ctx context.Context, tile tlog.Tile) ([]byte, error) {
	return t.pages.tileBytes(ctx, tile)
}

// EditionProof answers the proof that an edition stands in the log, with its
// salt. Errors as EditionJSON, and ErrNotFound as long as no checkpoint covers
// the edition.
func (p *Pages) EditionProof(ctx context.Context, r Request) (Answer, error) {
	n, err := strconv.Atoi(r.Params["number"])
	if err != nil {
		return Answer{}, register.ErrNotFound
	}
	proof, err := p.Proof(ctx, strings.ToUpper(r.Params["name"]), n)
	if err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{MediaType: plainText, Body: proof.Marshal(), Shared: true}}, nil
}

// Proof makes the proof of an edition under the newest checkpoint.
func (p *Pages) Proof(ctx context.Context, reference string, number int) (tlog.Proof, error) {
	at, err := p.records.EditionProof(ctx, reference, number)
	if err != nil {
		return tlog.Proof{}, err
	}
	c, err := p.records.Checkpoint(ctx)
	if err != nil {
		return tlog.Proof{}, err
	}
	if at.Position >= c.Size {
		return tlog.Proof{}, register.ErrNotFound
	}
	signed, err := tlog.PeekCheckpoint([]byte(c.Note))
	if err != nil {
		return tlog.Proof{}, err
	}
	// Made from tiles that lead to the root, or not made.
	hashes, err := tlog.ProveInclusion(ctx, logTiles{p}, signed.Head, at.Position)
	if err != nil {
		return tlog.Proof{}, errors.Join(tlog.ErrBroken, err)
	}
	return tlog.Proof{Extra: at.Salt, Index: at.Position, Hashes: hashes, Checkpoint: []byte(c.Note)}, nil
}

// OpeningJSON answers what a leaf of the public log is about, where that is not
// an edition, with its salt: whoever has the leaf can tell that it is that.
func (p *Pages) OpeningJSON(ctx context.Context, r Request) (Answer, error) {
	position, err := strconv.ParseInt(r.Params["position"], 10, 64)
	if err != nil {
		return Answer{}, register.ErrNotFound
	}
	opening, err := p.records.Opening(ctx, position)
	if err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{MediaType: "application/json", Body: opening.Canonical()}}, nil
}

// GoneJSON says to programs why something is not there any more.
func GoneJSON(e *register.WithdrawnError) []byte {
	state := "withdrawn"
	if e.Removed {
		state = "removed"
	}
	out, err := json.Marshal(struct {
		Reference string        `json:"reference"`
		Edition   int           `json:"edition,omitempty"` // 0: the whole record
		State     string        `json:"state"`
		With      string        `json:"with,omitempty"`
		Since     time.Time     `json:"since"`
		Notice    register.Text `json:"notice"`
	}{e.Reference, e.Edition, state, e.With, e.At.UTC(), e.Notice})
	if err != nil {
		return []byte("{}") // no such values can fail
	}
	return out
}
