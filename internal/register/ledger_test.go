package register_test

import (
	"slices"
	"testing"

	"github.com/sijil/sijil/internal/register"
)

// chainSample is the founding case in small: the fund says "often", the
// spokesperson "some", an outlet prints another word.
func chainSample(tb testing.TB) []register.StatementEdition {
	tb.Helper()
	fund, spokesperson, minister := statement(tb, "fund", "2025-04-09", true),
		statement(tb, "spokesperson", "2025-04-10", true), statement(tb, "minister", "2025-04-08", true)
	fund.Renderings = []register.Rendering{
		{Fact: register.Fact{Key: "map"}}, {Fact: register.Fact{Key: "outlet"}}, {Fact: register.Fact{Key: "arabic"}},
	}
	fund.Claims = []register.Claim{{
		Fact: register.Fact{Key: "often"}, Topic: register.TopicAuthenticity,
		Quotes: []register.Quote{
			{Language: "fr", Text: "souvent", Rendering: "map"},
			{Language: "fr", Text: "hors contexte", Rendering: "outlet"},
		},
	}}
	fund.Differences = []register.Difference{{
		Fact: register.Fact{Key: "d1"}, Between: []string{"map", "outlet"}, Claims: []string{"often"},
		Readings: []register.Reading{
			{Rendering: "map", Language: "fr", Words: "tronqués"},
			{Rendering: "outlet", Language: "fr", Words: "hors contexte"},
			{Rendering: "arabic", Language: "ar", Words: "مبتور"},
		},
	}}
	spokesperson.Renderings = []register.Rendering{{Fact: register.Fact{Key: "press"}, FullText: true}}
	spokesperson.Claims = []register.Claim{
		{
			Fact: register.Fact{Key: "some"}, Topic: register.TopicAuthenticity,
			Relations: []register.ClaimRelation{{Kind: register.Narrows, To: register.ClaimRef{Statement: "ST-fund", Claim: "often"}}},
		},
		{Fact: register.Fact{Key: "criminal"}, Topic: register.TopicNature},
	}
	return []register.StatementEdition{spokesperson, fund, minister}
}

func TestLedgerTellsSilenceFromIgnorance(t *testing.T) {
	l := register.NewLedger(chainSample(t))
	var order []string
	for _, s := range l.Statements {
		order = append(order, s.Slug)
	}
	if !slices.Equal(order, []string{"minister", "fund", "spokesperson"}) {
		t.Fatalf("statements in order %v", order)
	}
	if len(l.Rows) != 2 || l.Rows[0].Topic != register.TopicNature || l.Rows[1].Topic != register.TopicAuthenticity {
		t.Fatalf("rows: %+v", l.Rows)
	}
	nature, authenticity := l.Rows[0].Cells, l.Rows[1].Cells
	if nature[0].Absent != register.MarkTextNotKnown || nature[1].Absent != register.MarkTextNotKnown {
		t.Errorf("a text that was not read is said to be silent: %+v", nature)
	}
	if got := authenticity[1].Claims[0].Mark; got != register.MarkNew {
		t.Errorf("the first word is %s", got)
	}
	if got := authenticity[2].Claims[0].Mark; got != register.MarkNarrowed {
		t.Errorf("some after often is %s", got)
	}
	l.Statements[2].Claims = l.Statements[2].Claims[1:]
	if got := register.NewLedger(l.Statements).Rows[1].Cells[2].Absent; got != register.MarkNotAddressed {
		t.Errorf("a text read in full is %s", got)
	}
}

func TestChainFollowsAWordFromHandToHand(t *testing.T) {
	hands := register.Chain(register.ClaimRef{Statement: "ST-fund", Claim: "often"}, chainSample(t))
	type hand struct {
		slug string
		mark register.Mark
		as   string
	}
	var got []hand
	for _, h := range hands {
		as := h.Claim.Key
		if h.Reading != nil {
			as = h.Reading.Words
		}
		got = append(got, hand{h.Statement.Slug, h.Mark, as})
	}
	want := []hand{
		{"fund", register.MarkNew, "often"},
		{"fund", register.MarkReworded, "hors contexte"},
		{"spokesperson", register.MarkNarrowed, "some"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestMarkSaysWhatIsMostAgainst(t *testing.T) {
	c := register.Claim{Relations: []register.ClaimRelation{{Kind: register.Repeats}, {Kind: register.Contradicts}}}
	if got := c.Mark(); got != register.MarkContradicted {
		t.Errorf("got %s", got)
	}
	for _, kind := range register.ClaimRelationKinds() {
		c := register.Claim{Relations: []register.ClaimRelation{{Kind: kind}}}
		if got := c.Mark(); got != register.MarkOf(kind) {
			t.Errorf("%s is marked %s", kind, got)
		}
	}
}

func TestEveryRelationHasItsMark(t *testing.T) {
	seen := map[register.Mark]bool{}
	for _, k := range register.ClaimRelationKinds() {
		m := register.MarkOf(k)
		if m == register.MarkNew || seen[m] || !slices.Contains(register.Marks(), m) {
			t.Errorf("%s is marked %s", k, m)
		}
		seen[m] = true
	}
}
