package form

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/lookalike"
	"github.com/sijil/sijil/internal/register"
)

func (r *reader) claim(f *Field, at string) register.ClaimRef {
	r.found(at)
	s := r.get(at)
	c, ok := parseClaim(s)
	switch {
	case s == "" && f.Required:
		r.add(at, problemMissing, "")
	case s != "" && !ok, ok && f.whole && c.Claim == "":
		r.add(at, problemClaim, s)
	}
	return c
}

// parseClaim reads "statement#claim"; ok is false for what is none.
func parseClaim(s string) (c register.ClaimRef, ok bool) {
	statement, claim, named := strings.Cut(strings.TrimSpace(s), "#")
	if !refForm.MatchString(statement) || named && !keyForm.MatchString(claim) {
		return register.ClaimRef{}, false
	}
	return register.ClaimRef{Statement: register.Ref(statement), Claim: claim}, true
}

// date reads a date in words or in EDTF; what is not understood stays in its
// field, and is a problem there.
func (r *reader) date(at string) edtf.Date {
	d, _, err := edtf.ParseText(r.get(at), r.how.Today)
	if err != nil {
		r.add(at, ProblemNotADate, r.get(at))
	}
	return d
}

func (r *reader) number(f *Field, at string) int64 {
	s := r.get(at)
	if s == "" {
		if f.Required {
			r.add(at, problemMissing, "")
		}
		return 0
	}
	n, ok := parseNumber(s)
	if !ok {
		r.add(at, ProblemNotANumber, s)
	}
	return n
}

// maxNumber is the greatest whole number that every reader of the register's
// JSON keeps exactly.
const maxNumber = 1 << 53

var grouped = regexp.MustCompile(`^[0-9]{1,3}([., \x{00a0}\x{202f}'’][0-9]{3})+$`)

// parseNumber reads a whole number, in groups of three or not, with Western or
// Arabic digits.
func parseNumber(s string) (n int64, ok bool) {
	s = strings.Map(westernDigit, s)
	if grouped.MatchString(s) {
		s = strings.Map(func(c rune) rune {
			if c < '0' || c > '9' {
				return -1
			}
			return c
		}, s)
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > maxNumber {
		return 0, false
	}
	return n, true
}

func westernDigit(c rune) rune {
	switch {
	case c >= '٠' && c <= '٩':
		return c - '٠' + '0'
	case c >= '۰' && c <= '۹':
		return c - '۰' + '0'
	case c == '٬':
		return ','
	}
	return c
}

// line reads a field that is one string, and asks that it is of its kind.
func (r *reader) line(f *Field, at string) string {
	s := tidy(r.values.Get(at), f)
	if f.isAddress() {
		s = lookalike.ASCII(s)
	}
	if f.Kind == Ref {
		r.found(at)
	}
	if s == "" {
		if f.Required {
			r.add(at, problemMissing, "")
		}
		return ""
	}
	if problem := malformed(f, s); problem != "" {
		r.add(at, problem, s)
		return ""
	}
	return s
}

// malformed names the problem of a value that is not of the field's kind.
func malformed(f *Field, s string) string {
	switch {
	case f.Kind == Code && !f.edited() && f.codes != nil && !slices.Contains(f.codes(), s),
		f.Kind == Code && f.edited() && !keyForm.MatchString(s),
		f.Kind == Code && f.keys != nil && !keyForm.MatchString(s):
		return problemCode
	case f.Kind == Lang && !languageForm.MatchString(s):
		return ProblemNoLanguage
	case f.Kind == Country && !countryForm.MatchString(s):
		return ProblemNoCountry
	case f.Kind == Ref && !refForm.MatchString(s):
		return ProblemNotFound
	}
	return ""
}

var countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
