package register_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
)

func TestCanonicalJSON(t *testing.T) {
	cases := []struct {
		name, in, want string
	}{
		{"white space goes", " { \"b\" : [ 1 , 2 ] ,\n\"a\" : null } ", `{"a":null,"b":[1,2]}`},
		{"the shortest escapes", `{"s":"\u20ac$\u000f\nA'B\u0022\u005c\\\"\/"}`, "{\"s\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"},
		{"no escape for markup", `"\u003cscript\u003e\u0026"`, `"<script>&"`},
		// RFC 8785, section 3.2.3: the order is that of UTF-16 code units.
		{
			"members in the order of the RFC's example",
			`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}",
		},
		{"Arabic stays", `{"ar":"سجل"}`, `{"ar":"سجل"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := register.CanonicalJSON([]byte(c.in))
			if err != nil || string(got) != c.want {
				t.Errorf("got %s, %v\nwant %s", got, err, c.want)
			}
		})
	}
}

func TestCanonicalJSONRefuses(t *testing.T) {
	for _, in := range []string{"", "{", `{"a":1.5}`, `1e3`, `9007199254740993`, `{} {}`, `[1,]`} {
		if got, err := register.CanonicalJSON([]byte(in)); err == nil {
			t.Errorf("%q became %s", in, got)
		}
	}
}

// FuzzCanonicalJSON: the canonical form is a fixed point and means the same.
func FuzzCanonicalJSON(f *testing.F) {
	for _, seed := range []string{`{"b":1,"a":[true,null,"x"]}`, `"\ud800"`, `{"é":{"":0}}`, `-0`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		once, err := register.CanonicalJSON([]byte(in))
		if err != nil {
			return
		}
		twice, err := register.CanonicalJSON(once)
		if err != nil || string(twice) != string(once) {
			t.Fatalf("%q, then %q, %v", once, twice, err)
		}
		if !json.Valid(once) || strings.ContainsAny(string(once), "\n\t") {
			t.Fatalf("%q", once)
		}
	})
}

func TestContentHashIsOfItsCanonicalForm(t *testing.T) {
	c := register.Content{Format: register.EditionFormat, Type: register.TypeIncident, Reference: "SJ-2025-0001", Number: 1}
	content, sha, err := c.Canonical()
	if err != nil || register.HashOf(content) != sha || len(sha) != 64 {
		t.Fatalf("%s, %s, %v", content, sha, err)
	}
	back, err := register.DecodeContent(content)
	if err != nil || back.Reference != c.Reference {
		t.Fatalf("%+v, %v", back, err)
	}
}
