package public

import (
	"context"

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
	query := timelineQuery(filter)
	edition, err := p.records.Incident(ctx, r.Slug)
	if err != nil {
		return movedOr(err, func(slug string) string { return withQuery(incidentAddress(r.Lang, slug), query) })
	}
	page := newIncidentPage(known.Localizer(r.Lang), p.site, edition, filter, p.today(), r.place(query))
	return Answer{Page: views.Incident(page)}, nil
}
