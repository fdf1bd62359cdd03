package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/minio/minio-go/v7"
)

// ErrNote means that a note has a name that it cannot have, or is too long.
var ErrNote = errors.New("blob: not a note")

// Notes stand in one folder, as notes/NAME.json.
const (
	notesName  = "notes"
	noteSuffix = ".json"
	maxNote    = 1 << 20
)

// checkNote keeps names within their folder.
func checkNote(name string, text []byte) error {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' {
			return ErrNote
		}
	}
	if name == "" || len(name) > 200 || len(text) > maxNote {
		return ErrNote
	}
	return nil
}

// Note writes a note. It is complete on the disk before it gets its name.
func (f *Folder) Note(_ context.Context, name string, text []byte) error {
	if err := checkNote(name, text); err != nil {
		return err
	}
	folder := filepath.Join(f.root, notesName)
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("blob: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Join(f.root, scratch), "note-*") // 0600
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // it has another name by then
	_, err = temporary.Write(text)
	if err == nil {
		err = temporary.Sync()
	}
	if err = errors.Join(err, temporary.Close()); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	// A second name instead of another one: what is there is not replaced.
	if err := os.Link(temporary.Name(), filepath.Join(folder, name+noteSuffix)); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("blob: %w", err)
	}
	return errors.Join(syncFolder(folder), syncFolder(f.root))
}

// Notes reads all notes.
func (f *Folder) Notes(ctx context.Context, call func(name string, text []byte) error) error {
	entries, err := os.ReadDir(filepath.Join(f.root, notesName)) // in order
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: %w", err)
	}
	for _, entry := range entries {
		name, ok := strings.CutSuffix(entry.Name(), noteSuffix)
		if !ok || ctx.Err() != nil {
			continue
		}
		text, err := os.ReadFile(filepath.Join(f.root, notesName, entry.Name()))
		if err != nil {
			return fmt.Errorf("blob: %w", err)
		}
		if err := call(name, text); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (b *bucket) noteKey(name string) string { return b.prefix + notesName + "/" + name + noteSuffix }

// Note writes a note as an object.
func (b *bucket) Note(ctx context.Context, name string, text []byte) error {
	if err := checkNote(name, text); err != nil {
		return err
	}
	_, err := b.client.StatObject(ctx, b.name, b.noteKey(name), minio.StatObjectOptions{})
	if err = mapBucket(err); !errors.Is(err, ErrNotFound) {
		return err
	}
	_, err = b.client.PutObject(ctx, b.name, b.noteKey(name), bytes.NewReader(text), int64(len(text)), minio.PutObjectOptions{
		ContentType: "application/json", DisableMultipart: true, SendContentMd5: true,
		DisableContentSha256: len(text) == 0, // as Put
	})
	return mapBucket(err)
}

// Notes reads all notes.
func (b *bucket) Notes(ctx context.Context, call func(name string, text []byte) error) error {
	ctx, cancel := context.WithCancel(ctx) // ends the listing when call does
	defer cancel()
	prefix := b.noteKey("")
	prefix = strings.TrimSuffix(prefix, noteSuffix)
	for object := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
		if object.Err != nil {
			return mapBucket(object.Err)
		}
		name, ok := strings.CutSuffix(strings.TrimPrefix(object.Key, prefix), noteSuffix)
		if !ok {
			continue
		}
		text, err := b.note(ctx, object.Key)
		if err != nil {
			return err
		}
		if err := call(name, text); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (b *bucket) note(ctx context.Context, key string) ([]byte, error) {
	object, err := b.client.GetObject(ctx, b.name, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, mapBucket(err)
	}
	defer object.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(object, maxNote))
	return text, mapBucket(err)
}
