// Package register is the language of Sijil: incidents, institutions,
// statements and the claims in them, referrals and their steps, events,
// sources, dated assertions, editions; and what follows from them by rule
// alone: the timeline, the claims ledger, the disclosure clock, validation and
// permissions.
//
// One rule stands above all: the record says who said what, when, and how we
// know. It never states as fact what one party asserted. What is not known is
// absent here and shown as "not stated"; nothing has a default.
//
// The package knows no HTTP, SQL, HTML, wall clock or environment.
package register

import "slices"

// Lang is the code of a content or interface language: an ISO 639-1 code in
// lower case, such as "fr". The empty Lang means that the language is not
// stated.
type Lang string

// The languages of the interface. Original texts may be in any other.
const (
	French  Lang = "fr"
	Arabic  Lang = "ar"
	English Lang = "en"
)

// Langs lists the languages of the interface in the order in which they are
// offered.
func Langs() []Lang { return []Lang{French, Arabic, English} }

// Text is one text of the register in several languages: language code →
// text. The record's Language says in which of them it was written; the others
// are the register's own, editorial translations.
type Text map[Lang]string

// In returns the text in the reader's language. Where that is missing it
// returns the text in the first language that exists, in the order fr, ar, en,
// then any other, together with that language, so that a page can mark it;
// found is false when there is no text at all.
func (t Text) In(want Lang) (text string, lang Lang, found bool) {
	if s := t[want]; s != "" {
		return s, want, true
	}
	for _, l := range Langs() {
		if s := t[l]; s != "" {
			return s, l, true
		}
	}
	rest := make([]Lang, 0, len(t))
	for l, s := range t {
		if s != "" {
			rest = append(rest, l)
		}
	}
	if len(rest) == 0 {
		return "", "", false
	}
	l := slices.Min(rest)
	return t[l], l, true
}

// IsZero reports whether there is no text in any language.
func (t Text) IsZero() bool {
	_, _, found := t.In(French)
	return !found
}

// Missing lists the interface languages in which the text is missing, in the
// order of Langs.
func (t Text) Missing() []Lang {
	var out []Lang
	for _, l := range Langs() {
		if t[l] == "" {
			out = append(out, l)
		}
	}
	return out
}

// Ref points from one record to another. Inside a draft it is the random
// identifier of the other record; inside an edition it is that record's public
// reference, such as "SJ-2025-0001". Editorial translates at publication, so
// that no identifier of a draft ever leaves the desk.
type Ref string

// ClaimRef points to a statement and, where Claim is not empty, to one claim
// in it by its key.
type ClaimRef struct {
	Statement Ref    `json:"statement" to:"statement"`
	Claim     string `json:"claim,omitempty"`
}

// Fact is what every part of a record has that can be dated, sourced, cited
// and linked to.
type Fact struct {
	// Key names the fact inside its record: lower-case letters, digits and
	// hyphens; stable over editions, unique in the record; the fragment of its
	// permalink.
	Key string `json:"key"`
	// Dates are the assertions of when it happened; several may disagree.
	Dates Dates `json:"dates,omitempty"`
	// Sources are the keys of the sources that carry it.
	Sources []string `json:"sources,omitempty"`
	// SaidIn are the statements, and the claims in them, on which it rests.
	SaidIn []ClaimRef `json:"said_in,omitempty"`
}

// Sourced reports whether the fact has a source or a statement behind it.
func (f *Fact) Sourced() bool { return len(f.Sources) > 0 || len(f.SaidIn) > 0 }
