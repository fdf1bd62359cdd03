package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/record"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/tlog"
)

func TestWhoIsAskedToAttest(t *testing.T) {
	t.Parallel()
	const key = "witness.example/w1+773a6c12+BMhTrQ8M0rYZrqks7sT9VqJNZJnVhM55JX5Fz9gTm2Cn"
	none := filepath.Join(t.TempDir(), "none.pem")
	if err := os.WriteFile(none, []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		settings  config.Config
		witnesses int
		authority bool
		want      string // in the error, or in the log
	}{
		"nobody":               {config.Config{}, 0, false, ""},
		"a witness":            {config.Config{Witnesses: "https://witness.example " + key}, 1, false, ""},
		"no witness":           {config.Config{Witnesses: key}, 0, false, "SIJIL_WITNESSES: "},
		"an authority":         {config.Config{TimestampURL: "https://tsa.example"}, 0, true, "SIJIL_TIMESTAMP_CA_FILE is not set"},
		"no authority":         {config.Config{TimestampURL: "tsa.example"}, 0, false, "SIJIL_TIMESTAMP_URL: "},
		"no file":              {config.Config{TimestampURL: "https://tsa.example", TimestampCAFile: none + "x"}, 0, false, "SIJIL_TIMESTAMP_CA_FILE: "},
		"a file without a key": {config.Config{TimestampURL: "https://tsa.example", TimestampCAFile: none}, 0, false, "no certificate in it"},
	} {
		var log bytes.Buffer
		witnesses, authority, err := openAttestors(c.settings, slog.New(slog.NewTextHandler(&log, nil)))
		said := log.String()
		if err != nil {
			said += err.Error()
		}
		if len(witnesses) != c.witnesses || (authority != nil) != c.authority || !strings.Contains(said, c.want) || c.want == "" && said != "" {
			t.Errorf("%s: %d witnesses, authority %t, %s", name, len(witnesses), authority != nil, said)
		}
	}
}

// TestTheProgramHasItsLogAttested: what is wired in the background signs the log,
// and has it cosigned and dated.
func TestTheProgramHasItsLogAttested(t *testing.T) {
	t.Parallel()
	d := testkit.Founding(t)
	keys := testkit.LogKeys(t)
	witness := testkit.NewWitness(t, "witness.test/one", keys.VerifierKeys()[0], time.Now)
	tsa := testkit.NewAuthority(t, "Authority of tests")
	log := slog.New(slog.DiscardHandler)
	witnesses, authority, err := openAttestors(config.Config{
		Witnesses: witness.URL + " " + witness.Key, TimestampURL: tsa.URL, TimestampCAFile: tsa.CAFile,
	}, log)
	if err != nil {
		t.Fatal(err)
	}
	behind, err := startBackground(t.Context(), backgroundSettings{
		DatabaseURL: d.DeskURL(), BaseURL: "https://sijil.test", Log: log, Witnesses: witnesses, Authority: authority,
		LogKeys: func() (*tlog.Keys, error) { return keys, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := behind.stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	public := record.NewStore(store.Wrap(d.Public()))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		c, err := public.Checkpoint(t.Context())
		stamps, stampErr := public.Timestamps(t.Context(), []int64{c.Size})
		if stampErr != nil || err != nil && !errors.Is(err, register.ErrNotFound) {
			t.Fatal(err, stampErr)
		}
		if _, err := witnesses[0].Open([]byte(c.Note)); err == nil && len(stamps) == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("it is %+v, with %d timestamps", c, len(stamps))
		}
	}
}
