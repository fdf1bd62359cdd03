package register_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
)

func TestLeafOfAnEdition(t *testing.T) {
	t.Parallel()
	c := &register.Content{
		Reference: "SJ-2025-0001", Number: 3, PublishedAt: time.Date(2025, 4, 10, 13, 0, 0, 0, time.FixedZone("", 3600)),
	}
	salt := bytes.Repeat([]byte{1}, register.SaltSize)
	got, err := register.EditionLeaf(c, []byte("{}"), salt).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	// printf '\1%.0s' {1..32} | cat - <(printf '{}') | sha256sum
	const want = `{"commitment":"COMMITMENT","edition":3,"format":"sijil-leaf-1",` +
		`"reference":"SJ-2025-0001","time":"2025-04-10T12:00:00Z","type":"edition"}`
	if string(got) != strings.Replace(want, "COMMITMENT", register.Commit(salt, []byte("{}")), 1) {
		t.Errorf("leaf %s", got)
	}
	again, err := register.ParseLeaf(got)
	if err != nil || again != register.EditionLeaf(c, []byte("{}"), salt) {
		t.Errorf("read again: %+v, %v", again, err)
	}
	c.Correction = register.CorrectionMinor
	if l := register.EditionLeaf(c, []byte("{}"), salt); l.Type != register.LeafCorrection || !l.Type.IsEdition() {
		t.Errorf("a correction is logged as %s", l.Type)
	}
	if l := register.EditionLeaf(c, []byte("{ }"), salt); l.Commitment == again.Commitment {
		t.Error("another content, the same commitment")
	}
	salt[31]++
	if l := register.EditionLeaf(c, []byte("{}"), salt); l.Commitment == again.Commitment {
		t.Error("another salt, the same commitment")
	}
}

func TestLeavesOfWhatIsNoEdition(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 4, 10, 12, 0, 0, 999, time.UTC)
	salt := make([]byte, register.SaltSize)
	c := &register.Content{Reference: "ST-2025-0001", Number: 1, PublishedAt: at.Truncate(time.Second)}
	for content, make := range map[string]func() (register.LoggedLeaf, error){
		`{"media_type":"application/pdf","sha256":"ab","size":7}`: func() (register.LoggedLeaf, error) {
			return register.DocumentLeaf(c, register.Document{Type: "application/pdf", SHA256: "ab", Size: 7}, salt)
		},
		`{"edition":2,"reason":{"fr":"Erreur"},"reference":"ST-2025-0001","removed_at":"2025-04-10T12:00:00Z"}`: func() (register.LoggedLeaf, error) {
			return register.RemovalLeaf(register.LeafTakedown, register.RemovalNotice{
				Edition: 2, Reason: register.Text{"fr": "Erreur"}, Reference: "ST-2025-0001", RemovedAt: at,
			}, salt)
		},
		`{"key":"log+1+AA"}`: func() (register.LoggedLeaf, error) { return register.KeyLeaf("log+1+AA", at, salt) },
	} {
		l, err := make()
		if err != nil || string(l.Content) != content || l.Commitment != register.Commit(salt, l.Content) {
			t.Errorf("%s: %+v, %v", content, l, err)
		}
		entry, err := l.Canonical()
		if err != nil || !strings.Contains(string(entry), `"time":"2025-04-10T12:00:00Z"`) {
			t.Errorf("%s: %s, %v", content, entry, err)
		}
		if _, err := register.ParseLeaf(entry); err != nil {
			t.Error(err)
		}
	}
}

func FuzzParseLeaf(f *testing.F) {
	salt := make([]byte, register.SaltSize)
	entry, err := register.EditionLeaf(&register.Content{Reference: "SJ-2025-0001", Number: 3}, []byte("{}"), salt).Canonical()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(entry)
	f.Add([]byte(`{"commitment":"","format":"sijil-leaf-1","time":"2025-04-10T12:00:00Z","type":"key"}`))
	f.Fuzz(func(t *testing.T, entry []byte) {
		l, err := register.ParseLeaf(entry)
		if err != nil {
			return
		}
		if again, err := l.Canonical(); err != nil || !bytes.Equal(again, entry) {
			t.Errorf("%q is read as %+v", entry, l)
		}
	})
}
