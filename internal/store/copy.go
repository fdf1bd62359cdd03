package store

import (
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// identifier is the text of a UUID for a column of either type. Of a string pgx learns
// by an error that it is no UUID, for each value again, and then makes it one by way of
// its text: in an import a fifth of what the program computes.
type identifier string

// TextValue implements pgtype.TextValuer.
func (i identifier) TextValue() (pgtype.Text, error) {
	return pgtype.Text{String: string(i), Valid: true}, nil
}

// UUIDValue implements pgtype.UUIDValuer.
func (i identifier) UUIDValue() (pgtype.UUID, error) {
	var u pgtype.UUID
	err := u.Scan(string(i))
	return u, err
}

// CopyRows is a source of rows for CopyFrom; it may change their values for such as are
// written faster.
func CopyRows(rows [][]any) pgx.CopyFromSource {
	return pgx.CopyFromSlice(len(rows), func(n int) ([]any, error) {
		for i, value := range rows[n] {
			rows[n][i] = copied(value)
		}
		return rows[n], nil
	})
}

// copied is a value as it is written fastest.
func copied(value any) any {
	v := reflect.ValueOf(value)
	if v.Kind() != reflect.String {
		return value
	}
	if s := v.String(); isUUID(s) {
		return identifier(s)
	}
	return value
}

// isUUID reports whether a text is a UUID as PostgreSQL writes them, of which there is
// one form.
func isUUID(s string) bool {
	if len(s) != len("00000000-0000-0000-0000-000000000000") {
		return false
	}
	for i, c := range []byte(s) {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}
