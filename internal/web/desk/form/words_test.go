package form_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/web/desk/form"
)

// TestEveryFieldHasItsWords asks for the label of every field, the heading and
// the button of every list, and the name of every code and part.
func TestEveryFieldHasItsWords(t *testing.T) {
	t.Parallel()
	catalog, err := i18n.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	loc := catalog.Localizer("fr")
	missing := map[string]bool{}
	need := func(keys ...string) {
		if !slices.ContainsFunc(keys, loc.Has) {
			missing[keys[len(keys)-1]] = true
		}
	}
	var ask func(fields []form.Field)
	ask = func(fields []form.Field) {
		for _, f := range fields {
			name := strings.ReplaceAll(f.Name, "_", "-")
			if f.Kind != form.Key {
				need("form.field."+f.Owner+"."+name, "form.field."+name)
			}
			if f.Kind == form.List {
				need("form.item." + name)
				need("form.add." + name)
			}
			if f.Kind == form.Ref || f.Kind == form.Refs {
				need("form.find." + string(f.Record))
			}
			if f.Vocabulary != "" {
				for _, code := range f.Codes(nil) {
					need(f.Vocabulary + code)
				}
			}
			ask(f.Fields)
		}
	}
	for _, kind := range register.RecordTypes() {
		for _, p := range form.Parts(kind) {
			need("form.part."+string(kind)+"."+p.Name, "form.part."+p.Name)
			if p.Item != nil {
				ask(p.Item.Fields)
				need("form.add." + p.Name)
			} else {
				ask(p.Form.Fields)
			}
		}
	}
	ask(form.New(register.Source{}).Fields)
	for _, p := range []edtf.Precision{1, 2, 3, 4, 5, 6, 7} {
		need("form.precision." + p.String())
	}
	for _, a := range edtf.Assumptions() {
		need("form.assumed." + string(a))
	}
	for _, r := range edtf.TextReasons() {
		need("form.date." + string(r))
	}
	for _, g := range register.GapCodes() {
		need("form.gap." + string(g))
	}
	for _, key := range []string{form.ProblemNotANumber, form.ProblemNotADate, form.ProblemNotFound, form.ProblemNoLanguage, form.ProblemNoCountry, form.ProblemChoose, form.ProblemTooMany} {
		need(key)
	}
	var list []string
	for key := range missing {
		list = append(list, key)
	}
	slices.Sort(list)
	if len(list) > 0 {
		t.Errorf("no words for\n%s", strings.Join(list, "\n"))
	}
}
