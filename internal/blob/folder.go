package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder keeps contents as files in a folder that only its owner can enter:
// ab/cd/abcd…, so that no folder gets too many of them.
type Folder struct {
	root string
}

// scratch is where contents are written before their hash is known.
const scratch = "tmp"

// NewFolder returns the store in a folder, which it makes where it is missing.
func NewFolder(root string) (*Folder, error) {
	// What it stands in, others may enter: PostgreSQL's account has its data beside it.
	if err := os.MkdirAll(filepath.Dir(root), 0o755); err != nil { //nolint:gosec // nothing is kept there by this
		return nil, fmt.Errorf("blob: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(root, scratch), 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &Folder{root: root}, nil
}

// OpenFolder returns the store in a folder that is only to be read: nothing is
// made in it.
func OpenFolder(root string) (*Folder, error) {
	if _, err := os.Stat(root); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &Folder{root: root}, nil
}

func (f *Folder) path(sha string) string {
	return filepath.Join(f.root, sha[:2], sha[2:4], sha)
}

// Put stores a content. It is complete on the disk before it gets its name:
// after a loss of power there is the whole content or none.
func (f *Folder) Put(ctx context.Context, r io.Reader, limit int64) (Info, error) {
	temporary, err := os.CreateTemp(filepath.Join(f.root, scratch), "put-*") // 0600
	if err != nil {
		return Info{}, fmt.Errorf("blob: %w", err)
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // after the renaming it is not there
	info, err := fill(ctx, temporary, r, capped(limit))
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		return Info{}, err
	}
	return info, f.name(temporary.Name(), info)
}

// fill copies a content and hashes it on the way.
func fill(ctx context.Context, w io.Writer, r io.Reader, limit int64) (Info, error) {
	hash := sha256.New()
	size, err := io.Copy(io.MultiWriter(w, hash), io.LimitReader(contextReader{ctx, r}, limit+1))
	switch {
	case err != nil:
		return Info{}, err
	case size > limit:
		return Info{}, ErrTooLarge
	}
	return Info{SHA256: hex.EncodeToString(hash.Sum(nil)), Size: size}, nil
}

// name moves a complete file to its place. The same content may have arrived
// there meanwhile: then one replaces its equal. So does a good copy one that
// was damaged.
func (f *Folder) name(temporary string, info Info) error {
	path := f.path(info.SHA256)
	for _, folder := range []string{filepath.Dir(filepath.Dir(path)), filepath.Dir(path)} {
		if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return fmt.Errorf("blob: %w", err)
		}
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	for _, folder := range []string{filepath.Dir(path), filepath.Dir(filepath.Dir(path)), f.root} {
		if err := syncFolder(folder); err != nil {
			return fmt.Errorf("blob: %w", err)
		}
	}
	return nil
}

// syncFolder makes the names in a folder last. Where a system cannot do that,
// it says so, and there is nothing to be done.
func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // one of our own
	if err != nil {
		return err
	}
	if err := folder.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrPermission) {
		_ = folder.Close()
		return err
	}
	return folder.Close()
}

// Open reads the content once to verify it, and hands it out from its
// beginning.
func (f *Folder) Open(ctx context.Context, sha string) (io.ReadCloser, Info, error) {
	if !IsSHA256(sha) {
		return nil, Info{}, ErrHash
	}
	file, err := os.Open(f.path(sha))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, Info{}, ErrNotFound
	}
	if err != nil {
		return nil, Info{}, fmt.Errorf("blob: %w", err)
	}
	info, err := verify(ctx, file, sha)
	if err != nil {
		_ = file.Close()
		return nil, Info{}, err
	}
	return file, info, nil
}

func verify(ctx context.Context, file *os.File, sha string) (Info, error) {
	info, err := fill(ctx, io.Discard, file, MaxSize)
	if err == nil && info.SHA256 != sha || errors.Is(err, ErrTooLarge) {
		return Info{}, ErrCorrupt
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	return info, err
}

// Stat tells the size of a content.
func (f *Folder) Stat(_ context.Context, sha string) (Info, error) {
	if !IsSHA256(sha) {
		return Info{}, ErrHash
	}
	file, err := os.Stat(f.path(sha))
	if errors.Is(err, fs.ErrNotExist) {
		return Info{}, ErrNotFound
	}
	if err != nil {
		return Info{}, fmt.Errorf("blob: %w", err)
	}
	return Info{SHA256: sha, Size: file.Size()}, nil
}

// Delete removes a content.
func (f *Folder) Delete(_ context.Context, sha string) error {
	if !IsSHA256(sha) {
		return ErrHash
	}
	path := f.path(sha)
	if err := os.Remove(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("blob: %w", err)
	}
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

// Each walks over all contents. Other files in the folder are not ours to
// tell of.
func (f *Folder) Each(ctx context.Context, call func(Info) error) error {
	return filepath.WalkDir(f.root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // removed meanwhile
			return nil
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case entry.IsDir() && filepath.Dir(path) == f.root && entry.Name() == scratch:
			return filepath.SkipDir
		case entry.IsDir() || !IsSHA256(entry.Name()) || path != f.path(entry.Name()):
			return nil
		}
		info, err := f.Stat(ctx, entry.Name())
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return call(info)
	})
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context //nolint:containedctx // it lives for one call
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
