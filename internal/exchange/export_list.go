package exchange

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// listEncoder writes incidents one behind the other, with something before, between
// and behind them.
type listEncoder struct {
	w                    io.Writer
	begin, between, last string
	write                func(*register.ExportedIncident) ([]byte, error)
	begun                bool
}

// Sink implements Encoder.
func (e *listEncoder) Sink() register.ExportSink {
	return register.ExportSink{Incident: e.incident}
}

func (e *listEncoder) incident(x *register.ExportedIncident) error {
	body, err := e.write(x)
	if err != nil {
		return fmt.Errorf("exchange: %s: %w", x.Reference, err)
	}
	before := e.between
	if !e.begun {
		before, e.begun = e.begin, true
	}
	if _, err := io.WriteString(e.w, before); err != nil {
		return err
	}
	_, err = e.w.Write(body)
	return err
}

// Close implements Encoder.
func (e *listEncoder) Close() error {
	end := e.last
	if !e.begun {
		end = e.begin + end
	}
	_, err := io.WriteString(e.w, end)
	return err
}

// citationFormats are citations of the current editions of incidents, for programs
// that keep references.
func citationFormats() []ExportFormat {
	return []ExportFormat{
		citationFormat("csl", "application/vnd.citationstyles.csl+json", ".csl.json", listEncoder{begin: "[\n", between: ",\n", last: "\n]\n"},
			func(c *Citation, about ExportAbout) ([]byte, error) { return json.Marshal(c.item(about.Words)) }),
		citationFormat("bibtex", "application/x-bibtex; charset=utf-8", ".bib", listEncoder{between: "\n"},
			func(c *Citation, about ExportAbout) ([]byte, error) { return c.BibTeX(about.Words), nil }),
		citationFormat("ris", "application/x-research-info-systems; charset=utf-8", ".ris", listEncoder{between: "\r\n"},
			func(c *Citation, about ExportAbout) ([]byte, error) { return c.RIS(about.Words), nil }),
	}
}

func citationFormat(name, mediaType, extension string, list listEncoder, write func(*Citation, ExportAbout) ([]byte, error)) ExportFormat {
	return ExportFormat{
		Name: name, MediaType: mediaType, Extension: extension, Translated: true,
		Begin: func(w io.Writer, about ExportAbout) (Encoder, error) {
			out := list
			out.w = w
			out.write = func(x *register.ExportedIncident) ([]byte, error) { return write(citationOf(x, about), about) }
			return &out, nil
		},
	}
}

// citationOf is how the current edition of an incident is cited.
func citationOf(x *register.ExportedIncident, about ExportAbout) *Citation {
	title, lang, _ := x.Title.In(register.Lang(about.Words.Lang()))
	return &Citation{
		Title: title, TitleLang: lang, Reference: x.Reference, Edition: x.Edition, SHA256: x.SHA256,
		Published: edtf.DayOf(x.PublishedAt),
		URL:       pageOf(about, register.TypeIncident, x.Slug) + "/editions/" + strconv.Itoa(x.Edition),
	}
}

// pageOf is the address of a record's page in the reader's language.
func pageOf(about ExportAbout, t register.RecordType, slug string) string {
	return about.Base + "/" + about.Words.Lang() + "/" + collectionOf(t) + "/" + slug
}

// jsonLDFormat is a graph of reports about incidents, in the terms of schema.org.
func jsonLDFormat() ExportFormat {
	return ExportFormat{
		Name: "jsonld", MediaType: "application/ld+json", Extension: ".jsonld", Translated: true,
		Begin: func(w io.Writer, about ExportAbout) (Encoder, error) {
			content := Resources{Base: about.Base}
			return &listEncoder{
				w: w, begin: `{"@context":"https://schema.org","@graph":[` + "\n", between: ",\n", last: "\n]}\n",
				write: func(x *register.ExportedIncident) ([]byte, error) {
					report := IncidentJSONLD(x.IncidentEdition, register.Lang(about.Words.Lang()), Addresses{
						Page:        pageOf(about, register.TypeIncident, x.Slug),
						Content:     content.content(x.Reference, x.Edition),
						Register:    about.Base + "/" + about.Words.Lang() + "/",
						Institution: func(slug string) string { return pageOf(about, register.TypeInstitution, slug) },
					})
					if t, ok := report.(thing); ok {
						delete(t, "@context") // the graph has it
					}
					return json.Marshal(report)
				},
			}, nil
		},
	}
}
