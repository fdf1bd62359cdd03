package verify_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/verify"
)

// stamp has an authority stamp the checkpoint as it is signed now.
func (b *built) stamp(t *testing.T, a *testkit.Authority) {
	t.Helper()
	signed, err := b.keys.Sign(b.edge.Head())
	if err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("log/timestamps/%d", b.edge.Head().Size)
	stamp := a.Stamp(t, signed)
	b.files[at+".checkpoint"], b.files[at+".tsr"] = signed, stamp.Reply
	b.files["log/timestamps"] = append(fmt.Appendf(nil, "%d %s %s\n", b.edge.Head().Size, stamp.At.Format("2006-01-02T15:04:05Z"), stamp.Authority),
		b.files["log/timestamps"]...)
}

func TestWhatTimestampsProve(t *testing.T) {
	t.Parallel()
	a, foreign := testkit.NewAuthority(t, "Authority of tests"), testkit.NewAuthority(t, "Another")
	b := example(t)
	plain := check(t, b, verify.Options{Authorities: a.Roots(t)})
	if plain.Verdict() != verify.Proved || len(plain.Stamps) > 0 {
		t.Errorf("without timestamps: %+v", plain.Problems)
	}
	var sizes []int64
	for i := range 4 {
		b.stamp(t, a)
		sizes = append(sizes, b.edge.Head().Size)
		b.publish(t, "ST-2026-0020", 1+i, nil)
		b.sign(t)
	}
	r := check(t, b, verify.Options{Authorities: a.Roots(t)})
	if r.Verdict() != verify.Proved || len(r.Stamps) != 4 || r.Stamps[0].Size != sizes[3] || r.Stamps[3].Authority != "Authority of tests" {
		t.Errorf("%+v %+v", r.Stamps, r.Problems)
	}
	wantWords(t, inAll(t, r), map[string][]string{
		"en": {
			fmt.Sprintf("The first %d entries were there by", sizes[3]), fmt.Sprintf("The first %d entries were there by", sizes[0]),
			"2 more timestamps between these two hold", "the time-stamping authority Authority of tests has signed that", "only says by when the entry was there",
		},
		"fr": {fmt.Sprintf("Les %d premières entrées existaient", sizes[3]), "2 autres horodatages", "l’autorité d’horodatage Authority of tests"},
		"ar": {fmt.Sprintf("القيود الأولى، وعددها %d", sizes[3]), "ختمان زمنيان آخران", "سلطة الختم الزمني Authority of tests"},
	})
	r = check(t, b, verify.Options{})
	if r.Verdict() != verify.Proved || r.Unstamped != 4 || len(r.Stamps) > 0 {
		t.Errorf("without a certificate: %d %+v", r.Unstamped, r.Problems)
	}
	wantWords(t, inAll(t, r), map[string][]string{
		"en": {"What 4 timestamps of the log say", "--tsa-ca FILE", "They are the register’s own word, in the order"},
		"fr": {"Ce que disent 4 horodatages"}, "ar": {"ما تقوله 4 أختام زمنية"},
	})
	r = check(t, b, verify.Options{Authorities: foreign.Roots(t)})
	if r.Verdict() != verify.Unchecked || r.Problems[0].Kind != verify.KindAuthority {
		t.Errorf("by an authority that nobody vouches for: %+v", r.Problems)
	}
	wantWords(t, inAll(t, r), map[string][]string{
		"en": {"do not vouch", "timestamps/"}, "fr": {"ne répondent pas"}, "ar": {"لا تشهد لها"},
	})
	wrongTimestamps(t, b, a, sizes)
}

// wrongTimestamps checks what does not hold, one after the other.
func wrongTimestamps(t *testing.T, whole *built, a *testkit.Authority, sizes []int64) {
	t.Helper()
	at := func(i int, suffix string) string { return fmt.Sprintf("log/timestamps/%d%s", sizes[i], suffix) }
	other := build(t)
	other.keys = whole.keys // whoever has the key can sign two logs
	for i := range int(sizes[0]) - 1 {
		other.publish(t, "ST-2026-0030", 1+i, nil)
	}
	other.stamp(t, a)
	for name, damage := range map[string]func(files map[string][]byte){
		"of another checkpoint":     func(f map[string][]byte) { f[at(3, ".tsr")] = f[at(2, ".tsr")] },
		"garbage":                   func(f map[string][]byte) { f[at(3, ".tsr")] = []byte("garbage") },
		"none that is listed":       func(f map[string][]byte) { delete(f, at(3, ".tsr")) },
		"without its checkpoint":    func(f map[string][]byte) { delete(f, at(3, ".checkpoint")) },
		"of a checkpoint elsewhere": func(f map[string][]byte) { f[at(3, ".checkpoint")] = f[at(2, ".checkpoint")] },
		"of a size that is none":    func(f map[string][]byte) { f["log/timestamps"] = []byte("09 x\n") },
		"of nothing":                func(f map[string][]byte) { f["log/timestamps"] = []byte("\n") },
		"too many":                  func(f map[string][]byte) { f["log/timestamps"] = []byte(strings.Repeat("x", 1<<17)) },
		"of a log beside it": func(f map[string][]byte) {
			f["log/timestamps"] = other.files["log/timestamps"]
			f[at(0, ".tsr")], f[at(0, ".checkpoint")] = other.files[at(0, ".tsr")], other.files[at(0, ".checkpoint")]
		},
	} {
		b := *whole
		b.files = map[string][]byte{}
		for file, content := range whole.files {
			b.files[file] = slices.Clone(content)
		}
		damage(b.files)
		r := check(t, &b, verify.Options{Authorities: a.Roots(t)})
		want := verify.KindStamp
		if name == "of a log beside it" {
			want = verify.KindFork
		}
		if r.Verdict() != verify.Broken || r.Problems[0].Kind != want {
			t.Errorf("%s: %s %+v", name, r.Verdict(), r.Problems)
		}
	}
	// A key that signs no more opens what it signed.
	rotated, err := whole.keys.Rotate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	whole.keys = rotated
	whole.logged(t)(register.KeyLeaf(rotated.VerifierKeys()[0], noon(60), salt()))
	whole.keys = rotated.DropOld()
	whole.sign(t)
	if r := check(t, whole, verify.Options{Authorities: a.Roots(t)}); r.Verdict() != verify.Proved || len(r.Stamps) != 4 {
		t.Errorf("after a rotation: %+v", r.Problems)
	}
}
