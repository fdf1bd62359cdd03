package attest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/attest"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
)

// grown is a log in memory.
type grown struct {
	keys  *tlog.Keys
	edge  *tlog.Edge
	tiles map[tlog.Tile][]byte
}

func newLog(t *testing.T, n int) *grown {
	t.Helper()
	g := &grown{keys: testkit.LogKeys(t), edge: &tlog.Edge{}, tiles: map[tlog.Tile][]byte{}}
	g.add("entry", n)
	return g
}

func (g *grown) add(what string, n int) {
	for i := range n {
		for _, x := range g.edge.Append(tlog.HashLeaf(fmt.Appendf(nil, "%s %d", what, i))) {
			at := tlog.Tile{Level: x.Level, Index: x.Index}
			g.tiles[at] = append(g.tiles[at], x.Hashes...)
		}
	}
}

func (g *grown) ReadTile(_ context.Context, tile tlog.Tile) ([]byte, error) {
	return g.tiles[tlog.Tile{Level: tile.Level, Index: tile.Index}][:tile.Width*tlog.HashSize], nil
}

func signedAt() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// question asks about the log as it is now.
func (g *grown) question(t *testing.T, known int64) attest.Question {
	t.Helper()
	head := g.edge.Head()
	signed, err := g.keys.Sign(head)
	if err != nil {
		t.Fatal(err)
	}
	return attest.Question{
		Signed: signed, Size: head.Size, SignedAt: signedAt(), Known: known, Now: signedAt().Add(time.Hour),
		Prove: func(ctx context.Context, from int64) ([]tlog.Hash, error) {
			return tlog.ProveConsistency(ctx, g, head, from)
		},
	}
}

// witnessed is a witness of a log, and who asks it.
func witnessed(t *testing.T, logKey string) (*testkit.Witness, *attest.Witness) {
	t.Helper()
	w := testkit.NewWitness(t, "witness.test/one", logKey, func() time.Time { return signedAt().Add(time.Minute) })
	asked, err := attest.NewWitness(attest.NewClient(), w.URL, w.Key)
	if err != nil {
		t.Fatal(err)
	}
	return w, asked
}

func TestAWitnessCosigns(t *testing.T) {
	t.Parallel()
	g := newLog(t, 300)
	w, asked := witnessed(t, g.keys.VerifierKeys()[0])
	cosign := func(what string, known int64, questions int) {
		t.Helper()
		before := w.Asked()
		q := g.question(t, known)
		c, err := asked.Cosign(t.Context(), q)
		if err != nil || !c.At.Equal(signedAt().Add(time.Minute)) {
			t.Fatalf("%s: %+v %v", what, c, err)
		}
		if again, err := asked.Open(append(q.Signed, c.Line...)); err != nil || again != c {
			t.Errorf("%s: %v", what, err)
		}
		if n := w.Asked() - before; n != questions {
			t.Errorf("%s: it was asked %d times, not %d", what, n, questions)
		}
	}
	cosign("the first time", 0, 1)
	g.add("more", 500)
	cosign("a longer log", 300, 1)
	cosign("the same again", 800, 1)
	g.add("and more", 7)
	cosign("when we forgot what it knows", 0, 2)
	g.add("and more still", 1)
	cosign("when we know too little", 300, 2)
	w.Forget(0, tlog.Hash{})
	cosign("when it forgot", 807, 2)
}

// TestWhatAWitnessDoesNotCosign, and what is not taken for a cosignature.
func TestWhatAWitnessDoesNotCosign(t *testing.T) {
	t.Parallel()
	g, fork := newLog(t, 300), newLog(t, 200)
	fork.keys = g.keys
	fork.add("another", 99)
	fork.add("and one", 1)
	w, asked := witnessed(t, g.keys.VerifierKeys()[0])
	if _, err := asked.Cosign(t.Context(), g.question(t, 0)); err != nil {
		t.Fatal(err)
	}
	text := tlog.Checkpoint{Origin: testkit.LogOrigin, Head: g.edge.Head()}.Text()
	says := func(status int, mediaType, body string) http.HandlerFunc {
		return func(out http.ResponseWriter, _ *http.Request) {
			out.Header().Set("Content-Type", mediaType)
			out.WriteHeader(status)
			_, _ = out.Write([]byte(body))
		}
	}
	const size = "text/x.tlog.size"
	for name, c := range map[string]struct {
		log     *grown
		known   int64
		answer  http.HandlerFunc // nil: the witness itself
		refused bool
		want    string
	}{
		"another log of the same size": {log: fork, known: 300, refused: true, want: "another log of 300 entries"},
		"a log that was set back":      {log: newLogWith(t, g.keys, 100), refused: true, want: "cosigned a log of 300 entries, and this one has 100"},
		"a log that was rewritten":     {log: rewritten(t, g.keys), known: 300, refused: true, want: "does not continue the one of 300 entries"},
		"a log that it does not know":  {log: named(t, "other.test/log"), refused: true, want: "does not know the log"},
		"a key that it does not know":  {log: newLog(t, 300), refused: true, want: "does not know the key"},

		"it does not understand": {log: g, answer: says(400, "text/plain", ""), refused: true, want: "does not understand"},
		"a size that is none":    {log: g, answer: says(409, size, "x\n"), refused: true, want: "which size"},
		"a size of another type": {log: g, answer: says(409, "text/plain", "3\n"), refused: true, want: "which size"},
		"a size without an end":  {log: g, answer: says(409, size, "3"), refused: true, want: "which size"},
		"a negative size":        {log: g, answer: says(409, size, "-3\n"), refused: true, want: "which size"},
		"always the same size":   {log: g, answer: says(409, size+"; charset=utf-8", "3\n"), want: "does not keep to the size"},
		"an error":               {log: g, answer: says(503, "text/plain", ""), want: "status 503"},
		"elsewhere": {log: g, answer: func(out http.ResponseWriter, r *http.Request) {
			http.Redirect(out, r, "/x", http.StatusTemporaryRedirect)
		}, want: "status 307"},
		"nothing":                     {log: g, answer: says(200, "text/plain", ""), want: "not cosigned"},
		"garbage":                     {log: g, answer: says(200, "text/plain", "garbage"), want: "not a signed note"},
		"too much":                    {log: g, answer: says(200, "text/plain", strings.Repeat("x", 1<<17)), want: "too long"},
		"by another key":              {log: g, answer: says(200, "text/plain", testkit.NewWitness(t, "witness.test/one", g.keys.VerifierKeys()[0], nil).Cosign(text, signedAt())), want: "not cosigned"},
		"an older cosignature":        {log: g, answer: says(200, "text/plain", w.Cosign("another text\n", signedAt())), want: "not signed"},
		"from before the checkpoint":  {log: g, answer: says(200, "text/plain", w.Cosign(text, signedAt().Add(-time.Hour))), want: "its cosignature is of 2026-11-20T11:00:00Z"},
		"from the future":             {log: g, answer: says(200, "text/plain", w.Cosign(text, signedAt().Add(2*time.Hour))), want: "its cosignature is of 2026-11-20T14:00:00Z"},
		"the connection breaks":       {log: g, answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, want: "EOF"},
		"the signature of the log":    {log: g, answer: says(200, "text/plain", logLine(t, g)), want: "not cosigned"},
		"two answers, one of nothing": {log: g, answer: says(200, "text/plain", "\n\n"), want: "not a signed note"},
	} {
		w.Instead(c.answer)
		got, err := asked.Cosign(t.Context(), c.log.question(t, c.known))
		if err == nil || errors.Is(err, attest.ErrRefused) != c.refused || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), "witness.test/one") {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	w.Instead(nil)
	if _, err := asked.Cosign(t.Context(), g.question(t, 300)); err != nil {
		t.Errorf("nothing of that changed what it knows: %v", err)
	}
}

func logLine(t *testing.T, g *grown) string {
	t.Helper()
	_, line, _ := strings.Cut(string(g.question(t, 0).Signed), "\n\n")
	return line
}

func newLogWith(t *testing.T, keys *tlog.Keys, n int) *grown {
	t.Helper()
	g := newLog(t, n)
	g.keys = keys
	return g
}

func rewritten(t *testing.T, keys *tlog.Keys) *grown {
	t.Helper()
	g := newLogWith(t, keys, 10)
	g.add("other", 400)
	return g
}

func named(t *testing.T, origin string) *grown {
	t.Helper()
	g := newLog(t, 300)
	var err error
	if g.keys, err = tlog.GenerateKeys(strings.NewReader(strings.Repeat("x", 64)), origin); err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAWitnessThatCannotBeReached(t *testing.T) {
	t.Parallel()
	g := newLog(t, 3)
	nobody, err := attest.NewWitness(attest.NewClient(), "http://127.0.0.1:1/", testkit.NewWitness(t, "a.test", g.keys.VerifierKeys()[0], nil).Key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nobody.Cosign(t.Context(), g.question(t, 0)); err == nil || errors.Is(err, attest.ErrRefused) {
		t.Errorf("%v", err)
	}
}

func TestTheListOfWitnesses(t *testing.T) {
	t.Parallel()
	logKey := testkit.LogKeys(t).VerifierKeys()[0]
	one, two := testkit.NewWitness(t, "one.test/w", logKey, nil).Key, testkit.NewWitness(t, "two.test/w", logKey, nil).Key
	for list, want := range map[string]int{
		"": 0, " \n# nobody\n": 0,
		"https://one.test " + one:                                                           1,
		"https://one.test/w/ " + one + ", http://two.test " + two:                           2,
		"# ours, and theirs\nhttps://one.test " + one + "\nhttps://two.test\t" + two + "\n": 2,
	} {
		got, err := attest.ParseWitnesses(nil, list)
		if err != nil || len(got) != want {
			t.Errorf("%q: %d %v", list, len(got), err)
		}
	}
	for _, list := range []string{
		one, "https://one.test", "https://one.test " + one + " x", "ftp://one.test " + one, "https:// " + one, "https://u:p@one.test " + one,
		"https://one.test/?q=1 " + one, "https://one.test/#a " + one, "https://one.test " + one + ",https://other.test " + one, "https://one.test " + logKey + "x",
	} {
		if got, err := attest.ParseWitnesses(nil, list); err == nil {
			t.Errorf("%q is taken: %d", list, len(got))
		}
	}
}
