package editorial

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/store/record"
)

// NewIncident is what an incident is logged with: five things. What is not
// known is empty.
type NewIncident struct {
	Title string
	Lang  register.Lang // of the title

	// Institution is one of the register; NewInstitution is made with the
	// incident where the register does not have it yet.
	Institution    register.Ref
	NewInstitution *NewInstitution

	Kind string // RSIT class, or "class/type"
	// Date is when it happened or left its first public trace.
	Date edtf.Date

	URL, Publisher string // of one source
}

// NewInstitution is what an institution is made with.
type NewInstitution struct {
	Name string
	Lang register.Lang
	Kind register.InstitutionKind
}

// Validate returns what keeps the incident from being logged as a draft: a
// title, an institution and a kind it needs, and a source that is complete if
// there is one.
func (n *NewIncident) Validate() register.Problems {
	var out register.Problems
	missing := func(is bool, field string) {
		if is {
			out = append(out, register.Problem{Field: field, Key: "problem.missing"})
		}
	}
	missing(strings.TrimSpace(n.Title) == "", "title")
	missing(n.Institution == "" && n.NewInstitution == nil, "institution")
	missing(n.Kind == "", "kind")
	missing(n.URL != "" && n.Publisher == "", "publisher")
	missing(n.URL == "" && n.Publisher != "", "url")
	if n.NewInstitution != nil {
		missing(strings.TrimSpace(n.NewInstitution.Name) == "", "institution.new.name")
		missing(n.NewInstitution.Kind == "", "institution.new.kind")
	}
	return out
}

// Log writes a new incident as a draft, with the institution and the source
// that are new with it, in one transaction. It returns ErrForbidden, and
// Problems with the fields "title", "institution", "institution.new.name",
// "institution.new.kind", "kind", "url" and "publisher".
func (e *Editorial) Log(ctx context.Context, actor register.Actor, n NewIncident) (Version, error) {
	if !actor.Role.Can(register.MayDraft) {
		return Version{}, register.ErrForbidden
	}
	n.URL = lookalike.ASCII(n.URL)
	if err := n.Validate().OrNil(); err != nil {
		return Version{}, err
	}
	var saved Version
	err := e.db.InTx(ctx, func(q store.Querier) error {
		d := e.sources(q)
		cited, err := logSource(ctx, d, actor, n, edtf.DayOf(e.now()))
		if err != nil {
			return err
		}
		if n.NewInstitution != nil {
			if n.Institution, err = logInstitution(ctx, d, actor, *n.NewInstitution); err != nil {
				return err
			}
		}
		incident := n.incident(cited)
		if incident.Slug, err = freeSlug(ctx, d, register.TypeIncident, n.slug(ctx, d)); err != nil {
			return err
		}
		saved, err = save(ctx, d, actor, Draft{Incident: incident})
		return err
	})
	return saved, err
}

// incident is the draft: what was said, and nothing that was not.
func (n *NewIncident) incident(cited []string) *register.Incident {
	title := register.Text{n.Lang: strings.TrimSpace(n.Title)}
	i := &register.Incident{
		Language: n.Lang, Title: title, Kinds: []string{n.Kind},
		// The weakest standing: that somebody logged it says no more.
		Standing: register.Standings()[0],
		Affected: []register.AffectedInstitution{{
			Fact: register.Fact{Key: "affected-1", Sources: cited}, Institution: n.Institution,
		}},
		Sources: cited,
	}
	if !n.Date.IsZero() {
		i.Events = []register.Event{{
			Fact: register.Fact{
				Key: "attack", Sources: cited,
				Dates: register.Dates{{EDTF: n.Date, Basis: register.BasisStated, Sources: cited}},
			},
			Kind: register.EventAttack, Attestation: register.Reported, Title: title,
		}}
	}
	return i
}

// slug is what the address of the incident is made of: the words of the title
// in Latin letters, or else what the institution is called, with the year.
func (n *NewIncident) slug(ctx context.Context, d *desk.Queries) string {
	if s := slugOf(n.Title); len(s) >= 6 {
		return s
	}
	name := "incident"
	if entries, err := d.Entries(ctx, []register.Ref{n.Institution}); err == nil && len(entries) == 1 {
		for _, t := range []register.Text{entries[0].Short, entries[0].Title} {
			for _, lang := range []register.Lang{register.French, register.English, n.Lang} {
				if s := slugOf(t[lang]); s != "" && name == "incident" {
					name = s
				}
			}
		}
	}
	if day, ok := n.Date.FirstDay(); ok {
		return fmt.Sprintf("%s-%04d", name, day.Year)
	}
	return name
}

// maxSlug leaves room for a number after it.
const maxSlug = 60

// slugOf writes a text in lower-case Latin letters, digits and hyphens; what is
// in another script is left out.
func slugOf(text string) string {
	latin := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return ' '
	}, strings.ReplaceAll(record.Fold(text), "œ", "oe"))
	slug := ""
	for word := range strings.FieldsSeq(latin) {
		if len(slug)+1+len(word) > maxSlug {
			break
		}
		slug += "-" + word
	}
	return strings.TrimPrefix(slug, "-")
}

// logSource finds the source with the address, or makes it; none without one.
func logSource(ctx context.Context, d *desk.Queries, actor register.Actor, n NewIncident, today edtf.Day) ([]string, error) {
	if n.URL == "" {
		return nil, nil
	}
	key, err := d.SourceByURL(ctx, n.URL)
	if err != nil {
		return nil, err
	}
	if key != "" {
		return []string{key}, nil
	}
	s := register.Source{
		Key: sourceKey(n.Publisher, n.URL), Kind: register.SourcePressReport, Publisher: n.Publisher, URL: n.URL,
		Accessed: today.Date(),
	}
	if problems := s.Validate(); len(problems) > 0 {
		return nil, atFields(problems, map[string]string{
			"sources[" + s.Key + "].url": "url", "sources[" + s.Key + "].publisher": "publisher",
		})
	}
	if err := saveSource(ctx, d, s, actor); err != nil {
		return nil, err
	}
	return []string{s.Key}, d.Audit(ctx, actor.ID, "save-sources", "", 0, map[string]any{"count": 1})
}

// sourceKey names a source by its publisher, and by its address so that no two
// have one name.
func sourceKey(publisher, address string) string {
	sum := sha256.Sum256([]byte(address))
	suffix := hex.EncodeToString(sum[:4])
	if name := slugOf(publisher); name != "" {
		return name + "-" + suffix
	}
	return "source-" + suffix
}

// atFields moves problems to the fields of a form.
func atFields(problems register.Problems, fields map[string]string) register.Problems {
	for i := range problems {
		if field, ok := fields[problems[i].Field]; ok {
			problems[i].Field = field
		}
	}
	return problems
}

func logInstitution(ctx context.Context, d *desk.Queries, actor register.Actor, n NewInstitution) (register.Ref, error) {
	base := slugOf(n.Name)
	if base == "" {
		base = string(n.Kind)
	}
	slug, err := freeSlug(ctx, d, register.TypeInstitution, base)
	if err != nil {
		return "", err
	}
	saved, err := save(ctx, d, actor, Draft{Institution: &register.Institution{
		Language: n.Lang, Slug: slug, Kind: n.Kind,
		Names: []register.InstitutionName{{
			Key: "name-" + string(n.Lang), Language: n.Lang, Kind: register.NameOfficial, Name: strings.TrimSpace(n.Name),
		}},
	}})
	return saved.ID, err
}
