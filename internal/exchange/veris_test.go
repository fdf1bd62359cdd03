package exchange_test

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

const verisLine = `{"incident_id":"00A2D140-E1DA-11E7-8553-197C24C367D2","security_incident":"Confirmed",
"reference":"https://press.example/2017/breach; http://press.example/jane-roe-charged  https://press.example/2017/breach, ftp://no",
"summary":"Jane Roe, a nurse, took it.",
"action":{"hacking":{"variety":["Use of stolen creds"]},"social":{"variety":["Phishing"]}},
"attribute":{"confidentiality":{"data_disclosure":"Yes","data_total":881,"data":[{"variety":"Medical"},{"variety":"Credentials"}]}},
"timeline":{"incident":{"year":2017,"month":10}},
"victim":{"victim_id":"Baptist  Health, Inc.","industry":"622110","country":["Unknown","US"]}}`

func readVERIS(t *testing.T, lines string) (exchange.VERISRecord, error) {
	t.Helper()
	r, err := exchange.NewVERISReader(strings.NewReader(lines))
	if err != nil {
		t.Fatal(err)
	}
	return r.Next()
}

// oneLine writes a literal as VERIS files have it.
func oneLine(s string) string { return strings.ReplaceAll(s, "\n", "") + "\n" }

func TestAnIncidentInVERISIsToldInOurWords(t *testing.T) {
	got, err := readVERIS(t, oneLine(verisLine))
	if err != nil {
		t.Fatal(err)
	}
	i := got.Incident
	for _, c := range []struct{ what, got, want string }{
		{"slug", i.Slug, "vcdb-00a2d140-e1da-11e7-8553-197c24c367d2"},
		{"title fr", i.Title[register.French], "Baptist Health, Inc.\u00a0: usage d’identifiants volés, hameçonnage (2017)"},
		{"title ar", i.Title[register.Arabic], "Baptist Health, Inc.: استعمال بيانات دخول مسروقة، تصيد احتيالي (2017)"},
		{"title en", i.Title[register.English], "Baptist Health, Inc.: use of stolen credentials, phishing (2017)"},
		{"kinds", fmt.Sprint(i.Kinds), "[intrusions/unprivileged-account-compromise fraud/phishing information-content-security/data-leak]"},
		{"standing", i.Standing, "confirmed"},
		{"country", i.Country, "US"},
		{"date: the month, and no day", i.Occurred().String(), "2017-10"},
		{"figure", fmt.Sprint(i.Exposures[0].Figures[0].Value, i.Exposures[0].Figures[0].Unit), "881records"},
		{"data", fmt.Sprint(i.Exposures[0].DataClasses), "[health credentials]"},
		{"institution", got.Institution.Slug, "baptist-health-us"},
		{"sector", got.Institution.Sector, "health"},
		{"kind of institution", string(got.Institution.Kind), "hospital"},
		{"sources", fmt.Sprint(len(got.Sources)), "3"},
		{"an address that names a person is withheld", fmt.Sprint(got.Sources[1].URLWithheld, got.Sources[2].URLWithheld), "false true"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	if all := fmt.Sprintf("%+v", i); strings.Contains(all, "Roe") || strings.Contains(all, "nurse") {
		t.Errorf("the summary came along: %s", all)
	}
}

func TestWhatVERISLeavesOutIsNotMadeUp(t *testing.T) {
	got, err := readVERIS(t, `{"incident_id":"00a2d140-e1da-11e7-8553-197c24c367d2","victim":{"victim_id":"Shell"}}`)
	if err != nil {
		t.Fatal(err)
	}
	i := got.Incident
	if !i.Occurred().IsZero() || i.Country != "" || got.Institution.Sector != "" || len(i.Exposures) > 0 || i.Standing != "suspected" {
		t.Errorf("made up: %+v", i)
	}
}

func TestVERISLinesAreLeftOutForAReason(t *testing.T) {
	named := func(name string) string {
		return oneLine(strings.Replace(verisLine, "Baptist  Health, Inc.", name, 1))
	}
	for line, want := range map[string]exchange.VERISSkip{
		"{\n":   exchange.VERISUnreadable,
		"[1]\n": exchange.VERISUnreadable,
		`{"a":"` + strings.Repeat("x", 1<<20) + `"}` + "\n": exchange.VERISUnreadable,
		"{}\n":                                exchange.VERISWithoutID,
		named(""):                             exchange.VERISWithoutVictim,
		named("Unknown"):                      exchange.VERISWithoutVictim,
		named("Social Worker"):                exchange.VERISWithoutVictim,
		named("Robert Witham, MD, FACP"):      exchange.VERISNaturalPerson,
		named("Dr. Linda Green"):              exchange.VERISNaturalPerson,
		named("José Muñoz"):                   exchange.VERISNaturalPerson,
		named("Office of R. Ferguson, DPM"):   exchange.VERISNaturalPerson,
		named("Johns Hopkins Medical"):        "",
		named("Tulare County Sheriff Office"): "",
		named("Charlotte School District"):    "",
		named(`\u202eevil\u202c \u0000 corp`): "",
	} {
		_, err := readVERIS(t, line)
		var skip *exchange.VERISSkipError
		if want == "" && err != nil || want != "" && (!errors.As(err, &skip) || skip.Reason != want) {
			t.Errorf("%.60q: %v, want %q", line, err, want)
		}
	}
}

func TestTheSampleOfVERISIsRead(t *testing.T) {
	r, err := exchange.NewVERISReader(testkit.VERIS())
	if err != nil {
		t.Fatal(err)
	}
	read, skips := 0, map[exchange.VERISSkip]int{}
	for {
		_, err := r.Next()
		var skip *exchange.VERISSkipError
		switch {
		case errors.Is(err, io.EOF):
			if read != 128 || skips[exchange.VERISWithoutVictim] != 6 || skips[exchange.VERISNaturalPerson] != 1 || skips[exchange.VERISUnreadable] != 1 {
				t.Errorf("%d read, left out: %v", read, skips)
			}
			return
		case errors.As(err, &skip):
			skips[skip.Reason]++
		case err != nil:
			t.Fatal(err)
		default:
			read++
		}
	}
}

func FuzzVERIS(f *testing.F) {
	f.Add([]byte(oneLine(verisLine)))
	f.Add([]byte("{}\n\n[]\n{\"incident_id\":7}"))
	f.Add([]byte(`{"incident_id":"00a2d140-e1da-11e7-8553-197c24c367d2","action":{"error":{"variety":7}},"victim":{"victim_id":"Ω"},"timeline":{"incident":{"year":2017,"month":99,"day":-1}}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := exchange.NewVERISReader(strings.NewReader(string(file)))
		if err != nil {
			t.Fatal(err)
		}
		for {
			record, err := r.Next()
			var skip *exchange.VERISSkipError
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.As(err, &skip):
				if !slices.Contains(exchange.VERISSkips(), skip.Reason) {
					t.Errorf("unknown reason %q", skip.Reason)
				}
			case err != nil:
				t.Fatal(err)
			case len(record.Incident.Validate())+len(record.Institution.Validate()) > 0:
				t.Errorf("invalid: %v %v", record.Incident.Validate(), record.Institution.Validate())
			}
		}
	})
}
