package public

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
)

// ListIncidents answers one page of the list of incidents.
func (p *Pages) ListIncidents(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	filter, err := incidentFilter(r.Query, known.Terms)
	if err != nil {
		return Answer{}, err
	}
	if understood, changed := p.understand(ctx, known, filter); changed {
		return Answer{MovedTo: withQuery(address(r.Lang, "incidents"), incidentQuery(understood))}, nil
	}
	filter.Lang = register.Lang(r.Lang)
	list, err := p.records.Incidents(ctx, filter)
	if err != nil {
		return Answer{}, err
	}
	place := r.place(incidentQuery(filter))
	return Answer{Page: views.Incidents(newIncidentsPage(known.Localizer(r.Lang), p.site, filter, list, place))}, nil
}

// ShowIncident answers an incident with its timeline.
func (p *Pages) ShowIncident(ctx context.Context, r Request) (Answer, error) {
	filter, err := timelineFilter(r.Query)
	if err != nil {
		return Answer{}, err
	}
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	day, err := dayOf(r.Query, "asof", p.today())
	if err != nil {
		return Answer{}, err
	}
	query := timelineQuery(filter)
	if !day.IsZero() {
		query.Set("asof", day.String())
	}
	edition, err := p.records.Incident(ctx, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string { return withQuery(incidentAddress(r.Lang, slug), query) })
	}
	if filter, err = filter.In(edition); err != nil {
		return Answer{}, err
	}
	loc := known.Localizer(r.Lang)
	if day.IsZero() {
		return Answer{Page: views.Incident(newIncidentPage(loc, p.site, edition, filter, p.today(), r.place(query)))}, nil
	}
	history, err := p.records.History(ctx, register.TypeIncident, r.Slug)
	if err != nil {
		return Answer{}, err
	}
	page := newPastIncidentPage(loc, p.site, register.KnownOn(edition, day), filter, history, p.today(), r.place(query))
	return Answer{Page: views.Incident(page)}, nil
}
