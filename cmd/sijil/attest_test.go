package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/config"
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
