package attest

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/notaryproject/tspclient-go"
)

// ErrForeign is wrapped when a timestamp is signed by an authority for which no
// certificate that is trusted vouches.
var ErrForeign = errors.New("not by an authority that is trusted")

// maxName is how much is kept of the name of an authority.
const maxName = 200

// Timestamp is what an authority said of a checkpoint: that it was there at a
// time (RFC 3161).
type Timestamp struct {
	Reply     []byte // as it answered: a TimeStampResp
	At        time.Time
	Authority string // as its certificate names it
}

// ParseRoots reads certificates in PEM: those that may vouch for an authority.
func ParseRoots(pem []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("there is no certificate in it: it must be in PEM")
	}
	return pool, nil
}

// Authority is a time-stamping authority that can be asked.
type Authority struct {
	asked tspclient.Timestamper
	roots *x509.CertPool
}

// NewAuthority returns the authority at an address. Roots are the certificates
// that vouch for it; nil: whoever answers is believed to be it.
func NewAuthority(client *http.Client, address string, roots *x509.CertPool) (*Authority, error) {
	if _, err := Address(address); err != nil {
		return nil, err
	}
	asked, err := tspclient.NewHTTPTimestamper(client, address)
	if err != nil {
		return nil, err
	}
	return &Authority{asked: asked, roots: roots}, nil
}

// Stamp asks the authority for a timestamp of a signed checkpoint, and returns
// one that holds: granted, of these very bytes, made for this very question
// (nonce), and signed by the authority.
func (a *Authority) Stamp(ctx context.Context, signed []byte) (Timestamp, error) {
	request, err := tspclient.NewRequest(tspclient.RequestOptions{Content: signed, HashAlgorithm: crypto.SHA256})
	if err != nil {
		return Timestamp{}, fmt.Errorf("timestamp: %w", err)
	}
	response, err := a.asked.Timestamp(ctx, request)
	if err != nil {
		return Timestamp{}, fmt.Errorf("timestamp: %w", err)
	}
	reply, err := response.MarshalBinary()
	if err != nil {
		return Timestamp{}, fmt.Errorf("timestamp: %w", err)
	}
	return CheckTimestamp(ctx, reply, signed, a.roots)
}

// CheckTimestamp reads the answer of an authority and reports whether it is a
// timestamp of a signed checkpoint. Roots are as in NewAuthority; the error wraps
// ErrForeign when all is right but them.
func CheckTimestamp(ctx context.Context, reply, signed []byte, roots *x509.CertPool) (Timestamp, error) {
	var response tspclient.Response
	rest, err := asn1.Unmarshal(reply, &response)
	if err == nil && (len(rest) > 0 || len(reply) > maxAnswer) {
		err = errors.New("it is longer than an answer")
	}
	if err != nil {
		return Timestamp{}, fmt.Errorf("timestamp: %w", err)
	}
	token, err := response.SignedToken()
	if err != nil {
		return Timestamp{}, fmt.Errorf("timestamp: %w", err)
	}
	info, err := token.Info()
	if err != nil {
		return Timestamp{}, fmt.Errorf("timestamp: %w", err)
	}
	at, err := info.Validate(signed)
	if err != nil {
		return Timestamp{}, fmt.Errorf("timestamp: %w", err)
	}
	signer, err := signerOf(ctx, token, at.Value, roots)
	if err != nil {
		return Timestamp{}, fmt.Errorf("timestamp: %w", err)
	}
	return Timestamp{Reply: reply, At: at.Value.UTC(), Authority: nameOf(signer)}, nil
}

// signerOf returns the certificate of who signed a timestamp: first the
// signature is checked by that certificate, and then whether others vouch for
// that, at the time which it gives.
func signerOf(ctx context.Context, token *tspclient.SignedToken, at time.Time, roots *x509.CertPool) (*x509.Certificate, error) {
	if len(token.SignerInfos) != 1 {
		return nil, fmt.Errorf("it has %d signatures", len(token.SignerInfos))
	}
	signer, err := token.SigningCertificate(&token.SignerInfos[0])
	if err != nil {
		return nil, err
	}
	itself := x509.NewCertPool()
	itself.AddCert(signer)
	if _, err := token.Verify(ctx, x509.VerifyOptions{Roots: itself, CurrentTime: at}); err != nil {
		return nil, err
	}
	if roots == nil {
		return signer, nil
	}
	if _, err := token.Verify(ctx, x509.VerifyOptions{Roots: roots, CurrentTime: at}); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return signer, nil
}

// nameOf is how a certificate names its owner.
func nameOf(c *x509.Certificate) string {
	name := c.Subject.CommonName
	if name == "" {
		name = c.Subject.String()
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if runes := []rune(name); len(runes) > maxName {
		name = string(runes[:maxName])
	}
	if name = strings.TrimSpace(name); name == "" {
		return c.SerialNumber.String()
	}
	return name
}
