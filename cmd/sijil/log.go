package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/tlog"
)

// logKeyVariable names the file of the keys that sign the public log.
const logKeyVariable = "SIJIL_LOG_KEY_FILE"

// keyReader reads the keys of the log from their file, at each signature: once
// now, to refuse at the start what would fail later. Without a file nothing is
// signed, and a warning says so.
func keyReader(path string, log *slog.Logger) (editorial.KeyReader, error) {
	if path == "" {
		log.Warn("the public log is not signed (" + logKeyVariable + " is not set): readers cannot verify what is published from now on")
		return nil, nil //nolint:nilnil // no key is a setting, not a fault
	}
	read := func() (*tlog.Keys, error) {
		keys, err := tlog.ReadKeys(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: %w; make the first key with \"sijil log init\"", logKeyVariable, err)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", logKeyVariable, err)
		}
		return keys, nil
	}
	_, err := read()
	return read, err
}

// demoLogKeys are the keys of the demonstration's log, kept beside its data and
// made at the first start. The log keeps the name that it has then.
func demoLogKeys(folder, address string) (editorial.KeyReader, error) {
	path := filepath.Join(folder, "log-key")
	origin, err := logOrigin(address)
	if err != nil {
		return nil, err
	}
	if err := initKeys(path, origin); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return func() (*tlog.Keys, error) { return tlog.ReadKeys(path) }, nil
}

// logOrigin is the name of the log of a site: its address without the scheme.
func logOrigin(baseURL string) (string, error) {
	u, err := url.Parse(baseURL)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("%q is not the address of a site", baseURL)
	}
	return u.Host + "/log", nil
}

func initKeys(path, origin string) error {
	keys, err := tlog.GenerateKeys(rand.Reader, origin)
	if err != nil {
		return err
	}
	return keys.Write(path, false)
}

// log makes, changes and shows the keys that sign the public log.
func (p program) log(ctx context.Context, args []string) error {
	flags := p.newFlags("log", "init | rotate | retire | show",
		"init     make the first key, in a new file (with --if-missing: unless there is one)\n"+
			"rotate   put a new key before the others, which sign along; the log records it\n"+
			"retire   take out all keys but the current one: who knows only those before it can verify no more\n"+
			"show     print the name of the log and its verifier keys, the current one first\n\n"+
			logKeyVariable+" names the file. \"init\" needs SIJIL_BASE_URL, after which the log is named for ever;\n"+
			"\"rotate\" needs DATABASE_URL, for the desk's role.")
	missing := flags.Bool("if-missing", false, "with \"init\": do nothing when the file is there")
	words, err := parse(flags, args, 2)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return &usageError{"log: init, rotate, retire or show is missing"}
	}
	// The flag may also follow the word, as people write it.
	if rest, err := parse(flags, words[1:], 0); err != nil || len(rest) > 0 {
		return err
	}
	step, ok := map[string]func(ctx context.Context, path string) error{
		"init":   func(_ context.Context, path string) error { return p.logInit(path, *missing) },
		"rotate": p.logRotate,
		"retire": p.logRetire,
		"show":   func(_ context.Context, path string) error { return p.logShow(path) },
	}[words[0]]
	if !ok {
		return &usageError{fmt.Sprintf("log: there is no %q", words[0])}
	}
	path := p.getenv(logKeyVariable)
	if path == "" {
		return errors.New(logKeyVariable + " is not set: it names the file of the keys")
	}
	return step(ctx, path)
}

func (p program) logInit(path string, ifMissing bool) error {
	origin, err := logOrigin(p.getenv("SIJIL_BASE_URL"))
	if err != nil {
		return fmt.Errorf("SIJIL_BASE_URL: %w", err)
	}
	if err := initKeys(path, origin); err != nil && (!ifMissing || !errors.Is(err, fs.ErrExist)) {
		return err
	}
	return p.logShow(path)
}

func (p program) logShow(path string) error {
	keys, err := tlog.ReadKeys(path)
	if err != nil {
		return err
	}
	say(p.stdout, "The log %s is verified with:", keys.Origin())
	for i, key := range keys.VerifierKeys() {
		word := "signs along"
		if i == 0 {
			word = "current"
		}
		say(p.stdout, "%s  (%s)", key, word)
	}
	return nil
}

// logRotate writes the new key first: a key that signs without its record is
// recorded at the next signature; a record of a key that is lost would be false
// for ever.
func (p program) logRotate(ctx context.Context, path string) error {
	db, err := p.deskDatabase(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	keys, err := tlog.ReadKeys(path)
	if err != nil {
		return err
	}
	if keys, err = keys.Rotate(rand.Reader); err != nil {
		return err
	}
	if err := keys.Write(path, true); err != nil {
		return err
	}
	uses := editorial.New(db, time.Now).WithLog(func() (*tlog.Keys, error) { return keys, nil })
	if err := uses.SignLog(ctx, time.Now()); err != nil {
		return fmt.Errorf("the new key is in the file, and the log will record it with the next checkpoint: %w", err)
	}
	return p.logShow(path)
}

func (p program) logRetire(_ context.Context, path string) error {
	keys, err := tlog.ReadKeys(path)
	if err != nil {
		return err
	}
	if err := keys.DropOld().Write(path, true); err != nil {
		return err
	}
	return p.logShow(path)
}

// deskDatabase opens and checks DATABASE_URL for the desk's role.
func (p program) deskDatabase(ctx context.Context) (*store.DB, error) {
	address, err := config.DatabaseURL(p.getenv)
	if err != nil {
		return nil, err
	}
	return openSide(ctx, "DATABASE_URL", address, store.JobsSide, store.CheckDesk)
}
