package record

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// composed is the canonical JSON of an incident of n entries.
func composed(tb testing.TB, n int) []byte {
	tb.Helper()
	i := register.Incident{Language: register.French, Slug: "banc"}
	for e := range n {
		text := register.Text{"fr": "Ce qui en est dit tient en une phrase.", "ar": "ما قيل عنه يسعه سطر واحد.", "en": "What is said of it fits one sentence."}
		i.Events = append(i.Events, register.Event{
			Fact: register.Fact{
				Key: fmt.Sprintf("entry-%d", e), Sources: []string{"press"},
				Dates: register.Dates{{EDTF: edtf.Day{Year: 2025, Month: time.April, Day: 9}.Date(), Basis: register.BasisStated}},
			},
			Kind: register.EventAttack, Title: text, Body: text,
		})
	}
	content, _, err := (&register.Content{Format: register.EditionFormat, Type: register.TypeIncident, Number: 1, Incident: &i}).Canonical()
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// FuzzDecode reads whatever the standard library takes just as that does.
func FuzzDecode(f *testing.F) {
	f.Add(composed(f, 2))
	f.Add([]byte(`{"incident":{"title":{"fr":"\u00e9\n","ar":"\ud83d\ude00"},"events":[{"key":"a","dates":[{"edtf":"2025-04","basis":"stated"}]}]},"edition":3}`))
	f.Add([]byte(`{"institution":null,"unknown":[1,{"a":1e5}],"published_at":"2025-01-01T00:00:00Z"} `))
	f.Add([]byte(`{"statement":{"claims":[{"key":"a","key":"b"}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var want register.Content
		if json.Unmarshal(raw, &want) != nil {
			return
		}
		got, err := decode(raw, "sha")
		if err != nil || !reflect.DeepEqual(got.Content, want) || got.SHA256 != "sha" {
			t.Fatalf("%s\n%+v, %v\n%+v", raw, got, err, want)
		}
	})
}

// BenchmarkDecode reads the edition of an incident of 40 entries, with the standard
// library beside it.
func BenchmarkDecode(b *testing.B) {
	raw := composed(b, 40)
	for name, read := range map[string]func() error{
		"decode":   func() error { _, err := decode(raw, ""); return err },
		"standard": func() error { _, err := register.DecodeContent(raw); return err },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
