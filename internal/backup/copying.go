package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/store/desk"
)

// copying brings the contents of the store of files into the backup.
type copying struct {
	Source
	dir      string
	manifest *Manifest
	into     *blob.Folder
	earlier  *blob.Folder // nil: none
}

// files copies what the database names. What is not in the store any more is
// looked for again at the end: it may have been removed meanwhile.
func (c *copying) files(ctx context.Context, named map[string]bool) error {
	if err := c.open(); err != nil {
		return err
	}
	all := slices.Sorted(maps.Keys(named))
	progress := c.Progress("files copied")
	var absent []string
	for i, sha := range all {
		found, err := c.copy(ctx, sha)
		if err != nil {
			return err
		}
		if !found && named[sha] {
			absent = append(absent, sha)
		}
		progress(i+1, len(all))
	}
	if err := os.Remove(filepath.Join(c.dir, blobsName, "tmp")); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return c.explain(ctx, absent)
}

func (c *copying) open() (err error) {
	if c.into, err = blob.NewFolder(filepath.Join(c.dir, blobsName)); err != nil || c.Earlier == "" {
		return err
	}
	if _, err := ReadManifest(c.Earlier); err != nil {
		return err
	}
	c.earlier, err = blob.OpenFolder(filepath.Join(c.Earlier, blobsName))
	return err
}

// copy brings one content into the backup, from an attempt that was cut short,
// from an earlier backup, or from the store, and reports whether it was found.
func (c *copying) copy(ctx context.Context, sha string) (found bool, err error) {
	info, err := c.at(ctx, sha)
	switch {
	case err == nil:
		c.manifest.Files = append(c.manifest.Files, File{Path: blobPath(sha), Size: info.Size, SHA256: sha})
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case errors.Is(err, blob.ErrCorrupt):
		c.manifest.Damaged = append(c.manifest.Damaged, sha)
		return true, nil
	case errors.Is(err, blob.ErrNotFound):
		return false, nil
	}
	return false, fmt.Errorf("backup: file %s: %w", sha, err)
}

func (c *copying) at(ctx context.Context, sha string) (blob.Info, error) {
	if info, err := verified(ctx, c.into, sha); err == nil {
		return info, nil
	}
	if c.earlier != nil {
		if info, err := verified(ctx, c.earlier, sha); err == nil && c.link(sha) == nil {
			return info, nil
		}
	}
	content, _, err := c.Blobs.Open(ctx, sha)
	if err != nil {
		return blob.Info{}, err
	}
	info, err := c.into.Put(ctx, content, blob.MaxSize)
	if err = errors.Join(err, content.Close()); err == nil && info.SHA256 != sha {
		err = errors.Join(blob.ErrCorrupt, c.into.Delete(ctx, info.SHA256))
	}
	return info, err
}

// notes copies what is noted beside the contents.
func (c *copying) notes(ctx context.Context) error {
	var all []byte
	err := c.Blobs.Notes(ctx, func(_ string, text []byte) error {
		all = append(append(all, bytes.TrimSpace(text)...), '\n')
		return nil
	})
	if err != nil {
		return err
	}
	file, err := writeFile(c.dir, RemovalsName, all)
	c.manifest.Files = append(c.manifest.Files, file)
	return err
}

// verified reads a content through.
func verified(ctx context.Context, folder *blob.Folder, sha string) (blob.Info, error) {
	content, info, err := folder.Open(ctx, sha)
	if err != nil {
		return info, err
	}
	return info, content.Close()
}

// link gives a file of the earlier backup a second name in this one.
func (c *copying) link(sha string) error {
	to := filepath.Join(c.dir, filepath.FromSlash(blobPath(sha)))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Link(filepath.Join(c.Earlier, filepath.FromSlash(blobPath(sha))), to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// blobPath is where a content stands in a backup.
func blobPath(sha string) string {
	return blobsName + "/" + sha[:2] + "/" + sha[2:4] + "/" + sha
}

// explain tells what was removed meanwhile, which is in order, from what the
// store has lost.
func (c *copying) explain(ctx context.Context, absent []string) error {
	if len(absent) == 0 {
		return nil
	}
	conn, err := connect(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx) //nolint:errcheck // it was only read from
	now, err := desk.New(conn).NamedFiles(ctx)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	named := kept(now)
	for _, sha := range absent {
		if named[sha] {
			c.manifest.Missing = append(c.manifest.Missing, sha)
		} else {
			c.manifest.Removed = append(c.manifest.Removed, sha)
		}
	}
	return nil
}
