package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
)

// checkOperator looks at what pages and security.txt show of the operator: an
// address that leads nowhere is worse than none.
func (c Config) checkOperator() error {
	return errors.Join(
		checkContact("SIJIL_OPERATOR_CONTACT", c.OperatorContact, false),
		checkContact("SIJIL_SECURITY_CONTACT", c.SecurityContact, true),
		c.checkLogDays(),
	)
}

// checkContact wants a bare mail address, or where it may be one, an address of
// the web.
func checkContact(name, value string, web bool) error {
	if value == "" {
		return nil
	}
	if u, err := url.Parse(value); web && err == nil && u.Scheme == "https" && u.Host != "" && !strings.ContainsAny(value, " <>\"") {
		return nil
	}
	parsed, err := mail.ParseAddress(value)
	if err == nil && parsed.Address == value && !strings.ContainsAny(value, " <>\"\\?&") {
		return nil
	}
	or := ""
	if web {
		or = ", or an address such as https://sijil.example/report"
	}
	return fmt.Errorf("%s is %q: it must be a mail address such as contact@sijil.example%s", name, value, or)
}

func (c Config) checkLogDays() error {
	if c.LogDays < 0 {
		return fmt.Errorf("SIJIL_LOG_DAYS is %d: it must be a number of days, or not set", c.LogDays)
	}
	return nil
}
