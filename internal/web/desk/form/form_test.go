package form_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk/form"
)

func founding(tb testing.TB) register.Set {
	tb.Helper()
	set, err := exchange.ReadSet(os.DirFS("../../../../db/founding"))
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func canonical(tb testing.TB, noun any) string {
	tb.Helper()
	raw, err := json.Marshal(noun)
	if err != nil {
		tb.Fatal(err)
	}
	out, err := register.CanonicalJSON(raw)
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}

// reading reads dates as of a day on which nothing of the founding record is new.
func reading(noun any) form.Reading {
	return form.Reading{Noun: noun, Today: edtf.Day{Year: 2026, Month: 1, Day: 2}}
}

// nouns are all records of the founding record, as pointers.
func nouns(set register.Set) map[string]any {
	out := map[string]any{}
	for i := range set.Incidents {
		out["incident "+set.Incidents[i].Slug] = &set.Incidents[i]
	}
	for i := range set.Statements {
		out["statement "+set.Statements[i].Slug] = &set.Statements[i]
	}
	for i := range set.Institutions {
		out["institution "+set.Institutions[i].Slug] = &set.Institutions[i]
	}
	for i := range set.Sources {
		out["source "+set.Sources[i].Key] = &set.Sources[i]
	}
	return out
}

// TestTheFoundingRecordComesBackWhole fills the form of every record of the
// founding record in, posts it, and expects the record again: once over what is
// there, and once, but for keys, which are given once, and for what the program
// finds out, into an empty noun.
func TestTheFoundingRecordComesBackWhole(t *testing.T) {
	t.Parallel()
	for name, noun := range nouns(founding(t)) {
		want := canonical(t, noun)
		f := form.New(noun)
		values := f.Values(noun)
		if problems := f.Read(noun, posted(values), reading(noun)); len(problems) > 0 {
			t.Errorf("%s: %v", name, problems)
		}
		if got := canonical(t, noun); got != want {
			t.Errorf("%s comes back as\n%s\nnot as\n%s", name, got, want)
		}
		again := reflect.New(reflect.TypeOf(noun).Elem()).Interface()
		f.Read(again, values, reading(again))
		if got := f.Values(again); !sameButKeys(got, values) {
			t.Errorf("%s in an empty noun: %v, not %v", name, got, values)
		}
	}
}

// posted are values as a browser sends them: its line ends, and the field
// "find" of every picker, empty.
func posted(values url.Values) url.Values {
	out := url.Values{}
	for name, list := range values {
		for _, s := range list {
			out.Add(name, strings.ReplaceAll(s, "\n", "\r\n"))
		}
		out.Set(name+".find", "")
	}
	return out
}

func sameButKeys(a, b url.Values) bool {
	plain := func(values url.Values) url.Values {
		out := url.Values{}
		for name, list := range values {
			if name != "key" && !strings.HasSuffix(name, ".key") {
				out[name] = list
			}
		}
		return out
	}
	return reflect.DeepEqual(plain(a), plain(b))
}

// TestNothingPostedIsNothingLeft: what a form describes and the post does not
// bring is empty after it, and what it does not describe stays.
func TestNothingPostedIsNothingLeft(t *testing.T) {
	t.Parallel()
	incident := founding(t).Incidents[0]
	events := canonical(t, incident.Events)
	f := form.New(&incident, "title", "kinds", "standing")
	problems := f.Read(&incident, url.Values{"slug": {"taken-over"}, "events": {"0"}, "events.0.kind": {"other"}, "language": {"en"}}, reading(&incident))
	if len(incident.Title) > 0 || len(incident.Kinds) > 0 || incident.Standing != "" {
		t.Errorf("left: %v %v %v", incident.Title, incident.Kinds, incident.Standing)
	}
	if incident.Slug != "cnss-2025" || incident.Language != register.French || canonical(t, incident.Events) != events {
		t.Error("a field that the form does not describe was written")
	}
	if want := (register.Problems{{Field: "standing", Key: "problem.missing"}}); !slices.Equal(problems, want) {
		t.Errorf("problems %v, want %v", problems, want)
	}
}

func TestKeysAreGivenOnceAndKept(t *testing.T) {
	t.Parallel()
	incident := register.Incident{Events: []register.Event{
		{Fact: register.Fact{Key: "attack"}, Title: register.Text{"fr": "Attaque"}},
		{Fact: register.Fact{Key: "leak"}, Title: register.Text{"fr": "Fuite"}},
	}}
	f := form.New(&incident, "events")
	values := url.Values{
		"events":            {"7", "1", "3", "4", "5"},
		"events.1.key":      {"attack"},
		"events.1.kind":     {"attack"},
		"events.7.key":      {"not-one-of-them"},
		"events.7.kind":     {"other"},
		"events.7.title.fr": {"Attaque, dès l’aube"},
		"events.3.kind":     {"other"},
		"events.3.title.ar": {"هجوم"},
		"events.4.title.en": {"Attack"},
		"events.4.key":      {"attack"}, // a second time
	}
	f.Read(&incident, values, reading(&incident))
	var got []string
	for _, e := range incident.Events {
		got = append(got, e.Key)
	}
	if want := []string{"attaque-des-l-aube", "attack", "other", "attack-2"}; !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v", got, want)
	}
}

func TestListsChangeAndNothingIsLost(t *testing.T) {
	t.Parallel()
	f := form.New(&register.Exposure{})
	values := url.Values{
		"figures": {"0", "1"}, "figures.0.value": {"un million"}, "figures.1.value": {"2"}, "figures.1.dates": {"0"},
		"figures.1.dates.0.date": {"bientôt"}, "title.fr": {"Fuite"},
	}
	cases := []struct {
		operation, focus string
		want             []string
	}{
		{"add:figures", "figures.2", []string{"0", "1", "2"}},
		{"up:figures.1", "figures.1", []string{"1", "0"}},
		{"down:figures.0", "figures.0", []string{"1", "0"}},
		{"up:figures.0", "figures.0", []string{"0", "1"}},
		{"remove:figures.0", "figures", []string{"1"}},
		{"add:figures.1.dates", "figures.1.dates.1", []string{"0", "1"}},
	}
	for _, c := range cases {
		after, focus, ok := f.Change(values, c.operation)
		if !ok || focus != c.focus || !slices.Contains([]bool{slices.Equal(after["figures"], c.want), slices.Equal(after["figures.1.dates"], c.want)}, true) {
			t.Errorf("%s: %v at %s, %v", c.operation, after, focus, ok)
		}
		if after.Get("title.fr") != "Fuite" || after.Get("figures.1.dates.0.date") != "bientôt" {
			t.Errorf("%s loses something: %v", c.operation, after)
		}
	}
	for _, bad := range []string{"", "add:", "add:title", "add:nothing", "add:figures.0", "remove:figures.9", "save", "up:figures", "remove:title.fr"} {
		if _, _, ok := f.Change(values, bad); ok {
			t.Errorf("%q is no operation", bad)
		}
	}
	if len(values["figures"]) != 2 {
		t.Error("the values themselves were changed")
	}
}

func TestWhatIsTypedIsUnderstoodOrRefused(t *testing.T) {
	t.Parallel()
	base := url.Values{"value": {"1"}, "unit": {"people"}, "claimant": {"attacker"}}
	cases := []struct{ field, typed, problem, want string }{
		{"value", "1 996 026", "", "1996026"},
		{"value", "1\u202f996\u202f026", "", "1996026"},
		{"value", "١٢٬٣٤٥", "", "12345"},
		{"value", "1,996,026", "", "1996026"},
		{"value", "1.5", form.ProblemNotANumber, "0"},
		{"value", "-3", form.ProblemNotANumber, "0"},
		{"value", "9007199254740993", form.ProblemNotANumber, "0"},
		{"value", "beaucoup", form.ProblemNotANumber, "0"},
		{"value", " ", "problem.missing", "0"},
		{"unit", "gigabytes", "problem.code-unknown", ""},
		{"unit", "", "problem.missing", ""},
		{"dates.0.date", "2025-04-08T18:30Z", "", "2025-04-08T18:30Z"},
		{"dates.0.date", "8 avril 2025", "", "2025-04-08"},
		{"dates.0.date", "أبريل 2025", "", "2025-04"},
		{"dates.0.date", "hier", "", "2026-01-01"},
		{"dates.0.date", "quelques jours avant", form.ProblemNotADate, ""},
		{"sources.find", "Hespress", form.ProblemNotFound, ""},
		{"said_in", "a b#c", "problem.claim-unknown", ""},
	}
	f := form.New(&register.Figure{})
	for _, c := range cases {
		values := url.Values{"dates": {"0"}, "dates.0.basis": {"stated"}}
		maps.Copy(values, base)
		values.Set(c.field, c.typed)
		var got register.Figure
		problems := f.Read(&got, values, reading(&got))
		if c.problem == "" && len(problems) > 0 || c.problem != "" && !slices.ContainsFunc(problems, func(p register.Problem) bool {
			return p.Field == c.field && p.Key == c.problem
		}) {
			t.Errorf("%s %q: %v", c.field, c.typed, problems)
		}
		if back := f.Values(got); c.want != "" && back.Get(c.field) != c.want {
			t.Errorf("%s %q is read as %q, not %q", c.field, c.typed, back.Get(c.field), c.want)
		}
	}
}

// TestAddressesAreReadAsTheyAreAskedFor: with the names of their hosts, which the form
// shows from then on.
func TestAddressesAreReadAsTheyAreAskedFor(t *testing.T) {
	t.Parallel()
	f := form.New(register.Source{})
	for typed, want := range map[string]string{
		" https://مثال.المغرب/بلاغ ": "https://xn--mgbh0fb.xn--mgbc0a9azcg/بلاغ", "https://Société.example/é": "https://xn--socit-esab.example/é",
		"https://example.org/é": "https://example.org/é", "https://p\u0430ypal.example/": "https://p\u0430ypal.example/",
	} {
		var got register.Source
		problems := f.Read(&got, url.Values{"url": {typed}, "publisher": {"مثال.المغرب"}, "kind": {string(register.SourcePressReport)}}, form.Reading{})
		if got.URL != want || got.Publisher != "مثال.المغرب" || len(problems) > 0 {
			t.Errorf("%q is read as %q by %q: %v", typed, got.URL, got.Publisher, problems)
		}
	}
}

// TestEveryFieldHasAKind looks through all types for a field that the form
// would not know how to draw, or a reference to nobody knows what.
func TestEveryFieldHasAKind(t *testing.T) {
	t.Parallel()
	var check func(at string, fields []form.Field)
	check = func(at string, fields []form.Field) {
		seen := map[string]bool{}
		for _, f := range fields {
			here := at + "." + f.Name
			switch {
			case f.Name == "" || f.Name == "-" || seen[f.Name]:
				t.Errorf("%s has no name of its own", here)
			case f.Kind == form.Ref && f.Record == "", f.Kind == form.Refs && f.Record == "":
				t.Errorf("%s: a reference to which type of record?", here)
			case f.Kind == form.Code && f.Vocabulary == "" && !f.NamesKeys(), f.Kind == form.Codes && f.Vocabulary == "" && !f.NamesKeys():
				t.Errorf("%s: codes of which vocabulary?", here)
			case f.Kind == form.List && len(f.Fields) == 0:
				t.Errorf("%s: a list of nothing", here)
			}
			seen[f.Name] = true
			check(here, f.Fields)
		}
	}
	for name, noun := range map[string]any{
		"incident": &register.Incident{}, "statement": &register.Statement{}, "institution": &register.Institution{}, "source": &register.Source{},
	} {
		check(name, form.New(noun).Fields)
	}
}

// TestTheOrdersNameWhatThereIs keeps the table of orders to the fields of the
// types.
func TestTheOrdersNameWhatThereIs(t *testing.T) {
	t.Parallel()
	for _, noun := range []any{register.Event{}, register.Exposure{}, register.Referral{}, register.Claim{}} {
		for owner, order := range form.Orders() {
			if owner != reflect.TypeOf(noun).Name() {
				continue
			}
			for name := range strings.FieldsSeq(order) {
				if form.New(noun).Find(name) == nil {
					t.Errorf("%s has no field %s", owner, name)
				}
			}
		}
	}
}

// FuzzRead posts anything at all: it never panics, never writes outside the
// described part, and what it has read is read again as the same.
func FuzzRead(f *testing.F) {
	set := founding(f)
	for _, e := range set.Incidents[0].Exposures {
		f.Add(form.New(e).Values(e).Encode())
	}
	f.Add("slug=x&version=9&reference=SJ-1&figures=0&figures=1&figures.0.value=%00&dates=a&dates=0&dates.0.date=%D9%A3")
	f.Add("title.fr=%ff%fe&said_in=a%23b&said_in=%23&institution=..%2F&sources=&data_classes=names&data_classes=names")
	parts := []*form.Form{
		form.New(register.Exposure{}), form.New(register.Incident{}, "title", "events", "referrals", "systems", "relations"),
	}
	f.Fuzz(func(t *testing.T, body string) {
		values, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		exposure := register.Exposure{Fact: register.Fact{Key: "kept"}}
		problems := parts[0].Read(&exposure, values, reading(&exposure))
		if exposure.Key != "kept" {
			t.Fatalf("the key became %q", exposure.Key)
		}
		again := register.Exposure{Fact: register.Fact{Key: "kept"}, Figures: exposure.Figures, Authenticity: exposure.Authenticity}
		was := parts[0].Values(exposure)
		parts[0].Read(&again, was, reading(&again))
		if got, want := canonical(t, again), canonical(t, exposure); got != want && len(problems) == 0 {
			t.Fatalf("%s\nnot\n%s", got, want)
		}
		incident := register.Incident{Slug: "kept", Language: "fr", Standing: "suspected", Country: "MA"}
		parts[1].Read(&incident, values, reading(&incident))
		if incident.Slug != "kept" || incident.Standing != "suspected" || incident.Language != "fr" || incident.Country != "MA" || incident.Affected != nil || incident.Answers != nil {
			t.Fatalf("a field outside the part: %+v", incident)
		}
	})
}
