package store

import (
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// identifier is the text of a UUID, for a column of either type. Given a string for a
// column of UUIDs, pgx fails with an error, for each value again, and then goes by way of
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
	if s := v.String(); IsID(s) {
		return identifier(s)
	}
	return value
}
