package verify_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
	"github.com/sijil/sijil/internal/verify"
)

const origin = "sijil.example/log"

// built is a register in memory: what it hands out, by path.
type built struct {
	keys    *tlog.Keys
	edge    *tlog.Edge
	entries [][]byte
	tiles   map[tlog.Tile][]byte // by level and index
	files   map[string][]byte
	gone    map[string][]byte
	proofs  map[string]proofOf
	named   []string // the keys that the log records, the newest first
	// cosign is by whom the checkpoint is cosigned.
	cosign []*testkit.Witness
}

// proofOf is what a proof is made of when the log is signed.
type proofOf struct {
	index int64
	salt  []byte
}

func build(tb testing.TB) *built {
	tb.Helper()
	keys, err := tlog.GenerateKeys(rand.Reader, origin)
	if err != nil {
		tb.Fatal(err)
	}
	b := &built{
		keys: keys, edge: &tlog.Edge{}, tiles: map[tlog.Tile][]byte{}, files: map[string][]byte{}, gone: map[string][]byte{},
		proofs: map[string]proofOf{},
	}
	b.logged(tb)(register.KeyLeaf(keys.VerifierKeys()[0], noon(0), salt()))
	return b
}

func noon(day int) time.Time { return time.Date(2026, 1, 1+day, 12, 0, 0, 0, time.UTC) }

func salt() []byte {
	out := make([]byte, register.SaltSize)
	_, _ = rand.Read(out)
	return out
}

// append adds a leaf and returns its position.
func (b *built) append(tb testing.TB, l register.Leaf) int64 {
	tb.Helper()
	entry, err := l.Canonical()
	if err != nil {
		tb.Fatal(err)
	}
	position := b.edge.Head().Size
	b.entries = append(b.entries, entry)
	for _, g := range b.edge.Append(tlog.HashLeaf(entry)) {
		at := tlog.Tile{Level: g.Level, Index: g.Index}
		b.tiles[at] = append(b.tiles[at], g.Hashes...)
	}
	return position
}

// logged adds a leaf with its opening.
func (b *built) logged(tb testing.TB) func(register.LoggedLeaf, error) {
	return func(l register.LoggedLeaf, err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		position := b.append(tb, l.Leaf)
		if key, ok := bytes.CutPrefix(l.Content, []byte(`{"key":"`)); ok {
			b.named = slices.Insert(b.named, 0, strings.TrimSuffix(string(key), `"}`))
		}
		b.files["log/openings/"+strconv.FormatInt(position, 10)+".json"] = register.Opening{Salt: l.Salt, Content: l.Content}.Canonical()
	}
}

func path(reference string, number int) string {
	return fmt.Sprintf("editions/%s/%d", strings.ToLower(reference), number)
}

// publish makes an edition with a document, where there is one.
func (b *built) publish(tb testing.TB, reference string, number int, document []byte) {
	tb.Helper()
	c := register.Content{
		Format: register.EditionFormat, Type: register.TypeStatement, Reference: reference, Number: number, PublishedAt: noon(number),
		Statement: &register.Statement{},
	}
	if document != nil {
		c.Statement.Documents = []register.Document{{SHA256: register.HashOf(document), Type: register.TypeText, Size: int64(len(document))}}
	}
	canonical, _, err := c.Canonical()
	if err != nil {
		tb.Fatal(err)
	}
	s := salt()
	at := b.append(tb, register.EditionLeaf(&c, canonical, s))
	b.files[path(reference, number)+".json"] = canonical
	b.proofs[path(reference, number)+".proof"] = proofOf{at, s}
	if document != nil {
		b.logged(tb)(register.DocumentLeaf(&c, c.Statement.Documents[0], salt()))
		b.files["documents/"+register.HashOf(document)] = document
	}
}

// remove takes an edition away, with a leaf that says so.
func (b *built) remove(tb testing.TB, kind register.LeafType, reference string, number int) {
	tb.Helper()
	b.logged(tb)(register.RemovalLeaf(kind, register.RemovalNotice{
		Reference: reference, Edition: number, Reason: register.Text{"en": "names a private person"}, RemovedAt: noon(100),
	}, salt()))
	b.hide(reference, number, `{}`)
}

func (b *built) hide(reference string, number int, says string) {
	b.gone[path(reference, number)+".json"] = []byte(says)
	b.gone[path(reference, number)+".proof"] = []byte(says)
}

// sign makes the checkpoint, and all that follows from it.
func (b *built) sign(tb testing.TB) {
	tb.Helper()
	head := b.edge.Head()
	signed, err := b.keys.Sign(head)
	if err != nil {
		tb.Fatal(err)
	}
	for _, w := range b.cosign {
		signed = append(signed, w.Cosign(tlog.Checkpoint{Origin: origin, Head: head}.Text(), noon(200))...)
	}
	b.files["log/checkpoint"] = signed
	b.files["log/keys"] = tlog.KeyList(b.named, signed)
	for tile, hashes := range b.tiles {
		tile.Width = len(hashes) / tlog.HashSize
		b.files["log/"+tile.Path()] = hashes
	}
	for _, tile := range tlog.TilesAt(tlog.EntriesLevel, 0, head.Size) {
		from := tile.Index * tlog.TileWidth
		if b.files["log/"+tile.Path()], err = tlog.EncodeEntries(b.entries[from : from+int64(tile.Width)]); err != nil {
			tb.Fatal(err)
		}
	}
	for at, p := range b.proofs {
		hashes, err := tlog.ProveInclusion(tb.Context(), b, head, p.index)
		if err != nil {
			tb.Fatal(err)
		}
		b.files[at] = tlog.Proof{Extra: p.salt, Index: p.index, Hashes: hashes, Checkpoint: signed}.Marshal()
	}
}

func (b *built) ReadTile(_ context.Context, tile tlog.Tile) ([]byte, error) {
	return b.tiles[tlog.Tile{Level: tile.Level, Index: tile.Index}][:tile.Width*tlog.HashSize], nil
}

// RoundTrip implements http.RoundTripper.
func (b *built) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	name := strings.TrimPrefix(r.URL.Path, "/")
	if says, ok := b.gone[name]; ok {
		w.WriteHeader(http.StatusGone)
		_, _ = w.Write(says)
	} else if body, ok := b.files[name]; ok {
		_, _ = w.Write(body)
	} else {
		w.WriteHeader(http.StatusNotFound)
	}
	return w.Result(), nil
}

// example is a small register in which all happened that may happen.
func example(tb testing.TB) *built {
	tb.Helper()
	b := build(tb)
	b.publish(tb, "ST-2026-0001", 1, []byte("the communiqué"))
	b.publish(tb, "ST-2026-0001", 2, nil)
	b.publish(tb, "ST-2026-0002", 1, nil)
	b.publish(tb, "ST-2026-0003", 1, nil)
	b.publish(tb, "ST-2026-0004", 1, nil)
	b.remove(tb, register.LeafTakedown, "ST-2026-0002", 1)
	b.remove(tb, register.LeafWithdrawal, "ST-2026-0003", 1)
	b.hide("ST-2026-0004", 1, `{"with":"ST-2026-0003"}`) // it was merged into it
	b.sign(tb)
	return b
}

func check(tb testing.TB, transport http.RoundTripper, o verify.Options) *verify.Report {
	tb.Helper()
	site, err := verify.NewSite("https://sijil.example/", transport)
	if err != nil {
		tb.Fatal(err)
	}
	return verify.Log(tb.Context(), site, o)
}

func text(tb testing.TB, r interface {
	Write(io.Writer, *i18n.Localizer) error
}, lang string,
) string {
	tb.Helper()
	catalog, err := i18n.Load(nil)
	if err != nil {
		tb.Fatal(err)
	}
	var out strings.Builder
	if err := r.Write(&out, catalog.Localizer(lang)); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

func TestARegisterIsProved(t *testing.T) {
	t.Parallel()
	b := example(t)
	r := check(t, b, verify.Options{})
	if r.Verdict() != verify.Proved || r.Editions != 2 || r.Documents != 1 || r.Withdrawn != 2 || r.Removed != 1 || r.Trust != verify.TrustFirst {
		t.Fatalf("%+v", r)
	}
	for lang, want := range map[string][]string{
		"en": {"PROVED", "2 editions are, byte for byte", "withdrawn, not shown", "removed by law, with its public reason", "names a private person", "nobody but the site names the key"},
		"fr": {"PROUVÉ", "supprimée par application de la loi", "names a private person"},
		"ar": {"ثابت", "حُذف تطبيقا للقانون", "names a private person"},
	} {
		got := text(t, r, lang)
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s lacks %q:\n%s", lang, w, got)
			}
		}
		if strings.Contains(got, "verify.") {
			t.Errorf("%s: a message is missing:\n%s", lang, got)
		}
	}
	given := check(t, b, verify.Options{Keys: b.keys.VerifierKeys(), Since: r.Signed})
	if given.Verdict() != verify.Proved || given.Trust != verify.TrustGiven || given.Kept == nil {
		t.Errorf("by the key: %+v", given)
	}
}

// TestEveryByteCounts changes one byte of one file at a time.
func TestEveryByteCounts(t *testing.T) {
	t.Parallel()
	b := example(t)
	names := slices.Sorted(maps.Keys(b.files))
	for _, name := range names {
		if b.gone[name] != nil || strings.Contains(name, ".p/") && !strings.HasSuffix(name, ".p/"+strconv.Itoa(len(b.entries))) {
			continue // older tiles are not asked for
		}
		for at := range b.files[name] {
			other := *b
			other.files = maps.Clone(b.files)
			changed := slices.Clone(b.files[name])
			changed[at] ^= byte(1 + mathrand.IntN(255))
			other.files[name] = changed
			r := check(t, &other, verify.Options{Keys: b.keys.VerifierKeys()})
			if r.Verdict() != verify.Broken {
				t.Errorf("%s: byte %d is %q instead of %q, and that is %s", name, at, changed[at], b.files[name][at], r.Verdict())
			}
		}
	}
}

func TestWhatIsBroken(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		damage func(*testing.T, *built)
		kind   verify.Kind
	}{
		"hidden without a reason": {func(_ *testing.T, b *built) { b.hide("ST-2026-0001", 1, `{}`) }, verify.KindMissing},
		"hidden with what is shown": {func(_ *testing.T, b *built) {
			b.hide("ST-2026-0001", 1, `{"with":"ST-2026-0001"}`)
		}, verify.KindMissing},
		"removed and shown": {func(_ *testing.T, b *built) {
			delete(b.gone, "editions/st-2026-0002/1.json")
		}, verify.KindStill},
		"a proof withheld": {func(_ *testing.T, b *built) { delete(b.files, "editions/st-2026-0001/2.proof") }, verify.KindProof},
		"a notice withheld": {func(_ *testing.T, b *built) {
			for name, body := range b.files {
				if bytes.Contains(body, []byte("private person")) && strings.Contains(name, "openings") {
					delete(b.files, name)
				}
			}
		}, verify.KindOpening},
		"a proof of another log": {func(t *testing.T, b *built) {
			t.Helper()
			fork := *b
			fork.edge, fork.entries, fork.tiles, fork.files = &tlog.Edge{}, nil, map[tlog.Tile][]byte{}, map[string][]byte{}
			for _, entry := range slices.Concat(b.entries, b.entries[:1]) {
				leaf, err := register.ParseLeaf(entry)
				if err != nil {
					t.Fatal(err)
				}
				if len(fork.entries) == 4 {
					leaf.Time = leaf.Time.Add(time.Second)
				}
				fork.append(t, leaf)
			}
			fork.sign(t)
			b.files["editions/st-2026-0001/1.proof"] = fork.files["editions/st-2026-0001/1.proof"]
		}, verify.KindFork},
		"a key that nobody recorded": {func(t *testing.T, b *built) {
			t.Helper()
			var err error
			if b.keys, err = b.keys.Rotate(rand.Reader); err != nil {
				t.Fatal(err)
			}
			b.keys = b.keys.DropOld()
			b.sign(t)
		}, verify.KindKey},
		"a key more in the list": {func(_ *testing.T, b *built) {
			b.files["log/keys"] = append(b.files["log/keys"], b.keys.VerifierKeys()[0]...)
		}, verify.KindKeys},
		"no list of keys": {func(_ *testing.T, b *built) { delete(b.files, "log/keys") }, verify.KindKeys},
		"no leaf": {func(t *testing.T, b *built) {
			t.Helper()
			b.append(t, register.Leaf{Type: "other", Reference: "ST-2026-0001", Edition: 1, Format: register.LeafFormat, Commitment: strings.Repeat("0", 64)})
			b.sign(t)
		}, verify.KindLeaf},
		"a reference that leads elsewhere": {func(t *testing.T, b *built) {
			t.Helper()
			b.append(t, register.Leaf{Type: register.LeafEdition, Reference: "../../log", Edition: 1, Format: register.LeafFormat, Commitment: strings.Repeat("0", 64)})
			b.sign(t)
		}, verify.KindLeaf},
		"another log": {func(t *testing.T, b *built) {
			t.Helper()
			*b = *example(t)
		}, verify.KindSignature},
		"a log too long": {func(t *testing.T, b *built) {
			t.Helper()
			signed, err := b.keys.Sign(tlog.Head{Size: 1 << 60})
			if err != nil {
				t.Fatal(err)
			}
			b.files["log/checkpoint"] = signed
		}, verify.KindInput},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := example(t)
			o := verify.Options{Keys: b.keys.VerifierKeys()}
			test.damage(t, b)
			if name == "a key that nobody recorded" {
				o.Keys = b.keys.VerifierKeys()
			}
			r := check(t, b, o)
			if !slices.ContainsFunc(r.Problems, func(p verify.Problem) bool { return p.Kind == test.kind }) {
				t.Errorf("%s, want %s: %v", r.Verdict(), test.kind, r.Problems)
			}
			if said := text(t, r, "en"); strings.Contains(said, "PROVED:") || strings.Contains(said, "verify.") {
				t.Errorf("it says:\n%s", said)
			}
		})
	}
}

// TestARolledBackRegisterIsFound, by who kept a checkpoint.
func TestARolledBackRegisterIsFound(t *testing.T) {
	t.Parallel()
	b := example(t)
	old := maps.Clone(b.files)
	b.publish(t, "ST-2026-0009", 1, nil)
	b.sign(t)
	kept := b.files["log/checkpoint"]

	r := check(t, b, verify.Options{Since: old["log/checkpoint"]})
	if r.Verdict() != verify.Proved || r.Trust != verify.TrustKept || r.Kept.Size >= r.Checkpoint.Size {
		t.Errorf("it grew: %+v", r)
	}
	rolled := *b
	rolled.files = old
	if r := check(t, &rolled, verify.Options{}); r.Verdict() != verify.Proved {
		t.Errorf("by itself it fits: %+v", r.Problems)
	}
	if r := check(t, &rolled, verify.Options{Since: kept}); r.Verdict() != verify.Broken || r.Problems[0].Kind != verify.KindRollback {
		t.Errorf("rolled back: %+v", r.Problems)
	}
	// It is set back, and then goes on otherwise: longer than what was kept.
	rewritten := example(t)
	rewritten.keys = b.keys
	rewritten.logged(t)(register.KeyLeaf(b.keys.VerifierKeys()[0], noon(0), salt()))
	for i := range 9 {
		rewritten.publish(t, "ST-2026-0010", 1+i, nil)
	}
	rewritten.sign(t)
	if r := check(t, rewritten, verify.Options{}); r.Verdict() != verify.Proved {
		t.Errorf("by itself it fits: %+v", r.Problems)
	}
	if r := check(t, rewritten, verify.Options{Since: kept}); r.Verdict() != verify.Broken || r.Problems[0].Kind != verify.KindRewritten {
		t.Errorf("rewritten: %+v", r.Problems)
	}
	// A checkpoint of another register is nobody's proof.
	if r := check(t, b, verify.Options{Since: example(t).files["log/checkpoint"]}); r.Verdict() == verify.Proved {
		t.Error("a checkpoint of another register")
	}
	if r := check(t, b, verify.Options{Since: []byte("x"), Keys: b.keys.VerifierKeys()}); r.Verdict() != verify.Unchecked {
		t.Errorf("no checkpoint: %+v", r.Problems)
	}
	if r := check(t, b, verify.Options{Since: example(t).files["log/checkpoint"], Keys: b.keys.VerifierKeys()}); r.Verdict() != verify.Unchecked {
		t.Errorf("a checkpoint by another key: %+v", r.Problems)
	}
}

// TestARotatedKeyIsFollowed by who kept a checkpoint that the old one signed.
func TestARotatedKeyIsFollowed(t *testing.T) {
	t.Parallel()
	b := example(t)
	before := b.files["log/checkpoint"]
	var err error
	if b.keys, err = b.keys.Rotate(rand.Reader); err != nil {
		t.Fatal(err)
	}
	b.logged(t)(register.KeyLeaf(b.keys.VerifierKeys()[0], noon(50), salt()))
	b.sign(t)
	both := check(t, b, verify.Options{Since: before})
	if both.Verdict() != verify.Proved || len(both.LoggedKeys) != 2 {
		t.Errorf("both keys sign: %+v", both.Problems)
	}
	old := b.keys.VerifierKeys()[1]
	b.keys = b.keys.DropOld()
	b.sign(t)
	if list := string(b.files["log/keys"]); list != b.keys.VerifierKeys()[0]+"\n"+old+" retired\n" {
		t.Errorf("the keys: %q", list)
	}
	if r := check(t, b, verify.Options{Since: both.Signed}); r.Verdict() != verify.Proved {
		t.Errorf("who saw both signatures knows the new one: %+v", r.Problems)
	}
	if r := check(t, b, verify.Options{Since: before}); r.Verdict() != verify.Broken || r.Problems[0].Kind != verify.KindSignature {
		t.Errorf("who knows only the old one: %+v", r.Problems)
	}
}

// shrinking shows more at first than later: what happens while it is read.
type shrinking struct {
	*built
	asked atomic.Int64
	then  func()
}

func (s *shrinking) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/log/tile/entries/") && s.asked.Add(1) == 1 {
		defer s.then()
	}
	return s.built.RoundTrip(r)
}

func TestWhatIsTakenAwayMeanwhile(t *testing.T) {
	t.Parallel()
	b := example(t)
	r := check(t, &shrinking{built: b, then: func() {
		b.remove(t, register.LeafTakedown, "ST-2026-0001", 2)
		b.sign(t)
	}}, verify.Options{})
	if r.Verdict() != verify.Proved || r.Removed != 2 {
		t.Errorf("%s: %+v", r.Verdict(), r.Problems)
	}
}

func TestAnEditionAlone(t *testing.T) {
	t.Parallel()
	b := example(t)
	content, proof := b.files["editions/st-2026-0001/1.json"], b.files["editions/st-2026-0001/1.proof"]
	keys := b.keys.VerifierKeys()
	s := verify.Edition(content, proof, keys)
	if s.Verdict() != verify.Proved || !strings.Contains(text(t, s, "en"), "entry number 1 (counted from 0) of") {
		t.Errorf("%+v\n%s", s, text(t, s, "en"))
	}
	for lang := range 3 {
		if said := text(t, s, i18n.Langs()[lang]); strings.Contains(said, "verify.") {
			t.Errorf("a message is missing:\n%s", said)
		}
	}
	for at := range content {
		changed := slices.Clone(content)
		changed[at] ^= byte(1 + mathrand.IntN(255))
		if s := verify.Edition(changed, proof, keys); s.Verdict() != verify.Broken {
			t.Errorf("edition, byte %d: %s", at, s.Verdict())
		}
	}
	for at := range proof {
		changed := slices.Clone(proof)
		changed[at] ^= byte(1 + mathrand.IntN(255))
		if s := verify.Edition(content, changed, keys); s.Verdict() != verify.Broken {
			t.Errorf("proof, byte %d: %s", at, s.Verdict())
		}
	}
	if s := verify.Edition(content, proof, nil); s.Verdict() != verify.Unchecked || s.Problem.Kind != verify.KindNoKey {
		t.Errorf("without a key: %+v", s)
	}
	if s := verify.Edition(content, proof, example(t).keys.VerifierKeys()); s.Verdict() != verify.Broken {
		t.Errorf("by another key: %+v", s)
	}
	if s := verify.Edition(content, proof, []string{"x"}); s.Verdict() != verify.Unchecked {
		t.Errorf("no key: %+v", s)
	}
}
