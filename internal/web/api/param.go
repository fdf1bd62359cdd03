package api

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// Param is a parameter of an operation. Its schema is what requests are checked
// by, and what the document says.
type Param struct {
	Name   string
	doc    string
	inPath bool
	schema schema
	// example is a value that means something in any register, or nil.
	example any
	// kind says what a schema cannot: moments, lists of fields, codes of a
	// vocabulary, references or slugs.
	kind       paramKind
	vocabulary register.Vocabulary
	none       string // a value beside the codes of the vocabulary
}

type paramKind int

const (
	asSchema paramKind = iota
	asMoment
	asFields
	asCode
)

// defaultLimit and mostLimit are how many resources a page has.
const (
	defaultLimit = 20
	mostLimit    = 100
)

// longestCursor is longer than any cursor: that of institutions holds a name.
const longestCursor = 1500

func query(name, doc string, s schema) Param { return Param{Name: name, doc: doc, schema: s} }

func oneOf[T ~string](name, doc string, codes []T) Param {
	return query(name, doc, schema{"type": "string", "enum": stringsOf(codes)})
}

func stringsOf[T ~string](codes []T) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(c)
	}
	return out
}

// code is a parameter whose values are the codes of a vocabulary.
func code(name, doc string, v register.Vocabulary) Param {
	p := query(name, doc+" A code of the vocabulary "+string(v)+".", schema{"type": "string", "pattern": "^[a-z][a-z-]*$", "maxLength": 40})
	p.kind, p.vocabulary = asCode, v
	return p
}

func yesNo(name, doc string) Param { return oneOf(name, doc, []string{"yes", "no"}) }

// Forms of identifiers. References of records are told apart by their letters.
const (
	incidentForm    = `^SJ-[0-9]{4}-[0-9]{4,9}$`
	statementForm   = `^ST-[0-9]{4}-[0-9]{4,9}$`
	institutionForm = `^IN-[0-9]{4,9}$`
	recordForm      = `^(SJ-[0-9]{4}|ST-[0-9]{4}|IN)-[0-9]{4,9}$`
	claimForm       = `^ST-[0-9]{4}-[0-9]{4,9}\.[a-z0-9-]{1,100}$`
	referralForm    = `^SJ-[0-9]{4}-[0-9]{4,9}\.[a-z0-9-]{1,100}$`
	editionForm     = `^(SJ-[0-9]{4}|ST-[0-9]{4}|IN)-[0-9]{4,9}\.[1-9][0-9]{0,8}$`
	sourceForm      = `^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`
	// institutions are chosen by their slugs, as on the site, or by references.
	institutionOrSlug = `^(IN-[0-9]{4,9}|[a-z0-9]+(-[a-z0-9]+)*)$`
)

func form(name, doc, pattern string) Param {
	return query(name, doc, schema{"type": "string", "pattern": pattern, "maxLength": 130})
}

// id is the identifier in the address.
func id(pattern, doc string) Param {
	p := form("id", doc, pattern)
	p.inPath = true
	return p
}

// langParam and fieldsParam belong to every operation that answers resources.
func langParam() Param {
	return oneOf("lang", "Leaves of each text one language: this one, or where it is missing the one in which the site would show it. Errors are told in it, too.", register.Langs())
}

func fieldsParam() Param {
	p := query("fields", "Names of the fields to answer, with commas between; the identifier always comes along.", schema{"type": "string", "pattern": "^[a-z0-9_]+(,[a-z0-9_]+)*$", "maxLength": 500})
	p.kind, p.example = asFields, "id"
	return p
}

// pageParams belong to every list that can be followed.
func pageParams() []Param {
	limit := query("limit", "How many resources a page has.", schema{"type": "integer", "minimum": 1, "maximum": mostLimit, "default": defaultLimit})
	return []Param{limit, afterParam()}
}

func afterParam() Param {
	return query("after", "Cursor of the page, as the address in next has it.", schema{"type": "string", "maxLength": longestCursor})
}

// sinceParam is for who keeps a copy.
func sinceParam(what string) Param {
	p := query("updated_since", what+" A moment, RFC 3339, or a day, which begins at midnight UTC.", schema{"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?$", "maxLength": 40})
	p.kind, p.example = asMoment, "2025-01-01"
	return p
}

func yearParam(name, doc string) Param {
	return query(name, doc, schema{"type": "integer", "minimum": 1900, "maximum": 9999})
}

// check refuses what no parameter of the operation can be.
func (q *asked) check() error {
	for name, values := range q.request.Query {
		at := slices.IndexFunc(q.operation.Params, func(p Param) bool { return p.Name == name && !p.inPath })
		switch {
		case at < 0:
			return &ProblemError{Kind: UnknownParameter, Parameter: name, Allowed: q.operation.ParamNames()}
		case len(values) > 1:
			return &ProblemError{Kind: RepeatedParameter, Parameter: name}
		}
	}
	for _, p := range q.operation.Params {
		value := q.text(p.Name)
		if value == "" && !p.inPath {
			continue
		}
		if err := q.checkValue(p, value); err != nil {
			return err
		}
	}
	return nil
}

func (q *asked) checkValue(p Param, value string) error {
	if p.inPath {
		if !p.schema.accepts(value) {
			return register.ErrNotFound
		}
		return nil
	}
	problem := &ProblemError{Kind: InvalidParameter, Parameter: p.Name, Expected: p.schema}
	if !p.schema.accepts(value) {
		problem.Allowed = p.schema.enum()
		return problem
	}
	switch p.kind {
	case asMoment:
		if _, ok := moment(value); !ok {
			return problem
		}
	case asFields:
		known := fieldNames(q.operation.answers)
		for _, name := range splitList(value) {
			if !slices.Contains(known, name) {
				problem.Allowed = known
				return problem
			}
		}
	case asCode:
		return q.checkCode(p, value)
	case asSchema:
	}
	return nil
}

// checkCode asks the vocabulary as it is now.
func (q *asked) checkCode(p Param, value string) error {
	_, terms, err := q.records.Terms(q.ctx)
	if err != nil {
		return err
	}
	if terms.Has(p.vocabulary, value) || p.none != "" && value == p.none {
		return nil
	}
	problem := &ProblemError{Kind: InvalidParameter, Parameter: p.Name, Allowed: terms.Codes(p.vocabulary)}
	if p.none != "" {
		problem.Allowed = append(problem.Allowed, p.none)
	}
	return problem
}

// accepts reports whether a value in an address is one of the schema's.
func (s schema) accepts(value string) bool {
	if s["type"] == "integer" {
		n, err := strconv.Atoi(value)
		least, _ := s["minimum"].(int)
		most, _ := s["maximum"].(int)
		if err != nil || strconv.Itoa(n) != value || n < least || n > most {
			return false
		}
		numbers, ok := s["enum"].([]int)
		return !ok || slices.Contains(numbers, n)
	}
	if codes := s.enum(); codes != nil && !slices.Contains(codes, value) {
		return false
	}
	if most, ok := s["maxLength"].(int); ok && len([]rune(value)) > most {
		return false
	}
	pattern, ok := s["pattern"].(string)
	if !ok {
		return true
	}
	fits, err := regexp.MatchString(pattern, value)
	return err == nil && fits
}

// moment reads a moment, or a day.
func moment(s string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		year := at.UTC().Year()
		return at, year > 0 && year <= 9999
	}
	day, err := edtf.ParseDay(s)
	if err != nil {
		return time.Time{}, false
	}
	at, err := time.Parse(time.DateOnly, day.String())
	return at, err == nil
}

// since is the moment of updated_since; zero when none is given.
func (q *asked) since() time.Time {
	at, _ := moment(q.text("updated_since"))
	return at
}

// number is the value of a parameter that check has read; 0 when it is not given.
func (q *asked) number(name string) int {
	n, _ := strconv.Atoi(q.text(name))
	return n
}

// limit is how many resources a page has.
func (q *asked) limit() int {
	if n := q.number("limit"); n > 0 {
		return n
	}
	return defaultLimit
}

// slug is the slug of an institution that is chosen by it or by its reference.
func (q *asked) slug(name string) (string, error) {
	value := q.text(name)
	if !strings.HasPrefix(value, "IN-") {
		return value, nil
	}
	names, err := q.records.Names(q.ctx, []register.Ref{register.Ref(value)})
	if err != nil {
		return "", err
	}
	if named, ok := names[register.Ref(value)]; ok {
		return named.Slug, nil
	}
	return "", &ProblemError{Kind: NoSuchRecord, Parameter: name}
}

// words is a search as the register reads it.
func (q *asked) words() string { return strings.Join(strings.Fields(q.text("q")), " ") }

func splitList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' })
}

// Cacheable reports whether an answer to the query can be kept: one with other
// parameters than those of the operation is refused.
func (o Operation) Cacheable(query url.Values) bool {
	names := o.ParamNames()
	for name := range query {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}
