package localpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// maxSocketPath is what the shortest-spoken supported system (macOS) allows in
// a socket's address, without the ending zero byte. Linux allows four more.
const maxSocketPath = 103

// socketPort is part of the socket's file name; no network port is opened.
const socketPort = "5432"

// DefaultDataDir is where the data of the demonstration lives: for root in
// /var/lib/sijil, because PostgreSQL refuses to run as root and its account
// cannot enter root's home; else in the user's XDG data folder.
func DefaultDataDir(getenv func(string) string) (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/sijil", nil
	}
	return userDir(getenv, "XDG_DATA_HOME", ".local/share")
}

// DefaultCacheDir is where fetched binaries are kept.
func DefaultCacheDir(getenv func(string) string) (string, error) {
	if os.Geteuid() == 0 {
		return "/var/cache/sijil", nil
	}
	return userDir(getenv, "XDG_CACHE_HOME", ".cache")
}

func userDir(getenv func(string) string, variable, fallback string) (string, error) {
	// The specification says that a relative path is to be ignored.
	if dir := getenv(variable); filepath.IsAbs(dir) {
		return filepath.Join(dir, "sijil"), nil
	}
	if home := getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, fallback, "sijil"), nil
	}
	return "", fmt.Errorf("localpg: HOME is not set, so there is no place for data; set it or %s", variable)
}

// makeDirs creates a folder and its missing parents with exactly this mode,
// whatever the umask: a strict one would shut PostgreSQL's account out.
func makeDirs(dir string, mode fs.FileMode) error {
	if exists(dir) {
		return nil
	}
	if err := makeDirs(filepath.Dir(dir), mode); err != nil {
		return err
	}
	if err := os.Mkdir(dir, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return setMode(dir, mode)
}

// writeNote writes a file as a whole, and never through a link: what was there
// under the name is replaced, not opened.
func writeNote(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".note-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// lastLines returns the end of a file from an offset, for messages.
func lastLines(path string, offset int64) string {
	const most = 2000
	data, err := os.ReadFile(path)
	if err != nil || int64(len(data)) < offset {
		return ""
	}
	data = data[offset:]
	if len(data) > most {
		data = data[len(data)-most:]
	}
	return string(data)
}
