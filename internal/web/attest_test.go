package web_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
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

// TestTimestampsAreHandedOut with the bytes of which they are, for anybody's
// tools, and shown on the page of the log.
func TestTimestampsAreHandedOut(t *testing.T) {
	t.Parallel()
	authority := testkit.NewAuthority(t, "Authority of tests")
	db := testkit.Founding(t)
	s := newDeskSite(t, db)
	testkit.SignLog(t, db, testkit.LogKeys(t), s.clock.Now())
	if a := testkit.Ask(t, s, "/log/timestamps"); a.Status != http.StatusNotFound {
		t.Errorf("without any: %d", a.Status)
	}
	kept := testkit.StampLog(t, db, authority)
	witness := testkit.NewWitness(t, "witness.test/one", testkit.LogKeys(t).VerifierKeys()[0], nil)
	testkit.CosignLog(t, db, witness, s.clock.Now()) // is not among the bytes that were stamped
	s.clock.Advance(2 * time.Second)                 // the page cache learns of it
	at := fmt.Sprintf("/log/timestamps/%d", kept.Size)
	if got := testkit.Ask(t, s, "/log/timestamps").Body; got != fmt.Sprintf("%d %s Authority of tests\n", kept.Size, kept.StampedAt.Format(time.RFC3339)) {
		t.Errorf("the list is %q", got)
	}
	reply, data := testkit.Ask(t, s, at+".tsr"), testkit.Ask(t, s, at+".checkpoint")
	authority.Verify(t, []byte(reply.Body), []byte(data.Body))
	if got := reply.Header.Get("Content-Type"); got != "application/timestamp-reply" || !strings.Contains(reply.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%v", reply.Header)
	}
	for _, path := range []string{"/log/timestamps/0.tsr", "/log/timestamps/x.tsr", "/log/timestamps/1.checkpoint", "/log/timestamps/0" + fmt.Sprint(kept.Size) + ".tsr"} {
		if a := testkit.Ask(t, s, path); a.Status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, a.Status)
		}
	}
	for _, lang := range register.Langs() {
		a := testkit.Ask(t, s, "/"+string(lang)+"/log")
		if a.Page().Find(`a[href="`+at+`.tsr"]`).Length() != 1 || !strings.Contains(a.Text("main"), "Authority of tests") ||
			!strings.Contains(a.Text("main"), "--tsa-ca authority.pem") {
			t.Errorf("%s: %s", lang, a.Text("main"))
		}
	}
	r := verified(t, &recorder{site: s, kept: tape{}}, verify.Options{Authorities: authority.Roots(t)})
	if r.Verdict() != verify.Proved || len(r.Stamps) != 1 || !r.Stamps[0].At.Equal(kept.StampedAt) {
		t.Errorf("%+v %+v", r.Stamps, r.Problems)
	}
}
