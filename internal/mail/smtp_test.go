package mail_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/sijil/sijil/internal/mail"
	"github.com/sijil/sijil/internal/register"
)

// certificate is one for this machine that the tests' process trusts.
var certificate tls.Certificate

// TestMain makes the certificate before anything asks for the system's roots,
// which are read once.
func TestMain(m *testing.M) { os.Exit(withCertificate(m)) }

func withCertificate(m *testing.M) int {
	dir, err := os.MkdirTemp("", "sijil-mail-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a folder of the test's
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sink"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	path := filepath.Join(dir, "roots.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		panic(err)
	}
	if err := os.Setenv("SSL_CERT_FILE", path); err != nil {
		panic(err)
	}
	certificate = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return m.Run()
}

// sink is a mail server that keeps what it gets.
type sink struct {
	mu       sync.Mutex
	messages []string
	secured  bool   // the last one came by TLS
	user     string // who signed in
	refuse   *smtp.SMTPError
}

// open starts the server and returns its host and port.
func (s *sink) open(t *testing.T, implicitTLS, offerTLS bool) string {
	t.Helper()
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		_, secured := c.TLSConnectionState()
		return &session{sink: s, secured: secured}, nil
	}))
	server.Domain, server.AllowInsecureAuth = "localhost", true
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if offerTLS {
		server.TLSConfig = config
	}
	if implicitTLS {
		listener = tls.NewListener(listener, config)
	}
	go server.Serve(listener) //nolint:errcheck // it ends by Close
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

type session struct {
	*sink
	secured bool
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if password != "hidden word" {
			return errors.New("no")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(string, *smtp.RcptOptions) error {
	if s.refuse != nil {
		return s.refuse
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	content, err := io.ReadAll(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages, s.sink.secured = append(s.messages, string(content)), s.secured
	return err
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func sender(t *testing.T, address string) *mail.SMTP {
	t.Helper()
	s, err := mail.NewSMTP(address, "Sijil <desk@sijil.example>", 10*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestALetterArrives(t *testing.T) {
	for _, c := range []struct {
		name, scheme    string
		implicit, offer bool
		secured         bool
	}{
		{"in the open on this machine", "smtp+plain", false, false, false},
		{"STARTTLS", "smtp", false, true, true},
		{"TLS", "smtps", true, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s sink
			address := s.open(t, c.implicit, c.offer)
			letter := writer(t).Write(full(register.MailReturned, register.Arabic))
			to := netmail.Address{Name: "نادية\r\nBcc: thief@example.org", Address: "nadia@example.org"}
			err := sender(t, c.scheme+"://sijil:hidden%20word@"+address).Send(t.Context(), "one", to, letter)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.messages) != 1 || s.secured != c.secured || s.user != "sijil" {
				t.Fatalf("%d messages, TLS %t, user %q", len(s.messages), s.secured, s.user)
			}
			checkMessage(t, s.messages[0], letter)
		})
	}
}

// checkMessage takes a message apart as a mail program does.
func checkMessage(t *testing.T, raw string, letter mail.Letter) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("subject %q (%v), want %q", subject, err, letter.Subject)
	}
	if to, err := m.Header.AddressList("To"); err != nil || len(to) != 1 || to[0].Address != "nadia@example.org" || m.Header.Get("Bcc") != "" {
		t.Errorf("to %v, %v, Bcc %q", to, err, m.Header.Get("Bcc"))
	}
	if m.Header.Get("Message-Id") != "<one@sijil.example>" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("header: %v", m.Header)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for reader := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part.Header.Get("Content-Type")+"\n"+strings.ReplaceAll(string(content), "\r\n", "\n"))
	}
	if len(parts) != 2 || !strings.Contains(parts[0], "text/plain") || !strings.Contains(parts[0], letter.Text()) {
		t.Errorf("parts: %q", parts)
	}
	if !strings.Contains(parts[1], `<html lang="ar" dir="rtl">`) || !strings.Contains(parts[1], letter.Action.URL) {
		t.Errorf("the part in HTML: %s", parts[1])
	}
}

// TestNothingIsSaidInTheOpen: a server that offers no TLS gets neither password
// nor letter.
func TestNothingIsSaidInTheOpen(t *testing.T) {
	var s sink
	address := s.open(t, false, false)
	err := sender(t, "smtp://sijil:hidden%20word@"+address).
		Send(t.Context(), "one", netmail.Address{Address: "nadia@example.org"}, writer(t).Write(full(register.MailReview, "fr")))
	if err == nil || len(s.messages) > 0 || s.user != "" {
		t.Errorf("%v; %d messages, user %q", err, len(s.messages), s.user)
	}
}

func TestARefusalForGoodIsToldFromOneForNow(t *testing.T) {
	for _, c := range []struct {
		code  int
		final bool
	}{{550, true}, {451, false}} {
		s := sink{refuse: &smtp.SMTPError{Code: c.code, Message: "no"}}
		err := sender(t, "smtp+plain://"+s.open(t, false, false)).
			Send(t.Context(), "one", netmail.Address{Address: "nadia@example.org"}, writer(t).Write(full(register.MailReview, "fr")))
		if err == nil || errors.Is(err, mail.ErrRefused) != c.final {
			t.Errorf("%d: %v", c.code, err)
		}
	}
}

func TestAServerThatIsAwayIsAnErrorWithoutThePassword(t *testing.T) {
	err := sender(t, "smtp://sijil:hiddenword@127.0.0.1:1").
		Send(t.Context(), "one", netmail.Address{Address: "nadia@example.org"}, writer(t).Write(full(register.MailReview, "fr")))
	if err == nil || errors.Is(err, mail.ErrRefused) || strings.Contains(err.Error(), "hiddenword") {
		t.Errorf("%v", err)
	}
	if _, err := mail.NewSMTP("smtp://a:hiddenword@:x", "Sijil <desk@sijil.example>", time.Second); err == nil || strings.Contains(err.Error(), "hiddenword") {
		t.Errorf("%v", err)
	}
}
