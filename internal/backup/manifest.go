package backup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The names in a backup's folder.
const (
	manifestName   = "manifest.json"
	dumpName       = "database.dump"
	checkpointName = "log/checkpoint"
	keysName       = "log/keys"
	blobsName      = "blobs"
)

// RemovalsName is where a backup has what was taken down before it was made:
// one JSON object a line, as it is noted beside the files.
const RemovalsName = "removals.jsonl"

// formatName is the form of the manifest; another one is another program's.
const formatName = "sijil-backup-1"

// Manifest says what a backup holds. It is written last: a folder without one
// holds no backup.
type Manifest struct {
	Format     string    `json:"format"`
	Program    string    `json:"program"`    // the version that made it
	Migration  uint      `json:"migration"`  // of the schema
	PostgreSQL string    `json:"postgresql"` // version of the server
	Begun      time.Time `json:"begun"`
	Snapshot   time.Time `json:"snapshot"` // the moment that the database is of
	Finished   time.Time `json:"finished"`
	Tables     []Table   `json:"tables"`
	Log        Log       `json:"log"`
	Files      []File    `json:"files"`
	// Removed were named in the snapshot and taken away by the time that they
	// were to be copied, by a takedown or because nothing named them any more.
	Removed []string `json:"removed,omitempty"`
	// Missing and Damaged are faults of the store that was backed up.
	Missing []string `json:"missing,omitempty"`
	Damaged []string `json:"damaged,omitempty"`
}

// File is a file of the backup, by its path in the folder.
type File struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Table is how a table was: how many rows, and a sum over the hashes of all of
// them, whatever their order.
type Table struct {
	Name   string `json:"name"`
	Rows   int64  `json:"rows"`
	Digest string `json:"digest"`
}

// Log is how the public log was. Of an empty log the root is empty.
type Log struct {
	Size int64  `json:"size"`
	Root string `json:"root,omitempty"` // hexadecimal, over all leaves
	// Checkpoint is the last one that was signed: its size may be less.
	Checkpoint string `json:"checkpoint,omitempty"`
}

// Whole reports whether the backup holds all that it should.
func (m *Manifest) Whole() bool { return len(m.Missing) == 0 && len(m.Damaged) == 0 }

// write puts the manifest into a folder, as the last thing: whole or not at all.
func (m *Manifest) write(dir string) error {
	content, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	_, err = writeFile(dir, manifestName, append(content, '\n'))
	return err
}

// ReadManifest reads what the backup in a folder says of itself. The error says
// so when there is none, or one that this program does not know.
func ReadManifest(dir string) (*Manifest, error) {
	content, err := os.ReadFile(filepath.Join(dir, manifestName)) //nolint:gosec // the operator names it
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no backup that came to its end: it has no %s", dir, manifestName)
	}
	if err != nil {
		return nil, fmt.Errorf("backup: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(content, &m); err != nil {
		return nil, fmt.Errorf("backup: %s: %w", manifestName, err)
	}
	if m.Format != formatName {
		return nil, fmt.Errorf("the backup in %s is of the form %q; this program knows %q", dir, m.Format, formatName)
	}
	return &m, nil
}

// check compares every file with its size and hash. progress may be nil.
func (m *Manifest) check(ctx context.Context, dir string, progress func(done, all int)) error {
	var problems []error
	for i, f := range m.Files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.check(dir); err != nil {
			problems = append(problems, err)
		}
		if progress != nil {
			progress(i+1, len(m.Files))
		}
	}
	return errors.Join(problems...)
}

func (f File) check(dir string) error {
	if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
		return fmt.Errorf("%q in the manifest leads out of the backup", f.Path)
	}
	file, err := os.Open(filepath.Join(dir, filepath.FromSlash(f.Path))) //nolint:gosec // it leads nowhere else
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer file.Close() //nolint:errcheck // it is only read
	hash := sha256.New()
	size, err := io.Copy(hash, file)
	if err != nil {
		return fmt.Errorf("backup: %s: %w", f.Path, err)
	}
	if size != f.Size || hex.EncodeToString(hash.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%s is not what was backed up: it has %d bytes of %d, or another hash", f.Path, size, f.Size)
	}
	return nil
}

// writeFile writes a file of the backup: complete on the disk before it gets
// its name.
func writeFile(dir, name string, content []byte) (File, error) {
	return fillFile(dir, name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// fillFile has a file of the backup filled and hashes it on the way.
func fillFile(dir, name string, fill func(io.Writer) error) (File, error) {
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return File{}, fmt.Errorf("backup: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), scratchPrefix+"*") // 0600
	if err != nil {
		return File{}, fmt.Errorf("backup: %w", err)
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // after the renaming it is not there
	counted := &counter{w: temporary}
	hash := sha256.New()
	err = fill(io.MultiWriter(counted, hash))
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		return File{}, fmt.Errorf("backup: %s: %w", name, err)
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return File{}, fmt.Errorf("backup: %w", err)
	}
	return File{Path: name, Size: counted.n, SHA256: hex.EncodeToString(hash.Sum(nil))}, syncFolder(filepath.Dir(path))
}

// scratchPrefix begins the names of files that are being written.
const scratchPrefix = ".part-"

// syncFolder makes the names in a folder last, where a system can do that.
func syncFolder(path string) error {
	folder, err := os.Open(path) //nolint:gosec // one of our own
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	err = folder.Sync()
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		err = nil
	}
	if err = errors.Join(err, folder.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return nil
}

// counter counts what is written through it.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
