package attest_test

import (
	"crypto/x509"
	"errors"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/notaryproject/tspclient-go"

	"github.com/sijil/sijil/internal/attest"
	"github.com/sijil/sijil/internal/testkit"
)

// changed changes a question on its way, so that the answer is to another one.
func changed(t *testing.T, change func(*tspclient.Request)) func([]byte) []byte {
	t.Helper()
	return func(query []byte) []byte {
		var r tspclient.Request
		if err := r.UnmarshalBinary(query); err != nil {
			t.Error(err)
		}
		change(&r)
		out, err := r.MarshalBinary()
		if err != nil {
			t.Error(err)
		}
		return out
	}
}

// TestTimestamps by an authority, and all that is not one.
func TestTimestamps(t *testing.T) {
	t.Parallel()
	a, foreign := testkit.NewAuthority(t, "Autorité de test"), testkit.NewAuthority(t, "Another")
	roots := a.Roots(t)
	signed := newLog(t, 3).question(t, 0).Signed
	ask := func(roots *x509.CertPool) (attest.Timestamp, error) {
		authority, err := attest.NewAuthority(attest.NewClient(), a.URL, roots)
		if err != nil {
			t.Fatal(err)
		}
		return authority.Stamp(t.Context(), signed)
	}
	for name, roots := range map[string]*x509.CertPool{"vouched for": roots, "believed": nil} {
		got, err := ask(roots)
		if err != nil || got.Authority != "Autorité de test" || time.Since(got.At).Abs() > time.Hour {
			t.Fatalf("%s: %q at %s, %v", name, got.Authority, got.At, err)
		}
		a.Verify(t, got.Reply, signed)
	}
	right, err := ask(roots)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask(foreign.Roots(t)); !errors.Is(err, attest.ErrForeign) {
		t.Errorf("by an authority that another one vouches for: %v", err)
	}
	for name, c := range map[string]struct {
		change  func(*tspclient.Request)
		instead http.HandlerFunc
		want    string
	}{
		"another imprint": {change: func(r *tspclient.Request) { r.MessageImprint.HashedMessage[0] ^= 1 }, want: "imprint"},
		"another nonce":   {change: func(r *tspclient.Request) { r.Nonce = big.NewInt(7) }, want: "nonce"},
		"no nonce":        {change: func(r *tspclient.Request) { r.Nonce = nil }, want: "nonce"},
		"no certificate":  {change: func(r *tspclient.Request) { r.CertReq = false }, want: "certificate"},
		"refused":         {change: func(r *tspclient.Request) { r.ReqPolicy = []int{1, 2, 9} }, want: "rejected"},
		"an old answer":   {instead: says("application/timestamp-reply", right.Reply), want: "nonce"},
		"garbage":         {instead: says("application/timestamp-reply", []byte("garbage")), want: "asn1"},
		"a web page":      {instead: says("text/html", right.Reply), want: "content type"},
		"an error":        {instead: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, want: "502"},
		"elsewhere":       {instead: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusTemporaryRedirect) }, want: "307"},
	} {
		a.Change(nil)
		if c.change != nil {
			a.Change(changed(t, c.change))
		}
		a.Instead(c.instead)
		if got, err := ask(roots); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v %v", name, got, err)
		}
	}
	damage(t, right, signed, roots, foreign.Roots(t))
}

func says(mediaType string, body []byte) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write(body)
	}
}

// damage checks a kept timestamp that was changed, or is of something else.
func damage(t *testing.T, right attest.Timestamp, signed []byte, roots, foreign *x509.CertPool) {
	t.Helper()
	if got, err := attest.CheckTimestamp(t.Context(), right.Reply, signed, roots); err != nil || !got.At.Equal(right.At) {
		t.Errorf("as it was kept: %+v %v", got, err)
	}
	if _, err := attest.CheckTimestamp(t.Context(), right.Reply, signed, foreign); !errors.Is(err, attest.ErrForeign) {
		t.Errorf("foreign: %v", err)
	}
	for name, err := range map[string]error{
		"another checkpoint": second(attest.CheckTimestamp(t.Context(), right.Reply, append(signed, 'x'), roots)),
		"too long":           second(attest.CheckTimestamp(t.Context(), append(slices.Clone(right.Reply), 'x'), signed, roots)),
		"cut off":            second(attest.CheckTimestamp(t.Context(), right.Reply[:len(right.Reply)-1], signed, roots)),
		"nothing":            second(attest.CheckTimestamp(t.Context(), nil, signed, roots)),
	} {
		if err == nil || errors.Is(err, attest.ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A changed byte is refused, or was one of those that say nothing of the time,
	// of what is stamped, or by whom.
	for at := range right.Reply {
		other := slices.Clone(right.Reply)
		other[at] ^= 0x41
		got, err := attest.CheckTimestamp(t.Context(), other, signed, roots)
		if err == nil && (!got.At.Equal(right.At) || got.Authority != right.Authority) {
			t.Errorf("byte %d changes it to %s by %s", at, got.At, got.Authority)
		}
	}
}

func second(_ attest.Timestamp, err error) error { return err }

func TestWhatIsNoAuthority(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "tsa.example", "ftp://tsa.example", "https://u:p@tsa.example"} {
		if _, err := attest.NewAuthority(attest.NewClient(), address, nil); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
	if _, err := attest.ParseRoots([]byte("x")); err == nil {
		t.Error("no certificate")
	}
	nobody, err := attest.NewAuthority(attest.NewClient(), "http://127.0.0.1:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nobody.Stamp(t.Context(), []byte("x")); err == nil {
		t.Error("nobody answers")
	}
}

func FuzzCheckTimestamp(f *testing.F) {
	f.Add([]byte("0\x03\x02\x01\x00"), []byte("x"))
	f.Add([]byte{0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x00}, []byte("x"))
	f.Fuzz(func(t *testing.T, reply, signed []byte) {
		if got, err := attest.CheckTimestamp(t.Context(), reply, signed, nil); err == nil && got.Authority == "" {
			t.Errorf("%+v", got)
		}
	})
}
