package auth

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// FillHashSlots takes all room for hashes, so that whoever wants one waits.
func (a *Auth) FillHashSlots() (release func()) {
	for range mostHashes {
		a.hasher.slots <- struct{}{}
	}
	return func() {
		for range mostHashes {
			<-a.hasher.slots
		}
	}
}

// CodeAt is the code that an application shows at a moment, for a secret as it
// is shown to be typed.
func CodeAt(shown string, at time.Time) string {
	code, err := totp.GenerateCode(strings.ReplaceAll(shown, " ", ""), at)
	if err != nil {
		panic(err)
	}
	return code
}

// ParseHash reads a hash, for the fuzzer.
func ParseHash(s string) error {
	_, _, _, err := parseHash(s)
	return err
}

// KnowsBrowser reports whether a browser's token is one of an address.
func (a *Auth) KnowsBrowser(email, token string) bool {
	_, ok := a.known(email, token)
	return ok
}

// FoldPassword is foldPassword.
var FoldPassword = foldPassword

// Leaked reads the list of leaked passwords to its end.
func Leaked(tb testing.TB) []string {
	tb.Helper()
	unpacked, err := gzip.NewReader(bytes.NewReader(leaked))
	if err != nil {
		tb.Fatal(err)
	}
	all, err := io.ReadAll(unpacked)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(all), "\n"), "\n")
}
