package desk

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// wordsAround is how many words of a long text are shown around what changed.
const wordsAround = 30

// differ writes the differences between versions for a reader.
type differ struct {
	loc    *i18n.Localizer
	titles map[register.Ref]register.Text
	// sourceNames are what sources are called, by their keys.
	sourceNames map[string]string
	typ         register.RecordType
}

// changes are the differences of one record, and those of the sources that it
// cites.
func changes(m editorial.Reviewed) []revision.Change {
	switch m.Head.Type {
	case register.TypeIncident:
		return revision.Compare(m.Before.Incident, m.After.Incident)
	case register.TypeStatement:
		return revision.Compare(m.Before.Statement, m.After.Statement)
	case register.TypeInstitution:
	}
	return revision.Compare(m.Before.Institution, m.After.Institution)
}

// groups puts differences together by the part, and the item in it, in which
// they lie.
func (f *differ) groups(list []revision.Change) []views.DiffGroup {
	var out []views.DiffGroup
	last := ""
	for _, c := range list {
		key := c.At.Part()
		if len(c.At.Items) > 0 {
			key += "[" + c.At.Items[0].Key
		}
		if key != last {
			last = key
			out = append(out, f.group(c.At))
		}
		group := &out[len(out)-1]
		group.Lines = append(group.Lines, f.lines(c)...)
	}
	return out
}

func (f *differ) group(at revision.Place) views.DiffGroup {
	g := views.DiffGroup{Heading: f.part(at.Part())}
	if len(at.Items) > 0 {
		g.Name = f.item(at.Items[0], at)
	}
	return g
}

// item is what an item calls itself, or else what its key points to.
func (f *differ) item(item revision.Item, at revision.Place) ui.Text {
	switch title, known := f.titles[register.Ref(item.Key)]; {
	case !item.Name.IsZero():
		return said(f.loc, item.Name)
	case known:
		return said(f.loc, title)
	case len(at.Items) == 1 && at.Field == "" && at.Kind != revision.KindItem:
		return ui.Text{} // a code or a key: the line itself says it
	default:
		return ui.Text{S: item.Key, Lang: f.loc.Lang()}
	}
}

// part is the name of a part of a record.
func (f *differ) part(name string) string {
	head, _, _ := strings.Cut(name, ".")
	if key := "form.part." + dashed(head); f.loc.Has(key) {
		return f.loc.T(key)
	}
	return f.field(head)
}

// field is the name of a field: the last step of its path.
func (f *differ) field(name string) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	if name == "edtf" {
		name = "date"
	}
	if key := "form.field." + dashed(name); f.loc.Has(key) {
		return f.loc.T(key)
	}
	return strings.ReplaceAll(name, "_", " ")
}

func dashed(name string) string { return strings.ReplaceAll(name, "_", "-") }

// label says where in its group a difference lies: the inner items, the field,
// and the language.
func (f *differ) label(at revision.Place) string {
	var steps []string
	for i, item := range at.Items {
		if i > 0 {
			steps = append(steps, f.field(item.List))
		}
	}
	if at.Field != "" && (len(at.Items) > 0 || strings.Contains(at.Field, ".")) {
		steps = append(steps, f.field(at.Field))
	}
	if at.Lang != "" {
		steps = append(steps, f.loc.Language(string(at.Lang)))
	}
	return f.loc.Series(slices.Compact(steps))
}

// lines are what is drawn of one difference.
func (f *differ) lines(c revision.Change) []views.DiffLine {
	label := f.label(c.At)
	line := func(sign, value string) views.DiffLine {
		return views.DiffLine{Label: label, Sign: sign, Text: f.value(c.At, value)}
	}
	switch {
	case c.Verb == revision.Moved:
		return []views.DiffLine{{Label: label, Text: ui.Text{S: f.loc.T("diff.moved"), Lang: f.loc.Lang()}}}
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
func (f *differ) inside(label string, c revision.Change) views.DiffLine {
	out := views.DiffLine{Label: label, Text: inLang(f.loc, c.At.Lang, c.After)}
	out.Runs = diffRuns(revision.Excerpt(c.Runs, wordsAround))
	return out
}

// diffRuns are stretches of text as they are drawn.
func diffRuns(runs []revision.Run) []views.DiffRun {
	ops := map[revision.Op]string{revision.Deleted: "del", revision.Inserted: "ins", revision.Elided: "gap"}
	out := make([]views.DiffRun, len(runs))
	for i, run := range runs {
		out[i] = views.DiffRun{Op: ops[run.Op], Text: run.Text}
	}
	return out
}

// fields are what an item holds.
func (f *differ) fields(c revision.Change) []views.DiffField {
	var out []views.DiffField
	for _, field := range c.Fields {
		at := field.Place
		at.Items = at.Items[min(len(c.At.Items), len(at.Items)):]
		steps := []string{}
		for _, item := range at.Items {
			steps = append(steps, f.field(item.List))
		}
		if at.Field != "" {
			steps = append(steps, f.field(at.Field))
		}
		if at.Lang != "" {
			steps = append(steps, f.loc.Language(string(at.Lang)))
		}
		out = append(out, views.DiffField{Label: f.loc.Series(slices.Compact(steps)), Text: f.value(field.Place, field.Value)})
	}
	return out
}

// value writes the value of a field for a reader.
func (f *differ) value(at revision.Place, value string) ui.Text {
	switch at.Kind {
	case revision.KindWords:
		return inLang(f.loc, at.Lang, value)
	case revision.KindDate:
		if date, err := edtf.Parse(value); err == nil {
			value = date.Text(f.loc.Lang(), edtf.Long)
		}
	case revision.KindFlag:
		value = f.loc.T("diff.yes")
	case revision.KindNumber:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			value = f.loc.Number(n)
		}
	case revision.KindRecord, revision.KindClaim:
		ref, claim, _ := strings.Cut(value, "#")
		if title, ok := f.titles[register.Ref(ref)]; ok {
			text := said(f.loc, title)
			if claim != "" {
				text.S += " § " + claim
			}
			return text
		}
	case revision.KindCode:
		value = f.code(at, value)
	default: // keys and addresses are shown as they are
	}
	return ui.Text{S: value, Lang: f.loc.Lang()}
}

// code is the label of a code, or the code itself where it has none.
func (f *differ) code(at revision.Place, value string) string {
	field := at.Field[strings.LastIndexByte(at.Field, '.')+1:]
	if field == "" && len(at.Items) > 0 { // an item of a list of codes
		field = at.Items[len(at.Items)-1].List
	}
	switch field {
	case "language", "original_language":
		return f.loc.Language(value)
	case "country":
		return f.loc.Country(value)
	}
	if vocabulary := f.vocabulary(at, field); vocabulary != "" && f.loc.Has(vocabulary+"."+value) {
		return f.loc.Label(vocabulary, value)
	}
	return value
}

// vocabulary is the beginning of the keys of a field's codes.
func (f *differ) vocabulary(at revision.Place, field string) string {
	if field != "kind" {
		return map[string]string{
			"kinds": "incident-kind", "roles": "role", "findings": "finding", "data_classes": "data-class", "place": "exposure-place",
			"standing": "standing", "sector": "sector", "topic": "topic", "level": "level", "step": "step", "modality": "modality",
			"quantifier": "quantifier", "unit": "unit", "claimant": "claimant", "bound": "figure-bound", "basis": "date-basis",
			"attestation": "attestation", "published_basis": "date-basis",
		}[field]
	}
	if len(at.Items) == 0 {
		return map[register.RecordType]string{register.TypeStatement: "statement-kind", register.TypeInstitution: "institution-kind"}[f.typ]
	}
	switch list := at.Items[len(at.Items)-1].List; list {
	case "events":
		return "event-kind"
	case "referrals":
		return "referral-kind"
	case "renderings":
		return "rendering-kind"
	case "names":
		if f.typ == register.TypeInstitution {
			return "name-kind"
		}
		return "system-kind"
	case "relations":
		if len(at.Items) > 1 {
			return "claim-relation"
		}
		return string(f.typ) + "-relation"
	default:
		return ""
	}
}

// sources are the differences of the sources that a record cites, each of which
// is a group of its own.
func (f *differ) sources(m editorial.Reviewed) []views.DiffGroup {
	var out []views.DiffGroup
	for i := range m.Cited {
		after := &m.Cited[i]
		at := slices.IndexFunc(m.CitedBefore, func(s register.Source) bool { return s.Key == after.Key })
		before := &register.Source{}
		if at >= 0 {
			before = &m.CitedBefore[at]
		}
		list := revision.Compare(before, after)
		if len(list) == 0 {
			continue
		}
		g := views.DiffGroup{Heading: f.loc.T("diff.source"), Name: inLang(f.loc, after.Language, after.Publisher+" · "+after.Title)}
		if at < 0 {
			g.Lines = []views.DiffLine{{Sign: "+", Fields: f.fieldsOf(list)}}
		} else {
			for _, c := range list {
				if c.At.Field != "" {
					c.At.Items = append([]revision.Item{{}}, c.At.Items...)
				}
				g.Lines = append(g.Lines, f.lines(c)...)
			}
		}
		out = append(out, g)
	}
	return out
}

// fieldsOf are the values of a noun that is all new.
func (f *differ) fieldsOf(list []revision.Change) []views.DiffField {
	var out []views.DiffField
	for _, c := range list {
		if c.At.Kind == revision.KindItem {
			out = append(out, f.fields(c)...)
			continue
		}
		label := []string{f.field(c.At.Field)}
		if c.At.Lang != "" && c.At.Kind == revision.KindWords && c.At.Field == "gist" {
			label = append(label, f.loc.Language(string(c.At.Lang)))
		}
		out = append(out, views.DiffField{Label: f.loc.Series(label), Text: f.value(c.At, c.After)})
	}
	return out
}
