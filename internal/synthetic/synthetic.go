// Package synthetic makes up registers of any size for measurements: incidents,
// institutions, statements and sources that are like those of a real register in
// their number, length and distribution, and say of themselves that they are
// invented. The same seed gives the same register.
package synthetic

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// StatementsPerIncident is the mean number of statements of an incident; of a
// whole register it is exact.
const StatementsPerIncident = 3

// Group is an incident with the sources and statements that are its own, in the
// order in which they can be published. Statements name institutions, and the
// incident names them and its statements, by placeholders: see Institution and
// Statement.
type Group struct {
	At         time.Time // when it is published
	Sources    []register.Source
	Statements []*register.Statement
	Incident   *register.Incident
}

// Institution is the placeholder for the institution with a number, from 0.
func Institution(n int) register.Ref { return register.Ref(fmt.Sprintf("institution %d", n)) }

// Statement is the placeholder for the statement of a group with a number, from 0.
func Statement(n int) register.Ref { return register.Ref(fmt.Sprintf("statement %d", n)) }

// Reason is what editions of an invented record give as their reason.
func Reason() register.Text {
	return register.Text{
		register.French:  "Fiche inventée, pour mesurer le programme. Rien de ce qu’elle dit n’a eu lieu.",
		register.Arabic:  "بطاقة مختلقة لقياس أداء البرنامج. لم يقع شيء مما ورد فيها.",
		register.English: "Invented record, to measure the program. Nothing that it says has happened.",
	}
}

// Generator makes up a register.
type Generator struct {
	random       *rand.Rand
	languages    []*vocabulary
	written      []*vocabulary // languages in which the next record is written
	incidents    int
	institutions int
	famous       *rand.Zipf // which institution is concerned: few of them often
	made         int        // groups
	said         int        // statements
}

// New returns a generator of a register with so many incidents.
func New(incidents int, seed uint64) *Generator {
	random := rand.New(rand.NewPCG(seed, 0x51311)) //nolint:gosec // not for secrets: it must be the same each time
	g := &Generator{random: random, incidents: incidents, institutions: max(20, incidents/50)}
	for _, s := range stocks() {
		g.languages = append(g.languages, newVocabulary(s, random))
	}
	g.famous = rand.NewZipf(random, 1.2, 8, uint64(g.institutions-1)) //nolint:gosec // 20 or more
	return g
}

// Institutions is how many institutions the register has; Statements, how many
// statements.
func (g *Generator) Institutions() int { return g.institutions }

// Statements is how many statements the register has.
func (g *Generator) Statements() int { return g.incidents * StatementsPerIncident }

// NextInstitution makes up the institution with a number.
func (g *Generator) NextInstitution(n int) *register.Institution {
	kinds, sectors := register.InstitutionKinds(), register.Sectors()
	i := &register.Institution{
		Language: register.French, Slug: fmt.Sprintf("invented-institution-%d", n), Kind: kinds[g.random.IntN(len(kinds))],
		Sector: sectors[g.skewed(len(sectors))], Country: g.country(),
	}
	for _, v := range g.languages {
		i.Names = append(i.Names, register.InstitutionName{
			Key: string(v.lang), Language: v.lang, Kind: register.NameOfficial, Name: capital(v.phrase(3 + g.random.IntN(3))),
		})
	}
	if g.random.IntN(2) == 0 {
		i.Names = append(i.Names, register.InstitutionName{
			Key: "acronym", Language: register.French, Kind: register.NameAcronym, Name: g.acronym(),
		})
	}
	return i
}

func (g *Generator) acronym() string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	out := make([]byte, 3+g.random.IntN(3))
	for i := range out {
		out[i] = letters[g.random.IntN(len(letters))]
	}
	return string(out)
}

// country is Morocco more often than not.
func (g *Generator) country() string {
	if g.random.IntN(10) < 7 {
		return "MA"
	}
	return []string{"FR", "ES", "TN", "SN", "US", "BE", "EG"}[g.random.IntN(7)]
}

// skewed is a number below n, the smaller the likelier.
func (g *Generator) skewed(n int) int { return min(g.random.IntN(n), g.random.IntN(n)) }

// translate chooses the languages of the next record: French, in which it is
// written, and those into which it was translated, none for a third of them.
func (g *Generator) translate() {
	g.written = g.languages[:1:1]
	if n := g.random.IntN(100); n < 50 {
		g.written = append(g.written, g.languages[1])
	}
	if n := g.random.IntN(100); n < 35 {
		g.written = append(g.written, g.languages[2])
	}
}

// text is a text in the languages of the record; each says something else, as
// long as each other.
func (g *Generator) text(least, most int) register.Text {
	t := register.Text{}
	n := least + g.random.IntN(most-least+1)
	for _, v := range g.written {
		t[v.lang] = v.sentence(n)
	}
	return t
}

// title is a text without a full stop.
func (g *Generator) title(least, most int) register.Text {
	t := register.Text{}
	n := least + g.random.IntN(most-least+1)
	for _, v := range g.written {
		t[v.lang] = capital(v.phrase(n))
	}
	return t
}

// firstYear is that of the oldest incidents; the register grows year by year.
const (
	firstYear = 2008
	years     = 18
)

// day is a day of the time that the register covers, the later the likelier.
func (g *Generator) day() edtf.Day {
	year := firstYear + max(g.random.IntN(years), g.random.IntN(years))
	return edtf.Day{Year: year, Month: 1, Day: 1}.AddDays(g.random.IntN(365))
}

// dates assert when something happened on a day, as precisely as it is known: six
// in ten by the day, others by month, year, interval, or about. Some are
// disputed.
func (g *Generator) dates(day edtf.Day, source string) register.Dates {
	assertion := func(form string) register.DateAssertion {
		date, _ := edtf.Parse(form) // the forms below are EDTF; a date that is none would be refused as empty
		return register.DateAssertion{EDTF: date, Basis: register.BasisStated, Sources: []string{source}}
	}
	switch n := g.random.IntN(100); {
	case n < 60:
		return register.Dates{assertion(day.String())}
	case n < 75:
		return register.Dates{assertion(fmt.Sprintf("%04d-%02d", day.Year, day.Month))}
	case n < 85:
		return register.Dates{assertion(fmt.Sprintf("%04d", day.Year))}
	case n < 92:
		return register.Dates{assertion(day.String() + "/" + day.AddDays(1+g.random.IntN(20)).String())}
	case n < 97:
		return register.Dates{assertion(day.String() + "~")}
	}
	preferred, other := assertion(day.String()), assertion(day.AddDays(1).String())
	preferred.Preferred, preferred.Reason = true, g.text(4, 8)
	return register.Dates{preferred, other}
}
