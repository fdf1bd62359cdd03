package scale_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
)

// measured is one line of the table: what it cost in each register.
type measured struct {
	what  string
	costs []times
}

// measurement asks registers in turn.
type measurement struct {
	tb        testing.TB
	registers []*filled
	words     []words
	answers   int
	lines     []measured
}

// measure asks each register what it is to be asked, and returns the line.
func (m *measurement) measure(what string, of func(f *filled, w words) []question) measured {
	m.tb.Helper()
	line := measured{what: what}
	for i, f := range m.registers {
		line.costs = append(line.costs, f.ask(m.answers, of(f, m.words[i])))
	}
	m.lines = append(m.lines, line)
	m.tb.Log(line.row())
	return line
}

// few measures what takes long with as few answers as tell the order of magnitude.
func (m *measurement) few(answers int, what string, of func(f *filled, w words) []question) measured {
	m.tb.Helper()
	asked := m.answers
	m.answers = min(asked, answers)
	defer func() { m.answers = asked }()
	return m.measure(what, of)
}

func (l measured) row() string {
	out := "| " + l.what + " |"
	for _, t := range l.costs {
		out += fmt.Sprintf(" %.2f / %.2f (%d) |", t.within(50), t.within(99), len(t))
	}
	return out + fmt.Sprintf(" %.1f / %.1f |", l.ratio(50), l.ratio(99))
}

// ratio is how many times dearer the largest register is than the smallest.
func (l measured) ratio(share int) float64 {
	return l.last().within(share) / max(l.costs[0].within(share), 0.001)
}

func (l measured) last() times { return l.costs[len(l.costs)-1] }

// hold reports a goal: whether a figure is what it is to be at most.
func (m *measurement) hold(goal string, got, most float64) bool {
	m.tb.Helper()
	held := got <= most
	m.tb.Logf("%s: %.3g, at most %.3g: %s", goal, got, most, map[bool]string{true: "holds", false: "MISSED"}[held])
	return held
}

// TestScale compares registers, the smallest first, whose folders
// SIJIL_TEST_SCALE names; SIJIL_TEST_SCALE_ANSWERS is how many answers are counted
// of each kind, and SIJIL_TEST_SCALE_MEMORY how many megabytes each server shares. Its
// parts may be measured alone (-run TestScale/lists).
func TestScale(t *testing.T) {
	dirs := strings.Fields(os.Getenv("SIJIL_TEST_SCALE"))
	if len(dirs) < 2 {
		t.Skip("SIJIL_TEST_SCALE names no two folders")
	}
	m := &measurement{tb: t, answers: number(t, "SIJIL_TEST_SCALE_ANSWERS", 500)}
	for _, dir := range dirs {
		f := openFilled(t, dir, number(t, "SIJIL_TEST_SCALE_MEMORY", 2048))
		m.registers, m.words = append(m.registers, f), append(m.words, f.words())
		t.Logf("%s: %d incidents; asked words: %d common, %d mid, %d rare", dir, f.incidents, len(m.words[len(m.words)-1].common),
			len(m.words[len(m.words)-1].mid), len(m.words[len(m.words)-1].rare))
	}
	for _, part := range []struct {
		name string
		of   func(*measurement)
	}{{"search", (*measurement).search}, {"lists", (*measurement).lists}, {"changes", (*measurement).changes}} {
		t.Run(part.name, func(t *testing.T) {
			m.tb = t
			part.of(m)
		})
	}
	m.tb = t
	m.print()
}

func number(tb testing.TB, name string, otherwise int) int {
	tb.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		tb.Fatalf("%s: %v", name, err)
	}
	return n
}

func (m *measurement) print() {
	m.tb.Helper()
	head, rule := "| CPU ms of the backend, p50 / p99 (answers) |", "|---|"
	for _, f := range m.registers {
		head, rule = head+fmt.Sprintf(" %d |", f.incidents), rule+"--:|"
	}
	rows := []string{head + " largest : smallest |", rule + "--:|"}
	for _, l := range m.lines {
		rows = append(rows, l.row())
	}
	m.tb.Log("\n" + strings.Join(rows, "\n"))
}

func (m *measurement) goal(goal string, got, most float64) {
	m.tb.Helper()
	if !m.hold(goal, got, most) {
		m.tb.Errorf("%s is missed", goal)
	}
}

// broken wants a goal to be missed by what is known to break it.
func (m *measurement) broken(control string, got, most float64) {
	m.tb.Helper()
	if m.hold("control, "+control, got, most) {
		m.tb.Errorf("control, %s, breaks nothing: the measurement sees no difference", control)
	}
}

func (m *measurement) search() {
	m.tb.Helper()
	for _, class := range []struct {
		name string
		of   func(w words) []string
	}{
		{"common", func(w words) []string { return w.common }},
		{"mid", func(w words) []string { return w.mid }},
		{"rare", func(w words) []string { return w.rare }},
		{"no hit", func(w words) []string { return w.none }},
		{"common and mid", func(w words) []string { return pairs(w.common, w.mid) }},
	} {
		line := m.measure("newest 20, all fields, "+class.name, func(_ *filled, w words) []question { return newest(class.of(w)) })
		if class.name == "rare" || class.name == "no hit" {
			m.goal("S3, "+class.name, line.ratio(99), 10)
			read := m.few(6, "the same without an index, "+class.name, func(_ *filled, w words) []question { return unindexed(class.of(w)[:3]) })
			m.broken("words without an index for S3, "+class.name, read.ratio(99), 10)
		}
	}
	chosen := m.measure("newest 20, all fields, mix", func(_ *filled, w words) []question { return newest(w.mix()) })
	m.goal("S1, newest 20, mix, ratio of p99", chosen.ratio(99), 25)
	plan := m.few(60, "newest 20, mix, plan left to PostgreSQL", func(_ *filled, w words) []question { return planned(w.mix()) })
	m.goal("S2, chosen plan : planner's, p99 of the largest", chosen.last().within(99)/plan.last().within(99), 1.0/40)
	m.broken("the planner's plan for S1", plan.ratio(99), 25)
	page := m.few(150, "search page with facets, counts and excerpts, mix", func(_ *filled, w words) []question { return pages(w.mix()) })
	m.goal("S1, search page, mix, ratio of p99", page.ratio(99), 25)
	for _, t := range []register.SearchType{register.FindStatements, register.FindClaims} {
		line := m.few(150, "search, "+string(t)+", mix", func(_ *filled, w words) []question { return parts(w.mix(), t) })
		m.goal("S1, "+string(t)+", mix, ratio of p99", line.ratio(99), 25)
	}
}

func (m *measurement) lists() {
	m.tb.Helper()
	first := m.measure("list, first 20", func(f *filled, _ words) []question { return deep(f, 0) })
	middle := m.measure("list, 20 at the middle", func(f *filled, _ words) []question { return deep(f, 50) })
	end := m.measure("list, 20 near the end", func(f *filled, _ words) []question { return deep(f, 95) })
	for name, l := range map[string]measured{"first": first, "middle": middle, "end": end} {
		m.goal("S4, "+name+", ratio of p99", l.ratio(99), 2)
		m.goal("S4, "+name+" : first, p99 of the largest", l.last().within(99)/first.last().within(99), 2)
	}
	counted := m.few(40, "list, 20 at the middle by OFFSET", func(f *filled, _ words) []question { return offset(f, 50) })
	m.broken("OFFSET for S4", counted.ratio(99), 2)
	page := m.few(60, "list page with facets and counts", func(*filled, words) []question {
		return []question{listed(register.IncidentFilter{Lang: register.French})}
	})
	// Half a minute each time in a million incidents, and hardly differing: what it
	// costs once is asked three times, and not as often as the page.
	exact := m.few(3, "facets by GROUP BY of everything", func(*filled, words) []question { return []question{raw(exactFacets)} })
	m.goal("S5, list page with its facets : exact facets, p50 of the largest", page.last().within(50)/exact.last().within(50), 1.0/50)
	one := m.few(3, "one of them by GROUP BY", func(*filled, words) []question { return []question{raw(exactKinds)} })
	m.broken("one exact facet for S5", one.last().within(50)/exact.last().within(50), 1.0/50)
	m.few(60, "list page of a sector, with facets and counts", func(*filled, words) []question {
		return []question{listed(register.IncidentFilter{Lang: register.French, Sector: "health"})}
	})
	m.few(20, "list page of statements, with facets and counts", func(*filled, words) []question {
		return []question{func(ctx context.Context, f *filled) error {
			_, err := f.store.Statements(ctx, register.StatementFilter{})
			return err
		}}
	})
}

// exactKinds counts one thing that the list of incidents offers, over all of them.
const exactKinds = `SELECT value, count(*) FROM (SELECT unnest(kind_classes) AS value FROM record.incidents) AS v GROUP BY value`

// exactFacets counts what the list of incidents offers, over all of them.
const exactFacets = `
	SELECT 'institution', value, count(*) FROM (SELECT unnest(institution_slugs) AS value FROM record.incidents) AS v GROUP BY value UNION ALL
	SELECT 'sector', value, count(*) FROM (SELECT unnest(sectors) AS value FROM record.incidents) AS v GROUP BY value UNION ALL
	SELECT 'kind', value, count(*) FROM (SELECT unnest(kind_classes) AS value FROM record.incidents) AS v GROUP BY value UNION ALL
	SELECT 'standing', standing, count(*) FROM record.incidents GROUP BY standing UNION ALL
	SELECT 'year', occurred_year::text, count(*) FROM record.incidents GROUP BY occurred_year UNION ALL
	SELECT 'referral', referral_step, count(*) FROM record.incidents GROUP BY referral_step UNION ALL
	SELECT 'official', (x.reference IS NOT NULL)::text, count(*)
	FROM record.incidents AS i
	LEFT JOIN (SELECT DISTINCT t.incident_reference AS reference FROM record.incident_statements AS t
	           JOIN record.statements AS s ON s.reference = t.statement_reference WHERE s.is_official) AS x ON x.reference = i.reference
	GROUP BY 2 UNION ALL
	SELECT 'language', value, count(*)
	FROM (SELECT DISTINCT t.incident_reference, unnest(s.languages) AS value FROM record.incident_statements AS t
	      JOIN record.statements AS s ON s.reference = t.statement_reference) AS v
	GROUP BY value`

func (m *measurement) changes() {
	m.tb.Helper()
	since := func(day string, f register.IncidentFilter) func(*filled, words) []question {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			m.tb.Fatal(err)
		}
		f.Most, f.Uncounted = register.PageSize, true
		return func(*filled, words) []question {
			return []question{func(ctx context.Context, r *filled) error {
				_, err := r.store.ChangedIncidents(ctx, f, at)
				return err
			}}
		}
	}
	m.measure("incidents changed since ever", since("2000-01-01", register.IncidentFilter{}))
	m.few(60, "the same, of one year", since("2000-01-01", register.IncidentFilter{Year: 2009}))
	m.few(60, "the same, of an institution that is in few", since("2000-01-01", register.IncidentFilter{Institution: "invented-institution-199"}))
	m.few(60, "newest 20 of an institution that is in few", func(*filled, words) []question {
		return []question{listed(register.IncidentFilter{Institution: "invented-institution-199", Most: register.PageSize, Uncounted: true})}
	})
	m.few(100, "words that are misspelt, with a suggestion", func(_ *filled, w words) []question {
		var misspelt []string
		for _, word := range w.mid {
			runes := []rune(word)
			misspelt = append(misspelt, string(runes[:len(runes)/2])+"q"+string(runes[len(runes)/2:]))
		}
		return pages(misspelt)
	})
}
