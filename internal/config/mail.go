package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
)

// NoMail is the value of SIJIL_SMTP_URL that says that no mail is to be sent.
const NoMail = "none"

// SendsMail reports whether there is a mail server.
func (c Config) SendsMail() bool { return c.SMTPURL != NoMail }

// checkMail refuses a server without mail unless that was asked for: who works
// at the desk waits for it. It never repeats the address: it holds a password.
func (c Config) checkMail() error {
	const what = "SIJIL_SMTP_URL"
	const form = "smtp://user:password@host:587, smtps://user:password@host:465 or smtp+plain://localhost:25" //nolint:gosec // a form, no secret
	switch c.SMTPURL {
	case "":
		return fmt.Errorf("%s is not set: give it (or the path of a file that holds it, in %s_FILE) the mail server, as %s; "+
			"or \"none\", and no mail is sent: not of invitations and new passwords, nor of what waits for somebody", what, what, form)
	case NoMail:
		return nil
	}
	u, err := url.Parse(c.SMTPURL)
	if err != nil || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return fmt.Errorf("%s is not the address of a mail server: it must have the form %s", what, form)
	}
	switch {
	case u.Scheme == "smtp+plain" && !isLocal(u.Hostname()):
		err = errors.New(what + " has smtp+plain:// for another machine: without TLS everybody on the way can read the mails")
	case u.Scheme != "smtp" && u.Scheme != "smtps" && u.Scheme != "smtp+plain":
		err = fmt.Errorf("%s must have the form %s", what, form)
	}
	return errors.Join(err, c.checkMailFrom(), c.checkMailTimeout())
}

func (c Config) checkMailFrom() error {
	if _, err := mail.ParseAddress(c.MailFrom); err != nil {
		return fmt.Errorf("SIJIL_MAIL_FROM is %q: it must be an address, such as Sijil <desk@sijil.example>", c.MailFrom)
	}
	return nil
}

func (c Config) checkMailTimeout() error {
	if c.MailTimeout <= 0 {
		return fmt.Errorf("SIJIL_MAIL_TIMEOUT is %s: it must be more than nothing", c.MailTimeout)
	}
	return nil
}
