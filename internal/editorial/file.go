package editorial

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// WithFiles returns the use cases with the store of attached files. Without it
// nothing can be attached.
func (e *Editorial) WithFiles(blobs blob.Store) *Editorial {
	out := *e
	out.blobs = blobs
	return &out
}

// AttachedFile is a file of the desk, with what it is in already.
type AttachedFile struct {
	register.File
	// Known means that the file had been attached before; then it is described
	// as it was found to be the first time.
	Known bool
	// Statements are those that hold the file as a document already.
	Statements []desk.Titled
}

// AttachFile keeps a file that was examined, and its content. The same content
// twice is one file: the answer says which statements hold it. It returns
// ErrForbidden, and ErrNotConfigured without a store.
func (e *Editorial) AttachFile(ctx context.Context, actor register.Actor, file register.File, content []byte) (AttachedFile, error) {
	if !actor.Role.Can(register.MayDraft) {
		return AttachedFile{}, register.ErrForbidden
	}
	if e.blobs == nil {
		return AttachedFile{}, register.ErrNotConfigured
	}
	if register.HashOf(content) != file.SHA256 {
		return AttachedFile{}, errors.New("the file is not the one that was examined")
	}
	file.UploadedBy, file.UploadedAt = actor.ID, e.now()
	var attached AttachedFile
	// It stays though the form with which it came is refused, and is there once.
	err := e.db.InTx(store.WithoutReceipt(ctx), func(q store.Querier) error {
		d := desk.New(q)
		if err := d.LockContent(ctx, file.SHA256); err != nil {
			return err
		}
		// First the content: a file without it would be a lie, content without a
		// file is only idle.
		if _, err := e.blobs.Put(ctx, strings.NewReader(string(content)), file.Size); err != nil {
			return fmt.Errorf("attach %s: %w", file.SHA256, err)
		}
		first, err := d.InsertFile(ctx, file)
		if err != nil {
			return err
		}
		attached.Known = !first
		if attached.File, err = d.File(ctx, file.SHA256); err != nil {
			return err
		}
		if attached.Statements, err = d.StatementsWithFile(ctx, file.SHA256); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "attach-file", "", 0, map[string]any{"sha256": file.SHA256})
	})
	return attached, err
}

// File returns what is known of an attached file, and the versions of its text
// that were confirmed, the newest first.
func (e *Editorial) File(ctx context.Context, actor register.Actor, sha256 string) (register.File, []register.FileText, error) {
	if !actor.Role.Can(register.MayDraft) {
		return register.File{}, nil, register.ErrForbidden
	}
	d := desk.New(e.db.Querier())
	file, err := d.File(ctx, sha256)
	if err != nil {
		return register.File{}, nil, err
	}
	texts, err := d.FileTexts(ctx, sha256)
	return file, texts, err
}

// FilesNotHeld returns those of the hashes of which no file was attached.
func (e *Editorial) FilesNotHeld(ctx context.Context, actor register.Actor, hashes []string) ([]string, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	held, err := desk.New(e.db.Querier()).FilesHeld(ctx, hashes)
	return slices.DeleteFunc(slices.Clone(hashes), func(h string) bool { return slices.Contains(held, h) }), err
}

// FileContent returns an attached file with its content, which is verified:
// ErrDamaged where it is not what was attached.
func (e *Editorial) FileContent(ctx context.Context, actor register.Actor, sha256 string) (register.File, []byte, error) {
	if !actor.Role.Can(register.MayDraft) {
		return register.File{}, nil, register.ErrForbidden
	}
	if e.blobs == nil {
		return register.File{}, nil, register.ErrNotConfigured
	}
	file, err := desk.New(e.db.Querier()).File(ctx, sha256)
	if err != nil {
		return register.File{}, nil, err
	}
	content, err := e.content(ctx, sha256)
	return file, content, err
}

// content reads a file out of the store, verified.
func (e *Editorial) content(ctx context.Context, sha256 string) ([]byte, error) {
	content, err := blob.Bytes(ctx, e.blobs, sha256)
	switch {
	case errors.Is(err, blob.ErrNotFound):
		return nil, fmt.Errorf("%w: %w", register.ErrNotFound, err)
	case errors.Is(err, blob.ErrCorrupt):
		return nil, fmt.Errorf("file %s: %w: %w", sha256, register.ErrDamaged, err)
	}
	return content, err
}

// longestFileText bounds a confirmed text, in bytes.
const longestFileText = 2 << 20

// ConfirmText adds a version of a file's text that the actor has read and
// corrected; version is the one that he saw, 0 for the program's proposal. A
// text that is the last version already makes no new one. It returns Problems
// at the fields "text" and "language", ErrNotFound, and ErrConflict when
// somebody else confirmed a text meanwhile.
func (e *Editorial) ConfirmText(ctx context.Context, actor register.Actor, sha256 string, version int, text string, lang register.Lang) (register.FileText, error) {
	if !actor.Role.Can(register.MayDraft) {
		return register.FileText{}, register.ErrForbidden
	}
	text = strings.TrimSpace(text)
	if err := checkText(text, lang).OrNil(); err != nil {
		return register.FileText{}, err
	}
	var confirmed register.FileText
	// The form is done when its statement has the text: until then it is confirmed again,
	// which makes no second version.
	err := e.db.InTx(store.WithoutReceipt(ctx), func(q store.Querier) error {
		d := desk.New(q)
		if err := d.LockFile(ctx, sha256); err != nil {
			return err
		}
		texts, err := d.FileTexts(ctx, sha256)
		if err != nil {
			return err
		}
		last := 0
		if len(texts) > 0 {
			if texts[0].Text == text && texts[0].Language == lang {
				confirmed = texts[0]
				return nil
			}
			last = texts[0].Version
		}
		if last != version {
			return register.ErrConflict
		}
		confirmed = register.FileText{
			SHA256: sha256, Version: last + 1, Text: text, Language: lang, ConfirmedBy: actor.ID, ConfirmedAt: e.now(),
		}
		if err := d.InsertFileText(ctx, confirmed); err != nil {
			return err
		}
		return d.Audit(ctx, actor.ID, "confirm-text", "", 0, map[string]any{"sha256": sha256, "version": confirmed.Version})
	})
	return confirmed, err
}

// languageCode is the form of a language's code (ISO 639).
var languageCode = regexp.MustCompile(`^[a-z]{2,3}$`)

func checkText(text string, lang register.Lang) register.Problems {
	var problems register.Problems
	invisible := func(r rune) bool {
		return unicode.IsControl(r) && !strings.ContainsRune("\n\t", r) || unicode.Is(unicode.Bidi_Control, r)
	}
	switch {
	case text == "":
		problems = append(problems, register.Problem{Field: "text", Key: "problem.missing"})
	case len(text) > longestFileText:
		problems = append(problems, register.Problem{Field: "text", Key: "problem.file-text-long"})
	case !utf8.ValidString(text) || strings.ContainsFunc(text, invisible):
		problems = append(problems, register.Problem{Field: "text", Key: "problem.bad-character"})
	}
	if !languageCode.MatchString(string(lang)) {
		problems = append(problems, register.Problem{Field: "language", Key: "problem.language-missing"})
	}
	return problems
}
