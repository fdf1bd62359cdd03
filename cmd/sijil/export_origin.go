package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// exportOrigins writes what was imported, as it came: one object a line, in the order
// of the identifiers there. It names natural persons: it is for staff, and audited.
func (p program) exportOrigins(ctx context.Context, words [2]string, email, file string) error {
	if words[0] != string(register.ImportVERIS) || words[1] != "" || email == "" {
		return &usageError{"export: it is veris --with-origin --as E-MAIL"}
	}
	databaseURL, err := config.DatabaseURL(p.getenv)
	if err != nil {
		return err
	}
	db, err := openSide(ctx, "DATABASE_URL", databaseURL, store.JobsSide, store.CheckDesk)
	if err != nil {
		return err
	}
	defer db.Close()
	who, err := desk.New(db.Querier()).StaffByEmail(ctx, email)
	if errors.Is(err, register.ErrNotFound) || err == nil && who.DeactivatedAt != nil {
		return &usageError{fmt.Sprintf("export: --as: no active account has the address %s", email)}
	}
	if err != nil {
		return err
	}
	actor := register.Actor{ID: who.ID, Role: who.Role}
	return p.writeTo(file, func(w io.Writer) error {
		return editorial.New(db, time.Now).EachOrigin(ctx, actor, register.ImportFormat(words[0]), func(o register.Origin) error {
			return writeLine(w, o.Raw)
		})
	})
}

// writeLine writes a JSON value in one line.
func writeLine(w io.Writer, raw []byte) error {
	var line bytes.Buffer
	if err := json.Compact(&line, raw); err != nil {
		return err
	}
	line.WriteByte('\n')
	_, err := line.WriteTo(w)
	return err
}
