package register

import (
	"regexp"
	"slices"
	"strings"
)

// Vocabularies lists the vocabularies that an admin edits.
func Vocabularies() []Vocabulary {
	return []Vocabulary{
		VocabularyStanding, VocabularyTopic, VocabularyClaimRelation, VocabularyStep, VocabularyLevel,
		VocabularyDateBasis, VocabularyRendering,
	}
}

// Term is one code of a vocabulary.
type Term struct {
	Vocabulary Vocabulary
	Code       string
	Position   int  // order in which it is offered and shown
	Label      Text // in each language of the interface
	Phase      Phase
	Retired    bool // no longer offered; what has it keeps it
	Version    int  // the optimistic lock of who edits it
}

var termCode = regexp.MustCompile(`^[a-z][a-z-]*$`)

// longestLabel is the length in characters up to which a label fits its place.
const longestLabel = 60

// Validate returns everything that is wrong with a term. The fields are
// "code", "label.fr" and so on, "position" and "phase".
func (t *Term) Validate() Problems {
	v := &validator{}
	switch {
	case t.Code == "":
		v.add("code", "missing", "")
	case !termCode.MatchString(t.Code) || strings.HasSuffix(t.Code, "-") || strings.Contains(t.Code, "--") || len(t.Code) > 40:
		v.add("code", "code-malformed", t.Code)
	}
	for _, lang := range Langs() {
		switch label := t.Label[lang]; {
		case strings.TrimSpace(label) == "":
			v.add("label."+string(lang), "missing", "")
		case len([]rune(label)) > longestLabel:
			v.add("label."+string(lang), "label-too-long", "")
		}
	}
	if t.Position < 1 || t.Position > 999 {
		v.add("position", "position-malformed", "")
	}
	if t.Vocabulary == VocabularyStep && !isCode(Phases(), t.Phase) {
		v.add("phase", "missing", "")
	}
	v.characters(t)
	return v.problems
}

// Terms are all terms of all vocabularies as they were at one moment: a value
// that is never changed. The nil Terms knows the codes with which a register
// begins.
type Terms struct {
	byVocabulary map[Vocabulary][]Term
}

// NewTerms puts terms in their order.
func NewTerms(all []Term) *Terms {
	t := &Terms{byVocabulary: map[Vocabulary][]Term{}}
	for _, term := range all {
		t.byVocabulary[term.Vocabulary] = append(t.byVocabulary[term.Vocabulary], term)
	}
	for _, list := range t.byVocabulary {
		slices.SortStableFunc(list, func(a, b Term) int { return a.Position - b.Position })
	}
	return t
}

// Of lists the terms of a vocabulary in their order, the retired ones too. It
// is empty for the nil Terms, which has no labels.
func (t *Terms) Of(v Vocabulary) []Term {
	if t == nil {
		return nil
	}
	return slices.Clone(t.byVocabulary[v])
}

// Codes lists the codes of a vocabulary in their order, also those that are
// retired: what has one keeps it.
func (t *Terms) Codes(v Vocabulary) []string {
	if t == nil {
		return foundingCodes(v)
	}
	var out []string
	for _, term := range t.byVocabulary[v] {
		out = append(out, term.Code)
	}
	return out
}

// Has reports whether a code is one of a vocabulary, retired or not.
func (t *Terms) Has(v Vocabulary, code string) bool { return slices.Contains(t.Codes(v), code) }

// Retired reports whether a code is no longer offered.
func (t *Terms) Retired(v Vocabulary, code string) bool {
	return t != nil && slices.ContainsFunc(t.byVocabulary[v], func(term Term) bool { return term.Code == code && term.Retired })
}

// PhaseOf returns the phase in which a step is drawn; "" for an unknown step.
func (t *Terms) PhaseOf(step string) Phase {
	if t == nil {
		return PhaseOf(step)
	}
	for _, term := range t.byVocabulary[VocabularyStep] {
		if term.Code == step {
			return term.Phase
		}
	}
	return ""
}

// PlaceSteps notes the phase of each step of an incident whose code did not
// come with the register: an edition says by itself how it is drawn.
func (t *Terms) PlaceSteps(i *Incident) {
	for r := range i.Referrals {
		for s := range i.Referrals[r].Steps {
			step := &i.Referrals[r].Steps[s]
			if step.Phase = ""; PhaseOf(step.Step) == "" {
				step.Phase = t.PhaseOf(step.Step)
			}
		}
	}
}

func foundingCodes(v Vocabulary) []string {
	switch v {
	case VocabularyStanding:
		return Standings()
	case VocabularyTopic:
		return plain(Topics())
	case VocabularyClaimRelation:
		return plain(ClaimRelationKinds())
	case VocabularyStep:
		return Steps()
	case VocabularyLevel:
		return plain(Levels())
	case VocabularyDateBasis:
		return plain(DateBases())
	case VocabularyRendering:
		return plain(RenderingKinds())
	}
	return nil
}

func plain[T ~string](codes []T) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = string(c)
	}
	return out
}
