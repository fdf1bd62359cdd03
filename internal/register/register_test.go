package register_test

import (
	"reflect"
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

func date(tb testing.TB, s string) edtf.Date {
	tb.Helper()
	d, err := edtf.Parse(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// on is one stated date.
func on(tb testing.TB, s string) register.Dates {
	tb.Helper()
	return register.Dates{{EDTF: date(tb, s), Basis: register.BasisStated}}
}

func TestTextFallsBackMarked(t *testing.T) {
	cases := []struct {
		name  string
		text  register.Text
		want  register.Lang
		words string
		lang  register.Lang
		found bool
	}{
		{"the reader's language", register.Text{"fr": "un", "ar": "واحد"}, "ar", "واحد", "ar", true},
		{"else French", register.Text{"fr": "un", "es": "uno"}, "en", "un", "fr", true},
		{"else whatever there is", register.Text{"es": "uno", "de": "eins"}, "fr", "eins", "de", true},
		{"an empty text is none", register.Text{"ar": "", "fr": "un"}, "ar", "un", "fr", true},
		{"nothing", register.Text{"fr": ""}, "fr", "", "", false},
		{"nil", nil, "fr", "", "", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			words, lang, found := c.text.In(c.want)
			if words != c.words || lang != c.lang || found != c.found {
				t.Errorf("got %q, %q, %v", words, lang, found)
			}
			if c.text.IsZero() == c.found {
				t.Errorf("IsZero is %v", c.text.IsZero())
			}
		})
	}
	if got := (register.Text{"fr": "un"}).Missing(); !slices.Equal(got, []register.Lang{"ar", "en"}) {
		t.Errorf("missing: %v", got)
	}
}

func TestPreferredDate(t *testing.T) {
	first, second := register.DateAssertion{EDTF: date(t, "2025-04-08")}, register.DateAssertion{EDTF: date(t, "2025-04")}
	preferred := second
	preferred.Preferred = true
	cases := []struct {
		name  string
		dates register.Dates
		want  string
	}{
		{"nothing is stated", nil, ""},
		{"the only one", register.Dates{first}, "2025-04-08"},
		{"the preferred one", register.Dates{first, preferred}, "2025-04"},
		{"no choice is made for the editor", register.Dates{first, second}, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.dates.Date().String(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestEachRefFindsEveryReference fills every field of the nouns and counts:
// what the walk missed, publication would let out as an identifier; and what has no
// type of record, nobody would hold to one.
func TestEachRefFindsEveryReference(t *testing.T) {
	for _, noun := range []any{&register.Incident{}, &register.Statement{}, &register.Institution{}} {
		want := fill(reflect.ValueOf(noun).Elem(), 0)
		typed := 0
		register.EachPointer(noun, func(_ register.Ref, to register.RecordType) {
			if slices.Contains(register.RecordTypes(), to) {
				typed++
			}
		})
		if typed != want {
			t.Errorf("%T: %d of %d references have a tag that says to which type of record", noun, typed, want)
		}
		got := 0
		register.EachRef(noun, func(ref *register.Ref) {
			got++
			*ref = "seen"
		})
		if got != want || want == 0 {
			t.Errorf("%T: %d of %d references", noun, got, want)
		}
	}
}

// fill puts one item into every slice and pointer and a reference into every
// field of that type; it returns how many.
func fill(v reflect.Value, depth int) int {
	if v.Type() == reflect.TypeFor[register.Ref]() {
		v.SetString("draft")
		return 1
	}
	n := 0
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				n += fill(v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		n += fill(v.Index(0), depth+1)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		n += fill(v.Elem(), depth+1)
	default: // nothing else holds a reference
	}
	return n
}

func TestCitedSourcesAreListedOnce(t *testing.T) {
	i := &register.Incident{
		Sources: []string{"a"},
		Events: []register.Event{{
			Fact:      register.Fact{Sources: []string{"b", "a"}, Dates: register.Dates{{Sources: []string{"c"}}}},
			RelatedBy: []register.Relating{{Sources: []string{"d"}}},
		}},
		Systems: []register.TargetedSystem{{Names: []register.SystemName{{Sources: []string{"e"}}}}},
	}
	got := register.CitedSources(i)
	slices.Sort(got)
	if want := []string{"a", "b", "c", "d", "e"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestRolesAndPermissions(t *testing.T) {
	want := map[register.AccountRole][]register.Permission{
		register.RoleViewer: {register.MayRead},
		register.RoleAnalyst: {
			register.MayRead, register.MayDraft, register.MayComment, register.MayAssign, register.MaySendToReview,
			register.MayDiscardOwn, register.MayReadOrigins,
		},
		register.RoleEditor: {
			register.MayRead, register.MayDraft, register.MayComment, register.MayAssign, register.MaySendToReview,
			register.MayDiscardOwn, register.MayReadOrigins, register.MayReview, register.MayPublish, register.MayCorrect, register.MayWithdraw,
			register.MayMerge, register.MayPublishImport, register.MayConfirmTakeDown,
		},
		register.RoleAdmin: register.Permissions(),
		"intruder":         {register.MayRead},
	}
	for role, may := range want {
		for _, p := range register.Permissions() {
			if got := role.Can(p); got != slices.Contains(may, p) {
				t.Errorf("%q may %s: %v", role, p, got)
			}
		}
		if role.Can("no-such-permission") {
			t.Errorf("%q may do what nobody defined", role)
		}
	}
}

func TestEveryStepHasAPhase(t *testing.T) {
	for _, s := range register.Steps() {
		if !slices.Contains(register.Phases(), register.PhaseOf(s)) {
			t.Errorf("%s is drawn in %q", s, register.PhaseOf(s))
		}
	}
	if register.PhaseOf("nothing") != "" {
		t.Error("an unknown step has a phase")
	}
}

func TestShortNamePrefersTheAcronym(t *testing.T) {
	i := register.Institution{Names: []register.InstitutionName{
		{Language: "fr", Kind: register.NameOfficial, Name: "Caisse nationale de sécurité sociale"},
		{Language: "fr", Kind: register.NameShort, Name: "la Caisse"},
		{Language: "fr", Kind: register.NameAcronym, Name: "CNSS"},
		{Language: "ar", Kind: register.NameOfficial, Name: "الصندوق الوطني للضمان الاجتماعي"},
		{Language: "ar", Kind: register.NameShort, Name: "الصندوق"},
		{Language: "en", Kind: register.NameOfficial, Name: "Old Fund", Until: date(t, "1999")},
	}}
	got := i.ShortName()
	if got["fr"] != "CNSS" || got["ar"] != "الصندوق" || got["en"] != "" {
		t.Errorf("got %v", got)
	}
}
