//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/localpg"
)

func TestBlobsUsage(t *testing.T) {
	for args, want := range map[string]string{
		"blobs":              "blobs verify",
		"blobs mend":         "blobs verify",
		"blobs verify extra": "is too much",
		"blobs verify":       "DATABASE_URL is not set",
	} {
		if code, _, stderr := call(t, nil, strings.Fields(args)...); code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%s: code %d: %s", args, code, stderr)
		}
	}
}

// attached notes in the database that contents were attached.
func attached(t *testing.T, server *localpg.Server, hashes ...string) {
	t.Helper()
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, server.URL("sijil", localpg.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(ctx) //nolint:errcheck // at the end of a test
	for _, sha := range hashes {
		_, err := connection.Exec(ctx, `
			INSERT INTO desk.files (sha256, size, media_type, name, pages, is_scanned, uploaded_by)
			SELECT $1, 1, 'text/plain', 'x', 1, false, id FROM desk.accounts ORDER BY id LIMIT 1`, sha)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// captured notes in the database that a content is the copy of a page.
func captured(t *testing.T, server *localpg.Server, sha string) {
	t.Helper()
	ctx := context.Background()
	connection, err := pgx.Connect(ctx, server.URL("sijil", localpg.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(ctx) //nolint:errcheck // at the end of a test
	_, err = connection.Exec(ctx, `
		WITH source AS (
			INSERT INTO desk.sources (key, kind, publisher, url) VALUES ('src-x', 'official', 'X', 'https://example.org/') RETURNING id
		), target AS (
			INSERT INTO desk.capture_targets (source_id, address, asked_at) SELECT id, 'https://example.org/', now() FROM source RETURNING id
		)
		INSERT INTO desk.kept_captures (target_id, number, taken_at, state, final, hops, http_status, media_type, sha256, size,
		                                warc_sha256, warc_size, title, words)
		SELECT id, 1, now(), 'kept', 'https://example.org/', '[]', 200, 'text/html', $2, 1, $1, 1, '', '' FROM target`,
		sha, strings.Repeat("0", 64))
	if err != nil {
		t.Fatal(err)
	}
}

// TestBlobsVerify flips a bit, removes a file and adds one that nobody names,
// and wants to be told of each, by words and by the exit code.
func TestBlobsVerify(t *testing.T) {
	server, env := production(t)
	if code, _, stderr := call(t, env, "user", "add", "nadia@example.org"); code != 0 {
		t.Fatal(stderr)
	}
	root := strings.TrimPrefix(env["SIJIL_BLOBS"], "file:")
	files, err := blob.NewFolder(root)
	if err != nil {
		t.Fatal(err)
	}
	store := func(content string) (sha, path string) {
		info, err := files.Put(t.Context(), strings.NewReader(content), 0)
		if err != nil {
			t.Fatal(err)
		}
		return info.SHA256, filepath.Join(root, info.SHA256[:2], info.SHA256[2:4], info.SHA256)
	}
	first, path := store("a communiqué")
	second, secondPath := store("another")
	attached(t, server, first, second)
	verify := func(want int, words ...string) {
		t.Helper()
		code, stdout, stderr := call(t, env, "blobs", "verify")
		if code != want {
			t.Errorf("code %d, want %d: %s%s", code, want, stdout, stderr)
		}
		for _, w := range words {
			if !strings.Contains(stdout+stderr, w) {
				t.Errorf("%q is not said: %s%s", w, stdout, stderr)
			}
		}
	}
	verify(0, "2 verified, 0 damaged", "2 of 2 files read (100 %)")

	stray, strayPath := store("nobody's")
	verify(blobsUnnamed, stray+"  unnamed", "3 verified, 0 damaged, 0 unreadable, 0 missing, 1 unnamed")

	captured(t, server, stray) // the same file as the copy of a page
	verify(0, "3 verified")

	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[3] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	verify(blobsDamaged, first+"  damaged")
	content[3] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	verify(0)
	if err := os.Remove(strayPath); err != nil {
		t.Fatal(err)
	}
	verify(blobsDamaged, stray+"  missing")
	if err := os.Remove(secondPath); err != nil {
		t.Fatal(err)
	}
	verify(blobsDamaged, second+"  missing")
}

func TestProgressIsToldNowAndThen(t *testing.T) {
	var out strings.Builder
	at := time.Unix(0, 0)
	tell := progressLine(&out, "files", func() time.Time { at = at.Add(time.Second); return at })
	for i := range 5 {
		tell(i+1, 5)
	}
	if want := "2 of 5 files (40 %)\n4 of 5 files (80 %)\n5 of 5 files (100 %)\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
