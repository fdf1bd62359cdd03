package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
	"github.com/sijil/sijil/internal/web/public"
)

func operatedBy(o public.Operator) func(*web.Config) {
	return func(c *web.Config) { c.Operator = o }
}

func TestSecurityTxt(t *testing.T) {
	t.Parallel()
	const path = "/.well-known/security.txt"
	for _, c := range []struct {
		name     string
		operator public.Operator
		contact  string
	}{
		{"of its own", public.Operator{Contact: "contact@sijil.example", Security: "https://sijil.example/report"}, "https://sijil.example/report"},
		{"that of the operator", public.Operator{Contact: "contact@sijil.example"}, "mailto:contact@sijil.example"},
	} {
		s := newStage(t, operatedBy(c.operator))
		a := testkit.Ask(t, s, path)
		if a.Status != http.StatusOK || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Fatalf("%s: %d %v", c.name, a.Status, a.Header)
		}
		fields := map[string]string{}
		for line := range strings.Lines(a.Body) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			fields[name] = value
		}
		expires, err := time.Parse(time.RFC3339, fields["Expires"])
		days := expires.Sub(s.clock.Now()).Hours() / 24
		if fields["Contact"] != c.contact || fields["Canonical"] != "https://sijil.test"+path || err != nil || days < 150 || days > 365 {
			t.Errorf("%s: %v, expires in %.0f days", c.name, fields, days)
		}
		policy, ok := strings.CutPrefix(fields["Policy"], "https://sijil.test")
		where, fragment, _ := strings.Cut(policy, "#")
		if !ok || testkit.Ask(t, s, where).Page().Find("#"+fragment).Length() != 1 {
			t.Errorf("%s: the policy is not at %s", c.name, fields["Policy"])
		}
	}
	s := newStage(t)
	if a := testkit.Ask(t, s, path); a.Status != http.StatusNotFound {
		t.Errorf("without a contact: %d", a.Status)
	}
	if a := testkit.Ask(t, s, "/security.txt"); a.Status != http.StatusMovedPermanently || a.Header.Get("Location") != path {
		t.Errorf("/security.txt: %d to %q", a.Status, a.Header.Get("Location"))
	}
}

// TestFootersAreTheSame: a reader finds the same links below every page.
func TestFootersAreTheSame(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	links := func(target string) string {
		var out []string
		testkit.Ask(t, s, target).Page().Find("footer a").Each(func(_ int, a *goquery.Selection) {
			out = append(out, a.AttrOr("href", "")+" "+a.Text())
		})
		return strings.Join(out, "\n")
	}
	want := links("/ar/")
	for _, target := range []string{"/ar/incidents", "/ar/incidents/cnss-2025", "/ar/institutions/cnss", "/ar/statements/communique", "/ar/privacy", "/ar/nothing", "/ar/incidents/withdrawn"} {
		if got := links(target); got != want || !strings.Contains(got, "/ar/method") {
			t.Errorf("%s: the footer has\n%s\nwant\n%s", target, got, want)
		}
	}
}
