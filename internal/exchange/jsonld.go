// Package exchange writes the register in the formats that others read. Every
// field is on a list of what is written out: nothing goes out because it was
// forgotten.
package exchange

import (
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// Addresses are the public addresses that a description points to.
type Addresses struct {
	Page        string // of the record, canonical
	Content     string // of the edition as canonical JSON
	Register    string // of the whole register
	Institution func(slug string) string
}

// thing is a node of schema.org. Maps are written with sorted keys, so that the
// same record is always the same text.
type thing map[string]any

// set adds a property unless its value is empty.
func (t thing) set(name, value string) {
	if value != "" {
		t[name] = value
	}
}

// IncidentJSONLD describes the page of an incident in schema.org's terms, as a
// Report about an Event: the register reports, and does not assert. The event
// has no date of its own here where sources disagree. Persons are left out. What
// the page says itself (summary, statements, sources) is not said again: the
// edition as JSON holds all of it.
func IncidentJSONLD(e *register.IncidentEdition, lang register.Lang, at Addresses) any {
	title, titleLang, _ := e.Title.In(lang)
	published := edtf.DayOf(e.PublishedAt).Date()
	report := thing{
		"@context": "https://schema.org", "@type": "Report", "url": at.Page,
		"name": title, "inLanguage": string(titleLang),
		"reportNumber": e.Reference, "version": e.Edition,
		"datePublished":       published.String(),
		"isAccessibleForFree": true,
		"publisher":           thing{"@type": "Organization", "name": "Sijil", "url": at.Register},
		"about":               about(e, lang, at),
	}
	if at.Content != "" {
		report["encoding"] = thing{"@type": "MediaObject", "contentUrl": at.Content, "encodingFormat": "application/json"}
	}
	return report
}

// about is the event, which has the name of the report, and the institutions that it
// is said to have touched.
func about(e *register.IncidentEdition, lang register.Lang, at Addresses) []thing {
	event := thing{"@type": "Event", "identifier": e.Reference}
	clock := register.NewClock(e.Incident, e.Statements, edtf.DayOf(e.PublishedAt))
	if trace, ok := clock.Stage(register.StageFirstTrace); ok && !trace.Dates.Disputed() {
		event.set("startDate", trace.Dates.Date().HTMLDateTime())
	}
	if e.Country != "" {
		event["location"] = thing{"@type": "Country", "identifier": e.Country}
	}
	out := []thing{event}
	for _, a := range e.Affected {
		inst := e.Institution(a.Institution)
		if inst == nil {
			continue
		}
		name, _, _ := inst.NameText(register.NameOfficial).In(lang)
		node := thing{"@type": "Organization", "url": at.Institution(inst.Slug)}
		node.set("name", name)
		out = append(out, node)
	}
	return out
}
