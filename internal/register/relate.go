package register

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// Spoken is a claim with who makes it.
type Spoken struct {
	Claim  *Claim
	Issuer Ref // empty when it is not known
}

// Proposal is the relation of a claim to an earlier one that their words and
// figures suggest, and why. It is for a person to decide.
type Proposal struct {
	Kind ClaimRelationKind
	Why  ProposalReason
}

// ProposalReason says what a proposal rests on. It is the key of a message.
type ProposalReason string

// The reasons, in the order in which they are looked for.
const (
	WhyModality   ProposalReason = "modality"   // one denies what the other says
	WhyNone       ProposalReason = "none"       // one says that there is none of it
	WhyValue      ProposalReason = "value"      // the numbers, in the same unit
	WhyQuantifier ProposalReason = "quantifier" // how much of it: all, most, some…
	WhySameWords  ProposalReason = "same-words" // the same words
	WhyOwnClaim   ProposalReason = "alleged"    // the same was only alleged, or told at second hand
	WhyLikeWords  ProposalReason = "like-words" // words in common
)

// ProposalReasons lists all reasons.
func ProposalReasons() []ProposalReason {
	return []ProposalReason{WhyModality, WhyNone, WhyValue, WhyQuantifier, WhySameWords, WhyOwnClaim, WhyLikeWords}
}

// ProposeRelation compares a claim with an earlier one on the same topic: who
// denies and who asserts, then the numbers, then the quantifiers, then the
// words. ok is false when nothing ties them but the topic: the claim may be
// new.
func ProposeRelation(later, earlier Spoken) (p Proposal, ok bool) {
	if later.Claim.Topic != earlier.Claim.Topic {
		return Proposal{}, false
	}
	likeness := likeness(later.Claim, earlier.Claim)
	for _, judge := range []func(later, earlier Spoken, likeness float64) (Proposal, bool){
		byModality, byNone, byValue, byQuantifier, byWords,
	} {
		if p, ok := judge(later, earlier, likeness); ok {
			return p, true
		}
	}
	return Proposal{}, false
}

// Two claims speak of the same thing from a fifth of their words on; from nine
// tenths on they are the same words.
const (
	likeWords = 0.2
	sameWords = 0.9
)

// opposed is what it is to say the contrary: a retraction by the same issuer,
// a contradiction by another.
func opposed(later, earlier Spoken, why ProposalReason) Proposal {
	if later.Issuer != "" && later.Issuer == earlier.Issuer {
		return Proposal{Retracts, why}
	}
	return Proposal{Contradicts, why}
}

func byModality(later, earlier Spoken, likeness float64) (Proposal, bool) {
	denies := func(s Spoken) bool { return s.Claim.Modality == ModalityDenies }
	if denies(later) == denies(earlier) || likeness < likeWords && !sameUnit(later.Claim, earlier.Claim) {
		return Proposal{}, false
	}
	return opposed(later, earlier, WhyModality), true
}

func byNone(later, earlier Spoken, likeness float64) (Proposal, bool) {
	a, b := quantity(later.Claim.Quantifier), quantity(earlier.Claim.Quantifier)
	if a < 0 || b < 0 || (a == 0) == (b == 0) || likeness < likeWords {
		return Proposal{}, false
	}
	return opposed(later, earlier, WhyNone), true
}

func sameUnit(a, b *Claim) bool {
	return a.Value != nil && b.Value != nil && a.Unit == b.Unit && a.Unit != ""
}

// byValue compares what the numbers can mean. Numbers in different units are
// not compared.
func byValue(later, earlier Spoken, _ float64) (Proposal, bool) {
	if !sameUnit(later.Claim, earlier.Claim) {
		return Proposal{}, false
	}
	from, to := meant(later.Claim)
	from0, to0 := meant(earlier.Claim)
	switch {
	case from == from0 && to == to0:
		return same(later, earlier, WhyValue), true
	case from > to0 || to < from0:
		return Proposal{Contradicts, WhyValue}, true
	case from >= from0 && to <= to0:
		return Proposal{Narrows, WhyValue}, true
	case from <= from0 && to >= to0:
		return Proposal{Widens, WhyValue}, true
	}
	return Proposal{Rewords, WhyValue}, true
}

// meant are the least and the most that the number of a claim can mean; "about"
// leaves a tenth on either side.
func meant(c *Claim) (from, to float64) {
	v := float64(*c.Value)
	switch c.Bound {
	case "about":
		return v - math.Abs(v)/10, v + math.Abs(v)/10
	case "over":
		return v, math.Inf(1)
	case "under":
		return math.Inf(-1), v
	}
	return v, v
}

// same is what it is to say the same: a confirmation, when another party had
// only alleged it or when it was second-hand; else a repetition.
func same(later, earlier Spoken, why ProposalReason) Proposal {
	own := later.Claim.ReportedFrom == nil && later.Claim.Modality == ModalityAsserts
	weak := earlier.Claim.Modality == ModalityAlleges || earlier.Claim.ReportedFrom != nil
	if own && weak && (later.Issuer == "" || later.Issuer != earlier.Issuer) {
		return Proposal{Confirms, WhyOwnClaim}
	}
	return Proposal{Repeats, why}
}

// quantity orders the quantifiers; -1 for one that is not stated.
func quantity(q Quantifier) int {
	return slices.Index([]Quantifier{QuantifierNone, QuantifierFew, QuantifierSome, QuantifierMost, QuantifierAll}, q)
}

func byQuantifier(later, earlier Spoken, likeness float64) (Proposal, bool) {
	a, b := quantity(later.Claim.Quantifier), quantity(earlier.Claim.Quantifier)
	switch {
	case a < 0 || b < 0 || a == b || likeness < likeWords:
		return Proposal{}, false
	case a < b:
		return Proposal{Narrows, WhyQuantifier}, true
	}
	return Proposal{Widens, WhyQuantifier}, true
}

func byWords(later, earlier Spoken, likeness float64) (Proposal, bool) {
	switch {
	case likeness >= sameWords:
		return same(later, earlier, WhySameWords), true
	case likeness >= likeWords:
		if p := same(later, earlier, WhyLikeWords); p.Kind == Confirms {
			return p, true
		}
		return Proposal{Rewords, WhyLikeWords}, true
	}
	return Proposal{}, false
}

// likeness is how much two claims have of their words in common, from 0 to 1:
// of the passages in one language, or of what the register says of them, by
// whichever is more alike.
func likeness(a, b *Claim) float64 {
	most := 0.0
	for _, q := range a.Quotes {
		for _, p := range b.Quotes {
			if q.Language == p.Language {
				most = max(most, common(q.Text, p.Text))
			}
		}
	}
	for lang, words := range a.Paraphrase {
		most = max(most, common(words, b.Paraphrase[lang]))
	}
	return most
}

// common is the share of the words of two texts that both have (Dice's
// coefficient over the sets of words that carry meaning).
func common(a, b string) float64 {
	left, right := words(a), words(b)
	if len(left) == 0 || len(right) == 0 {
		return 0
	}
	both := 0
	for w := range left {
		if right[w] {
			both++
		}
	}
	return 2 * float64(both) / float64(len(left)+len(right))
}

// words are the folded words of a text, without the shortest, which only join
// others, and without the article and conjunctions that Arabic writes to them.
func words(text string) map[string]bool {
	out := map[string]bool{}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.Mn, r)
	}) {
		folded := strings.Map(foldLetter, word)
		if bare := bareArabic(folded); len([]rune(bare)) > 2 {
			out[bare] = true
		}
	}
	return out
}

func bareArabic(word string) string {
	for _, prefix := range []string{"وال", "بال", "لل", "ال"} {
		if rest, ok := strings.CutPrefix(word, prefix); ok && len([]rune(rest)) > 2 {
			return rest
		}
	}
	return word
}
