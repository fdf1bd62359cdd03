package editorial

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// StatementsWithSource returns the statements that rest on a source.
func (e *Editorial) StatementsWithSource(ctx context.Context, actor register.Actor, key string) ([]desk.Titled, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).StatementsWithSource(ctx, key)
}

// AttachChange adds what a page said before and what it says in a later copy to
// a statement's draft, as two documents of one language: once it is reviewed and
// published, the statement's page shows readers the difference word by word. The
// actor has seen both texts, and confirms them so. Texts that the statement has
// already are not added again. It returns ErrForbidden, ErrNotFound; Problems at
// "statement" where its words are not an institution's own (what a newspaper
// writes is not published here), where the copy has no text or there is none
// before it, and as Save. A statement that does not rest on the source is ErrNotFound.
func (e *Editorial) AttachChange(ctx context.Context, actor register.Actor, key string, number int, statement register.Ref) (Version, error) {
	source, err := e.Source(ctx, actor, key)
	if err != nil {
		return Version{}, err
	}
	_, kept, err := e.CaptureOf(ctx, actor, key)
	if err != nil {
		return Version{}, err
	}
	before, after := copiesAround(kept, number)
	if after == nil {
		return Version{}, register.ErrNotFound
	}
	draft, head, err := e.Load(ctx, actor, statement)
	switch {
	case err != nil:
		return Version{}, err
	case draft.Statement == nil, !slices.Contains(register.CitedSources(draft.Statement), key):
		return Version{}, register.ErrNotFound
	case !draft.Statement.Official:
		return Version{}, register.Problems{{Field: "statement", Key: "problem.capture-not-official"}}
	case before == nil || before.Text == "" || after.Text == "":
		return Version{}, register.Problems{{Field: "statement", Key: "problem.capture-no-text"}}
	}
	lang := source.Language
	if lang == "" {
		lang = draft.Statement.OriginalLanguage
	}
	for _, k := range []*register.KeptCapture{before, after} {
		if err := e.attachText(ctx, actor, k.Text, copyName(k), lang); err != nil {
			return Version{}, err
		}
	}
	return e.ChangeStatement(ctx, actor, Version{ID: statement, Version: head.Version}, nil, func(s *register.Statement) error {
		for _, k := range []*register.KeptCapture{before, after} {
			addCopy(s, k, key, lang)
		}
		return nil
	})
}

// copiesAround returns a copy by its number, and the one before it in which the
// page showed something.
func copiesAround(kept []register.KeptCapture, number int) (before, after *register.KeptCapture) {
	for i := range kept {
		if kept[i].Number == number && !kept[i].IsGone() {
			return lastShown(kept[i+1:]), &kept[i]
		}
	}
	return nil, nil
}

// copyName is what the text of a copy is called as a file.
func copyName(k *register.KeptCapture) string {
	return fmt.Sprintf("%s-%s.txt", strings.ReplaceAll(strings.TrimPrefix(hostOf(k.Final), "www."), ".", "-"), edtf.DayOf(k.TakenAt).Date())
}

// attachText keeps a text as a file, and that the actor has confirmed it.
func (e *Editorial) attachText(ctx context.Context, actor register.Actor, text, name string, lang register.Lang) error {
	content := []byte(text)
	file := register.File{
		SHA256: register.HashOf(content), Size: int64(len(content)), Type: register.TypeText, Name: register.CleanFileName(name),
		Extraction: register.Extraction{Pages: []string{text}, Method: register.ExtractedFromText, Language: lang},
	}
	if _, err := e.AttachFile(ctx, actor, file, content); err != nil {
		return err
	}
	_, texts, err := e.File(ctx, actor, file.SHA256)
	if err != nil || len(texts) > 0 {
		return err
	}
	_, err = e.ConfirmText(ctx, actor, file.SHA256, 0, text, lang)
	return err
}

// addCopy adds the text of a copy to the documents of a statement.
func addCopy(s *register.Statement, k *register.KeptCapture, source string, lang register.Lang) {
	sha := register.HashOf([]byte(k.Text))
	taken := map[string]bool{}
	register.EachFact(s, func(f *register.Fact) { taken[f.Key] = true })
	for _, d := range s.Documents {
		if d.SHA256 == sha || strings.TrimSpace(d.Text) == strings.TrimSpace(k.Text) {
			return
		}
	}
	name := "copy-" + edtf.DayOf(k.TakenAt).Date().String()
	for n := 2; taken[name]; n++ {
		name = fmt.Sprintf("copy-%s-%d", edtf.DayOf(k.TakenAt).Date(), n)
	}
	s.Documents = append(s.Documents, register.Document{
		Fact: register.Fact{Key: name, Sources: []string{source}}, Name: register.CleanFileName(copyName(k)), Type: register.TypeText,
		SHA256: sha, Size: int64(len(k.Text)), Text: k.Text, Language: lang,
	})
}

// AdoptCopy makes a later copy the one on which the record rests: what an edition then
// says of the source is this copy's hash. It returns ErrForbidden, ErrNotFound,
// and ErrConflict while a record that cites the source is in review.
func (e *Editorial) AdoptCopy(ctx context.Context, actor register.Actor, key string, number int) error {
	target, _, err := e.CaptureOf(ctx, actor, key)
	if err != nil {
		return err
	}
	return e.db.InTx(ctx, func(q store.Querier) error {
		d := desk.New(q)
		target, _, err := d.LockCapture(ctx, target.ID)
		if err != nil {
			return err
		}
		kept, err := d.KeptCaptures(ctx, target.ID)
		if err != nil {
			return err
		}
		_, adopted := copiesAround(kept, number)
		if adopted == nil || number <= target.Shown {
			return register.ErrNotFound
		}
		if target.Shown = number; lastShown(kept).Number == number && target.State == register.CaptureChanged {
			target.State = register.CaptureKept // it is known, and the record rests on it
		}
		told, err := tell(ctx, d, target, kept)
		if err == nil && !told {
			err = register.ErrConflict
		}
		if err != nil {
			return err
		}
		if err := d.EndCapture(ctx, target, false); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "adopt-copy", "", 0, map[string]any{"number": number})
	})
}
