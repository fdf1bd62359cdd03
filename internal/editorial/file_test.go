package editorial_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// withFiles gives a house a store of files.
func withFiles(t *testing.T, h *house) blob.Store {
	t.Helper()
	blobs, err := blob.NewFolder(t.TempDir())
	must(t, err)
	h.editorial = h.editorial.WithFiles(blobs)
	return blobs
}

const paper = "a communiqué on paper"

// examined is what the intake makes of a file.
func examined(content string) register.File {
	return register.File{
		SHA256: register.HashOf([]byte(content)), Size: int64(len(content)), Type: register.TypePDF, Name: "papier.pdf", Pages: 2,
		Warnings: []string{register.FileTextReversed},
		Extraction: register.Extraction{
			Pages: []string{"الصفحة الأولى", "الصفحة الثانية"}, Method: register.ExtractedFromGlyphs, Language: register.Arabic,
		},
	}
}

// holding is a statement with the file as its document.
func holding(slug, content string) *register.Statement {
	s := lawful()
	s.Slug = slug
	s.Documents = []register.Document{{
		Fact: register.Fact{Key: "paper", Sources: []string{"src-023"}}, Name: "papier.pdf", Type: register.TypePDF,
		SHA256: register.HashOf([]byte(content)), Size: int64(len(content)),
	}}
	return s
}

func TestAttachFile(t *testing.T) {
	h := newHouse(t)
	blobs := withFiles(t, h)
	h.publishFounding(t)
	first, err := h.editorial.AttachFile(t.Context(), h.analyst, examined(paper), []byte(paper))
	must(t, err)
	if first.Known || len(first.Statements) > 0 || first.UploadedBy != h.analyst.ID || first.UploadedAt.IsZero() {
		t.Errorf("the first time: %+v", first)
	}
	h.draft(t, editorial.Draft{Statement: holding("first-holder", paper)})
	other := examined(paper)
	other.Name, other.Warnings = "autre.pdf", nil
	again, err := h.editorial.AttachFile(t.Context(), h.editor, other, []byte(paper))
	must(t, err)
	if !again.Known || again.Name != "papier.pdf" || again.UploadedBy != h.analyst.ID || again.Extraction.Text() != "الصفحة الأولى\n\nالصفحة الثانية" {
		t.Errorf("the second time: %+v", again)
	}
	if len(again.Statements) != 1 || again.Statements[0].Title["fr"] != "Communiqué" {
		t.Errorf("the statements that hold it: %+v", again.Statements)
	}
	file, content, err := h.editorial.FileContent(t.Context(), h.editor, first.SHA256)
	if err != nil || string(content) != paper || file.Pages != 2 || file.Type != register.TypePDF {
		t.Errorf("%+v %q %v", file, content, err)
	}
	must(t, blobs.Delete(t.Context(), first.SHA256))
	if _, _, err := h.editorial.FileContent(t.Context(), h.editor, first.SHA256); !errors.Is(err, register.ErrNotFound) {
		t.Errorf("a file whose content is gone: %v", err)
	}
}

func TestWhoMayAttach(t *testing.T) {
	h := newHouse(t)
	if _, err := h.editorial.AttachFile(t.Context(), h.analyst, examined(paper), []byte(paper)); !errors.Is(err, register.ErrNotConfigured) {
		t.Errorf("without a store: %v", err)
	}
	withFiles(t, h)
	sha := register.HashOf([]byte(paper))
	nobody := register.Actor{}
	_, errAttach := h.editorial.AttachFile(t.Context(), nobody, examined(paper), []byte(paper))
	_, _, errFile := h.editorial.File(t.Context(), nobody, sha)
	_, _, errContent := h.editorial.FileContent(t.Context(), nobody, sha)
	_, errConfirm := h.editorial.ConfirmText(t.Context(), nobody, sha, 0, "x", "fr")
	for _, err := range []error{errAttach, errFile, errContent, errConfirm} {
		if !errors.Is(err, register.ErrForbidden) {
			t.Errorf("nobody in particular: %v", err)
		}
	}
	if _, err := h.editorial.AttachFile(t.Context(), h.analyst, examined(paper), []byte("another")); err == nil {
		t.Error("content that was not examined is kept")
	}
	_, _, errFile = h.editorial.File(t.Context(), h.analyst, sha)
	_, errConfirm = h.editorial.ConfirmText(t.Context(), h.analyst, sha, 0, "x", "fr")
	for _, err := range []error{errFile, errConfirm} {
		if !errors.Is(err, register.ErrNotFound) {
			t.Errorf("a file that was never attached: %v", err)
		}
	}
}

func TestConfirmText(t *testing.T) {
	h := newHouse(t)
	withFiles(t, h)
	file, err := h.editorial.AttachFile(t.Context(), h.analyst, examined(paper), []byte(paper))
	must(t, err)
	confirm := func(actor register.Actor, version int, text string, lang register.Lang) (register.FileText, error) {
		return h.editorial.ConfirmText(t.Context(), actor, file.SHA256, version, text, lang)
	}
	one, err := confirm(h.analyst, 0, " أكد الصندوق \n", "ar")
	if err != nil || one.Version != 1 || one.Text != "أكد الصندوق" || one.ConfirmedBy != h.analyst.ID {
		t.Fatalf("%+v %v", one, err)
	}
	if same, err := confirm(h.editor, 0, "أكد الصندوق", "ar"); err != nil || same.Version != 1 || same.ConfirmedBy != h.analyst.ID {
		t.Errorf("the same text: %+v %v", same, err)
	}
	if _, err := confirm(h.editor, 0, "نفى الصندوق", "ar"); !errors.Is(err, register.ErrConflict) {
		t.Errorf("a text beside one that was not seen: %v", err)
	}
	if two, err := confirm(h.editor, 1, "أكد الصندوق ذلك", "ar"); err != nil || two.Version != 2 {
		t.Errorf("%+v %v", two, err)
	}
	if three, err := confirm(h.editor, 2, "أكد الصندوق ذلك", "fr"); err != nil || three.Version != 3 {
		t.Errorf("another language: %+v %v", three, err)
	}
	_, texts, err := h.editorial.File(t.Context(), h.analyst, file.SHA256)
	if err != nil || len(texts) != 3 || texts[2].Text != "أكد الصندوق" || texts[0].Version != 3 {
		t.Errorf("%+v %v", texts, err)
	}
	for _, test := range []struct {
		text, field, key string
		lang             register.Lang
	}{
		{" ", "text", "problem.missing", "ar"},
		{"a\u202eb", "text", "problem.bad-character", "ar"},
		{"a\u0000b", "text", "problem.bad-character", "ar"},
		{strings.Repeat("x", 2<<20+1), "text", "problem.file-text-long", "ar"},
		{"x", "language", "problem.language-missing", ""},
		{"x", "language", "problem.language-missing", "Arabic"},
	} {
		var problems register.Problems
		_, err := confirm(h.editor, 3, test.text, test.lang)
		if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Field != test.field || problems[0].Key != test.key {
			t.Errorf("%.20q %q: %v", test.text, test.lang, err)
		}
	}
}

// TestConfirmedTextsStay: not even the owner of the schema changes one.
func TestConfirmedTextsStay(t *testing.T) {
	h := newHouse(t)
	withFiles(t, h)
	file, err := h.editorial.AttachFile(t.Context(), h.analyst, examined(paper), []byte(paper))
	must(t, err)
	_, err = h.editorial.ConfirmText(t.Context(), h.analyst, file.SHA256, 0, "confirmed", "en")
	must(t, err)
	for _, sql := range []string{
		`UPDATE desk.file_texts SET words = 'forged'`, `DELETE FROM desk.file_texts`, `TRUNCATE desk.file_texts`,
		`UPDATE desk.files SET name = 'forged'`, `DELETE FROM desk.files`,
	} {
		var refused *pgconn.PgError
		if _, err := h.db.Desk().Exec(t.Context(), sql); !errors.As(err, &refused) || refused.Code != "42501" {
			t.Errorf("the desk, %s: %v", sql, err)
		}
		if !strings.Contains(sql, "file_texts") {
			continue
		}
		if _, err := h.db.Owner().Exec(t.Context(), sql); !errors.As(err, &refused) || refused.Code != "42501" {
			t.Errorf("the owner, %s: %v", sql, err)
		}
	}
	for _, table := range []string{"desk.files", "desk.file_texts"} {
		if _, err := h.db.Public().Exec(t.Context(), "SELECT FROM "+table); err == nil {
			t.Errorf("the public role reads %s", table)
		}
	}
}

// TestPublicDocuments: only what a current edition names is handed out.
func TestPublicDocuments(t *testing.T) {
	h := newHouse(t)
	h.publishFounding(t)
	sha := register.HashOf([]byte(paper))
	want := func(when string, there bool) {
		t.Helper()
		d, err := h.public.Document(t.Context(), sha)
		if there && (err != nil || d.Name != "papier.pdf" || d.Type != register.TypePDF || d.Size != int64(len(paper))) {
			t.Errorf("%s: %+v %v", when, d, err)
		}
		if !there && !errors.Is(err, register.ErrNotFound) {
			t.Errorf("%s: %v", when, err)
		}
	}
	v := h.draft(t, editorial.Draft{Statement: holding("holder", paper)})
	want("a draft", false)
	h.publish(t, []editorial.Version{v})
	want("published", true)
	without := editorial.Draft{ID: v.ID, Version: v.Version, Statement: holding("holder", paper)}
	without.Statement.Documents = nil
	v = h.draft(t, without)
	want("published, with a draft that drops it", true)
	h.publish(t, []editorial.Version{v})
	want("dropped by the current edition", false)
	with := editorial.Draft{ID: v.ID, Version: v.Version, Statement: holding("holder", paper)}
	h.publish(t, []editorial.Version{h.draft(t, with)})
	want("taken up again", true)
	h.withdraw(t, h.head(t, register.TypeStatement, "holder"))
	want("withdrawn", false)
}

// TestATakedownErasesFiles: the content, what it was called and what it says.
// reluctant is a store that lets nothing go for a while.
type reluctant struct {
	blob.Store
	holds bool
}

// Delete implements blob.Store.
func (r *reluctant) Delete(ctx context.Context, sha256 string) error {
	if r.holds {
		return errors.New("not now")
	}
	return r.Store.Delete(ctx, sha256)
}

// TestATakedownLeavesWhatWasAttachedAgain: a takedown comes to its files late, and one of
// them has been attached anew.
func TestATakedownLeavesWhatWasAttachedAgain(t *testing.T) {
	h := newHouse(t)
	blobs := withFiles(t, h)
	files := &reluctant{blobs, true}
	h.editorial = h.editorial.WithTakedown(store.Wrap(h.db.Takedown()), files)
	h.publishFounding(t)
	attach := func() {
		t.Helper()
		_, err := h.editorial.AttachFile(t.Context(), h.analyst, examined(paper), []byte(paper))
		must(t, err)
	}
	attach()
	v := h.draft(t, editorial.Draft{Statement: holding("holder", paper)})
	h.publish(t, []editorial.Version{v})
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: v.ID, First: 1, Last: 1, Reason: byLaw})
	must(t, err)
	if err := h.editorial.Confirm(t.Context(), h.editor, id); err == nil {
		t.Fatal("the file went: this shows nothing")
	}
	attach()
	files.holds = false
	must(t, h.editorial.FinishTakedown(t.Context(), id))
	if _, _, err := h.editorial.FileContent(t.Context(), h.analyst, register.HashOf([]byte(paper))); err != nil {
		t.Errorf("what is attached has no content: %v", err)
	}
}

func TestATakedownErasesFiles(t *testing.T) {
	h := newHouse(t)
	blobs := withFiles(t, h)
	h.editorial = h.editorial.WithTakedown(store.Wrap(h.db.Takedown()), blobs)
	h.publishFounding(t)
	const kept = "another paper"
	for _, content := range []string{paper, kept} {
		file := examined(content)
		file.Name = secret + ".pdf"
		_, err := h.editorial.AttachFile(t.Context(), h.analyst, file, []byte(content))
		must(t, err)
		_, err = h.editorial.ConfirmText(t.Context(), h.analyst, file.SHA256, 0, secret+" dit", "fr")
		must(t, err)
	}
	s := holding("holder", paper)
	s.Documents = append(s.Documents, holding("x", kept).Documents[0])
	s.Documents[1].Key = "kept"
	v := h.draft(t, editorial.Draft{Statement: s})
	h.publish(t, []editorial.Version{v, h.draft(t, editorial.Draft{Statement: holding("other", kept)})})
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: v.ID, First: 1, Last: 1, Reason: byLaw})
	must(t, err)
	must(t, h.editorial.Confirm(t.Context(), h.editor, id))
	sha := register.HashOf([]byte(paper))
	if _, err := blobs.Stat(t.Context(), sha); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("the content is still there: %v", err)
	}
	if _, _, err := h.editorial.File(t.Context(), h.analyst, sha); !errors.Is(err, register.ErrNotFound) {
		t.Errorf("the file is still known: %v", err)
	}
	if _, texts, err := h.editorial.File(t.Context(), h.analyst, register.HashOf([]byte(kept))); err != nil || len(texts) != 1 {
		t.Errorf("a file that another statement holds: %v %v", texts, err)
	}
	if _, err := h.public.Document(t.Context(), register.HashOf([]byte(kept))); err != nil {
		t.Errorf("and the public no more: %v", err)
	}
}
