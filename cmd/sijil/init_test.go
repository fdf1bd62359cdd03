package main

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// mostBefore is how much memory packages may take before main begins, all together: each
// start waits for them, and each child that reads one document.
const mostBefore = 8 << 20

// TestLittleIsDoneBeforeMain: compressing all styles at once took 22 MB.
func TestLittleIsDoneBeforeMain(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	command.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	told, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, told)
	}
	var all int
	most, by := 0, ""
	for _, line := range regexp.MustCompile(`(?m)^init (\S+) @.* (\d+) bytes,`).FindAllStringSubmatch(string(told), -1) {
		n, err := strconv.Atoi(line[2])
		if err != nil {
			t.Fatal(err)
		}
		if all += n; n > most {
			most, by = n, line[1]
		}
	}
	if all == 0 || all > mostBefore {
		t.Errorf("%d bytes are taken before main, %d of them by %s; at most %d may be, and some are", all, most, by, mostBefore)
	}
}
