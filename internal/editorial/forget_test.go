package editorial_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
)

// attach attaches a file long ago.
func (h *house) attach(t *testing.T, content string) (hash string) {
	t.Helper()
	file, err := h.editorial.AttachFile(t.Context(), h.analyst, examined(content), []byte(content))
	must(t, err)
	h.owner(t, `UPDATE desk.files SET uploaded_at = '2000-01-01' WHERE sha256 = $1`, file.SHA256)
	return file.SHA256
}

func (h *house) owner(t *testing.T, sql string, args ...any) {
	t.Helper()
	_, err := h.db.Owner().Exec(t.Context(), sql, args...)
	must(t, err)
}

// keeps reports whether a file is known, and whether its content is there.
func (h *house) keeps(t *testing.T, blobs blob.Store, hash string) (file, content bool) {
	t.Helper()
	_, _, err := h.editorial.File(t.Context(), h.analyst, hash)
	_, there := blobs.Stat(t.Context(), hash)
	return err == nil, there == nil
}

// without is the statement in its next version, without documents.
func (h *house) without(t *testing.T, v editorial.Version) editorial.Version {
	t.Helper()
	s := h.statement(t, v)
	s.Documents = nil
	next, err := h.editorial.Save(t.Context(), h.analyst, editorial.Draft{ID: v.ID, Version: v.Version, Statement: s})
	must(t, err)
	return next
}

// holders names files in each of the ways in which one can be named, each by
// nothing else; they return what they named.
func (h *house) holders(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	attach := func(way string) string {
		out[way] = h.attach(t, way)
		return out[way]
	}
	attach("a draft")
	h.draft(t, editorial.Draft{Statement: holding("a-draft", "a draft")})
	attach("an earlier version")
	h.without(t, h.draft(t, editorial.Draft{Statement: holding("earlier", "an earlier version")}))
	attach("a discarded draft")
	must(t, h.editorial.Discard(t.Context(), h.analyst, h.draft(t, editorial.Draft{Statement: holding("discarded", "a discarded draft")})))
	attach("a current edition")
	h.publish(t, []editorial.Version{h.draft(t, editorial.Draft{Statement: holding("current", "a current edition")})})
	attach("an earlier edition")
	published := h.draft(t, editorial.Draft{Statement: holding("edition", "an earlier edition")})
	h.publish(t, []editorial.Version{published})
	h.publish(t, []editorial.Version{h.without(t, published)})
	h.owner(t, `SET session_replication_role = replica; DELETE FROM desk.revisions; SET session_replication_role = DEFAULT`)
	h.without(t, h.draft(t, editorial.Draft{Statement: holding("earlier-again", "an earlier version")}))
	must(t, h.editorial.Discard(t.Context(), h.analyst, h.draft(t, editorial.Draft{Statement: holding("discarded-again", "a discarded draft")})))
	_, err := h.editorial.KeepWorksheet(t.Context(), h.analyst, "/desk/statements/new", map[string][]string{"kept": {attach("a form in the making")}, "title": {"x"}})
	must(t, err)
	must(t, h.editorial.SaveSources(t.Context(), h.analyst, []register.Source{{
		Key: "src-captured", Kind: register.SourceOfficial, Publisher: "La caisse", Language: "fr",
		Capture: &register.Capture{SHA256: attach("a source"), Size: 8, Type: register.TypePDF},
	}}))
	_, err = h.editorial.ConfirmText(t.Context(), h.analyst, attach("a confirmed text"), 0, "Le texte.", "fr")
	must(t, err)
	return out
}

// TestFilesThatNothingNamesGo, and no others, however often it is looked.
func TestFilesThatNothingNamesGo(t *testing.T) {
	h := newHouse(t)
	blobs := withFiles(t, h)
	h.publishFounding(t)
	named, idle := h.holders(t), h.attach(t, "nothing")
	now := time.Now() // what is done is dated by the database's clock
	for _, round := range []struct {
		days int
		gone bool
	}{{0, false}, {6, false}, {8, true}, {400, true}} {
		must(t, h.editorial.ForgetFiles(t.Context(), now.AddDate(0, 0, round.days)))
		if file, content := h.keeps(t, blobs, idle); file == round.gone || content == round.gone {
			t.Errorf("after %d days: file %t, content %t", round.days, file, content)
		}
		for way, hash := range named {
			if file, content := h.keeps(t, blobs, hash); !file || !content {
				t.Errorf("after %d days, named by %s: file %t, content %t", round.days, way, file, content)
			}
		}
	}
	// What is gone can be attached again, and is whole.
	must(t, h.editorial.ForgetFiles(t.Context(), now))
	again := h.attach(t, "nothing")
	if _, content, err := h.editorial.FileContent(t.Context(), h.analyst, again); err != nil || string(content) != "nothing" {
		t.Errorf("attached again: %q, %v", content, err)
	}
}

// stubborn is a store that lets nothing go.
type stubborn struct {
	blob.Store
	lets bool
}

// Delete implements blob.Store.
func (s *stubborn) Delete(ctx context.Context, sha256 string) error {
	if !s.lets {
		return errors.New("the bucket is away")
	}
	return s.Store.Delete(ctx, sha256)
}

// TestAContentThatStaysIsTriedAgain, unless somebody attached it meanwhile.
func TestAContentThatStaysIsTriedAgain(t *testing.T) {
	h := newHouse(t)
	blobs := &stubborn{Store: withFiles(t, h)}
	h.editorial = h.editorial.WithFiles(blobs)
	gone, back := h.attach(t, "gone"), h.attach(t, "back")
	later := time.Now().AddDate(0, 0, 8)
	if err := h.editorial.ForgetFiles(t.Context(), later); err == nil {
		t.Error("nobody is told that the store fails")
	}
	for _, hash := range []string{gone, back} {
		if file, content := h.keeps(t, blobs, hash); file || !content {
			t.Errorf("the store fails: file %t, content %t", file, content)
		}
	}
	h.attach(t, "back")
	blobs.lets = true
	must(t, h.editorial.ForgetFiles(t.Context(), later.AddDate(0, 0, -2)))
	if file, content := h.keeps(t, blobs, gone); file || content {
		t.Errorf("the store lets go: file %t, content %t", file, content)
	}
	if file, content := h.keeps(t, blobs, back); !file || !content {
		t.Errorf("attached again: file %t, content %t", file, content)
	}
	var waiting int
	must(t, h.db.Owner().QueryRow(t.Context(), `SELECT count(*) FROM desk.leaving_files`).Scan(&waiting))
	if waiting != 0 {
		t.Errorf("%d contents are still to be removed", waiting)
	}
}
