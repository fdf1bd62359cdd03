package public

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// IncidentParams are the parameters of the list of incidents.
func IncidentParams() []string {
	return []string{"q", "institution", "sector", "kind", "standing", "year", "referral", "official", "language", "sort", "after"}
}

// SearchParams are the parameters of the search over everything.
func SearchParams() []string { return []string{"q", "type", "after"} }

// TimelineParams are the parameters of an incident's timeline.
func TimelineParams() []string { return []string{"kind", "institution", "order", "density"} }

// IncidentPageParams are the parameters of the page of an incident.
func IncidentPageParams() []string { return append(TimelineParams(), "asof") }

// dayOf reads a day of the past from the query; the zero day where none is
// asked for. Days to come, and what is no day, are ErrInvalid.
func dayOf(q url.Values, name string, today edtf.Day) (edtf.Day, error) {
	if !q.Has(name) {
		return edtf.Day{}, nil
	}
	day, err := edtf.ParseDay(q.Get(name))
	if err != nil || len(q[name]) > 1 || day.Compare(today) > 0 {
		return edtf.Day{}, fmt.Errorf("%w: %s", register.ErrInvalid, name)
	}
	return day, nil
}

// longestCursor is longer than any cursor of the register.
const longestCursor = 200

// incidentFilter reads the filter of a list. What no link and no form of the
// register can have made, where its vocabularies have these terms, is
// ErrInvalid.
func incidentFilter(q url.Values, terms *register.Terms) (register.IncidentFilter, error) {
	for name, values := range q {
		if len(values) > 1 {
			return register.IncidentFilter{}, fmt.Errorf("%w: several values of %s", register.ErrInvalid, name)
		}
	}
	f := register.IncidentFilter{
		Query:       strings.Join(strings.Fields(q.Get("q")), " "),
		Institution: q.Get("institution"),
		Sector:      q.Get("sector"),
		Kind:        q.Get("kind"),
		Standing:    q.Get("standing"),
		Referral:    q.Get("referral"),
		Official:    q.Get("official"),
		Language:    register.Lang(q.Get("language")),
		Sort:        register.IncidentSort(q.Get("sort")),
		After:       q.Get("after"),
	}
	if f.Sort == "" {
		f.Sort = f.Sorts()[0]
	}
	if y := q.Get("year"); y != "" {
		year, err := strconv.Atoi(y)
		if err != nil || year == 0 || len(y) != 4 {
			return f, fmt.Errorf("%w: year", register.ErrInvalid)
		}
		f.Year = year
	}
	if f.Institution != "" && !IsSlug(f.Institution) || len(f.After) > longestCursor {
		return f, fmt.Errorf("%w: institution or cursor", register.ErrInvalid)
	}
	return f, f.ValidateIn(terms)
}

// densityCompact is the value of density that shows the titles of entries only.
const densityCompact = "compact"

// timelineFilter reads the filter of a timeline; what is named twice counts
// once. Which institutions there are is known with the edition: the caller asks
// the filter by In.
func timelineFilter(q url.Values) (register.TimelineFilter, error) {
	f := register.TimelineFilter{Order: register.OldestFirst}
	for _, value := range q["kind"] {
		kind, ok := register.ParseEntryKind(value)
		if !ok {
			return f, fmt.Errorf("%w: kind of entry", register.ErrInvalid)
		}
		if !slices.Contains(f.Kinds, kind) {
			f.Kinds = append(f.Kinds, kind)
		}
	}
	for _, slug := range q["institution"] {
		if !IsSlug(slug) {
			return f, fmt.Errorf("%w: institution", register.ErrInvalid)
		}
		f.Institutions = append(f.Institutions, slug)
	}
	slices.Sort(f.Institutions)
	f.Institutions = slices.Compact(f.Institutions)
	if len(q["order"]) > 1 || len(q["density"]) > 1 || !slices.Contains([]string{"", "full", densityCompact}, q.Get("density")) {
		return f, fmt.Errorf("%w: order or density", register.ErrInvalid)
	}
	f.Compact = q.Get("density") == densityCompact
	switch order := register.Order(q.Get("order")); order {
	case "", register.OldestFirst:
	case register.NewestFirst:
		f.Order = order
	default:
		return f, fmt.Errorf("%w: order", register.ErrInvalid)
	}
	return f, nil
}
