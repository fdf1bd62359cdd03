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

// ShowCard answers the picture by which links to a record are shown elsewhere.
// Errors are those of the record: what is withdrawn has no card.
func (p *Pages) ShowCard(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	t := r.recordType()
	drawn, err := p.cardOf(ctx, t, r.Slug, newComposer(known.Localizer(r.Lang), p.site, r.place(nil)))
	if err != nil {
		return movedOr(err, func(slug string) string { return recordAddress(r.Lang, t, slug) + "/" + cardName })
	}
	return p.paint(ctx, r.Lang, drawn)
}

// cardOf is what the picture of a record says.
func (p *Pages) cardOf(ctx context.Context, t register.RecordType, slug string, c *composer) (card.Card, error) {
	switch t {
	case register.TypeStatement:
		v, err := p.records.Statement(ctx, slug)
		if err != nil {
			return card.Card{}, err
		}
		c.remember(v.Gone)
		return newStatementComposer(c, v).card(), nil
	case register.TypeInstitution:
		v, err := p.records.Institution(ctx, slug)
		if err != nil {
			return card.Card{}, err
		}
		return (&institutionComposer{composer: c, view: v, today: p.today()}).card(), nil
	default:
		e, err := p.records.Incident(ctx, slug)
		if err != nil {
			return card.Card{}, err
		}
		c.remember(e.Gone)
		return newIncidentComposer(c, e, p.today()).card(), nil
	}
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

// card is what the picture of a statement says: who speaks, what it is called,
// of what kind it is, when it was made, and how much is claimed in it.
func (c *statementComposer) card() card.Card {
	v := c.view
	when := c.dates(v.Dates, edtf.Long).Text
	if when == "" {
		when = c.loc.T("card.undated")
	}
	return card.Card{
		RTL: c.loc.Dir() == "rtl", Reference: v.Reference, Kicker: c.voice(&v.StatementEdition).S, Title: c.text(v.Title).S,
		Facts: strings.Join([]string{
			c.loc.Label("statement-kind", string(v.Kind)), when, c.loc.N("claim.heading", len(v.Claims)),
		}, " · "),
		Site: c.site.host(),
	}
}

// card is what the picture of an institution says: what it is and is called, and
// how often the register speaks of it.
func (c *institutionComposer) card() card.Card {
	t := c.view.Totals
	return card.Card{
		RTL: c.loc.Dir() == "rtl", Reference: c.view.Reference, Kicker: strings.Join(c.rubric(), " · "), Title: c.fullName().S,
		Facts: strings.Join([]string{c.loc.N("card.incidents", t.Affected), c.loc.N("card.statements", t.Statements)}, " · "),
		Site:  c.site.host(),
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
