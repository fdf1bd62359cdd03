package desk

import (
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// cursor is where a list goes on: after the row with the time and identifier.
func cursor(at time.Time, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(at.UTC().Format(time.RFC3339Nano) + " " + id))
}

// parseCursor reads a cursor; nil, nil for none. ErrInvalid for what no list
// gave.
func parseCursor(s string) (at *time.Time, id *string, err error) {
	if s == "" {
		return nil, nil, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: cursor: %w", register.ErrInvalid, err)
	}
	moment, key, _ := strings.Cut(string(data), " ")
	t, err := time.Parse(time.RFC3339Nano, moment)
	if err != nil || !store.IsID(key) {
		return nil, nil, fmt.Errorf("%w: cursor %q", register.ErrInvalid, data)
	}
	return &t, &key, nil
}
