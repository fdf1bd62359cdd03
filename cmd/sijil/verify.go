package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/outbound"
	"github.com/sijil/sijil/internal/verify"
)

// How "verify" ends.
const (
	verifyBroken    = 1
	verifyUnchecked = 2
)

// maxVerifyFile is the most that is read of a file that somebody names.
const maxVerifyFile = 16 << 20

// verifyOptions is what "verify" is told.
type verifyOptions struct {
	keys, witnesses   []string
	since, save, lang string
	authorities       string
}

// verify checks a register from outside, or one edition by its proof.
func (p program) verify(ctx context.Context, args []string) error {
	flags := p.newFlags("verify", "ADDRESS | EDITION.json PROOF [flags]",
		"ADDRESS             read the whole public log of a register, such as https://sijil.example, and all that it commits to\n"+
			"EDITION.json PROOF  check the file of an edition by its proof, without a network\n\n"+
			"Ends with 0 if all is proved, with 1 if something is not what was logged, with 2 if something could not be checked.\n")
	var o verifyOptions
	flags.Func("key", "verifier `key` of the log, from a source that you trust; may be repeated", func(key string) error {
		o.keys = append(o.keys, strings.TrimSpace(key))
		return nil
	})
	flags.Func("witness", "verifier `key` of a witness who must have cosigned the log; may be repeated", func(key string) error {
		o.witnesses = append(o.witnesses, strings.TrimSpace(key))
		return nil
	})
	flags.StringVar(&o.authorities, "tsa-ca", "", "`file` with certificates (PEM) that vouch for time-stamping authorities: check the timestamps of the log by them")
	flags.StringVar(&o.since, "since", "", "`file` with the checkpoint of an earlier time: compare with it, and put the new one in its place if all is proved")
	flags.StringVar(&o.save, "save", "", "`file` in which to keep the checkpoint if all is proved")
	flags.StringVar(&o.lang, "lang", "en", "`language` of the result: fr, ar or en")
	words, err := parseAround(flags, args)
	if err != nil {
		return err
	}
	loc, err := localizer(flags, o.lang)
	if err != nil {
		return err
	}
	if words[1] != "" {
		return p.verifyEdition(words, o, loc)
	}
	return p.verifyLog(ctx, words[0], o, loc)
}

func localizer(flags *flag.FlagSet, lang string) (*i18n.Localizer, error) {
	if !slices.Contains(i18n.Langs(), lang) {
		return nil, &usageError{fmt.Sprintf("%s: there is no language %q", flags.Name(), lang)}
	}
	catalog, err := i18n.Load(nil)
	if err != nil {
		return nil, err
	}
	return catalog.Localizer(lang), nil
}

// verifyEdition works without a network.
func (p program) verifyEdition(files [2]string, o verifyOptions, loc *i18n.Localizer) error {
	if o.since != "" || o.save != "" || o.authorities != "" {
		return &usageError{"verify: --since, --save and --tsa-ca go with the address of a register"}
	}
	content, err := readFile(files[0])
	if err != nil {
		return p.cannotVerify(err)
	}
	proof, err := readFile(files[1])
	if err != nil {
		return p.cannotVerify(err)
	}
	found := verify.Edition(content, proof, o.keys, o.witnesses...)
	if err := found.Write(p.stdout, loc); err != nil {
		return err
	}
	return verdictCode(found.Verdict())
}

// verifyLog reads a whole register.
func (p program) verifyLog(ctx context.Context, address string, o verifyOptions, loc *i18n.Localizer) error {
	options := verify.Options{Keys: o.keys, Witnesses: o.witnesses}
	if o.since != "" {
		var err error
		if options.Since, err = readFile(o.since); err != nil {
			return p.cannotVerify(fmt.Errorf("%w (the first time, keep a checkpoint with --save)", err))
		}
	}
	if o.authorities != "" {
		var err error
		if options.Authorities, err = readRoots(o.authorities); err != nil {
			return p.cannotVerify(fmt.Errorf("--tsa-ca %s: %w", o.authorities, err))
		}
	}
	site, err := verify.NewSite(address, verifyTransport())
	if err != nil {
		return p.cannotVerify(err)
	}
	options.Progress = p.verifyProgress(loc)
	found := verify.Log(ctx, site, options)
	if err := found.Write(p.stdout, loc); err != nil {
		return err
	}
	if found.Verdict() == verify.Proved {
		for _, name := range []string{o.since, o.save} {
			if name == "" {
				continue
			}
			if err := replaceFile(name, found.Signed); err != nil {
				return p.cannotVerify(err)
			}
			say(p.stdout, "%s", loc.T("verify.saved", "file", name))
		}
	}
	return verdictCode(found.Verdict())
}

// cannotVerify says why nothing was verified.
func (p program) cannotVerify(err error) error {
	say(p.stderr, "sijil: %v", err)
	return &codeError{verifyUnchecked}
}

func verdictCode(v verify.Verdict) error {
	switch v {
	case verify.Broken:
		return &codeError{verifyBroken}
	case verify.Unchecked:
		return &codeError{verifyUnchecked}
	case verify.Proved:
	}
	return nil
}

// verifyProgress tells now and then how far the log is read.
func (p program) verifyProgress(loc *i18n.Localizer) func(done, all int) {
	last := time.Now()
	return func(done, all int) {
		if now := time.Now(); now.Sub(last) >= progressPause {
			last = now
			say(p.stderr, "%s", loc.T("verify.progress", "done", done, "all", all))
		}
	}
}

// verifyTransport bounds what a hostile server may take of connections, headers
// and time.
func verifyTransport() http.RoundTripper {
	transport := outbound.Transport()
	transport.ResponseHeaderTimeout = 30 * time.Second
	return transport
}

// readFile reads a file of a size that it may have.
func readFile(name string) ([]byte, error) {
	file, err := os.Open(name) //nolint:gosec // who calls names it
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	content, err := io.ReadAll(io.LimitReader(file, maxVerifyFile+1))
	if err == nil && len(content) > maxVerifyFile {
		err = fmt.Errorf("%s is too large", name)
	}
	return content, err
}

// replaceFile writes a file as a whole or not at all.
func replaceFile(name string, content []byte) error {
	file, err := os.CreateTemp(filepath.Dir(name), ".sijil-checkpoint-*")
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
