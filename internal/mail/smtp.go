package mail

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/sijil/sijil/internal/outbound"
)

// ErrRefused means that the server will never take this mail: to try again is
// no use.
var ErrRefused = errors.New("refused for good")

// Schemes of a mail server's address.
const (
	schemeTLS      = "smtps"      // TLS from the first byte
	schemeSTARTTLS = "smtp"       // TLS before anything else is said; never without
	schemePlain    = "smtp+plain" // no TLS: on this machine only
)

// SMTP sends letters by a mail server.
type SMTP struct {
	server  *url.URL
	from    mail.Address
	timeout time.Duration
}

// NewSMTP returns a sender by the server that address names, as
// smtp://user:password@host:587 (STARTTLS), smtps://… (TLS) or
// smtp+plain://localhost:25. A mail takes at most the time of timeout.
func NewSMTP(address, from string, timeout time.Duration) (*SMTP, error) {
	server, err := url.Parse(address)
	if err != nil || server.Hostname() == "" {
		return nil, errors.New("mail: the server's address is none") // its text may hold a password
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("mail: the sender's address: %w", err)
	}
	s := &SMTP{server: server, from: *sender, timeout: timeout}
	_, err = s.client() // what is wrong with the settings is told now
	return s, err
}

// client holds no connection: there is one for each mail.
func (s *SMTP) client() (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithTimeout(s.timeout)}
	if _, host, found := strings.Cut(s.from.Address, "@"); found {
		options = append(options, gomail.WithHELO(host))
	}
	if s.server.Scheme != schemeTLS { // there the library dials itself, or it would not encrypt
		options = append(options, gomail.WithDialContextFunc(outbound.Dial))
	}
	port, auth := 587, gomail.SMTPAuthAutoDiscover
	switch s.server.Scheme {
	case schemeTLS:
		port = 465
		options = append(options, gomail.WithSSL())
	case schemeSTARTTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case schemePlain:
		port, auth = 25, gomail.SMTPAuthPlain // which takes this machine only
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("mail: no such scheme: %s", s.server.Scheme)
	}
	if given, err := strconv.Atoi(s.server.Port()); err == nil {
		port = given
	}
	options = append(options, gomail.WithPort(port))
	if user := s.server.User; user != nil {
		password, _ := user.Password()
		options = append(options,
			gomail.WithSMTPAuth(auth), gomail.WithUsername(user.Username()), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(s.server.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("mail: settings: %w", err)
	}
	return client, nil
}

// Send hands a letter to the server. The identifier makes the Message-ID: the
// same letter sent twice is one to the mail programs that look. It returns
// ErrRefused when the server refuses the letter or its receiver for good.
func (s *SMTP) Send(ctx context.Context, id string, to mail.Address, letter Letter) error {
	message, err := s.message(id, to, letter)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	// Once the server has the letter, how the connection ends is no matter.
	defer client.CloseWithSMTPClient(connection) //nolint:errcheck // see above
	err = client.SendWithSMTPClient(connection, message)
	if failure, ok := errors.AsType[*gomail.SendError](err); ok && failure.ErrorCode() >= 500 && !failure.IsTemp() {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}

// message puts a letter into its envelope.
func (s *SMTP) message(id string, to mail.Address, letter Letter) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8))
	_, host, _ := strings.Cut(s.from.Address, "@")
	m.SetMessageIDWithValue(id + "@" + host)
	m.SetDate()
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Content-Language", letter.Lang)
	m.Subject(letter.Subject)
	if err := m.FromFormat(s.from.Name, s.from.Address); err != nil {
		return nil, err
	}
	if err := m.AddToFormat(oneLine(to.Name), to.Address); err != nil {
		return nil, err
	}
	m.SetBodyString(gomail.TypeTextPlain, letter.Text())
	var html strings.Builder
	if err := page(letter).Render(context.Background(), &html); err != nil {
		return nil, err
	}
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return m, nil
}
