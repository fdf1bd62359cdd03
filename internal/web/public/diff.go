package public

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// wordsAround is how many words of a long text are shown around what changed.
const wordsAround = 30

// Differ writes the differences between versions of a record for a reader.
type Differ struct {
	Loc *i18n.Localizer
	// Titles are what other records are called.
	Titles map[register.Ref]register.Text
	// Named are what sources are called, by their keys.
	Named map[string]string
	Type  register.RecordType
}

// SourceNames are what sources are called, by their keys.
func SourceNames(lists ...[]register.Source) map[string]string {
	out := map[string]string{}
	for _, s := range slices.Concat(lists...) {
		out[s.Key] = sourceName(&s)
	}
	return out
}

func sourceName(s *register.Source) string {
	if s.Title == "" {
		return s.Publisher
	}
	return s.Publisher + " · " + s.Title
}

// Groups puts differences together by the part, and the item in it, in which
// they lie.
func (f *Differ) Groups(list []revision.Change) []views.DiffGroup {
	var out []views.DiffGroup
	last := ""
	for _, c := range list {
		key := c.At.Part()
		if len(c.At.Items) > 0 {
			key += "[" + c.At.Items[0].Key
		}
		if key != last {
			last = key
			out = append(out, f.group(c))
		}
		group := &out[len(out)-1]
		group.Lines = append(group.Lines, f.lines(c)...)
	}
	return out
}

func (f *Differ) group(c revision.Change) views.DiffGroup {
	g := views.DiffGroup{Heading: f.Part(c.At.Part())}
	if len(c.At.Items) == 0 {
		return g
	}
	item := c.At.Items[0]
	g.Name = f.Item(item, c.At)
	if g.Name.S == item.Key { // no name of its own: that of what it is about
		for _, field := range c.Fields {
			if title, ok := f.Titles[register.Ref(field.Value)]; ok && field.Kind == revision.KindRecord {
				g.Name = textIn(f.Loc, title)
				break
			}
		}
	}
	return g
}

// Item is what an item calls itself, or else what its key points to.
func (f *Differ) Item(item revision.Item, at revision.Place) ui.Text {
	switch title, known := f.Titles[register.Ref(item.Key)]; {
	case !item.Name.IsZero():
		return textIn(f.Loc, item.Name)
	case known:
		return textIn(f.Loc, title)
	case len(at.Items) == 1 && at.Field == "" && at.Kind != revision.KindItem:
		return ui.Text{} // a code or a key: the line itself says it
	default:
		return ui.Text{S: item.Key, Lang: f.Loc.Lang()}
	}
}

// Part is the name of a part of a record.
func (f *Differ) Part(name string) string {
	head, _, _ := strings.Cut(name, ".")
	if key := "form.part." + dashed(head); f.Loc.Has(key) {
		return f.Loc.T(key)
	}
	return f.Field(head)
}

// Field is the name of a field: the last step of its path.
func (f *Differ) Field(name string) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	if name == "edtf" {
		name = "date"
	}
	if key := "form.field." + dashed(name); f.Loc.Has(key) {
		return f.Loc.T(key)
	}
	return strings.ReplaceAll(name, "_", " ")
}

func dashed(name string) string { return strings.ReplaceAll(name, "_", "-") }

// Label says where in its group a difference lies: the inner items, the field,
// and the language.
func (f *Differ) Label(at revision.Place) string {
	var steps []string
	for i, item := range at.Items {
		if i > 0 {
			steps = append(steps, f.Field(item.List))
		}
	}
	if at.Field != "" && (len(at.Items) > 0 || strings.Contains(at.Field, ".")) {
		steps = append(steps, f.Field(at.Field))
	}
	if at.Lang != "" {
		steps = append(steps, f.Loc.Language(string(at.Lang)))
	}
	return f.Loc.Series(slices.Compact(steps))
}

// lines are what is drawn of one difference.
func (f *Differ) lines(c revision.Change) []views.DiffLine {
	label := f.Label(c.At)
	line := func(sign, value string) views.DiffLine {
		return views.DiffLine{Label: label, Sign: sign, Text: f.Value(c.At, value)}
	}
	switch {
	case c.Verb == revision.Moved:
		return []views.DiffLine{{Label: label, Text: ui.Text{S: f.Loc.T("diff.moved"), Lang: f.Loc.Lang()}}}
	case len(c.Runs) > 0:
		return []views.DiffLine{f.inside(label, c)}
	case c.At.Kind == revision.KindItem:
		sign := "+"
		if c.Verb == revision.Removed {
			sign = "−"
		}
		return []views.DiffLine{{Label: label, Sign: sign, Fields: f.fields(c)}}
	case c.Verb == revision.Added:
		return []views.DiffLine{line("+", c.After)}
	case c.Verb == revision.Removed:
		return []views.DiffLine{line("−", c.Before)}
	}
	after := line("+", c.After)
	after.Label = ""
	return []views.DiffLine{line("−", c.Before), after}
}

// inside is a change inside a text, word by word.
func (f *Differ) inside(label string, c revision.Change) views.DiffLine {
	out := views.DiffLine{Label: label, Text: inLanguage(f.Loc, c.At.Lang, c.After)}
	out.Runs = DiffRuns(revision.Excerpt(c.Runs, wordsAround))
	return out
}

// DiffRuns are stretches of text as they are drawn, and before them, where some were
// not compared to the end, that it is so.
func DiffRuns(runs []revision.Run) []views.DiffRun {
	ops := map[revision.Op]string{revision.Deleted: "del", revision.Inserted: "ins", revision.Elided: "gap"}
	out := make([]views.DiffRun, 0, len(runs)+1)
	if revision.Coarse(runs) {
		out = append(out, views.DiffRun{Op: "coarse"})
	}
	for _, run := range runs {
		out = append(out, views.DiffRun{Op: ops[run.Op], Text: run.Text})
	}
	return out
}

// fields are what an item holds.
func (f *Differ) fields(c revision.Change) []views.DiffField {
	var out []views.DiffField
	for _, field := range c.Fields {
		at := field.Place
		at.Items = at.Items[min(len(c.At.Items), len(at.Items)):]
		steps := []string{}
		for _, item := range at.Items {
			steps = append(steps, f.Field(item.List))
		}
		if at.Field != "" {
			steps = append(steps, f.Field(at.Field))
		}
		if at.Lang != "" {
			steps = append(steps, f.Loc.Language(string(at.Lang)))
		}
		out = append(out, views.DiffField{Label: f.Loc.Series(slices.Compact(steps)), Text: f.Value(field.Place, field.Value)})
	}
	return out
}

// Value writes the value of a field for a reader.
func (f *Differ) Value(at revision.Place, value string) ui.Text {
	switch at.Kind {
	case revision.KindWords:
		return inLanguage(f.Loc, at.Lang, value)
	case revision.KindDate:
		if date, err := edtf.Parse(value); err == nil {
			value = date.Text(f.Loc.Lang(), edtf.Long)
		}
	case revision.KindFlag:
		value = f.Loc.T("diff.yes")
	case revision.KindNumber:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			value = f.Loc.Number(n)
		}
	case revision.KindRecord, revision.KindClaim:
		ref, claim, _ := strings.Cut(value, "#")
		if title, ok := f.Titles[register.Ref(ref)]; ok {
			text := textIn(f.Loc, title)
			if claim != "" {
				text.S += " § " + claim
			}
			return text
		}
	case revision.KindSource:
		if name := f.Named[value]; name != "" {
			value = name
		}
	case revision.KindCode:
		value = f.code(at, value)
	default: // keys and addresses are shown as they are
	}
	return ui.Text{S: value, Lang: f.Loc.Lang()}
}

// code is the label of a code, or the code itself where it has none.
func (f *Differ) code(at revision.Place, value string) string {
	field := at.Field[strings.LastIndexByte(at.Field, '.')+1:]
	if field == "" && len(at.Items) > 0 { // an item of a list of codes
		field = at.Items[len(at.Items)-1].List
	}
	switch field {
	case "language", "original_language":
		return f.Loc.Language(value)
	case "country":
		return f.Loc.Country(value)
	}
	if vocabulary := f.vocabulary(at, field); vocabulary != "" && f.Loc.Has(vocabulary+"."+value) {
		return f.Loc.Label(vocabulary, value)
	}
	return value
}

// vocabulary is the beginning of the keys of a field's codes.
func (f *Differ) vocabulary(at revision.Place, field string) string {
	if field != "kind" {
		return map[string]string{
			"kinds": "incident-kind", "roles": "role", "findings": "finding", "data_classes": "data-class", "place": "exposure-place",
			"standing": "standing", "sector": "sector", "topic": "topic", "level": "level", "step": "step", "modality": "modality",
			"quantifier": "quantifier", "unit": "unit", "claimant": "claimant", "bound": "figure-bound", "basis": "date-basis",
			"attestation": "attestation", "published_basis": "date-basis",
		}[field]
	}
	if len(at.Items) == 0 {
		return map[register.RecordType]string{register.TypeStatement: "statement-kind", register.TypeInstitution: "institution-kind", ofSource: "source-kind"}[f.Type]
	}
	switch list := at.Items[len(at.Items)-1].List; list {
	case "events":
		return "event-kind"
	case "referrals":
		return "referral-kind"
	case "renderings":
		return "rendering-kind"
	case "names":
		if f.Type == register.TypeInstitution {
			return "name-kind"
		}
		return "system-kind"
	case "relations":
		if len(at.Items) > 1 {
			return "claim-relation"
		}
		return string(f.Type) + "-relation"
	default:
		return ""
	}
}

// ofSource stands for the type of a record where a source is described.
const ofSource register.RecordType = "source"

// Sources are the differences of the sources that a record cites, each of which
// is a group of its own.
func (f *Differ) Sources(cited, citedBefore []register.Source) []views.DiffGroup {
	var out []views.DiffGroup
	x := *f
	x.Type = ofSource
	for i := range cited {
		after := &cited[i]
		at := slices.IndexFunc(citedBefore, func(s register.Source) bool { return s.Key == after.Key })
		before := &register.Source{}
		if at >= 0 {
			before = &citedBefore[at]
		}
		list := revision.Compare(before, after)
		if len(list) == 0 {
			continue
		}
		g := views.DiffGroup{Heading: f.Loc.T("diff.source"), Name: inLanguage(f.Loc, after.Language, sourceName(after))}
		if at < 0 {
			g.Lines = []views.DiffLine{{Sign: "+", Fields: x.fieldsOf(list)}}
		} else {
			for _, c := range list {
				g.Lines = append(g.Lines, x.sourceLines(c)...)
			}
		}
		out = append(out, g)
	}
	return out
}

// sourceLines are what is drawn of one difference of a source.
func (f *Differ) sourceLines(c revision.Change) []views.DiffLine {
	if machines(c.At.Field) {
		return nil
	}
	lines := f.lines(c)
	if c.At.Field != "" && len(c.At.Items) == 0 && !strings.Contains(c.At.Field, ".") {
		name := []string{f.Field(c.At.Field)}
		if c.At.Lang != "" {
			name = append(name, f.Loc.Language(string(c.At.Lang)))
		}
		lines[0].Label = f.Loc.Series(name)
	}
	return lines
}

// machines reports whether a field of a source is for programs only: what the
// capture weighs, and how it came.
func machines(field string) bool {
	switch field {
	case "key", "capture.size", "capture.type", "capture.http_status":
		return true
	}
	return false
}

// fieldsOf are the values of a source that is all new.
func (f *Differ) fieldsOf(list []revision.Change) []views.DiffField {
	var out []views.DiffField
	for _, c := range list {
		if machines(c.At.Field) {
			continue
		}
		if c.At.Kind == revision.KindItem {
			out = append(out, f.fields(c)...)
			continue
		}
		label := []string{f.Field(c.At.Field)}
		if c.At.Lang != "" && c.At.Kind == revision.KindWords && c.At.Field == "gist" {
			label = append(label, f.Loc.Language(string(c.At.Lang)))
		}
		out = append(out, views.DiffField{Label: f.Loc.Series(label), Text: f.Value(c.At, c.After)})
	}
	return out
}

// textIn is a text in the reader's language, or else in another that it has.
func textIn(loc *i18n.Localizer, t register.Text) ui.Text {
	text, lang, _ := t.In(register.Lang(loc.Lang()))
	return inLanguage(loc, lang, text)
}

func inLanguage(loc *i18n.Localizer, lang register.Lang, text string) ui.Text {
	return ui.Text{S: text, Lang: string(lang), Foreign: string(lang) != loc.Lang()}
}
