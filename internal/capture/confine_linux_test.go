package capture_test

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

	"github.com/sijil/sijil/internal/capture"
)

// reaching has TestTheWorkerReachesNothing, started again, say what it can reach: "free"
// as it is, "confined" as the worker is.
const reaching = "SIJIL_TEST_REACHING"

// TestTheWorkerReachesNothing: what reads a hostile file, and a tool that it runs, can
// neither read what the program may read, nor write, nor connect. The same process
// without that can do all of it, and both can run programs.
func TestTheWorkerReachesNothing(t *testing.T) {
	if how := os.Getenv(reaching); how != "" {
		reach(t, how == "confined", os.Getenv("SECRET"), os.Getenv("SERVER"))
		return
	}
	abi, err := ll.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		t.Skipf("this kernel has no Landlock: %v", err)
	}
	secret := filepath.Join(t.TempDir(), "secret-key")
	if err := os.WriteFile(secret, []byte("0123456789"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	for _, test := range []struct {
		how  string
		want map[string]bool
	}{
		{"free", map[string]bool{"read": true, "read by a tool": true, "write": true, "list": true, "connect": true, "run": true}},
		{"confined", map[string]bool{"read": false, "read by a tool": false, "write": false, "list": false, "connect": false, "run": true}},
	} {
		t.Run(test.how, func(t *testing.T) {
			child := exec.Command(os.Args[0], "-test.run=^TestTheWorkerReachesNothing$", "-test.count=1")
			child.Env = append(os.Environ(), reaching+"="+test.how, "SECRET="+secret, "SERVER="+server.Listener.Addr().String())
			out, err := child.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			got := map[string]bool{}
			if err := json.NewDecoder(bytes.NewReader(out[max(bytes.IndexByte(out, '{'), 0):])).Decode(&got); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			for what, want := range test.want {
				if what == "connect" && abi < 4 {
					continue // nor does this kernel know how to keep it from that
				}
				if got[what] != want {
					t.Errorf("%s: %v, want %v", what, got[what], want)
				}
			}
		})
	}
}

// reach tries everything, and prints what went.
func reach(t *testing.T, confined bool, secret, server string) {
	t.Helper()
	if confined {
		if err := capture.ConfineSelf(); err != nil {
			t.Fatal(err)
		}
	}
	can := map[string]bool{}
	_, err := os.ReadFile(secret)
	can["read"] = err == nil
	_, err = os.ReadDir(filepath.Dir(secret))
	can["list"] = err == nil
	can["write"] = os.WriteFile(secret+"-2", nil, 0o600) == nil
	can["read by a tool"] = runs("cat", secret)
	can["run"] = runs("cat", "--version")
	if line, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server); err == nil {
		can["connect"] = true
		_ = line.Close()
	}
	if err := json.NewEncoder(os.Stdout).Encode(can); err != nil {
		t.Fatal(err)
	}
}

// runs reports whether a program ends well; with pipes, as the worker's tools have them.
func runs(name string, args ...string) bool {
	command := exec.Command(name, args...)
	command.Stdin, command.Stdout, command.Stderr = &bytes.Buffer{}, &bytes.Buffer{}, &bytes.Buffer{}
	return command.Run() == nil
}
