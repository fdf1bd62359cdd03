package register

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/edtf"
)

// SearchToken is one part of a search as it was typed: a word, or a phrase
// between quotation marks. Not means that it must not occur. Field is what stands
// before a colon, such as "year" in year:2025; empty for words.
type SearchToken struct {
	Field  string
	Text   string
	Phrase bool
	Not    bool
}

// String writes the token as it can be typed.
func (t SearchToken) String() string {
	out := t.Text
	if t.Phrase {
		out = `"` + out + `"`
	}
	if t.Field != "" {
		out = t.Field + ":" + out
	}
	if t.Not {
		out = "-" + out
	}
	return out
}

// quotes are the marks that open a phrase, with those that close it.
const (
	openQuotes  = "\"“„«"
	closeQuotes = "\"”“»"
)

// ParseSearch takes a search apart. Every text is a search: a quotation mark that
// is not closed reaches to the end, and a hyphen or a colon that does not stand
// before or between words is a letter like others.
func ParseSearch(s string) []SearchToken {
	var out []SearchToken
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		var t SearchToken
		if rest := strings.TrimPrefix(s, "-"); len(rest) < len(s) && rest != "" && !unicode.IsSpace(firstRune(rest)) {
			t.Not, s = true, rest
		}
		if name, value, found := strings.Cut(s, ":"); found && isFieldName(name) && value != "" && !unicode.IsSpace(firstRune(value)) {
			t.Field, s = name, value
		}
		t.Text, t.Phrase, s = nextText(s)
		if t.Text != "" {
			out = append(out, t)
		}
	}
	return out
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }

func isFieldName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}

// nextText cuts off a phrase or a word.
func nextText(s string) (text string, phrase bool, rest string) {
	if first := firstRune(s); strings.ContainsRune(openQuotes, first) {
		s = s[utf8.RuneLen(first):]
		end := strings.IndexFunc(s, func(r rune) bool { return strings.ContainsRune(closeQuotes, r) })
		if end < 0 {
			return strings.TrimSpace(s), true, ""
		}
		return strings.TrimSpace(s[:end]), true, s[end+utf8.RuneLen(firstRune(s[end:])):]
	}
	end := strings.IndexFunc(s, unicode.IsSpace)
	if end < 0 {
		return s, false, ""
	}
	return s[:end], false, s[end:]
}

// SearchType is a kind of thing that can be found.
type SearchType string

// The kinds of things that can be found.
const (
	FindIncidents    SearchType = "incident"
	FindStatements   SearchType = "statement"
	FindClaims       SearchType = "claim"
	FindInstitutions SearchType = "institution"
	FindReferrals    SearchType = "referral"
)

// SearchTypes lists all of them in the order in which they are offered.
func SearchTypes() []SearchType {
	return []SearchType{FindIncidents, FindStatements, FindClaims, FindInstitutions, FindReferrals}
}

// SearchFilter is a search for things of one kind.
type SearchFilter struct {
	Query string
	Type  SearchType
	// Lang is the reader's, whose excerpts come first.
	Lang  Lang
	After string // cursor
}

// Validate returns ErrInvalid when a field holds what no link of the register
// can hold.
func (f SearchFilter) Validate() error {
	if utf8.RuneCountInString(f.Query) > MaxQuery || !isCode(SearchTypes(), f.Type) {
		return ErrInvalid
	}
	return nil
}

// Excerpt is a part of a text in which words were found, cut up at them.
type Excerpt struct {
	Lang  Lang
	Parts []ExcerptPart
}

// ExcerptPart is a run of an excerpt; Hit means that it was searched for.
type ExcerptPart struct {
	Text string
	Hit  bool
}

// SearchHit is something that was found.
type SearchHit struct {
	Type      SearchType
	Reference string // of the record, or of the record that it is part of
	Slug      string
	Key       string // of a claim or a referral's latest step in its record
	Part      string // key of the claim or the referral itself; empty for a record
	Title     Text
	// Who said it, or brought it; Member means that it was a member of that body.
	Who    Text
	Member bool
	// When it was said, or the latest step was made; zero for institutions.
	When     edtf.Date
	Disputed bool
	Excerpt  *Excerpt // nil when the title says it
}

// SearchList is one page of what was found.
type SearchList struct {
	Hits []SearchHit
	// Counts are how many of each kind there are; never more than MostCounted.
	Counts map[SearchType]int
	Next   string
	// Suggestion is what may have been meant; empty when something was found.
	Suggestion string
}

// MostCounted is up to which number finds are counted: "more than 1,000" is as
// good to a reader, and does not cost more the larger the register is.
const MostCounted = 1000
