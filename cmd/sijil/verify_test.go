package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestVerifyUsage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nothing.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	nobody := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(nobody.Close)
	for args, test := range map[string]struct {
		code int
		want string
	}{
		"verify":                                {2, "a word is missing"},
		"verify -h":                             {0, "--since"},
		"verify a b c":                          {2, "is too much"},
		"verify sijil.example":                  {2, "is no address of a register"},
		"verify https://sijil.example --lang q": {2, "there is no language"},
		"verify https://sijil.example --since /nowhere/x":       {2, "--save"},
		"verify " + nobody.URL + " --lang fr":                   {2, "NON VÉRIFIÉ"},
		"verify " + nobody.URL + " --key nonsense":              {2, "What was given cannot be used"},
		"verify https://sijil.example --tsa-ca /nowhere/x":      {2, "no such file"},
		"verify https://sijil.example --tsa-ca " + file:         {2, "no certificate in it"},
		"verify " + file + " " + file + " --tsa-ca x --lang ar": {2, "go with the address"},
		"verify " + file + " /nowhere/x":                        {2, "no such file"},
		"verify " + file + " " + file:                           {1, "BROKEN"},
		"verify " + file + " " + file + " --since x --lang ar":  {2, "go with the address"},
	} {
		code, stdout, stderr := call(t, nil, strings.Fields(args)...)
		if code != test.code || !strings.Contains(strings.ReplaceAll(stdout, "-since", "--since")+stderr, test.want) {
			t.Errorf("%s: code %d, want %d and %q\n%s%s", args, code, test.code, test.want, stdout, stderr)
		}
	}
}
