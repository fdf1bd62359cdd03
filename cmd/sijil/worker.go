package main

import (
	"context"
	"fmt"
	"os"

	"github.com/sijil/sijil/internal/capture"
)

// pdfWorker is the program as its own child: it reads a PDF in a process with
// little memory and time. Nobody calls it by hand, so no help tells of it.
func (p program) pdfWorker(_ context.Context, args []string) error {
	if code := capture.Work(args, os.Stdin, p.stdout, p.stderr); code != 0 {
		return &codeError{code}
	}
	return nil
}

// codeError ends the program with a code; what there was to say is said.
type codeError struct{ code int }

func (e *codeError) Error() string { return fmt.Sprintf("code %d", e.code) }
