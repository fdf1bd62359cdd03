package public

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// changes are what later texts of the statement say otherwise: a document than
// the one before it in the same language, and a version of the statement than
// that which it follows or changes.
func (c *statementComposer) changes() []views.TextChange {
	out := c.documentChanges()
	v := c.view
	for _, r := range v.Relations {
		earlier := c.statement(r.Statement)
		if earlier != nil && earlier.Statement != nil && isTextual(r.Kind) {
			out = c.addChange(out, earlier, &v.StatementEdition)
		}
	}
	for i := range v.Pointing {
		later := &v.Pointing[i]
		for _, r := range later.Relations {
			if string(r.Statement) == v.Reference && isTextual(r.Kind) {
				out = c.addChange(out, &v.StatementEdition, later)
			}
		}
	}
	return out
}

// isTextual reports whether a relation ties two texts of the same words.
func isTextual(kind string) bool { return kind == "version-of" || kind == "amends" }

// addChange adds what two statements say differently where both were seen in the
// same language.
func (c *statementComposer) addChange(list []views.TextChange, earlier, later *register.StatementEdition) []views.TextChange {
	if earlier.OriginalLanguage != later.OriginalLanguage || earlier.OriginalText == "" || later.OriginalText == "" {
		return list
	}
	name := func(s *register.StatementEdition) ui.Labelled {
		out := ui.Labelled{Text: c.text(s.Title), Link: statementAddress(c.loc.Lang(), s.Slug)}
		if s.Reference == c.view.Reference {
			out.Link, out.Text = "", c.plain(c.loc.T("change.this"))
		}
		return out
	}
	return c.addTextChange(list, name(earlier), name(later), later.OriginalLanguage, earlier.OriginalText, later.OriginalText)
}

// documentChanges compares each document with the one before it that has a text
// in the same language. A file that was put up again with other words under the
// same name is what readers call a silent edit.
func (c *statementComposer) documentChanges() []views.TextChange {
	before := map[register.Lang]*register.Document{}
	var out []views.TextChange
	name := func(d *register.Document) ui.Labelled {
		return ui.Labelled{Text: ui.Text{S: d.Name, Foreign: true}, Link: "#" + d.Key, Cites: c.cites(d.Sources)}
	}
	for _, d := range inOrderOfTime(c.view.Documents) {
		if d.Text == "" {
			continue
		}
		if last := before[d.Language]; last != nil {
			out = c.addTextChange(out, name(last), name(d), d.Language, last.Text, d.Text)
		}
		before[d.Language] = d
	}
	return out
}

// addTextChange adds the differences of two texts, if there are any but in their
// white space.
func (c *statementComposer) addTextChange(list []views.TextChange, before, after ui.Labelled, lang register.Lang, was, is string) []views.TextChange {
	was, is = evenly(was), evenly(is)
	if was == is {
		return list
	}
	before.Label, after.Label = c.loc.T("change.before"), c.loc.T("change.after")
	runs := c.budget.Words(was, is)
	gone, come := 0, 0
	for _, r := range runs {
		switch r.Op {
		case revision.Deleted:
			gone += register.CountWords(r.Text)
		case revision.Inserted:
			come += register.CountWords(r.Text)
		case revision.Equal, revision.Elided:
		}
	}
	return append(list, views.TextChange{
		Between: []ui.Labelled{before, after},
		Count:   c.loc.Series([]string{c.loc.N("change.removed", gone), c.loc.N("change.added", come)}),
		Words:   c.verbatim(lang, is), Runs: DiffRuns(revision.Excerpt(runs, wordsAround)),
	})
}

var (
	paragraphEnd = regexp.MustCompile(`\s*\n\s*\n\s*`)
	whiteSpace   = regexp.MustCompile(`[^\S\n]+|\s*\n\s*`)
)

// evenly brings the white space of a text to one form, so that lines that break
// elsewhere are no difference.
func evenly(s string) string {
	parts := paragraphEnd.Split(strings.TrimSpace(s), -1)
	for i, p := range parts {
		parts[i] = whiteSpace.ReplaceAllString(p, " ")
	}
	return strings.Join(parts, "\n\n")
}

// inOrderOfTime puts documents in the order of their dates where all have one,
// and leaves them as they are otherwise.
func inOrderOfTime(list []register.Document) []*register.Document {
	out := make([]*register.Document, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	for _, d := range out {
		if _, known := d.Dates.Date().FirstDay(); !known {
			return out
		}
	}
	slices.SortStableFunc(out, func(a, b *register.Document) int {
		first, _ := a.Dates.Date().FirstDay()
		second, _ := b.Dates.Date().FirstDay()
		return first.Compare(second)
	})
	return out
}

// relations are the statements to which this one points, and those that point
// to it.
func (c *statementComposer) relations() []ui.Labelled {
	var out []ui.Labelled
	for _, r := range c.view.Relations {
		label := ui.Labelled{Label: c.loc.Label("statement-relation", r.Kind), Text: c.plain(string(r.Statement))}
		if s := c.statement(r.Statement); s != nil && s.Statement != nil {
			label.Text, label.Link = c.text(s.Title), statementAddress(c.loc.Lang(), s.Slug)
		}
		out = append(out, c.noted(label, r.Note))
	}
	for i := range c.view.Pointing {
		s := &c.view.Pointing[i]
		for _, r := range s.Relations {
			if string(r.Statement) == c.view.Reference {
				label := c.loc.T("statement-relation-from." + r.Kind)
				out = append(out, c.noted(ui.Labelled{Label: label, Text: c.text(s.Title), Link: statementAddress(c.loc.Lang(), s.Slug)}, r.Note))
			}
		}
	}
	return out
}

// noted adds the note of a relation to its text.
func (c *composer) noted(l ui.Labelled, note register.Text) ui.Labelled {
	if text := c.text(note); !text.IsZero() {
		l.Text.S += c.loc.T("punctuation.colon") + text.S
	}
	return l
}
