package exchange

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"github.com/sijil/sijil/internal/register"
)

// CSVMap says what the columns of a table are. Columns that it does not name are kept
// in the origin, as all others are.
type CSVMap struct {
	// Of is what a row is: incident, institution or statement.
	Of register.RecordType `yaml:"of"`
	// Prefix tells the rows of this table from those of others, in identifiers and
	// addresses; lower-case letters, digits and hyphens.
	Prefix string `yaml:"prefix"`
	// ID is the column by which a row is recognised again.
	ID string `yaml:"id"`
	// Language is that of texts whose field does not end in another.
	Language register.Lang `yaml:"language"`
	// Separator is a comma where it is not stated.
	Separator string             `yaml:"separator"`
	Fields    map[string]CSVRule `yaml:"fields"`
}

// CSVRule is where the value of a field comes from: a column, or the same for all
// rows.
type CSVRule struct {
	Column string `yaml:"column"`
	Value  string `yaml:"value"`
	// Map are codes by what stands in the column; Else is the one for all else,
	// without which what is not in Map is left out.
	Map  map[string]string `yaml:"map"`
	Else string            `yaml:"else"`
	// Split is what stands between several values in one cell.
	Split string `yaml:"split"`
	// Date is how dates are written: see CSVDateForms.
	Date string `yaml:"date"`
}

// CSVDateForms lists how a column may write dates: in EDTF, which also is ISO 8601; as
// people write them in French, Arabic or English, the day before the month; or in
// figures, the month before the day.
func CSVDateForms() []string { return []string{"edtf", "text", "month-first"} }

// csvFields are the fields of each type of record; texts may end in a language.
func csvFields(of register.RecordType) []string {
	sources := []string{"source.url", "source.publisher", "source.title", "source.published"}
	switch of {
	case register.TypeIncident:
		return append(sources, "title", "summary", "kinds", "standing", "country", "date", "figure", "figure.unit", "figure.claimant",
			"institution", "institution.kind", "institution.sector", "institution.country")
	case register.TypeStatement:
		return append(sources, "title", "summary", "kind", "official", "date", "language", "text",
			"issuer", "issuer.kind", "issuer.sector", "issuer.country")
	case register.TypeInstitution:
		return append(sources, "name", "short", "acronym", "kind", "sector", "country", "website", "description")
	}
	return nil
}

// csvTexts are the fields that may end in a language.
func csvTexts() []string {
	return []string{"title", "summary", "name", "short", "acronym", "description"}
}

// csvCodes are the codes that a field may have; nil for one of which the register says
// when it is kept.
func csvCodes(of register.RecordType, field string) []string {
	switch field {
	case "kinds":
		return register.IncidentKinds()
	case "figure.unit":
		return texts(register.Units())
	case "figure.claimant":
		return texts(register.Claimants())
	case "institution.kind", "issuer.kind":
		return texts(register.InstitutionKinds())
	case "institution.sector", "issuer.sector", "sector":
		return register.Sectors()
	case "kind":
		if of == register.TypeStatement {
			return texts(register.StatementKinds())
		}
		return texts(register.InstitutionKinds())
	}
	return nil
}

func texts[T ~string](codes []T) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(c)
	}
	return out
}

const (
	// longestMapping is how long a mapping may be, in bytes: one that names the codes of
	// a few hundred words has a tenth of it.
	longestMapping = 32 << 10
	// deepestMapping is how deep braces lie in each other: the whole, its fields, one
	// of them, its codes.
	deepestMapping = 4
)

// firstOdd returns the first thing in YAML that no mapping needs, as it stands there.
// A mapping is read where the program serves, and it is read by a program that does what
// it says: a few hundred bytes of anchors that name each other, or of brackets in
// brackets, keep it at work for hours.
func firstOdd(raw string) string {
	depth := 0
	for _, t := range lexer.Tokenize(raw) {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType, token.TagType, token.DirectiveType, token.MappingKeyType,
			token.SequenceStartType, token.SequenceEntryType:
			return t.Value
		case token.MappingStartType:
			if depth++; depth > deepestMapping {
				return t.Value
			}
		case token.MappingEndType:
			depth--
		default: // what keys and values are made of
		}
	}
	return ""
}

// ReadCSVMap reads a mapping, in YAML. It returns register.Problems for what is wrong
// with it.
func ReadCSVMap(raw []byte) (*CSVMap, error) {
	m := &CSVMap{}
	if len(raw) > longestMapping {
		return nil, register.Problems{{Field: "mapping", Key: "problem.too-long"}}
	}
	if odd := firstOdd(string(raw)); odd != "" {
		return nil, register.Problems{{Field: "mapping", Key: "problem.mapping-malformed", Value: odd}}
	}
	if err := yaml.UnmarshalWithOptions(raw, m, yaml.Strict()); err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, register.Problems{{Field: "mapping", Key: "problem.mapping-malformed", Value: first}}
	}
	return m, m.problems().OrNil()
}

func (m *CSVMap) problems() register.Problems {
	var out register.Problems
	add := func(is bool, field, key, value string) {
		if is {
			out = append(out, register.Problem{Field: field, Key: "problem." + key, Value: value})
		}
	}
	add(csvFields(m.Of) == nil, "of", "code-unknown", string(m.Of))
	add(!slugForm.MatchString(m.Prefix) || len(m.Prefix) > 30, "prefix", "slug-malformed", m.Prefix)
	add(m.ID == "", "id", "missing", "")
	add(!slices.Contains(register.Langs(), m.Language), "language", "code-unknown", string(m.Language))
	add(len([]rune(m.Separator)) > 1 || strings.ContainsAny(m.Separator, "\"\r\n"), "separator", "mapping-malformed", m.Separator)
	for name, rule := range m.Fields {
		at := "fields." + name
		add(!m.knows(name), at, "key-unknown", name)
		add((rule.Column == "") == (rule.Value == ""), at, "mapping-malformed", "column / value")
		add(rule.Date != "" && !slices.Contains(CSVDateForms(), rule.Date), at+".date", "code-unknown", rule.Date)
		for _, code := range rule.codes() {
			known := csvCodes(m.Of, name)
			add(known != nil && !slices.Contains(known, code), at, "code-unknown", code)
		}
	}
	slices.SortFunc(out, func(a, b register.Problem) int { return strings.Compare(a.Field+a.Value, b.Field+b.Value) })
	return out
}

// knows reports whether rows have a field.
func (m *CSVMap) knows(name string) bool {
	if slices.Contains(csvFields(m.Of), name) {
		return true
	}
	field, lang, ok := cutLast(name, ".")
	return ok && slices.Contains(csvTexts(), field) && slices.Contains(csvFields(m.Of), field) &&
		slices.Contains(register.Langs(), register.Lang(lang))
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// codes are the codes that a rule names.
func (r CSVRule) codes() []string {
	var out []string
	for _, code := range r.Map {
		out = append(out, code)
	}
	for _, code := range []string{r.Value, r.Else} {
		if code != "" {
			out = append(out, code)
		}
	}
	return out
}
