//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/capture"
)

// TestWorkerProcess: the program is its own child, and answers with a code.
func TestWorkerProcess(t *testing.T) {
	pdf, err := os.ReadFile("../../internal/capture/testdata/communique-ar.pdf")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		task  string
		input []byte
		code  int
		want  string // in what it answers
	}{
		{"check", pdf, 0, `"Pages":2`},
		{"check", []byte("%PDF-1.7\n%%EOF"), 0, `"Problem":"damaged"`},
		{"none-such", pdf, 1, ""},
	} {
		worker := exec.Command(os.Args[0], capture.Subcommand, test.task)
		worker.Env = append(os.Environ(), programVariable+"=1")
		worker.Stdin = bytes.NewReader(test.input)
		out, _ := worker.Output()
		if code := worker.ProcessState.ExitCode(); code != test.code || !strings.Contains(string(out), test.want) {
			t.Errorf("%s: code %d, %q; want %d, %q", test.task, code, out, test.code, test.want)
		}
	}
}
