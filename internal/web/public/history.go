package public

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
)

// HistoryParams are the parameters of a history: before an edition, by a day.
func HistoryParams() []string { return []string{"before", "by"} }

// CompareParams are the parameters of a comparison.
func CompareParams() []string { return []string{"from", "to"} }

// recordType is the type of the record that an address names.
func (r Request) recordType() register.RecordType {
	for _, t := range register.RecordTypes() {
		if strings.HasPrefix(r.Path, "/"+string(t)+"s/") {
			return t
		}
	}
	return register.TypeIncident
}

// number reads the number of an edition from the query; 0 where none is given.
func number(q url.Values, name string) (int, error) {
	if !q.Has(name) {
		return 0, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < 1 || strconv.Itoa(n) != q.Get(name) || len(q[name]) > 1 {
		return 0, fmt.Errorf("%w: %s", register.ErrInvalid, name)
	}
	return n, nil
}

// editionsAtOnce is how many editions a history shows on one page.
const editionsAtOnce = 10

// ShowHistory answers all editions of a record, the newest first, each with its
// differences from the one before.
func (p *Pages) ShowHistory(ctx context.Context, r Request) (Answer, error) {
	day, err := dayOf(r.Query, "by", p.today())
	if err != nil {
		return Answer{}, err
	}
	before, err := number(r.Query, "before")
	if err != nil {
		return Answer{}, err
	}
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	t := r.recordType()
	h, err := p.records.History(ctx, t, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string { return withQuery(historyAddress(r.Lang, t, slug), r.Query) })
	}
	shown, older := window(h, day, before)
	chain, err := p.contents(ctx, h, append(numbersOf(shown), predecessors(h, shown)...))
	if err != nil {
		return Answer{}, err
	}
	c := &historyComposer{composer: newComposer(known.Localizer(r.Lang), p.site, r.place(r.Query)), history: h, contents: chain.contents, named: chain.named}
	return Answer{Page: views.History(c.page(shown, older, day, p.today()))}, nil
}

// window are the editions that one page shows: those before a number, and
// published by a day; older is the number before which the next page begins.
func window(h *register.History, day edtf.Day, before int) (shown []register.EditionMark, older int) {
	for _, e := range h.Editions {
		late := !day.IsZero() && edtf.DayOf(e.PublishedAt).Compare(day) > 0
		if late || before > 0 && e.Number >= before {
			continue
		}
		if len(shown) == editionsAtOnce {
			return shown, shown[len(shown)-1].Number
		}
		shown = append(shown, e)
	}
	return shown, 0
}

func numbersOf(marks []register.EditionMark) []int {
	out := make([]int, len(marks))
	for i, e := range marks {
		out[i] = e.Number
	}
	return out
}

// predecessors are the editions with which the shown ones are compared.
func predecessors(h *register.History, shown []register.EditionMark) []int {
	var out []int
	for _, e := range shown {
		if at := before(h, e.Number); at > 0 {
			out = append(out, at)
		}
	}
	return out
}

// before is the number of the edition before another whose content is still
// there; 0 when there is none.
func before(h *register.History, number int) int {
	for _, e := range h.Editions {
		if e.Number < number && e.Removed == nil {
			return e.Number
		}
	}
	return 0
}

// contents are editions with the names of all that they point to.
type contents struct {
	contents map[int]register.Edition
	named    map[register.Ref]register.Named
}

func (p *Pages) contents(ctx context.Context, h *register.History, numbers []int) (contents, error) {
	var out contents
	var err error
	if out.contents, err = p.records.Contents(ctx, h.Reference, numbers); err != nil {
		return out, err
	}
	refs := []register.Ref{register.Ref(h.Reference)}
	for _, e := range out.contents {
		register.EachRef(&e.Content, func(ref *register.Ref) { refs = append(refs, *ref) })
		for _, pin := range e.Pins {
			refs = append(refs, register.Ref(pin.Reference))
		}
	}
	out.named, err = p.records.Names(ctx, refs)
	return out, err
}

// Compare answers the differences between any two editions of a record.
func (p *Pages) Compare(ctx context.Context, r Request) (Answer, error) {
	from, err := number(r.Query, "from")
	if err != nil {
		return Answer{}, err
	}
	to, err := number(r.Query, "to")
	if err != nil {
		return Answer{}, err
	}
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	t := r.recordType()
	h, err := p.records.History(ctx, t, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string {
			return withQuery(address(r.Lang, string(t)+"s", slug, "compare"), r.Query)
		})
	}
	if to == 0 {
		to = h.Current()
	}
	if from == 0 {
		from = max(1, to-1)
	}
	a, okA := h.Edition(min(from, to))
	b, okB := h.Edition(max(from, to))
	if !okA || !okB {
		return Answer{}, register.ErrNotFound
	}
	chain, err := p.contents(ctx, h, []int{a.Number, b.Number})
	if err != nil {
		return Answer{}, err
	}
	c := &historyComposer{composer: newComposer(known.Localizer(r.Lang), p.site, r.place(r.Query)), history: h, contents: chain.contents, named: chain.named}
	return Answer{Page: views.Compare(c.comparison(a, b))}, nil
}

// ShowEdition answers one edition of a record as it was published.
func (p *Pages) ShowEdition(ctx context.Context, r Request) (Answer, error) {
	filter, err := timelineFilter(r.Query)
	if err != nil {
		return Answer{}, err
	}
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	t := r.recordType()
	n, err := strconv.Atoi(r.Params["number"])
	if err != nil {
		return Answer{}, register.ErrNotFound
	}
	past, err := p.records.Past(ctx, t, r.Slug, n)
	if err != nil {
		return movedOr(err, func(slug string) string {
			return withQuery(editionAddress(r.Lang, t, slug, n), timelineQuery(filter))
		})
	}
	b := editionBuilder{loc: known.Localizer(r.Lang), site: p.site, place: r.place(timelineQuery(filter)), past: past}
	if b.logged, err = p.logged(ctx, past.Reference, past.Number); err != nil {
		return Answer{}, err
	}
	switch t {
	case register.TypeIncident:
		page, err := b.incident(filter)
		return Answer{Page: views.Incident(page)}, err
	case register.TypeStatement:
		page := b.statement()
		p.leadToHeld(ctx, b.loc, page.Documents)
		return Answer{Page: views.Statement(page)}, nil
	case register.TypeInstitution:
	}
	return Answer{Page: views.Institution(b.institution())}, nil
}

// leadToHeld leads to the documents of an old edition that a current one still
// names; no others are handed out.
func (p *Pages) leadToHeld(ctx context.Context, loc *i18n.Localizer, documents []views.Document) {
	for i := range documents {
		if _, err := p.records.Document(ctx, documents[i].Hash); err != nil {
			documents[i].Absent = loc.T("edition.document-old")
			continue
		}
		p.leadTo(ctx, loc, documents[i:i+1])
	}
}

// EditionJSON answers the canonical JSON of an edition, byte by byte as it was
// hashed. Its address has no language, since the content has all of them, and
// names the record by its reference, which never changes.
func (p *Pages) EditionJSON(ctx context.Context, r Request) (Answer, error) {
	n, err := strconv.Atoi(r.Params["number"])
	if err != nil {
		return Answer{}, register.ErrNotFound
	}
	content, err := p.records.Canonical(ctx, strings.ToUpper(r.Params["name"]), n)
	if err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{MediaType: "application/json", Body: content}}, nil
}
