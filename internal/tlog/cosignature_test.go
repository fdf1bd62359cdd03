package tlog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
)

// Made by github.com/transparency-dev/formats, NewSignerForCosignatureV1.
const (
	otherWitness = "witness.example/w1+773a6c12+BMhTrQ8M0rYZrqks7sT9VqJNZJnVhM55JX5Fz9gTm2Cn"
	otherSigned  = "sijil.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n" +
		"— sijil.example/log VU3koa9SclXrUDP/tb9pUE26ka7Lxhx+ACoZcpuTU4H8FsBSOC42/D2yy+Q6o792wxB4ceP9L68mnXQqZjSeGfUpHw0=\n" +
		"— witness.example/w1 dzpsEgAAAABrCBUNVLLryCt7MBkHn78t2A2h7T3QednHWkSWtOEza+yIlBFthhpJmdO0UqI1GgCcFyp1fgGTO4BozpamzUIt6RFkCw==\n"
)

func parsedWitness(t *testing.T, key string) *tlog.Witness {
	t.Helper()
	w, err := tlog.ParseWitness(key)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestCosignaturesOfOthersAreRead(t *testing.T) {
	t.Parallel()
	w := parsedWitness(t, otherWitness)
	c, err := w.Open([]byte(otherSigned))
	if err != nil || !c.At.Equal(time.Unix(0x6b08150d, 0)) || !strings.HasSuffix(otherSigned, "\n"+c.Line) || w.Name() != "witness.example/w1" {
		t.Errorf("%+v %v", c, err)
	}
	if got := tlog.Signers([]byte(otherSigned)); strings.Join(got, " ") != "sijil.example/log witness.example/w1" {
		t.Errorf("signed by %q", got)
	}
	// The same key as one of plain signatures.
	plain := parsedWitness(t, "witness.example/w1+a6f3713d+AchTrQ8M0rYZrqks7sT9VqJNZJnVhM55JX5Fz9gTm2Cn")
	if _, err := plain.Open([]byte(otherSigned)); err != nil || plain.Key() != otherWitness {
		t.Errorf("%s: %v", plain.Key(), err)
	}
}

// TestAChangedByteOfACosignatureIsFound: what is changed is refused, or is the
// cosignature of nobody who is known. Only the signature of the log itself is
// not the witness's business.
func TestAChangedByteOfACosignatureIsFound(t *testing.T) {
	t.Parallel()
	w := parsedWitness(t, otherWitness)
	text, cosignature := strings.Index(otherSigned, "\n\n")+2, strings.LastIndex(otherSigned, "—")
	for at := range len(otherSigned) {
		for _, change := range []byte{1, 0x20, 0x80} {
			changed := []byte(otherSigned)
			changed[at] ^= change
			if _, err := w.Open(changed); err == nil && (at < text || at >= cosignature) {
				t.Errorf("byte %d is %q", at, changed[at])
			}
		}
	}
}

func TestWhatIsNoCosignature(t *testing.T) {
	t.Parallel()
	keys := testkit.LogKeys(t)
	signed, err := keys.Sign(tlog.Head{Size: 3})
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(signed), "\n\n")
	one := testkit.NewWitness(t, "witness.test/one", keys.VerifierKeys()[0], time.Now)
	other := testkit.NewWitness(t, "witness.test/one", keys.VerifierKeys()[0], time.Now) // the same name, another key
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	w := parsedWitness(t, one.Key)
	right := one.Cosign(text+"\n", at)
	for name, c := range map[string]struct {
		lines string
		want  error // nil: it holds
	}{
		"right":                     {right, nil},
		"right, and another's":      {other.Cosign(text+"\n", at) + right, nil},
		"twice":                     {right + one.Cosign(text+"\n", at.Add(time.Hour)), nil},
		"none":                      {"", tlog.ErrNotCosigned},
		"another's":                 {other.Cosign(text+"\n", at), tlog.ErrNotCosigned},
		"of another checkpoint":     {one.Cosign("x\n", at), tlog.ErrSignature},
		"of a time after all years": {one.Cosign(text+"\n", time.Unix(253402300800, 0)), tlog.ErrSignature},
		"of a negative time":        {one.Cosign(text+"\n", time.Unix(-1, 0)), tlog.ErrSignature},
	} {
		c2, err := w.Open([]byte(string(signed) + c.lines))
		if !errors.Is(err, c.want) || c.want == nil && (err != nil || !c2.At.Equal(at) || c2.Line != right) {
			t.Errorf("%s: %+v %v", name, c2, err)
		}
	}
	for _, malformed := range []string{"x", "— witness.test/one\n", "— witness.test/one !\n", strings.TrimSuffix(right, "\n"), right + "\n"} {
		if _, err := w.Open([]byte(string(signed) + malformed)); err == nil {
			t.Errorf("%q is taken", malformed)
		}
	}
}

func TestWrongKeysOfWitnessesAreRefused(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"", "x", "+773a6c12+BMhTrQ8M0rYZrqks7sT9VqJNZJnVhM55JX5Fz9gTm2Cn", strings.TrimSuffix(otherWitness, "n"),
		strings.Replace(otherWitness, "773a6c12", "773a6c13", 1), strings.Replace(otherWitness, "773a6c12", "773A6C12", 1),
		strings.Replace(otherWitness, "w1", "w 1", 1), strings.Replace(otherWitness, "w1", "w\xff", 1), strings.Replace(otherWitness, "BMh", "BsH", 1),
		"witness.example/w1+773a6c12+BA==", testkit.LogKeys(t).VerifierKeys()[0] + "=",
	} {
		if w, err := tlog.ParseWitness(key); err == nil {
			t.Errorf("%q is taken: %v", key, w)
		}
	}
}

func TestAddCheckpoint(t *testing.T) {
	t.Parallel()
	// The form of the example in c2sp.org/tlog-witness.
	got, err := tlog.AddCheckpoint(7, []tlog.Hash{{}, {1}}, []byte("note\n"))
	want := "old 7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\nnote\n"
	if err != nil || string(got) != want {
		t.Errorf("%q %v", got, err)
	}
	if _, err := tlog.AddCheckpoint(7, make([]tlog.Hash, 64), nil); err == nil {
		t.Error("a proof longer than a witness reads")
	}
}

func TestTheListOfKeysMarksWhatSignsNoMore(t *testing.T) {
	t.Parallel()
	first := testkit.LogKeys(t)
	both, err := first.Rotate(zeros{})
	if err != nil {
		t.Fatal(err)
	}
	names := both.VerifierKeys()
	for _, c := range []struct {
		signs *tlog.Keys
		want  string
	}{
		{both, names[0] + "\n" + names[1] + "\n"},
		{both.DropOld(), names[0] + "\n" + names[1] + " retired\n"},
	} {
		signed, err := c.signs.Sign(tlog.Head{Size: 3})
		if err != nil {
			t.Fatal(err)
		}
		if got := string(tlog.KeyList(names, signed)); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if got := string(tlog.KeyList([]string{"x"}, nil)); got != "x retired\n" {
		t.Errorf("%q", got)
	}
}

// zeros is no good source of randomness.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func FuzzParseWitness(f *testing.F) {
	f.Add(otherWitness, []byte(otherSigned))
	f.Add("a+b+c", []byte("x\n\n— a b\n"))
	f.Fuzz(func(t *testing.T, key string, signed []byte) {
		w, err := tlog.ParseWitness(key)
		if err != nil {
			return
		}
		again, err := tlog.ParseWitness(w.Key())
		if err != nil || again.Key() != w.Key() {
			t.Errorf("%q is written as %q", key, w.Key())
		}
		if c, err := w.Open(signed); err == nil && !strings.Contains(string(signed), c.Line) {
			t.Errorf("%q is not in %q", c.Line, signed)
		}
	})
}
