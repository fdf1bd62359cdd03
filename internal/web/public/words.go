package public

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// Words are the vocabularies at one moment, and the languages that name their
// codes by them. They are never changed.
type Words struct {
	Terms      *register.Terms
	generation int64
	localizers map[string]*i18n.Localizer
	catalog    *i18n.Catalog
}

// NewWords returns the languages of a catalog with the labels of terms.
func NewWords(catalog *i18n.Catalog, terms *register.Terms) *Words {
	w := &Words{Terms: terms, catalog: catalog, localizers: map[string]*i18n.Localizer{}}
	for _, lang := range i18n.Langs() {
		w.localizers[lang] = catalog.Localizer(lang).With(labels(terms, register.Lang(lang)), offered(terms))
	}
	return w
}

// Localizer speaks a language, that of the catalog's default for any other.
func (w *Words) Localizer(lang string) *i18n.Localizer {
	if loc := w.localizers[lang]; loc != nil {
		return loc
	}
	return w.catalog.Localizer(lang)
}

// LabelsOf is the beginning of the message keys under which pages name the codes
// of a vocabulary.
func LabelsOf(v register.Vocabulary) string {
	switch v {
	case register.VocabularyTopic:
		return "topic"
	case register.VocabularyStep:
		return "step"
	case register.VocabularyRendering:
		return "rendering-kind"
	case register.VocabularyStanding, register.VocabularyClaimRelation, register.VocabularyLevel, register.VocabularyDateBasis:
	}
	return string(v)
}

// labels names the codes of all vocabularies in a language, by the keys that
// pages ask for.
func labels(terms *register.Terms, lang register.Lang) map[string]string {
	out := map[string]string{}
	for _, v := range register.Vocabularies() {
		for _, t := range terms.Of(v) {
			if label, _, found := t.Label.In(lang); found {
				out[LabelsOf(v)+"."+t.Code] = label
			}
		}
	}
	return out
}

// offered are the codes that a form offers, by the beginning of their keys.
func offered(terms *register.Terms) map[string][]string {
	out := map[string][]string{}
	for _, v := range register.Vocabularies() {
		var codes []string
		for _, code := range terms.Codes(v) {
			if !terms.Retired(v, code) {
				codes = append(codes, code)
			}
		}
		out[LabelsOf(v)] = codes
	}
	return out
}

// words are read once for each generation, not for each page.
type words struct {
	records Records
	catalog *i18n.Catalog
	known   atomic.Int64 // the generation, as the page cache last heard of it
	last    atomic.Pointer[Words]
	reading sync.Mutex
}

func newWords(records Records, catalog *i18n.Catalog) *words {
	return &words{records: records, catalog: catalog}
}

// Generation asks for the generation of the published record, and notes it: the
// page cache asks once a second, and drops its pages when it has grown.
func (p *Pages) Generation(ctx context.Context) (register.Generation, error) {
	generation, err := p.records.Generation(ctx)
	if err == nil {
		p.Learn(generation)
	}
	return generation, err
}

// Learn notes a generation that somebody else has heard of. One that is older than
// what is known is no news.
func (p *Pages) Learn(g register.Generation) {
	for {
		known := p.words.known.Load()
		if known >= g.Record || p.words.known.CompareAndSwap(known, g.Record) {
			return
		}
	}
}

// current returns the words of the generation that is known, or of a later one.
func (w *words) current(ctx context.Context) (*Words, error) {
	if last := w.last.Load(); last != nil && last.generation >= w.known.Load() {
		return last, nil
	}
	w.reading.Lock()
	defer w.reading.Unlock()
	if last := w.last.Load(); last != nil && last.generation >= w.known.Load() {
		return last, nil // somebody else read them while this one waited
	}
	generation, terms, err := w.records.Terms(ctx)
	if err != nil {
		return nil, err
	}
	next := NewWords(w.catalog, terms)
	next.generation = generation
	w.last.Store(next)
	return next, nil
}
