// Package localpg finds a PostgreSQL on this machine, or fetches one, and runs
// a private server with it: for the demonstration, for development and for
// tests, never for production.
//
// The server listens on a Unix socket that only its own account (and root) can
// reach, and on no network port. It ends with the program that started it, even
// when that program is killed.
package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Superuser is the role that initdb creates, the owner of everything.
const Superuser = "sijil"

// oldestMajor is the oldest PostgreSQL that the migrations are tested with.
const oldestMajor = 15

// How long the steps of a server's life may take before the next, harsher
// measure. Recovery after a crash replays at most max_wal_size.
const (
	startDeadline = 90 * time.Second
	fastDeadline  = 10 * time.Second // after SIGINT
	quitDeadline  = 5 * time.Second  // after SIGQUIT
	pollInterval  = 4 * time.Millisecond
)

// ErrInUse is returned by Start when another process runs a server on the same
// data folder.
var ErrInUse = errors.New("the data folder is in use")

// Options say where a server's binaries and data are. The zero value uses what
// is installed and the default folders.
type Options struct {
	// BinDir is a folder with initdb and postgres; nothing else is then looked at.
	BinDir string
	// DataDir holds the clusters, one sub-folder for each major version of
	// PostgreSQL. Empty: DefaultDataDir.
	DataDir string
	// CacheDir is where fetched binaries are kept. Empty: DefaultCacheDir.
	CacheDir string
	// Getenv looks up HOME, PATH, XDG_DATA_HOME and XDG_CACHE_HOME. Nil: none is
	// set, so that only absolute places are searched.
	Getenv func(string) string
	// Progress gets a line for whatever takes long. Nil: nothing is said.
	Progress io.Writer
	// Volatile trades safety for speed, for tests: the data does not survive a
	// crash of the machine, and a cluster that does not start is made anew.
	Volatile bool
	// Filling is for a server that only fills its data folder: nothing is forced
	// to the disk before Stop, which then forces all of it. A machine that fails
	// before leaves a folder of no use. The next start is as always.
	Filling bool
	// StandbyOf makes the cluster, where there is none, a standby of a server that runs
	// with the same binaries: a copy of it that follows what is committed there. It
	// must not be volatile, nor may the other be.
	StandbyOf *Server
	// Memory is how many megabytes of memory its servers share; 0: 64, or 512 where
	// it only fills.
	Memory int
	// NoFetch forbids requests to the outside.
	NoFetch bool

	// places and repository replace the known folders and the download address
	// in tests of this package.
	places     []string
	repository string
}

// withDefaults fills in the folders that were left empty.
func (o Options) withDefaults() (Options, error) {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if o.places == nil {
		o.places = knownPlaces()
	}
	var err error
	if o.DataDir == "" {
		if o.DataDir, err = DefaultDataDir(o.Getenv); err != nil {
			return o, err
		}
	}
	if o.CacheDir == "" {
		if o.CacheDir, err = DefaultCacheDir(o.Getenv); err != nil {
			// Without a home, what is fetched lies beside the data.
			o.CacheDir = filepath.Join(o.DataDir, "binaries")
		}
	}
	return o, nil
}

// Server is a running PostgreSQL. Its methods may be called from any goroutine.
type Server struct {
	binaries binaries
	cluster  *cluster
	process  *process
	stop     sync.Once
	stopErr  error
}

// Start finds binaries, makes a cluster in the data folder if there is none,
// and returns when the server accepts connections. A server that an earlier,
// killed program left on the same folder is stopped first. The context limits
// the start only: the server lives until Stop or the end of this program.
//
// It returns an error that wraps ErrInUse if another process uses the folder,
// and one that says what to install if there is no PostgreSQL.
func Start(ctx context.Context, opts Options) (*Server, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return nil, err
	}
	runAs, err := serverAccount()
	if err != nil {
		return nil, err
	}
	bin, err := locate(ctx, opts, runAs)
	if err != nil {
		return nil, err
	}
	cl, err := openCluster(opts, bin, runAs)
	if err != nil {
		return nil, err
	}
	proc, err := cl.start(ctx)
	if err != nil {
		return nil, errors.Join(err, cl.close())
	}
	return &Server{binaries: bin, cluster: cl, process: proc}, nil
}

// URL is the address of a database on this server for a role, as pgx reads it.
func (s *Server) URL(database, user string) string {
	// Everything is spelled out, so that PGPORT or PGSSLMODE in the environment
	// cannot lead elsewhere.
	q := url.Values{"host": {s.cluster.socketDir}, "port": {socketPort}, "sslmode": {"disable"}}
	// pgx takes a plus sign for what it is, not for a blank.
	query := strings.ReplaceAll(q.Encode(), "+", "%20")
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database, RawQuery: query}
	return u.String()
}

// Version is PostgreSQL's own number, for example "15.20".
func (s *Server) Version() string { return s.binaries.version }

// BinDir is the folder of the binaries in use.
func (s *Server) BinDir() string { return s.binaries.dir }

// DataDir is the folder of the cluster in use.
func (s *Server) DataDir() string { return s.cluster.dir }

// Done is closed when the server has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.process.done }

// Stop ends the server: first by cutting its connections (SIGINT), after a
// while at once (SIGQUIT), which it survives by recovery at the next start. A
// context that ends makes it harsher sooner. Later calls return the first
// result.
func (s *Server) Stop(ctx context.Context) error {
	s.stop.Do(func() {
		s.stopErr = s.process.end(ctx)
		if s.cluster.opts.Filling {
			s.stopErr = errors.Join(s.stopErr, s.cluster.sync(ctx))
		}
		s.stopErr = errors.Join(s.stopErr, s.cluster.close())
	})
	return s.stopErr
}

// say writes one line of progress. That nobody reads it is no reason to stop.
func (o Options) say(format string, args ...any) {
	_, _ = fmt.Fprintf(o.Progress, format+"\n", args...)
}

// exists tells whether a path leads to something.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
