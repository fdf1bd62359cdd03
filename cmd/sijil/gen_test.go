package main

import (
	"regexp"
	"testing"
)

func TestGen(t *testing.T) {
	dir := serverDir(t)
	code, stdout, stderr := call(t, nil, "gen", "--incidents", "3", "--data-dir", dir)
	if code != 0 || !regexp.MustCompile(`Made up 3 incidents, 9 statements, 20 institutions \(seed 1\) in \d+ s; the database has 0\.\d\d GB\.`).MatchString(stdout) {
		t.Fatalf("ended with %d: %s%s", code, stdout, stderr)
	}
	if code, _, stderr := call(t, nil, "gen", "--incidents", "3", "--data-dir", dir); code != 1 || !regexp.MustCompile(`holds records already`).MatchString(stderr) {
		t.Errorf("a second time: %d, %s", code, stderr)
	}
	for _, wrong := range [][]string{{"gen"}, {"gen", "--incidents", "3"}, {"gen", "--incidents", "0", "--data-dir", dir}, {"gen", "--incidents", "-1", "--data-dir", dir}} {
		if code, _, stderr := call(t, nil, wrong...); code != 2 {
			t.Errorf("%v: %d, %s", wrong, code, stderr)
		}
	}
}
