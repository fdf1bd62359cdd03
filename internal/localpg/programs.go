package localpg

import (
	"path/filepath"
	"slices"
)

// ProgramDirs lists the folders that hold all of the named programs of
// PostgreSQL's, such as pg_dump: the one that the options name, else the places
// where systems put them, the newest version first, the PATH, and what was
// fetched before. None is an empty list; whether the programs run is not asked.
func ProgramDirs(opts Options, names ...string) []string {
	if opts.Getenv == nil {
		opts.Getenv = func(string) string { return "" }
	}
	if opts.places == nil {
		opts.places = knownPlaces()
	}
	if opts.CacheDir == "" {
		// Without a home there is no cache to look into.
		opts.CacheDir, _ = DefaultCacheDir(opts.Getenv)
	}
	dirs := []string{opts.BinDir}
	if opts.BinDir == "" {
		dirs = folders(opts, names[0])
	}
	return holding(dirs, names...)
}

// holding keeps the folders that hold all of the programs, each once.
func holding(dirs []string, names ...string) []string {
	dirs = slices.DeleteFunc(dirs, func(dir string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return !exists(filepath.Join(dir, name)) })
	})
	return uniqueDirs(dirs)
}
