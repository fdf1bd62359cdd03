package exchange

import (
	"errors"
	"fmt"
	"io"

	"github.com/sijil/sijil/internal/register"
)

// stixFormat is a bundle of STIX 2.1, with or without the Incident Core Extension.
func stixFormat(name string, core bool) ExportFormat {
	return ExportFormat{
		Name: name, MediaType: STIXType, Extension: ".stix.json", Dumped: !core,
		Begin: func(w io.Writer, about ExportAbout) (Encoder, error) {
			b, err := NewSTIX(about.Base, core).NewBundle(w, bundleName(about))
			return &stixEncoder{bundle: b}, err
		},
	}
}

// bundleName says what is in a bundle: the moment of the register, and what was
// chosen.
func bundleName(about ExportAbout) string {
	return fmt.Sprintf("%d %t %s %+v", about.State.Generation, about.Scope.Whole, about.Scope.Incident, about.Scope.Filter)
}

// stixEncoder writes each record where it is first shown.
type stixEncoder struct {
	bundle *STIXBundle
	there  register.ReferenceSet
}

// Sink implements Encoder.
func (e *stixEncoder) Sink() register.ExportSink {
	return register.ExportSink{Incident: e.incident, Record: e.record}
}

func (e *stixEncoder) incident(x *register.ExportedIncident) error {
	for i := range x.Shown {
		if err := e.record(&x.Shown[i]); err != nil {
			return err
		}
	}
	return e.record(&x.Published)
}

func (e *stixEncoder) record(p *register.Published) error {
	if !e.there.Add(p.Reference) {
		return nil
	}
	return e.bundle.Add(*p)
}

// Close implements Encoder.
func (e *stixEncoder) Close() error { return e.bundle.Close() }

// verisFormat is VERIS, one incident a line.
func verisFormat(name string, version VERISVersion) ExportFormat {
	return ExportFormat{
		Name: name, MediaType: "application/jsonl", Extension: "." + name + ".jsonl", Dumped: version == VERIS141,
		Begin: func(w io.Writer, about ExportAbout) (Encoder, error) {
			v, err := NewVERIS(about.Base, version)
			if err != nil {
				return nil, err
			}
			return &incidentLines{w, v.Incident, about.Scope.Incident != ""}, nil
		},
	}
}

// mispFormat is events of MISP, one a line.
func mispFormat() ExportFormat {
	return ExportFormat{
		Name: "misp", MediaType: "application/jsonl", Extension: ".misp.jsonl", Dumped: true,
		Begin: func(w io.Writer, about ExportAbout) (Encoder, error) {
			return &incidentLines{w, NewMISP(about.Base).Incident, about.Scope.Incident != ""}, nil
		},
	}
}

// incidentLines writes incidents, each as a line. One that cannot be written in the
// format is left out, unless it is the only one that was asked for.
type incidentLines struct {
	w     io.Writer
	write func(*register.IncidentEdition) ([]byte, error)
	one   bool
}

// Sink implements Encoder.
func (e *incidentLines) Sink() register.ExportSink {
	return register.ExportSink{Incident: e.incident}
}

func (e *incidentLines) incident(x *register.ExportedIncident) error {
	line, err := e.write(x.IncidentEdition)
	if _, cannot := errors.AsType[*InexpressibleError](err); cannot && !e.one {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = e.w.Write(line)
	return err
}

// Close implements Encoder.
func (e *incidentLines) Close() error { return nil }
