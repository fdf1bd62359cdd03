package store_test

import (
	"testing"

	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/testkit"
)

func TestOnlyAnUnpublishedDatabaseIsMadeAnew(t *testing.T) {
	admin := testkit.EmptyDatabase(t)
	fresh := testkit.Database(t)
	if _, err := fresh.Owner().Exec(t.Context(), `UPDATE public.schema_migrations SET dirty = true`); err != nil {
		t.Fatal(err)
	}
	url := fresh.OwnerURL()
	if err := store.RecreateUnpublished(t.Context(), admin.OwnerURL(), url, fresh.Name); err != nil {
		t.Fatal(err)
	}
	status, err := store.Migrator{URL: url}.Status(t.Context())
	if err != nil || status.Version != 0 || status.Dirty {
		t.Errorf("%+v, %v", status, err)
	}

	published := testkit.Founding(t)
	if store.RecreateUnpublished(t.Context(), admin.OwnerURL(), published.OwnerURL(), published.Name) == nil {
		t.Error("a database with editions was made anew")
	}
}
