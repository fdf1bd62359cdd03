package pagecache

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

const (
	// saveEvery is how often pages are written to disk, if there are new ones.
	saveEvery = 30 * time.Second
	// confirmEvery is how often what is on disk is written anew though it is the same,
	// for the time until which it was known to be current.
	confirmEvery = 10 * time.Minute
	savedName    = "pages"
	savedMagic   = "sijil pages 2\n"
)

// savedPages is what is written to disk.
type savedPages struct {
	Generation Generation
	Confirmed  time.Time
	Pages      []savedPage
}

// savedPage is a page with its header; the body may be compressed.
type savedPage struct {
	Address  string
	Made     time.Time
	ShowsLog bool
	Log      int64
	Status   int
	Header   http.Header
	Body     []byte
	Zipped   bool
}

// errDamaged means that the file of pages is not what was written.
var errDamaged = errors.New("the file is damaged or of another version")

// SavedIn reports whether pages were saved in a folder that can still be served, and
// so whether it makes sense to begin without the database.
func SavedIn(folder string, now time.Time) bool {
	saved, err := readSaved(filepath.Join(folder, savedName))
	return err == nil && len(saved.Pages) > 0 && saved.usable(now)
}

// Keep asks for the generation each second, also while nobody reads, and writes the
// pages to disk from time to time, and once more when ctx ends, which it waits for.
func (c *Cache) Keep(ctx context.Context) {
	second := time.NewTicker(pollEvery)
	defer second.Stop()
	for saved := c.cfg.Now(); ; {
		now := c.cfg.Now()
		c.current(now, pollEvery) //nolint:contextcheck // a poll is for all readers: it does not end with the one who asked
		c.shelf.dropFormer(now)
		if now.Sub(saved) >= saveEvery {
			saved = now
			c.save()
		}
		select {
		case <-ctx.Done():
			c.save()
			return
		case <-second.C:
		}
	}
}

// save writes the pages to disk, unless what is there is as good.
func (c *Cache) save() {
	if c.cfg.Folder == "" {
		return
	}
	if err := c.writeSaved(); err != nil {
		c.cfg.Log.Error("page cache: pages are not saved", "folder", c.cfg.Folder, "error", err)
	}
}

func (c *Cache) writeSaved() error {
	c.saving.Lock()
	defer c.saving.Unlock()
	know, puts := c.known.Load(), c.shelf.puts.Load()
	if !know.learned() || puts == c.savedPuts && know.confirmed.Sub(c.savedAt) < confirmEvery {
		return nil
	}
	content, err := c.collect(know)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(c.cfg.Folder, 0o700); err != nil {
		return err
	}
	temporary := filepath.Join(c.cfg.Folder, savedName+".new")
	if err := writeFile(temporary, content); err != nil {
		return err
	}
	// Whoever learns of a newer generation deletes the file. It must not be put there again.
	c.turning.Lock()
	defer c.turning.Unlock()
	if c.known.Load().generation.Record != know.generation.Record {
		return os.Remove(temporary)
	}
	if err := os.Rename(temporary, filepath.Join(c.cfg.Folder, savedName)); err != nil {
		return err
	}
	c.savedPuts, c.savedAt = puts, know.confirmed
	return syncFolder(c.cfg.Folder)
}

// collect writes what is to be saved into memory: a mark, a sum, the pages.
func (c *Cache) collect(know *knowledge) ([]byte, error) {
	saved := savedPages{Generation: know.generation, Confirmed: know.confirmed}
	now := c.cfg.Now()
	c.shelf.each(func(address string, p *page) {
		if !know.isOf(p) || now.Sub(p.made) >= staleFor {
			return
		}
		one := savedPage{Address: address, Made: p.made, ShowsLog: p.showsLog, Log: p.generation.Log, Status: p.status, Header: p.header, Body: p.plain.body}
		if zipped := p.zipped.Load(); zipped != nil {
			one.Body, one.Zipped = zipped.body, true
		}
		saved.Pages = append(saved.Pages, one)
	})
	var content bytes.Buffer
	content.WriteString(savedMagic)
	content.Write(make([]byte, sha256.Size))
	if err := gob.NewEncoder(&content).Encode(saved); err != nil {
		return nil, fmt.Errorf("encode pages: %w", err)
	}
	sum := sha256.Sum256(content.Bytes()[len(savedMagic)+sha256.Size:])
	copy(content.Bytes()[len(savedMagic):], sum[:])
	return content.Bytes(), nil
}

// writeFile writes a file that only its owner can read, and waits until it is on disk.
func writeFile(name string, content []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) //nolint:gosec // in the operator's folder
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Sync(), f.Close())
}

// syncFolder waits until what was done to the names in a folder is on disk.
func syncFolder(name string) error {
	f, err := os.Open(name) //nolint:gosec // the operator's folder
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// forget deletes the pages on disk: one of them may have been withdrawn.
func (c *Cache) forget() {
	if c.cfg.Folder == "" {
		return
	}
	err := os.Remove(filepath.Join(c.cfg.Folder, savedName))
	if err == nil {
		err = syncFolder(c.cfg.Folder)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.cfg.Log.Error("page cache: saved pages that are too old cannot be deleted; delete them by hand", "folder", c.cfg.Folder, "error", err)
	}
}

// restore puts the saved pages on the shelf. They are only for the time when the
// database cannot be reached: the program may be another one than the one that made
// them. Until the database has answered, it counts as away.
func (c *Cache) restore() {
	if c.cfg.Folder == "" {
		return
	}
	saved, err := readSaved(filepath.Join(c.cfg.Folder, savedName))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			c.cfg.Log.Warn("page cache: saved pages are not used", "folder", c.cfg.Folder, "error", err)
		}
		return
	}
	if !saved.usable(c.cfg.Now()) {
		return
	}
	for _, one := range saved.Pages {
		content, err := c.unpack(one)
		if err != nil {
			c.cfg.Log.Warn("page cache: a saved page is not used", "address", one.Address, "error", err)
			continue
		}
		c.shelf.put(one.Address, &page{
			content:    content,
			generation: Generation{Record: saved.Generation.Record, Log: one.Log}, showsLog: one.ShowsLog, made: one.Made, lasting: true,
		})
	}
	c.known.Store(&knowledge{generation: saved.Generation, confirmed: saved.Confirmed, failing: true, restored: true})
}

// unpack returns the content of a saved page.
func (c *Cache) unpack(one savedPage) (*content, error) {
	body, zipped := one.Body, []byte(nil)
	if one.Zipped {
		var err error
		if body, err = unzip(one.Body); err != nil {
			return nil, err
		}
		zipped = one.Body
	}
	return newContent(&c.packers, one.Status, one.Header, one.Made, body, zipped), nil
}

// usable reports whether the pages are not too old; a clock that was put back makes
// them too old as well.
func (s *savedPages) usable(now time.Time) bool {
	age := now.Sub(s.Confirmed)
	return age < staleFor && age > -staleFor
}

// readSaved reads a file that collect has made.
func readSaved(name string) (*savedPages, error) {
	content, err := os.ReadFile(name) //nolint:gosec // in the operator's folder
	if err != nil {
		return nil, err
	}
	rest, ok := bytes.CutPrefix(content, []byte(savedMagic))
	if !ok || len(rest) < sha256.Size {
		return nil, errDamaged
	}
	if sum := sha256.Sum256(rest[sha256.Size:]); !bytes.Equal(sum[:], rest[:sha256.Size]) {
		return nil, errDamaged
	}
	var saved savedPages
	if err := gob.NewDecoder(bytes.NewReader(rest[sha256.Size:])).Decode(&saved); err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return &saved, nil
}
