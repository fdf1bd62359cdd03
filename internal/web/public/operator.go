package public

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views/texts"
)

// Operator is who runs this installation, as he says himself; what is empty was
// not given, and pages say so.
type Operator struct {
	Name, Address string
	Contact       string // a mail address
	Hosting       string // who hosts the machines
	// Security is where vulnerabilities are reported: a mail address, or an
	// address of the web; empty: Contact.
	Security string
	// LogDays is for how many days the operator keeps the logs of the server.
	LogDays int
}

func (o Operator) security() string { return cmp.Or(o.Security, o.Contact) }

// What the privacy page states, and the server does.
const (
	// LanguageCookie remembers the language that a reader chose, for
	// RememberedDays.
	LanguageCookie = "sijil_lang"
	RememberedDays = 365
	// LoggedBits4 and LoggedBits6 are how much of a reader's address is logged.
	LoggedBits4 = 24
	LoggedBits6 = 48
)

// securityValid is for how long security.txt says that it is right: RFC 9116
// recommends less than a year.
const securityValid = 180 * 24 * time.Hour

// SecurityTxt answers /.well-known/security.txt (RFC 9116): ErrNotFound where the
// operator has given no contact, since one without it is not allowed.
func (p *Pages) SecurityTxt(_ context.Context, _ Request) (Answer, error) {
	contact := p.site.Operator.security()
	if contact == "" {
		return Answer{}, register.ErrNotFound
	}
	if !strings.HasPrefix(contact, "https:") {
		contact = "mailto:" + contact
	}
	expires := p.now().UTC().Add(securityValid).Truncate(24 * time.Hour)
	lines := []string{
		"Contact: " + contact,
		"Expires: " + expires.Format(time.RFC3339),
		"Preferred-Languages: " + strings.Join(i18n.Langs(), ", "),
		"Canonical: " + p.site.BaseURL + SecurityTxtPath,
		"Policy: " + p.site.BaseURL + address("en", texts.Imprint) + "#security",
	}
	return Answer{File: &File{MediaType: "text/plain; charset=utf-8", Body: []byte(strings.Join(lines, "\n") + "\n")}}, nil
}

// SecurityTxtPath is where security.txt stands.
const SecurityTxtPath = "/.well-known/security.txt"
