package web_test

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
	"github.com/sijil/sijil/internal/verify"
)

// TestCosignaturesAreHandedOut with the checkpoint, in proofs and on the page of
// the log, also to who asked a moment before; and the list of keys says which of
// them sign no more.
func TestCosignaturesAreHandedOut(t *testing.T) {
	t.Parallel()
	db := testkit.Founding(t)
	s := newDeskSite(t, db)
	keys := testkit.LogKeys(t)
	testkit.SignLog(t, db, keys, s.clock.Now())
	bare := testkit.Ask(t, s, "/log/checkpoint").Body
	for _, lang := range register.Langs() {
		if a := testkit.Ask(t, s, "/"+string(lang)+"/log"); a.Page().Find("#_witnesses").Length() != 0 || strings.Contains(a.Text("main"), "--witness") {
			t.Errorf("%s: without a witness the page tells of some", lang)
		}
	}
	witness := testkit.NewWitness(t, "witness.test/one", keys.VerifierKeys()[0], nil)
	cosignature := testkit.CosignLog(t, db, witness, s.clock.Now())
	s.clock.Advance(2 * time.Second) // the page cache learns of it
	if got := testkit.Ask(t, s, "/log/checkpoint").Body; got != bare+cosignature.Line {
		t.Errorf("the checkpoint is %q, and not %q and %q", got, bare, cosignature.Line)
	}
	if got := testkit.Ask(t, s, "/editions/sj-2025-0001/1.proof").Body; !strings.HasSuffix(got, cosignature.Line) {
		t.Errorf("the proof is %q", got)
	}
	for _, lang := range register.Langs() {
		a := testkit.Ask(t, s, "/"+string(lang)+"/log")
		if got := a.Text("main"); !strings.Contains(got, " --witness "+witness.Key+" --lang "+string(lang)) || a.Page().Find("#_witnesses").Length() != 1 ||
			!strings.Contains(a.Page().Find("#_checkpoints").Closest("section").Find("tbody tr").First().Text(), "witness.test/one") {
			t.Errorf("%s: the page says %s", lang, got)
		}
	}
	r := verified(t, &recorder{site: s, kept: tape{}}, verify.Options{Witnesses: []string{witness.Key}})
	if r.Verdict() != verify.Proved || !r.Witnesses[0].At.Equal(cosignature.At) {
		t.Errorf("%+v %+v", r.Witnesses, r.Problems)
	}

	// A new checkpoint has no cosignature yet; nor does the key before sign it.
	rotated, err := keys.Rotate(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	testkit.SignLog(t, db, rotated.DropOld(), s.clock.Now())
	s.clock.Advance(2 * time.Second)
	if got := testkit.Ask(t, s, "/log/keys").Body; got != rotated.VerifierKeys()[0]+"\n"+keys.VerifierKeys()[0]+" retired\n" {
		t.Errorf("the keys are %q", got)
	}
	r = verified(t, &recorder{site: s, kept: tape{}}, verify.Options{Witnesses: []string{witness.Key}})
	if r.Verdict() != verify.Unchecked || len(r.Problems) != 0 {
		t.Errorf("%s %+v", r.Verdict(), r.Problems)
	}
	if signers := tlog.Signers([]byte(testkit.Ask(t, s, "/log/checkpoint").Body)); len(signers) != 1 {
		t.Errorf("signed by %v", signers)
	}
	a := testkit.Ask(t, s, "/en/log")
	if got := a.Page().Find("#_checkpoints").Closest("section").Find("tbody tr").First().Text(); !strings.Contains(got, "nobody yet") {
		t.Errorf("the newest checkpoint: %s", got)
	}
}
