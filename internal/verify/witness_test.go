package verify_test

import (
	"bytes"
	"io"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/verify"
)

// cosigned is an example whose checkpoint a witness has cosigned, and one who has
// not.
func cosigned(t *testing.T) (b *built, one, other *testkit.Witness) {
	t.Helper()
	b = example(t)
	one = testkit.NewWitness(t, "witness.test/one", b.keys.VerifierKeys()[0], nil)
	other = testkit.NewWitness(t, "witness.test/other", b.keys.VerifierKeys()[0], nil)
	b.cosign = []*testkit.Witness{one}
	b.sign(t)
	return b, one, other
}

// words that must stand in a result, in each language; those that begin with "!"
// must not.
func wantWords(t *testing.T, said map[string]string, want map[string][]string) {
	t.Helper()
	for lang, words := range want {
		for _, w := range words {
			absent, not := strings.CutPrefix(w, "!")
			if strings.Contains(said[lang], absent) == not {
				t.Errorf("%s: %q in\n%s", lang, w, said[lang])
			}
		}
		if strings.Contains(said[lang], "verify.") {
			t.Errorf("%s: a message is missing:\n%s", lang, said[lang])
		}
	}
}

// inAll is a result in all languages.
func inAll(t *testing.T, r interface {
	Write(io.Writer, *i18n.Localizer) error
},
) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, lang := range i18n.Langs() {
		out[lang] = text(t, r, lang)
	}
	return out
}

func TestWhatWitnessesProve(t *testing.T) {
	t.Parallel()
	b, one, other := cosigned(t)
	r := check(t, b, verify.Options{Witnesses: []string{one.Key}})
	if r.Verdict() != verify.Proved || len(r.Witnesses) != 1 || !r.Witnesses[0].At.Equal(noon(200)) || len(r.Cosigners) != 0 {
		t.Errorf("%s: %+v %+v", r.Verdict(), r.Witnesses, r.Problems)
	}
	wantWords(t, inAll(t, r), map[string][]string{
		"en": {"The witness witness.test/one cosigned this checkpoint on 20 July 2026 at 13:00", "unless you trust a witness", "PROVED", "!no witness that you named"},
		"fr": {"Le témoin witness.test/one a cosigné", "20 juillet 2026", "à moins de vous fier à un témoin", "PROUVÉ"},
		"ar": {"الشاهد witness.test/one وقع", "20 يوليوز 2026", "إلا إذا وثقتم بشاهد", "ثابت"},
	})
	r = check(t, b, verify.Options{})
	if r.Verdict() != verify.Proved || !slices.Equal(r.Cosigners, []string{"witness.test/one"}) {
		t.Errorf("nobody is asked for: %s %v", r.Verdict(), r.Cosigners)
	}
	wantWords(t, inAll(t, r), map[string][]string{
		"en": {"What others have signed under the checkpoint (witness.test/one)", "no witness that you named says so", "!cosigned this checkpoint on"},
		"fr": {"Ce que d’autres ont signé", "aucun témoin nommé par vous"},
		"ar": {"ما وقعه آخرون", "لا شاهد ممن سميتم"},
	})
	r = check(t, b, verify.Options{Witnesses: []string{one.Key, other.Key}})
	if r.Verdict() != verify.Unchecked || r.UnsureCount+r.BrokenCount > 0 {
		t.Errorf("one has not: %s %+v", r.Verdict(), r.Problems)
	}
	wantWords(t, inAll(t, r), map[string][]string{
		"en": {"NOT CHECKED: everything fits, but a witness", "That the witness witness.test/other has seen this checkpoint: it has not", "lead to the root that is signed"},
		"fr": {"NON VÉRIFIÉ : tout concorde, mais un témoin", "Que le témoin witness.test/other ait vu"},
		"ar": {"لم يتحقق: كل شيء متوافق، لكن شاهدا", "أن الشاهد witness.test/other رأى"},
	})
	if r := check(t, b, verify.Options{Witnesses: []string{"x"}}); r.Verdict() != verify.Unchecked || r.Problems[0].Kind != verify.KindInput {
		t.Errorf("no key: %+v", r.Problems)
	}
	kept := check(t, b, verify.Options{Since: b.files["log/checkpoint"]})
	if kept.Verdict() != verify.Proved || kept.Trust != verify.TrustKept {
		t.Errorf("a cosigned checkpoint that was kept: %+v", kept.Problems)
	}
}

// TestEveryByteOfACosignatureCounts for who names the witness: it is not his any
// more, or nobody's.
func TestEveryByteOfACosignatureCounts(t *testing.T) {
	t.Parallel()
	b, one, _ := cosigned(t)
	signed := b.files["log/checkpoint"]
	for at := range signed {
		other := *b
		other.files = maps.Clone(b.files)
		changed := slices.Clone(signed)
		changed[at] ^= byte(1 + mathrand.IntN(255))
		other.files["log/checkpoint"] = changed
		r := check(t, &other, verify.Options{Keys: b.keys.VerifierKeys(), Witnesses: []string{one.Key}})
		if r.Verdict() == verify.Proved {
			t.Errorf("byte %d is %q instead of %q", at, changed[at], signed[at])
		}
	}
}

func TestAnEditionAloneWithWitnesses(t *testing.T) {
	t.Parallel()
	b, one, other := cosigned(t)
	content, proof := b.files["editions/st-2026-0001/1.json"], b.files["editions/st-2026-0001/1.proof"]
	keys := b.keys.VerifierKeys()
	s := verify.Edition(content, proof, keys, one.Key)
	if s.Verdict() != verify.Proved || len(s.Cosigners) != 0 {
		t.Errorf("%+v", s)
	}
	wantWords(t, inAll(t, s), map[string][]string{
		"en": {"The witness witness.test/one cosigned", "PROVED: the edition stands in the log"}, "fr": {"a cosigné"}, "ar": {"وقع"},
	})
	s = verify.Edition(content, proof, keys, other.Key)
	if s.Verdict() != verify.Unchecked || s.Problem != nil {
		t.Errorf("%+v", s)
	}
	wantWords(t, inAll(t, s), map[string][]string{
		"en": {"NOT CHECKED: everything fits, but a witness", "(witness.test/one)"}, "fr": {"tout concorde"}, "ar": {"كل شيء متوافق"},
	})
	if s := verify.Edition(content, proof, keys, "x"); s.Verdict() != verify.Unchecked || s.Problem.Kind != verify.KindInput {
		t.Errorf("no key: %+v", s)
	}
	forged := append(slices.Clone(proof[:bytes.LastIndex(proof, []byte("— witness"))]), one.Cosign("x\n", noon(200))...)
	if s := verify.Edition(content, forged, keys, one.Key); s.Verdict() != verify.Broken || s.Problem.Kind != verify.KindWitness {
		t.Errorf("a cosignature of something else: %+v", s)
	}
}
