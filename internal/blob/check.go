package blob

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Claim is what somebody says of a content that he names.
type Claim int

// Claims, the least first: where several speak of one content, the greatest
// counts.
const (
	// Leaving means that it is to be removed: it may be there or not.
	Leaving Claim = iota + 1
	// Named means that it is spoken of; a copy may never have been kept.
	Named
	// Kept means that it was stored and must be there.
	Kept
)

// Findings are what Check finds, each a list of hashes in order.
type Findings struct {
	Verified   int      // contents that hash to their names
	Damaged    []string // they do not
	Unreadable []string // the store could not hand them out
	Missing    []string // kept, and not there
	Unnamed    []string // there, and named by nobody
	Absent     []string // named, and never kept: no fault of the store
}

// Whole reports whether everything that was stored is there as it was stored.
func (f Findings) Whole() bool {
	return len(f.Damaged) == 0 && len(f.Unreadable) == 0 && len(f.Missing) == 0
}

// Check reads every content of a store, compares it with its name, and compares
// the store with what is named. Others may store and remove meanwhile: what does
// not fit is looked at again at the end. After each content it tells how far it
// is; progress may be nil.
func Check(ctx context.Context, s Store, names func(context.Context) (map[string]Claim, error), progress func(done, all int)) (Findings, error) {
	named, err := names(ctx)
	if err != nil {
		return Findings{}, err
	}
	var stored []string
	if err := s.Each(ctx, func(i Info) error { stored = append(stored, i.SHA256); return nil }); err != nil {
		return Findings{}, err
	}
	var found Findings
	for i, sha := range stored {
		if err := found.read(ctx, s, sha); err != nil {
			return found, err
		}
		if progress != nil {
			progress(i+1, len(stored))
		}
	}
	found.compare(stored, named)
	return found, found.again(ctx, s, names)
}

// read verifies one content. Only the end of the context is an error.
func (f *Findings) read(ctx context.Context, s Store, sha string) error {
	content, _, err := s.Open(ctx, sha)
	if err == nil {
		err = content.Close()
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		f.Verified++
	case errors.Is(err, ErrCorrupt):
		f.Damaged = append(f.Damaged, sha)
	case !errors.Is(err, ErrNotFound): // removed meanwhile
		f.Unreadable = append(f.Unreadable, sha)
	}
	return nil
}

// compare finds what is named and not there, and what is there and not named.
func (f *Findings) compare(stored []string, named map[string]Claim) {
	there := make(map[string]bool, len(stored))
	for _, sha := range stored {
		there[sha] = true
		if named[sha] == 0 {
			f.Unnamed = append(f.Unnamed, sha)
		}
	}
	for _, sha := range slices.Sorted(maps.Keys(named)) {
		switch {
		case there[sha]:
		case named[sha] == Kept:
			f.Missing = append(f.Missing, sha)
		case named[sha] == Named:
			f.Absent = append(f.Absent, sha)
		}
	}
}

// again takes back what was only under way when it was looked at.
func (f *Findings) again(ctx context.Context, s Store, names func(context.Context) (map[string]Claim, error)) error {
	if len(f.Missing) == 0 && len(f.Unnamed) == 0 {
		return nil
	}
	named, err := names(ctx)
	if err != nil {
		return err
	}
	isThere := func(sha string) bool {
		_, statErr := s.Stat(ctx, sha)
		if statErr != nil && !errors.Is(statErr, ErrNotFound) {
			err = errors.Join(err, fmt.Errorf("%s: %w", sha, statErr))
		}
		return statErr == nil
	}
	f.Missing = slices.DeleteFunc(f.Missing, func(sha string) bool { return named[sha] != Kept || isThere(sha) })
	f.Unnamed = slices.DeleteFunc(f.Unnamed, func(sha string) bool { return named[sha] != 0 || !isThere(sha) })
	return err
}
