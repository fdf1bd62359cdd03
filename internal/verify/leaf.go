package verify

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/tlog"
)

const (
	// atOnce is how many leaves are checked at the same time: a site has other
	// readers.
	atOnce = 6
	// batchSize is how many leaves are held at a time.
	batchSize = 64
)

// checked is a leaf with what came of it.
type checked struct {
	position int64
	entry    []byte
	leaf     register.Leaf
	err      error // a problem, or that something is not shown
	removal  *Removal
	key      string // of the leaf of a key
	held     bool   // of the leaf of a document: a copy was read
}

// leaf takes in one entry of the log, in order.
func (c *checker) leaf(ctx context.Context, position int64, entry []byte) error {
	c.batch = append(c.batch, &checked{position: position, entry: entry})
	if len(c.batch) < batchSize {
		return nil
	}
	return c.settle(ctx)
}

// settle checks the leaves that were taken in, some at a time, and counts what
// came of them, in order.
func (c *checker) settle(ctx context.Context) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, l := range c.batch {
		group.Go(func() error {
			l.err = c.check(ctx, l)
			return nil
		})
	}
	_ = group.Wait() // none of them fails
	done := 0
	for _, l := range c.batch {
		if err := c.count(l); err != nil {
			return err
		}
		done = int(l.position) + 1
	}
	c.batch = c.batch[:0]
	if c.options.Progress != nil && done > 0 {
		c.options.Progress(done, int(c.report.Checkpoint.Size))
	}
	return ctx.Err()
}

// referenceForm is how references are written; a hostile log might lead
// elsewhere by them.
var referenceForm = regexp.MustCompile(`^[A-Z]{2}(-[0-9]{1,6}){1,2}$`)

// check reads a leaf and what it is about.
func (c *checker) check(ctx context.Context, l *checked) error {
	leaf, err := register.ParseLeaf(l.entry)
	if err != nil {
		return failed(KindLeaf, leafName(l.position), err)
	}
	if leaf.Type != register.LeafKey && !referenceForm.MatchString(leaf.Reference) {
		return failed(KindLeaf, leafName(l.position), fmt.Errorf("%q is no reference", leaf.Reference))
	}
	l.leaf = leaf
	switch leaf.Type {
	case register.LeafEdition, register.LeafCorrection:
		return c.checkEdition(ctx, l)
	case register.LeafDocument:
		return c.checkDocument(ctx, l)
	case register.LeafWithdrawal, register.LeafTakedown:
		return c.checkRemoval(ctx, l)
	case register.LeafKey:
		return c.checkKey(ctx, l)
	}
	return failed(KindLeaf, leafName(l.position), fmt.Errorf("there is no type %q", leaf.Type))
}

func leafName(position int64) string { return "#" + strconv.FormatInt(position, 10) }

// editionPath is where the JSON (".json") or the proof (".proof") of an edition
// stands.
func editionPath(l register.Leaf, suffix string) string {
	return "editions/" + strings.ToLower(l.Reference) + "/" + strconv.Itoa(l.Edition) + suffix
}

// editionName names an edition as people cite it.
func editionName(l register.Leaf) string { return l.Reference + "/" + strconv.Itoa(l.Edition) }

func (c *checker) checkEdition(ctx context.Context, l *checked) error {
	content, err := c.site.get(ctx, editionPath(l.leaf, ".json"), maxEdition)
	if err != nil {
		return fetchFailed(KindEdition, l.leaf, err)
	}
	proof, err := c.site.get(ctx, editionPath(l.leaf, ".proof"), maxSmall)
	if errors.Is(err, tlog.ErrNotServed) {
		// It may have been taken away in between; otherwise its proof is withheld.
		if _, again := c.site.get(ctx, editionPath(l.leaf, ".json"), maxEdition); errors.Is(again, tlog.ErrNotServed) {
			return again
		}
		return failed(KindProof, editionName(l.leaf), err)
	}
	if err != nil {
		return fetchFailed(KindProof, l.leaf, err)
	}
	head, err := checkEdition(c.keys, l.position, l.entry, content, proof)
	if err == nil {
		err = c.oneLog(ctx, head)
	}
	return about(editionName(l.leaf), err)
}

// fetchFailed leaves it as it is that something is not shown.
func fetchFailed(kind Kind, l register.Leaf, err error) error {
	if errors.Is(err, tlog.ErrNotServed) {
		return err
	}
	return failed(kindOf(err, kind), editionName(l), err)
}

// about names what a problem is about.
func about(subject string, err error) error {
	if p, ok := errors.AsType[*problemError](err); ok {
		return failed(p.Kind, subject, p.Cause)
	}
	return err
}

// open reads what a leaf is about, and holds it against the commitment.
func (c *checker) open(ctx context.Context, l *checked, into any) error {
	subject := editionName(l.leaf)
	if l.leaf.Type == register.LeafKey {
		subject = leafName(l.position)
	}
	raw, err := c.site.get(ctx, "log/openings/"+strconv.FormatInt(l.position, 10)+".json", maxSmall)
	if err != nil {
		if errors.Is(err, tlog.ErrNotServed) {
			return err
		}
		return failed(kindOf(err, KindOpening), subject, err)
	}
	o, err := register.ParseOpening(raw)
	if err != nil {
		return failed(KindOpening, subject, err)
	}
	if register.Commit(o.Salt, o.Content) != l.leaf.Commitment {
		return failed(KindOpening, subject, errors.New("it is not what the leaf commits to"))
	}
	if err := strictJSON(o.Content, into); err != nil {
		return failed(KindOpening, subject, err)
	}
	return nil
}

func strictJSON(raw []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// checkDocument reads the copy that the site hands out.
func (c *checker) checkDocument(ctx context.Context, l *checked) error {
	var d register.LoggedDocument
	if err := c.open(ctx, l, &d); err != nil {
		return err
	}
	if raw, err := hex.DecodeString(d.SHA256); err != nil || len(raw) != tlog.HashSize || d.SHA256 != strings.ToLower(d.SHA256) {
		return failed(KindOpening, editionName(l.leaf), fmt.Errorf("%q is no hash", d.SHA256))
	}
	sha, size, err := c.site.hash(ctx, "documents/"+d.SHA256, max(d.Size, 0))
	switch {
	case errors.Is(err, tlog.ErrNotServed):
		return nil
	case err != nil:
		return failed(kindOf(err, KindDocument), d.SHA256, err)
	case sha != d.SHA256 || size != d.Size:
		return failed(KindDocument, d.SHA256, fmt.Errorf("its %d bytes hash to %s, and the log has %d", size, sha, d.Size))
	}
	l.held = true
	return nil
}

// checkRemoval reads the notice, and looks whether what was removed by law is
// gone.
func (c *checker) checkRemoval(ctx context.Context, l *checked) error {
	var n register.RemovalNotice
	if err := c.open(ctx, l, &n); err != nil {
		return err
	}
	if n.Reference != l.leaf.Reference || n.Edition != l.leaf.Edition || !n.RemovedAt.Equal(l.leaf.Time) {
		return failed(KindOpening, editionName(l.leaf), errors.New("the notice is about something else"))
	}
	l.removal = &Removal{Reference: n.Reference, Edition: n.Edition, At: n.RemovedAt, Reason: n.Reason}
	if l.leaf.Type != register.LeafTakedown {
		return nil
	}
	_, err := c.site.get(ctx, editionPath(l.leaf, ".json"), maxEdition)
	switch {
	case errors.Is(err, tlog.ErrNotServed):
		return nil
	case err != nil:
		return failed(kindOf(err, KindStill), editionName(l.leaf), err)
	}
	return failed(KindStill, editionName(l.leaf), errors.New("its content is still handed out"))
}

func (c *checker) checkKey(ctx context.Context, l *checked) error {
	var k register.KeyNotice
	err := c.open(ctx, l, &k)
	l.key = k.Key
	return err
}
