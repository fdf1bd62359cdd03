//go:build unix

package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestADemoKilledAtItsFirstStartRecovers kills first starts at several moments:
// in initdb, in the migrations, in the publication. The next start must serve,
// whatever the first one left behind.
func TestADemoKilledAtItsFirstStartRecovers(t *testing.T) {
	for _, after := range []time.Duration{300, 700, 1000, 1300} {
		t.Run((after * time.Millisecond).String(), func(t *testing.T) {
			data := serverDir(t)
			first := exec.Command(os.Args[0], "demo", "--addr", "127.0.0.1:0", "--data-dir", data)
			first.Env = append(os.Environ(), programVariable+"=1", "SIJIL_PG_BIN="+os.Getenv("SIJIL_TEST_PG_BIN"))
			if err := first.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(after * time.Millisecond)
			_ = first.Process.Kill()
			_ = first.Wait()
			startDemo(t, data).end(t, os.Interrupt)
		})
	}
}
