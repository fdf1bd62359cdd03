package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/web"
)

// TestEachClassHasASetting compares the bounds of the web with the setting that
// changes them.
func TestEachClassHasASetting(t *testing.T) {
	var want []string
	for _, class := range web.Classes() {
		want = append(want, fmt.Sprintf("%s=%d", class, web.DefaultLimits()[class]))
	}
	for _, v := range config.Variables() {
		if v.Name == "SIJIL_CONCURRENCY" && v.Default == strings.Join(want, ",") {
			return
		}
	}
	t.Errorf("no setting SIJIL_CONCURRENCY has the default %q", strings.Join(want, ","))
}
