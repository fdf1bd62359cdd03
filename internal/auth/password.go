package auth

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/sijil/sijil/internal/register"
)

const (
	// MinPassword is how many characters a password has at least.
	MinPassword = 12
	// maxPassword bounds the work of a hash, in bytes.
	maxPassword = 1024
)

//go:embed common.txt
var commonPasswords string

// CheckPassword returns what is wrong with a new password: too short, too
// long, the address itself, or one of those that are tried first or have leaked. Nothing is
// asked of how it is composed (NIST SP 800-63B).
func CheckPassword(password, email string) register.Problems {
	problem := func(key string) register.Problems { return register.Problems{{Field: "password", Key: key}} }
	switch folded := foldPassword(password); {
	case utf8.RuneCountInString(norm.NFKC.String(password)) < MinPassword:
		return problem("problem.password-short")
	case len(password) > maxPassword:
		return problem("problem.password-long")
	case isOfEmail(folded, email):
		return problem("problem.password-email")
	case isCommon(folded) || isLeaked(folded):
		return problem("problem.password-common")
	}
	return nil
}

func foldPassword(password string) string { return strings.ToLower(norm.NFKC.String(password)) }

// isOfEmail recognises the address and its first part with some digits.
func isOfEmail(folded, email string) bool {
	name, _, _ := strings.Cut(email, "@")
	return email != "" && (strings.Contains(folded, email) || stem(folded) == stem(name))
}

// isCommon recognises what is on the list, also with digits and signs around
// it, and what is a few characters over and over.
func isCommon(folded string) bool {
	core := stem(folded)
	for line := range strings.Lines(commonPasswords) {
		if word := strings.TrimSpace(line); word == folded || (core != "" && word == core) {
			return true
		}
	}
	return isRepeated(folded)
}

// stem is a password without the digits and signs at its ends.
func stem(folded string) string {
	return strings.TrimFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) })
}

// isRepeated recognises a unit of at most four characters over and over.
func isRepeated(folded string) bool {
	runes := []rune(folded)
	for unit := 1; unit <= 4; unit++ {
		same := true
		for i := unit; i < len(runes); i++ {
			same = same && runes[i] == runes[i-unit]
		}
		if same {
			return true
		}
	}
	return false
}
