package register_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/sijil/sijil/internal/register"
)

// BenchmarkNewLedger puts together the claims of many statements on all topics.
func BenchmarkNewLedger(b *testing.B) {
	for _, count := range []int{10, 100} {
		statements := make([]register.StatementEdition, count)
		for i := range statements {
			statements[i].Statement = &register.Statement{}
			for _, topic := range register.Topics() {
				statements[i].Claims = append(statements[i].Claims, register.Claim{Topic: topic})
			}
		}
		b.Run(fmt.Sprintf("statements-%d", count), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if l := register.NewLedger(statements); len(l.Rows) != len(register.Topics()) {
					b.Fatalf("%d rows", len(l.Rows))
				}
			}
		})
	}
}

// BenchmarkCanonicalJSON brings an incident of 200 entries into the form that is hashed.
func BenchmarkCanonicalJSON(b *testing.B) {
	i := register.Incident{Language: register.French, Slug: "banc"}
	for n := range 200 {
		text := register.Text{"fr": "Ce qui en est dit tient en une phrase.", "ar": "ما قيل عنه يسعه سطر واحد.", "en": "What is said of it fits one sentence."}
		i.Events = append(i.Events, register.Event{
			Fact: register.Fact{Key: fmt.Sprintf("entry-%d", n), Sources: []string{"press"}}, Kind: register.EventAttack, Title: text, Body: text,
		})
	}
	raw, err := json.Marshal(i)
	if err != nil {
		b.Fatal(err)
	}
	once, err := register.CanonicalJSON(raw)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if got, err := register.CanonicalJSON(raw); err != nil || !bytes.Equal(got, once) {
			b.Fatalf("%d bytes, %v", len(got), err)
		}
	}
}
