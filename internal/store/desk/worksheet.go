package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/store"
)

// Worksheet is what a person has typed into a form and not saved yet.
type Worksheet struct {
	Account string
	Place   string // path of the form after the language, such as "/desk/incidents/new"
	Form    url.Values
	SavedAt time.Time
}

// SaveWorksheet keeps a worksheet in the place of the one before.
func (d *Queries) SaveWorksheet(ctx context.Context, w Worksheet) error {
	form, err := json.Marshal(w.Form)
	if err != nil {
		return fmt.Errorf("encode worksheet: %w", err)
	}
	_, err = d.q.Exec(ctx, `
		INSERT INTO desk.worksheets (account_id, place, form, saved_at)
		VALUES (@account, @place, @form, @at)
		ON CONFLICT (account_id, place) DO UPDATE
		SET form = EXCLUDED.form, saved_at = EXCLUDED.saved_at`,
		pgx.StrictNamedArgs{"account": w.Account, "place": w.Place, "form": form, "at": w.SavedAt})
	return store.Map(err)
}

// Worksheet returns what a person has typed at a place; ErrNotFound when
// there is nothing.
func (d *Queries) Worksheet(ctx context.Context, account, place string) (Worksheet, error) {
	w := Worksheet{Account: account, Place: place}
	var form []byte
	err := d.q.QueryRow(ctx, `
		SELECT form::text, saved_at
		FROM desk.worksheets
		WHERE account_id = @account AND place = @place`,
		pgx.StrictNamedArgs{"account": account, "place": place}).Scan(&form, &w.SavedAt)
	if err != nil {
		return w, store.Map(err)
	}
	if err := json.Unmarshal(form, &w.Form); err != nil {
		return w, fmt.Errorf("decode worksheet: %w", err)
	}
	return w, nil
}

// Worksheets lists what a person has typed and not saved, newest first.
func (d *Queries) Worksheets(ctx context.Context, account string) ([]Worksheet, error) {
	rows, err := d.q.Query(ctx, `
		SELECT account_id, place, saved_at
		FROM desk.worksheets
		WHERE account_id = @account
		ORDER BY saved_at DESC, place`,
		pgx.StrictNamedArgs{"account": account})
	if err != nil {
		return nil, store.Map(err)
	}
	out, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Worksheet, error) {
		var w Worksheet
		err := row.Scan(&w.Account, &w.Place, &w.SavedAt)
		return w, err
	})
	return out, store.Map(err)
}

// DeleteWorksheet forgets what a person has typed at a place.
func (d *Queries) DeleteWorksheet(ctx context.Context, account, place string) error {
	_, err := d.q.Exec(ctx, `
		DELETE FROM desk.worksheets WHERE account_id = @account AND place = @place`,
		pgx.StrictNamedArgs{"account": account, "place": place})
	return store.Map(err)
}
