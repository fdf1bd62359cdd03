package exchange

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// List is a list of records on its way out. Its columns are named one by one:
// what is not named does not leave. Codes are those of the register's
// vocabularies, dates are EDTF; an empty cell is not stated.
type List struct {
	Name string // "incidents"
	// Total is how many records there are; rows may be fewer.
	Total int
	rows  [][]cell
}

// cell is a named value: a string, number, flag, list of strings, or a text.
type cell struct {
	name  string
	value any
}

// Incidents is a list of incidents; page gives the address of one by its slug,
// as for the others.
func Incidents(list register.IncidentList, page func(slug string) string) List {
	out := List{Name: "incidents", Total: list.Total}
	for i := range list.Rows {
		r := &list.Rows[i]
		out.rows = append(out.rows, []cell{
			{"reference", r.Reference},
			{"page", page(r.Slug)},
			{"title", r.Title},
			{"country", r.Country},
			{"standing", r.Standing},
			{"kinds", r.Kinds},
			{"occurred", r.Occurred},
			{"occurred_disputed", r.OccurredDisputed},
			{"institutions", referencesOf(r.Institutions)},
			{"first_official_statement_days_min", fewest(r.FirstStatement)},
			{"first_official_statement_days_max", most(r.FirstStatement)},
			{"referral_step", r.ReferralStep},
			{"referral_level", string(r.ReferralLevel)},
			{"referral_date", r.ReferralDate},
			{"edition", r.Edition},
			{"published_at", r.PublishedAt},
		})
	}
	return out
}

// Statements is a list of statements.
func Statements(list register.StatementList, page func(slug string) string) List {
	out := List{Name: "statements", Total: list.Total}
	for i := range list.Rows {
		r := &list.Rows[i]
		issuer, name := "", r.IssuerName
		if r.Issuer != nil {
			issuer, name = r.Issuer.Reference, r.Issuer.Name
		}
		incidents := make([]string, len(r.Incidents))
		for j, x := range r.Incidents {
			incidents[j] = x.Reference
		}
		languages := make([]string, len(r.Languages))
		for j, l := range r.Languages {
			languages[j] = string(l)
		}
		out.rows = append(out.rows, []cell{
			{"reference", r.Reference},
			{"page", page(r.Slug)},
			{"title", r.Title},
			{"kind", string(r.Kind)},
			{"official", r.Official},
			{"said", r.Said},
			{"said_disputed", r.SaidDisputed},
			{"issuer", issuer},
			{"issuer_name", name},
			{"original_not_seen", r.OriginalNotSeen},
			{"languages", languages},
			{"incidents", incidents},
			{"edition", r.Edition},
			{"published_at", r.PublishedAt},
		})
	}
	return out
}

// Institutions is a list of institutions.
func Institutions(list register.InstitutionList, page func(slug string) string) List {
	out := List{Name: "institutions", Total: list.Total}
	for i := range list.Rows {
		r := &list.Rows[i]
		out.rows = append(out.rows, []cell{
			{"reference", r.Reference},
			{"page", page(r.Slug)},
			{"name", r.Name},
			{"short", r.Short},
			{"kind", string(r.Kind)},
			{"sector", r.Sector},
			{"country", r.Country},
			{"incidents", r.Incidents},
			{"statements", r.Statements},
			{"referrals_made", r.Made},
			{"referrals_received", r.Received},
		})
	}
	return out
}

// Referrals is a list of referrals, each on the page of its incident.
func Referrals(list register.ReferralList, page func(slug string) string) List {
	out := List{Name: "referrals", Total: list.Total}
	for i := range list.Rows {
		r := &list.Rows[i]
		authority := ""
		if r.Authority != nil {
			authority = r.Authority.Reference
		}
		out.rows = append(out.rows, []cell{
			{"incident", r.IncidentReference},
			{"key", r.Key},
			{"page", page(r.IncidentSlug) + "#" + r.Anchor},
			{"title", r.Title},
			{"kind", string(r.Kind)},
			{"by_name", r.ByName},
			{"authority", authority},
			{"to_name", r.ToName},
			{"last_step", r.Step},
			{"level", string(r.Level)},
			{"last_step_date", r.Stepped},
		})
	}
	return out
}

func referencesOf(list []register.InstitutionBrief) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = x.Reference
	}
	return out
}

// fewest and most are the ends of an interval of days; nil where it is open.
func fewest(d edtf.Days) *int {
	if !d.Known || d.MinOpen {
		return nil
	}
	return &d.Min
}

func most(d edtf.Days) *int {
	if !d.Known || d.MaxOpen {
		return nil
	}
	return &d.Max
}

// CSV writes the list as a table: a text has a column for each language of the
// register, a list of values stands in one cell with semicolons.
func (l List) CSV() ([]byte, error) {
	table := [][]string{}
	for _, row := range l.rows {
		var head, line []string
		for _, c := range row {
			head, line = c.add(head, line)
		}
		if len(table) == 0 {
			table = append(table, head)
		}
		table = append(table, line)
	}
	return writeCSV(table)
}

// add adds the columns of a cell to the head and to the line of a table.
func (c cell) add(head, line []string) (newHead, newLine []string) {
	if text, ok := c.value.(register.Text); ok {
		for _, lang := range register.Langs() {
			head, line = append(head, c.name+"_"+string(lang)), append(line, text[lang])
		}
		return head, line
	}
	return append(head, c.name), append(line, c.plain())
}

// plain writes the value of a cell that has one column.
func (c cell) plain() string {
	switch v := c.value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case *int:
		if v == nil {
			return ""
		}
		return strconv.Itoa(*v)
	case []string:
		return strings.Join(v, ";")
	case edtf.Date:
		return v.String()
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(c.value)
}

// JSON writes the list as an object with its rows; what is not stated is null or
// missing.
func (l List) JSON() ([]byte, error) {
	rows := make([]map[string]any, len(l.rows))
	for i, row := range l.rows {
		rows[i] = map[string]any{}
		for _, c := range row {
			switch v := c.value.(type) {
			case edtf.Date:
				if !v.IsZero() {
					rows[i][c.name] = v.String()
				}
			case time.Time:
				rows[i][c.name] = c.plain()
			case string:
				if v != "" {
					rows[i][c.name] = v
				}
			default:
				rows[i][c.name] = v
			}
		}
	}
	body, err := json.Marshal(map[string]any{"list": l.Name, "total": l.Total, "shown": len(rows), "rows": rows})
	if err != nil {
		return nil, fmt.Errorf("exchange: list: %w", err)
	}
	return append(body, '\n'), nil
}
