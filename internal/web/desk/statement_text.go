package desk

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// What a confirmed text is to a statement.
const (
	asOriginal  = "original"  // what was said, as it was said
	asRendering = "rendering" // a translation, or the statement in another language
	asRelay     = "relay"     // a press version: the original was not seen
	asDocument  = "document"  // only the text of the document
)

// reading is the page on which a text is confirmed, while it is made.
type reading struct {
	*Desk
	r        Request
	s        *openStatement
	document *register.Document // nil: the statement has none
	file     *register.File     // nil where the desk does not have it
	texts    []register.FileText
	values   url.Values
	wrong    fieldProblems
}

func (d *Desk) openText(ctx context.Context, r Request, key string) (*reading, error) {
	s, err := d.openStatement(ctx, r)
	if err != nil {
		return nil, err
	}
	p := &reading{Desk: d, r: r, s: s}
	for i := range s.Documents {
		if key == "" || s.Documents[i].Key == key {
			p.document = &s.Documents[i]
			break
		}
	}
	if p.document == nil {
		if key != "" {
			return nil, register.ErrNotFound
		}
		return p, nil
	}
	file, texts, err := d.editorial.File(ctx, r.Who.Actor, p.document.SHA256)
	if errors.Is(err, register.ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	p.file, p.texts = &file, texts
	return p, nil
}

// Text answers the page on which the text of a document is read beside its
// pages, corrected and confirmed: the program's proposal at first, then what
// was confirmed last. Without a document it is the original text itself.
func (d *Desk) Text(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openText(ctx, r, r.Query.Get("document"))
	if err != nil {
		return Answer{}, err
	}
	typed, restored, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if restored != nil && typed.Get("document") == p.key() {
		p.values = typed
	} else {
		restored = nil
		p.values = p.saved()
	}
	page := p.page()
	page.Restored = restored
	page.Meanwhile, err = d.meanwhile(ctx, r)
	return show(views.Text(page)), err
}

// ConfirmText keeps what a person has read and corrected as a version of the
// document's text, and puts it where it belongs in the statement. What claims
// were marked in it moves with its words.
func (d *Desk) ConfirmText(ctx context.Context, r Request) (Answer, error) {
	p, err := d.openText(ctx, r, r.Form.Get("document"))
	if err != nil {
		return Answer{}, err
	}
	p.values = maps.Clone(r.Form)
	p.choose(answers(r.Form))
	text, lang := p.read()
	if !p.wrong.empty() {
		return refuse(views.Text(p.page())), nil
	}
	if p.file != nil {
		confirmed, err := d.editorial.ConfirmText(ctx, r.Who.Actor, p.document.SHA256, atoi(p.get("version")), text, lang)
		if errors.Is(err, register.ErrConflict) {
			return p.otherText(ctx, text, lang)
		}
		if err != nil {
			return p.refused(ctx, err)
		}
		p.values.Set("version", strconv.Itoa(confirmed.Version))
	}
	seen := editorial.Version{ID: p.s.head.ID, Version: atoi(p.get("statement"))}
	made, err := d.editorial.ChangeStatement(ctx, r.Who.Actor, seen, answers(r.Form), func(s *register.Statement) error {
		p.put(s, text, lang)
		return nil
	})
	if err != nil {
		return p.refused(ctx, err)
	}
	next := "claims"
	if p.get("as") == asDocument {
		next = "text"
	}
	return savedTo(statementPath(p.s.head.ID, next), "text-confirmed", seen, made), nil
}

func (p *reading) refused(ctx context.Context, err error) (Answer, error) {
	if problems, ok := errors.AsType[register.Problems](err); ok {
		for _, x := range problems {
			field := x.Field
			if field != "language" {
				field = "page.1"
			}
			p.wrong.add(field, p.loc(p.r).T(x.Key))
		}
		return refuse(views.Text(p.page())), nil
	}
	if x, ok := errors.AsType[*editorial.CollisionError](err); ok {
		return p.collide(ctx, x.Conflicts)
	}
	return Answer{}, err
}

func (p *reading) collide(ctx context.Context, conflicts []revision.Conflict) (Answer, error) {
	loc := p.loc(p.r)
	return p.collided(ctx, p.r, collision{
		record: p.s.link(p.r, loc), typ: register.TypeStatement, heading: loc.T("attach.step.text"), part: loc.T("attach.step.text"),
		values: p.values, conflicts: conflicts,
	})
}

// The places of a file's text and of its language, which are no part of the
// statement.
const (
	fileText     = "file.text"
	fileLanguage = "file.language"
)

// otherText shows a text beside the one that somebody else has confirmed
// meanwhile. What is chosen is confirmed as a version after his.
func (p *reading) otherText(ctx context.Context, text string, lang register.Lang) (Answer, error) {
	seen := atoi(p.get("version"))
	var err error
	if _, p.texts, err = p.editorial.File(ctx, p.r.Who.Actor, p.document.SHA256); err != nil {
		return Answer{}, err
	}
	if len(p.texts) == 0 {
		return Answer{}, register.ErrConflict // a version that nobody can have seen
	}
	theirs, base := p.texts[0], strings.Join(p.file.Extraction.Pages, "\n\n")
	for _, t := range p.texts {
		if t.Version == seen {
			base = t.Text
		}
	}
	var conflicts []revision.Conflict
	add := func(path, field string, kind revision.Kind, was, mine, other string) {
		side := func(value string) revision.Side { return revision.Side{Present: true, Value: value} }
		if mine != other {
			conflicts = append(conflicts, revision.Conflict{
				At: revision.Place{Path: path, Field: field, Kind: kind}, Base: side(was), Mine: side(mine), Theirs: side(other),
			})
		}
	}
	add(fileText, "text", revision.KindWords, base, text, theirs.Text)
	add(fileLanguage, "language", revision.KindCode, "", string(lang), string(theirs.Language))
	p.values.Set("version", strconv.Itoa(theirs.Version))
	p.values.Set("statement", strconv.Itoa(p.s.head.Version))
	return p.collide(ctx, conflicts)
}

// choose puts what was chosen between two texts in the place of what was typed.
func (p *reading) choose(chosen map[string]revision.Choice) {
	if len(p.texts) == 0 {
		return
	}
	text := chosen[fileText]
	switch text.Take {
	case revision.TakeTheirs:
		text.Words = p.texts[0].Text
		fallthrough
	case revision.TakeOwn:
		for name := range p.values {
			if strings.HasPrefix(name, "page.") {
				delete(p.values, name)
			}
		}
		p.values.Set("page.1", text.Words)
	default: // what was typed stays
	}
	if chosen[fileLanguage].Take == revision.TakeTheirs {
		p.values.Set("language", string(p.texts[0].Language))
	}
}

func (p *reading) get(name string) string { return strings.TrimSpace(p.values.Get(name)) }

func (p *reading) key() string {
	if p.document == nil {
		return ""
	}
	return p.document.Key
}

func (p *reading) lastVersion() string {
	if len(p.texts) == 0 {
		return "0"
	}
	return strconv.Itoa(p.texts[0].Version)
}

// saved fills the form with what was confirmed last, or with the proposal.
func (p *reading) saved() url.Values {
	out := url.Values{
		"version": {p.lastVersion()}, "statement": {strconv.Itoa(p.s.head.Version)}, "document": {p.key()},
		"as": {p.usualAs()}, "kind": {string(register.RenderingOfficial)}, "publisher": {p.usualPublisher()},
	}
	lang := p.s.OriginalLanguage
	switch {
	case len(p.texts) > 0:
		out.Set("page.1", p.texts[0].Text)
		lang = p.texts[0].Language
	case p.file != nil:
		for i, text := range p.file.Extraction.Pages {
			out.Set(pageName(i), text)
		}
		lang = p.file.Extraction.Language
	case p.document != nil && p.document.Text != "":
		out.Set("page.1", p.document.Text)
		lang = p.document.Language
	default:
		out.Set("page.1", p.s.OriginalText)
	}
	out.Set("language", string(lang))
	if r := p.rendering(p.s.Statement); r != nil {
		out.Set("kind", string(r.Kind))
		out.Set("publisher", r.Publisher)
	}
	return out
}

func pageName(i int) string { return "page." + strconv.Itoa(i+1) }

// usualAs is what the text of the document is so far, or is likely to be.
func (p *reading) usualAs() string {
	was := func(text string) bool {
		return slices.ContainsFunc(p.texts, func(t register.FileText) bool { return t.Text == text })
	}
	switch r := p.rendering(p.s.Statement); {
	case r != nil && r.Kind == register.RenderingPress:
		return asRelay
	case r != nil:
		return asRendering
	case p.s.OriginalText == "" && !p.s.OriginalNotSeen, was(p.s.OriginalText), p.document == nil:
		return asOriginal
	case p.s.OriginalNotSeen:
		return asRelay
	}
	return asDocument
}

func (p *reading) usualPublisher() string {
	for _, r := range p.s.Renderings {
		if r.Publisher != "" && r.Kind == register.RenderingOfficial {
			return r.Publisher
		}
	}
	return ""
}

// rendering is the one that the text of the document has become before, nil
// when it has become none: it has the words of a version, or its key is that of
// the document.
func (p *reading) rendering(s *register.Statement) *register.Rendering {
	if p.document == nil {
		return nil
	}
	for i := range s.Renderings {
		r := &s.Renderings[i]
		same := r.Text != "" && slices.ContainsFunc(p.texts, func(t register.FileText) bool { return t.Text == r.Text })
		if same || r.Key == renderingKey(p.document.Key) {
			return r
		}
	}
	return nil
}

func renderingKey(document string) string { return "text-of-" + document }

// read reads the text, page by page, and notes what is wrong. Letters and marks
// that can be written in two ways are written in one (Unicode Standard Annex
// 15, form C), so that passages are found.
func (p *reading) read() (string, register.Lang) {
	loc := p.loc(p.r)
	var pages []string
	for i := range p.pages() {
		if text := strings.TrimSpace(norm.NFC.String(p.values.Get(pageName(i)))); text != "" {
			pages = append(pages, text)
		}
	}
	lang := register.Lang(p.get("language"))
	if len(pages) == 0 {
		p.wrong.add("page.1", loc.T("text-of.empty"))
	}
	if !slices.ContainsFunc(textChoices(loc, ""), func(c ui.Choice) bool { return c.Value != "" && c.Value == string(lang) }) {
		p.wrong.add("language", loc.T("text-of.language-missing"))
	}
	switch p.get("as") {
	case asRendering:
		if !slices.Contains(register.RenderingKinds(), register.RenderingKind(p.get("kind"))) {
			p.wrong.add("kind", loc.T("make-step.choose"))
		}
	case asOriginal, asRelay, asDocument:
	default:
		p.wrong.add("as", loc.T("make-step.choose"))
	}
	if as := p.get("as"); (as == asRendering || as == asRelay) && p.get("publisher") == "" {
		p.wrong.add("publisher", loc.T("text-of.publisher-missing"))
	}
	return strings.Join(pages, "\n\n"), lang
}

// pages is how many texts the form has: one for each page of a proposal.
func (p *reading) pages() int {
	n := 1
	for name := range p.values {
		if rest, ok := strings.CutPrefix(name, "page."); ok {
			n = max(n, min(atoi(rest), 500))
		}
	}
	return n
}

// put puts the text where it belongs in the statement.
func (p *reading) put(s *register.Statement, text string, lang register.Lang) {
	as := p.get("as")
	at := slices.IndexFunc(s.Documents, func(d register.Document) bool { return d.Key == p.key() })
	if at >= 0 && as != asRelay {
		s.Documents[at].Text, s.Documents[at].Language = text, lang
	}
	switch as {
	case asOriginal:
		moveQuotes(s, "", text)
		s.OriginalText, s.OriginalLanguage, s.OriginalNotSeen = text, lang, false
	case asRendering:
		p.putRendering(s, at, register.Rendering{Language: lang, Kind: register.RenderingKind(p.get("kind")), Text: text, FullText: true})
	case asRelay:
		// A press version belongs to its outlet: neither its words nor its file
		// are shown; what was saved of it stays with its source.
		p.putRendering(s, at, register.Rendering{Language: lang, Kind: register.RenderingPress, FullText: true})
		s.OriginalNotSeen = s.OriginalText == ""
		if at >= 0 {
			s.Documents = slices.Delete(s.Documents, at, at+1)
		}
	}
}

func (p *reading) putRendering(s *register.Statement, document int, made register.Rendering) {
	made.Publisher = p.get("publisher")
	if was := p.rendering(s); was != nil {
		made.Fact, made.Note = was.Fact, was.Note
		moveQuotes(s, was.Key, made.Text)
		*was = made
		return
	}
	made.Key = "rendering-" + string(made.Language)
	if document >= 0 {
		made.Fact = register.Fact{Key: renderingKey(s.Documents[document].Key), Sources: slices.Clone(s.Documents[document].Sources)}
	}
	s.Renderings = append(s.Renderings, made)
}

// moveQuotes finds the passages of claims again in the corrected text of a
// rendering, or of the original. Those that stand there no longer keep their
// words and lose their place.
func moveQuotes(s *register.Statement, rendering, corrected string) {
	if corrected == "" {
		return
	}
	for i := range s.Claims {
		for j := range s.Claims[i].Quotes {
			q := &s.Claims[i].Quotes[j]
			at, placed := register.ParseRange(q.Position)
			if !placed || q.Rendering != rendering || q.Translation {
				continue
			}
			q.Position = ""
			if moved, ok := register.MovePassage(corrected, q.Text, at); ok {
				q.Text, _ = moved.In(corrected)
				q.Position = moved.String()
			}
		}
	}
}

func (p *reading) page() views.TextPage {
	loc := p.loc(p.r)
	page := views.TextPage{
		Frame: p.frame(p.r, loc.T("attach.step.text")), Head: p.statementHead(p.r, p.s), Problems: p.wrong.summary,
		Version: p.get("version"), Statement: p.get("statement"), Document: p.key(),
		Language: ui.Field{
			Name: "language", Label: loc.T("text-of.language"), Hint: loc.T("text-of.language-hint"), Type: "select", Value: p.get("language"),
			Error: p.wrong.at["language"], Choices: textChoices(loc, p.get("language")),
		},
		As: p.as(),
		Kind: ui.Field{
			Name: "kind", Label: loc.T("text-of.kind"), Type: "select", Value: p.get("kind"), Error: p.wrong.at["kind"],
			Choices: codeChoices(loc, "rendering-kind", register.RenderingKinds()),
		},
		Publisher: ui.Field{
			Name: "publisher", Label: loc.T("text-of.publisher"), Hint: loc.T("text-of.publisher-hint"), Value: p.values.Get("publisher"),
			Error: p.wrong.at["publisher"], Attrs: map[string]any{"dir": "auto"},
		},
		Documents: p.documents(), Pages: p.pageTexts(),
	}
	switch {
	case p.document == nil:
		page.None = loc.T("text-of.no-document")
	case p.file == nil:
		page.None = loc.T("text-of.no-file")
	default:
		page.File = p.keptView(p.r, *p.file)
	}
	if len(p.texts) > 0 {
		last := p.texts[0]
		page.Confirmed = loc.T("text-of.confirmed", "version", last.Version, "time", p.moment(p.r, last.ConfirmedAt))
	}
	return page
}

func (p *reading) as() ui.Field {
	loc := p.loc(p.r)
	f := ui.Field{Name: "as", Label: loc.T("text-of.as"), Error: p.wrong.at["as"]}
	for _, as := range []string{asOriginal, asRendering, asRelay, asDocument} {
		if as == asDocument && p.document == nil {
			continue
		}
		f.Choices = append(f.Choices, ui.Choice{
			Value: as, Label: loc.T("text-of.as." + as), Hint: loc.T("text-of.as-hint." + as), Selected: as == p.get("as"),
		})
	}
	return f
}

func (p *reading) documents() []ui.Option {
	if len(p.s.Documents) < 2 {
		return nil
	}
	var out []ui.Option
	for _, d := range p.s.Documents {
		out = append(out, ui.Option{
			Href: "/" + p.r.Lang + p.r.Path + "?document=" + url.QueryEscape(d.Key), Label: d.Name, Current: d.Key == p.key(),
		})
	}
	return out
}

// pageTexts are the texts of the form, each beside its page. A text that was
// confirmed is one, with the first page beside it and the others below.
func (p *reading) pageTexts() []views.PageText {
	loc := p.loc(p.r)
	lang := p.get("language")
	var out []views.PageText
	for i := range p.pages() {
		number := strconv.Itoa(i + 1)
		f := ui.Field{
			Name: pageName(i), Label: loc.T("text-of.page", "n", number), Type: "textarea", Rows: 22, Value: p.values.Get(pageName(i)), Error: p.wrong.at[pageName(i)],
			Attrs: map[string]any{"dir": "auto"},
		}
		if p.pages() == 1 {
			f.Label = loc.T("text-of.text")
		}
		if lang != "" {
			f.Attrs["lang"], f.Attrs["dir"] = lang, i18n.Dir(lang)
		}
		out = append(out, views.PageText{Images: p.images(i+1, p.pages()), Text: f})
	}
	return out
}

// mostImages bounds the pages that are shown beside one text.
const mostImages = 40

// images are the pages beside one of so many texts: its own, or all of them
// beside the only one.
func (p *reading) images(n, texts int) []views.PageImage {
	if p.file == nil || p.cfg.Intake == nil {
		return nil
	}
	last := min(n, p.file.Pages)
	if texts == 1 {
		last = min(p.file.Pages, mostImages)
	}
	var out []views.PageImage
	for page := n; page <= last; page++ {
		number := strconv.Itoa(page)
		out = append(out, views.PageImage{
			Src: "/" + p.r.Lang + "/desk/documents/" + p.file.SHA256 + "/pages/" + number, Alt: p.loc(p.r).T("text-of.image", "n", number),
		})
	}
	return out
}
