package public

import (
	"context"
	"net/url"
	"strings"

	"github.com/sijil/sijil/internal/card"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// cardName is the end of the address of a card.
const cardName = "card.png"

// ShowCard answers the picture by which links to an incident are shown
// elsewhere. Errors are those of the incident: what is withdrawn has no card.
func (p *Pages) ShowCard(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	e, err := p.records.Incident(ctx, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string { return incidentAddress(r.Lang, slug) + "/" + cardName })
	}
	c := newIncidentComposer(newComposer(known.Localizer(r.Lang), p.site, r.place(nil)), e, p.today())
	c.remember(e.Gone)
	return p.paint(ctx, r.Lang, c.card())
}

// ShowSiteCard answers the picture for all other pages.
func (p *Pages) ShowSiteCard(ctx context.Context, r Request) (Answer, error) {
	loc := p.catalog.Localizer(r.Lang)
	return p.paint(ctx, r.Lang, card.Card{
		RTL: loc.Dir() == "rtl", Kicker: loc.T("site.tagline"), Title: loc.T("site.motto"), Site: p.site.host(),
	})
}

func (p *Pages) paint(ctx context.Context, lang string, c card.Card) (Answer, error) {
	picture, err := p.cards.PNG(ctx, c)
	if err != nil {
		return Answer{}, err
	}
	return Answer{File: &File{MediaType: "image/png", Lang: lang, Body: picture, Shared: true}}, nil
}

// card is what the picture of an incident says: whom it concerns, what it is
// called, since when, and how much stands behind it.
func (c *incidentComposer) card() card.Card {
	e := c.edition
	affected := make([]register.Ref, len(e.Affected))
	for i, a := range e.Affected {
		affected[i] = a.Institution
	}
	trace, _ := register.NewClock(e.Incident, e.Statements, c.today).Stage(register.StageFirstTrace)
	when := c.dates(trace.Dates, edtf.Long)
	if when.Text == "" {
		when.Text = c.loc.T("card.undated")
	}
	date := when.Text
	if when.Note != "" {
		date += " (" + when.Note + ")"
	}
	return card.Card{
		RTL: c.loc.Dir() == "rtl", Reference: e.Reference,
		Kicker: c.institutionTexts(affected).S, Title: c.text(e.Title).S,
		Facts: strings.Join([]string{
			date, c.loc.N("card.statements", len(e.Statements)), c.loc.N("card.sources", len(e.SourceList)),
		}, " · "),
		Site: c.site.host(),
	}
}

// host is the name of the site, as a reader would type it.
func (s Site) host() string {
	u, err := url.Parse(s.BaseURL)
	if err != nil {
		return ""
	}
	return u.Host
}

// openGraphLocale is a language as the Open Graph protocol writes it: with the
// country that its readers know.
func openGraphLocale(lang string) string {
	switch lang {
	case "ar":
		return "ar_MA"
	case "en":
		return "en_GB"
	default:
		return lang + "_" + strings.ToUpper(lang)
	}
}
