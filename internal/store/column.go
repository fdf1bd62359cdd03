package store

import (
	"database/sql"
	"fmt"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// DateColumn reads a text column that holds EDTF into a date; an empty column
// is not stated.
func DateColumn(date *edtf.Date) sql.Scanner { return dateColumn{date} }

type dateColumn struct{ date *edtf.Date }

// Scan implements sql.Scanner.
func (c dateColumn) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("EDTF column holds %T", src)
	}
	return c.date.UnmarshalText([]byte(s))
}

// Nullable is NULL for an empty string.
func Nullable[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

// TextColumn is a text for a jsonb column: no text is an empty object, not null.
func TextColumn(t register.Text) register.Text {
	if t == nil {
		return register.Text{}
	}
	return t
}
