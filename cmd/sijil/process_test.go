//go:build unix

package main

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// process is "sijil serve" in a process of its own, one of several on one
// database.
type process struct {
	t     *testing.T
	name  string
	file  string // the program
	env   map[string]string
	site  *url.URL
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended
	said  *os.File      // what it wrote
	since int64         // where in that its last start is
}

// newProcess starts a node with an environment of its own, and waits until it works.
func newProcess(t *testing.T, name string, env map[string]string) *process {
	t.Helper()
	address := freeAddress(t)
	env = maps.Clone(env)
	env["SIJIL_ADDR"] = address
	p := startProcess(t, name, env, &url.URL{Scheme: "http", Host: address})
	p.ready()
	return p
}

// startProcess starts "sijil serve" with an environment, in which it is found at site; it
// is killed with the test.
func startProcess(t *testing.T, name string, env map[string]string, site *url.URL) *process {
	t.Helper()
	return startProcessOf(t, name, os.Args[0], env, site)
}

// startProcessOf is startProcess of another program.
func startProcessOf(t *testing.T, name, file string, env map[string]string, site *url.URL) *process {
	t.Helper()
	p := &process{t: t, name: name, file: file, env: env, site: site}
	var err error
	if p.said, err = os.Create(filepath.Join(t.TempDir(), "said")); err != nil {
		t.Fatal(err)
	}
	p.start()
	t.Cleanup(func() {
		p.kill()
		if said, err := os.ReadFile(p.said.Name()); err == nil && t.Failed() {
			t.Logf("%s said:\n%s", name, said[max(0, len(said)-8000):])
		}
		_ = p.said.Close()
	})
	return p
}

// start starts the node, at first or again.
func (p *process) start() {
	p.t.Helper()
	cmd := exec.Command(p.file, "serve") // it is killed by its number
	cmd.Env = append(os.Environ(), programVariable+"=1")
	for name, value := range p.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stdout, cmd.Stderr = p.said, p.said
	if at, err := p.said.Stat(); err == nil {
		p.since = at.Size()
	}
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.cmd, p.ended = cmd, make(chan struct{})
	go func(ended chan struct{}) {
		_ = cmd.Wait()
		close(ended)
	}(p.ended)
}

// kill ends the node as SIGKILL does, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// signal sends the node a signal.
func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// ready waits until the node works.
func (p *process) ready() {
	p.t.Helper()
	for begin := time.Now(); time.Since(begin) < patient; time.Sleep(20 * time.Millisecond) {
		if p.works() {
			return
		}
	}
	p.t.Fatalf("%s is not ready", p.name)
}

// patient is how long a node may take to work again on a machine that is busy.
const patient = 2 * time.Minute

// works reports whether the node says that it works. One that has ended by itself,
// since its database was too slow to let it in, is started again, as whatever
// supervises it would.
func (p *process) works() bool {
	p.t.Helper()
	select {
	case <-p.ended:
		p.t.Logf("%s has ended by itself, and is started again", p.name)
		p.start()
	default:
	}
	return p.says("/readyz") == http.StatusOK
}

// reads reports whether the node, by what it says, reads from the standby.
func (p *process) reads() bool {
	said, err := os.ReadFile(p.said.Name())
	if err != nil || int64(len(said)) < p.since {
		return false
	}
	now := string(said[p.since:])
	return strings.LastIndex(now, "replica is read from") > strings.LastIndex(now, "replica is not read from")
}

// says is the status of an answer; 0 where nobody answers.
func (p *process) says(path string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.site.String()+"/"+strings.TrimPrefix(path, "/"), http.NoBody)
	if err != nil {
		return 0
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}
