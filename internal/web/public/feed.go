package public

import (
	"context"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

// FeedParams are the parameters of a feed: the page after another.
func FeedParams() []string { return []string{"after"} }

// feedRounds is how many pages of editions are looked through for what was brought
// to an authority, before a page of its feed is given as it is.
const feedRounds = 5

// feedEnough is with how many entries such a page is full enough.
const feedEnough = 10

// beforeAll is when a feed without an entry was last changed: before there was any
// register.
var beforeAll = time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)

// feedOf says what the feed at an address is about.
func (r Request) feedOf() (about exchange.FeedAbout, format exchange.FeedFormat) {
	path := strings.TrimPrefix(r.Path, "/"+r.Lang+"/")
	head, _, deeper := strings.Cut(path, "/")
	if !deeper {
		head, _, _ = strings.Cut(path, ".")
	}
	format = exchange.FeedAtom
	if strings.HasSuffix(path, ".json") {
		format = exchange.FeedJSON
	}
	return exchange.FeedAbout(head), format
}

// Feed answers a feed: of all records, or about one. Its entries are the editions
// in which a record changed, with what changed in words, and departures.
func (p *Pages) Feed(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	about, format := r.feedOf()
	c := &feedComposer{
		composer: newComposer(known.Localizer(r.Lang), p.site, Place{}), about: about, slug: r.Slug,
		after: r.Query.Get("after"), named: map[register.Ref]register.Named{},
	}
	filter := register.FeedFilter{After: c.after, Referrals: about == exchange.FeedAuthority}
	if r.Slug != "" {
		filter.Type = register.TypeInstitution
		if about == exchange.FeedIncident {
			filter.Type = register.TypeIncident
		}
		h, err := p.records.History(ctx, filter.Type, r.Slug)
		if err == nil && h.MergedInto != "" {
			err = &register.MovedError{Slug: h.MergedInto}
		}
		if err != nil {
			return movedOr(err, func(slug string) string { return exchange.FeedPath(r.Lang, about, slug, format) })
		}
		filter.About, c.reference = h.Reference, h.Reference
	}
	modified, err := p.modified(ctx)
	if err != nil {
		return Answer{}, err
	}
	if err := p.fillFeed(ctx, c, filter); err != nil {
		return Answer{}, err
	}
	feed, err := c.feed(ctx, format)
	if err != nil {
		return Answer{}, err
	}
	body, err := feed.Encode(format)
	return Answer{File: &File{
		MediaType: format.MediaType() + "; charset=utf-8", Lang: r.Lang, Body: body, Shared: true, ModifiedAt: modified,
	}}, err
}

// settledAfter is how long after a change there may be another of the same second.
const settledAfter = 2 * time.Second

// modified is the time by which a feed is asked for again: when the record last changed in
// any way. That of the newest entry would not do: entries name other records, and who has a
// feed in which one is named that was withdrawn since must not be told that it is as it
// was. It is asked for first, so that it is never newer than what is read. It is not said
// while another change may have the same: a time has no parts of seconds, unlike a tag.
func (p *Pages) modified(ctx context.Context) (time.Time, error) {
	at, err := p.records.ChangedAt(ctx)
	if err != nil || p.now().Sub(at) < settledAfter {
		return time.Time{}, err
	}
	return at, nil
}

// fillFeed reads the entries of a page, what they name, and the whole of what is
// published for the first time.
func (p *Pages) fillFeed(ctx context.Context, c *feedComposer, f register.FeedFilter) error {
	for range feedRounds {
		list, err := p.records.Feed(ctx, f)
		if err != nil {
			return err
		}
		for i := range list.Entries {
			if c.concerns(&list.Entries[i]) {
				c.entries = append(c.entries, list.Entries[i])
			}
		}
		c.next, f.After = list.Next, list.Next
		if !f.Referrals || c.next == "" || len(c.entries) >= feedEnough {
			break
		}
	}
	refs := []register.Ref{register.Ref(c.reference)}
	for i := range c.entries {
		refs = append(refs, namedBy(&c.entries[i])...)
	}
	var err error
	if c.named, err = p.records.Names(ctx, refs); err != nil {
		return err
	}
	c.whole = map[string]*register.PastEdition{}
	for i := range c.entries {
		e := &c.entries[i]
		if e.Edition == nil || e.Number > 1 || f.Referrals || e.Type == register.TypeInstitution {
			continue
		}
		past, err := p.records.Past(ctx, e.Type, e.Slug, e.Number)
		if err != nil {
			return err
		}
		c.whole[e.Reference] = past
	}
	return nil
}

// namedBy are the records that an entry names.
func namedBy(e *register.FeedEntry) []register.Ref {
	refs := []register.Ref{register.Ref(e.Reference)}
	if e.Gone != nil {
		refs = append(refs, register.Ref(e.Gone.Into))
	}
	for _, edition := range []*register.Edition{e.Edition, e.Before} {
		if edition != nil {
			register.EachRef(&edition.Content, func(ref *register.Ref) { refs = append(refs, *ref) })
		}
	}
	return refs
}
