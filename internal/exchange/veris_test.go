package exchange_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
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

func readVERIS(t *testing.T, lines string) (register.Arrival, error) {
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
		{"institution", got.Institutions[0].Slug, "baptist-health-us"},
		{"sector", got.Institutions[0].Sector, "health"},
		{"kind of institution", string(got.Institutions[0].Kind), "hospital"},
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
	if !i.Occurred().IsZero() || i.Country != "" || got.Institutions[0].Sector != "" || len(i.Exposures) > 0 || i.Standing != "suspected" {
		t.Errorf("made up: %+v", i)
	}
}

func TestVERISLinesAreLeftOutOrHeldForAReason(t *testing.T) {
	named := func(name string) string {
		return oneLine(strings.Replace(verisLine, "Baptist  Health, Inc.", name, 1))
	}
	for line, want := range map[string]register.ImportReason{
		"{\n":   register.SkipUnreadable,
		"[1]\n": register.SkipUnreadable,
		`{"a":"` + strings.Repeat("x", 1<<20) + `"}` + "\n": register.SkipUnreadable,
		"{\"a\":\"\xff\"}\n":                  register.SkipUnreadable,
		"{}\n":                                register.SkipNoIdentifier,
		named(""):                             register.HoldNoVictim,
		named("Unknown"):                      register.HoldNoVictim,
		named("Social Worker"):                register.HoldNoVictim,
		named("Robert Witham, MD, FACP"):      register.HoldNaturalPerson,
		named("Dr. Linda Green"):              register.HoldNaturalPerson,
		named("José Muñoz"):                   register.HoldNaturalPerson,
		named("Office of R. Ferguson, DPM"):   register.HoldNaturalPerson,
		named("Johns Hopkins Medical"):        "",
		named("Tulare County Sheriff Office"): "",
		named("Charlotte School District"):    "",
		named(`\u202eevil\u202c \u0000 corp`): "",
	} {
		got, err := readVERIS(t, line)
		if err != nil || got.Skip+got.Hold != want {
			t.Errorf("%.60q: %q, %v, want %q", line, got.Skip+got.Hold, err, want)
		}
		if got.Hold != "" && (len(got.Institutions) > 0 || got.Incident == nil || !strings.Contains(got.Incident.Title["en"], "not named")) {
			t.Errorf("%.60q names whom it touched: %+v", line, got)
		}
	}
}

// TestFilesHoldObjectsInSeveralWays reads the same two incidents, and between them what
// cannot be read, however a file holds them.
func TestFilesHoldObjectsInSeveralWays(t *testing.T) {
	one := strings.TrimSpace(oneLine(verisLine))
	two := strings.Replace(one, "00A2D140", "00A2D141", 1)
	pretty := strings.ReplaceAll(verisLine, ",\n", ",\n\n  ")
	for name, c := range map[string]struct {
		file string
		want string // line and identifier, or what keeps it from having one
	}{
		"lines":                   {one + "\n\nnonsense\n" + two, "1:00a2d140 3:unreadable 4:00a2d141"},
		"lines, the first broken": {one[:40] + "\n" + two + "\r\n", "1:unreadable 2:00a2d141"},
		"a mark before":           {"\uFEFF" + one + "\n", "1:00a2d140"},
		"an array":                {"\n[" + one + ",\n 7,\n\n" + two + "]\nrest", "2:00a2d140 3:unreadable 5:00a2d141"},
		"an array without end":    {"[" + one + ",\n" + two[:60], "1:00a2d140 2:unreadable"},
		"one over several lines":  {pretty, "1:00a2d140"},
		"nothing":                 {" \n ", ""},
		"an empty array":          {"[ ]", ""},
		"brackets in texts":       {`[{"a":"]},{[\\"},` + one + `]`, "1:no-identifier 1:00a2d140"},
	} {
		r, err := exchange.NewVERISReader(strings.NewReader(c.file))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			a, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			word, _, _ := strings.Cut(a.Origin.ID, "-")
			got = append(got, fmt.Sprintf("%d:%s%s", a.Origin.Line, word, a.Skip))
		}
		if all := strings.Join(got, " "); all != c.want {
			t.Errorf("%s: %s, want %s", name, all, c.want)
		}
	}
}

func TestTheSampleOfVERISIsRead(t *testing.T) {
	r, err := exchange.NewVERISReader(testkit.VERIS())
	if err != nil {
		t.Fatal(err)
	}
	read := map[register.ImportReason]int{}
	for {
		a, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		read[a.Skip+a.Hold]++
	}
	want := map[register.ImportReason]int{"": 128, register.HoldNoVictim: 6, register.HoldNaturalPerson: 1, register.SkipUnreadable: 1}
	if !maps.Equal(read, want) {
		t.Errorf("read %v, want %v", read, want)
	}
}

func FuzzVERIS(f *testing.F) {
	f.Add([]byte(oneLine(verisLine)))
	f.Add([]byte("{}\n\n[]\n{\"incident_id\":7}"))
	f.Add([]byte("[" + verisLine + ",{\"a\":[}]}"))
	f.Add([]byte(`{"incident_id":"00a2d140-e1da-11e7-8553-197c24c367d2","action":{"error":{"variety":7}},"victim":{"victim_id":"Ω"},"timeline":{"incident":{"year":2017,"month":99,"day":-1}}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		r, err := exchange.NewVERISReader(strings.NewReader(string(file)))
		if err != nil {
			t.Fatal(err)
		}
		for line := 0; ; {
			a, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil || a.Origin.Line < line {
				t.Fatal(a.Origin.Line, err)
			}
			line = a.Origin.Line
			checkArrival(t, &a)
		}
	})
}

// checkArrival asks that what is not left out can be kept, and that what is not held
// is valid.
func checkArrival(t *testing.T, a *register.Arrival) {
	t.Helper()
	if a.Skip != "" {
		if !slices.Contains(register.ImportReasons(), a.Skip) {
			t.Errorf("unknown reason %q", a.Skip)
		}
		return
	}
	if a.Origin.ID == "" || !json.Valid(a.Origin.Raw) {
		t.Errorf("no origin: %+v", a.Origin)
	}
	if problems := a.Incident.Validate(); a.Hold == "" && len(problems) > 0 {
		t.Errorf("invalid: %v", problems)
	}
	for i := range a.Institutions {
		if problems := a.Institutions[i].Validate(); len(problems) > 0 {
			t.Errorf("invalid: %v", problems)
		}
	}
	for i := range a.Sources {
		if problems := a.Sources[i].Validate(); len(problems) > 0 {
			t.Errorf("invalid: %v", problems)
		}
	}
}
