package exchange_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

const bundleIn = `{"type":"bundle","id":"bundle--1","objects":[
 {"type":"identity","id":"identity--1","name":"Some Agency","identity_class":"organization","aliases":["SA"]},
 {"type":"identity","id":"identity--2","name":"Jane Roe","identity_class":"individual"},
 {"type":"incident","id":"incident--1","name":"Leak","description":"Files.","x_new":[1.50],
  "external_references":[{"source_name":"Journal","url":"https://journal.example/1"},{"source_name":"No address"}]},
 {"type":"relationship","id":"relationship--1","relationship_type":"impacts","source_ref":"incident--1","target_ref":"identity--1"},
 {"type":"relationship","id":"relationship--2","relationship_type":"related-to","source_ref":"incident--1","target_ref":"identity--2"},
 {"type":"language-content","id":"language-content--1","object_ref":"incident--1","contents":{"fr":{"name":"Fuite"}}},
 {"type":"report","id":"report--1","name":"Said","lang":"fr","description":"Dit.","published":"2025-04-09T10:00:00.000Z","created_by_ref":"identity--1"},
 {"type":"malware","id":"malware--1","name":"X"},
 {"type":7},
 {"type":"note","content":"x"}
]}`

func readSTIX(file string) ([]register.Arrival, error) {
	r, err := exchange.NewSTIXReader(strings.NewReader(file))
	if err != nil {
		return nil, err
	}
	var out []register.Arrival
	for {
		a, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		out = append(out, a)
	}
}

func TestABundleBecomesDrafts(t *testing.T) {
	all, err := readSTIX(bundleIn)
	if err != nil || len(all) != 7 {
		t.Fatal(len(all), err)
	}
	i, s := all[2].Incident, all[3].Statement
	var kept bytes.Buffer
	if err := json.Compact(&kept, all[2].Origin.Raw); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"organisation", all[0].Institutions[0].Slug + fmt.Sprint(len(all[0].Institutions[0].Names)), "some-agency2"},
		{"a natural person", string(all[1].Skip) + " " + all[1].Detail, "no-place identity: individual"},
		{"title", i.Title["en"] + " " + i.Title["fr"], "Leak Fuite"},
		{"affected", fmt.Sprint(len(i.Affected), i.Affected[0].Institution), "1some-agency"},
		{"sources", fmt.Sprint(len(all[2].Sources), all[2].Sources[0].Publisher), "1Journal"},
		{"its place in the bundle", fmt.Sprint(all[2].Origin.Line), "3"},
		{"what has no place", fmt.Sprint(strings.Contains(kept.String(), `"x_new":[1.50]`), strings.Count(kept.String(), "relationship--")), "true 2"},
		{"statement", s.Title["fr"] + " " + string(s.Issuer) + " " + s.Dates.Date().String(), "Said some-agency 2025-04-09T10:00:00Z"},
		{"another object", string(all[4].Skip) + " " + all[4].Detail, "no-place malware"},
		{"what cannot be read", string(all[5].Skip), "unreadable"},
		{"without an identifier", string(all[6].Skip), "no-identifier"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	braces := `{"type":"bundle","objects":[{}` + strings.Repeat(",{}", 2000) + `]}`
	for _, bad := range []string{"", "{", "[]", `{"type":"incident"}`, "\xff", braces} {
		if _, err := readSTIX(bad); !errors.Is(err, exchange.ErrNoBundle) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

func FuzzSTIX(f *testing.F) {
	f.Add(bundleIn)
	f.Add(`{"type":"bundle","objects":[{"type":"note","id":"note--1","abstract":"a","created_by_ref":"note--1"},null,[]]}`)
	f.Fuzz(func(t *testing.T, file string) {
		all, err := readSTIX(file)
		if err != nil && !errors.Is(err, exchange.ErrNoBundle) {
			t.Fatal(err)
		}
		for i := range all {
			checkKept(t, &all[i])
		}
	})
}
