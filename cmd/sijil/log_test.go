package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/localpg"
	"github.com/sijil/sijil/internal/tlog"
)

func TestLogKeysAreMadeAndShown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	env := map[string]string{"SIJIL_BASE_URL": "https://sijil.example", "SIJIL_LOG_KEY_FILE": path}
	code, stdout, stderr := call(t, env, "log", "init")
	if code != 0 || !strings.Contains(stdout, "The log sijil.example/log") || !strings.Contains(stdout, "(current)") {
		t.Fatalf("init: %d %s %s", code, stdout, stderr)
	}
	if code, _, stderr := call(t, env, "log", "init"); code != 1 || !strings.Contains(stderr, "is there already") {
		t.Errorf("a second time: %d %s", code, stderr)
	}
	if code, again, stderr := call(t, env, "log", "init", "--if-missing"); code != 0 || again != stdout {
		t.Errorf("unless it is there: %d %s %s", code, again, stderr)
	}
	if code, shown, _ := call(t, env, "log", "show"); code != 0 || shown != stdout {
		t.Errorf("show: %d %s", code, shown)
	}
	kept, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(kept), "PRIVATE+KEY+sijil.example/log+") || strings.Contains(stdout, "PRIVATE") {
		t.Errorf("the file, or what is shown: %v", err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, env, "log", "show"); code != 1 || !strings.Contains(stderr, "chmod 600") {
		t.Errorf("readable to all: %d %s", code, stderr)
	}
}

func TestLogSaysWhatIsMissing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	for _, test := range []struct {
		args string
		env  map[string]string
		code int
		want string
	}{
		{"log", nil, 2, "init, rotate, retire or show"},
		{"log forget", nil, 2, "there is no"},
		{"log show", nil, 1, "SIJIL_LOG_KEY_FILE is not set"},
		{"log show", map[string]string{"SIJIL_LOG_KEY_FILE": path}, 1, path},
		{"log init", map[string]string{"SIJIL_LOG_KEY_FILE": path}, 1, "SIJIL_BASE_URL"},
		{"log rotate", map[string]string{"SIJIL_LOG_KEY_FILE": path}, 1, "DATABASE_URL"},
		{"log retire", map[string]string{"SIJIL_LOG_KEY_FILE": path}, 1, path},
	} {
		code, _, stderr := call(t, test.env, strings.Fields(test.args)...)
		if code != test.code || !strings.Contains(stderr, test.want) {
			t.Errorf("%s: %d %s", test.args, code, stderr)
		}
	}
}

// TestLogRotateIsRecorded: the new key signs with the one before it, and the log
// says since when.
func TestLogRotateIsRecorded(t *testing.T) {
	server, env := production(t)
	path := filepath.Join(t.TempDir(), "key")
	env["SIJIL_LOG_KEY_FILE"] = path
	if code, _, stderr := call(t, env, "log", "init"); code != 0 {
		t.Fatal(stderr)
	}
	first, err := tlog.ReadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := call(t, env, "log", "rotate")
	if code != 0 || !strings.Contains(stdout, first.VerifierKeys()[0]+"  (signs along)") {
		t.Fatalf("rotate: %d %s %s", code, stdout, stderr)
	}
	db, err := pgx.Connect(t.Context(), server.URL("sijil", localpg.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context()) //nolint:errcheck // it is read from only
	var note, key string
	if err := db.QueryRow(t.Context(), `
		SELECT c.note, k.key FROM record.log_checkpoints AS c, record.log_keys AS k
		ORDER BY c.size DESC, k.position DESC LIMIT 1`).Scan(&note, &key); err != nil {
		t.Fatal(err)
	}
	verifier, err := first.Verifier()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verifier.Open([]byte(note)); err != nil {
		t.Errorf("who knows the first key: %v", err)
	}
	rotated, err := tlog.ReadKeys(path)
	if err != nil || key != rotated.VerifierKeys()[0] || key == first.VerifierKeys()[0] {
		t.Errorf("the log records %s, the file has %v (%v)", key, rotated, err)
	}
	if code, stdout, stderr := call(t, env, "log", "retire"); code != 0 || strings.Contains(stdout, "signs along") {
		t.Errorf("retire: %d %s %s", code, stdout, stderr)
	}
}
