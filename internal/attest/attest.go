// Package attest asks others to attest checkpoints of the public log: witnesses
// to cosign them (c2sp.org/tlog-witness), and a time-stamping authority to date
// them (RFC 3161). The operator names whom it asks, and what they answer is
// checked before anybody believes it. What is in the log is not its business.
package attest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/outbound"
)

const (
	// patience is how long one question may take as a whole.
	patience = 30 * time.Second
	// maxAnswer is the most that is read of an answer.
	maxAnswer = 64 << 10
)

// ErrRefused is wrapped when to ask again would be no use before somebody has
// changed something, here or there.
var ErrRefused = errors.New("refused")

// NewClient returns the one client by which those are asked whom the operator
// names. It follows no redirect: they are asked where he says that they are.
// They may be in a private network, as a mail server may; what readers or staff
// give as an address is fetched by another client.
func NewClient() *http.Client {
	return outbound.Client(patience)
}

// Address reads the address of somebody who is asked: http or https, with
// nothing secret in it.
func Address(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.Fragment != "" {
		return nil, fmt.Errorf("%q is no address: it must be https://host/path, or http://host/path", address)
	}
	return u, nil
}

// reply is an answer that was read.
type reply struct {
	status    int
	mediaType string
	body      []byte
}

// post asks, and reads the answer whatever its status.
func post(ctx context.Context, client *http.Client, address string, body []byte) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	request.Header.Set("User-Agent", "sijil")
	response, err := client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return reply{}, err
	}
	if len(answer) > maxAnswer {
		return reply{}, errors.New("the answer is too long")
	}
	mediaType, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";")
	return reply{status: response.StatusCode, mediaType: strings.TrimSpace(mediaType), body: answer}, nil
}
