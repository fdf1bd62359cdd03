package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

// TestEveryActionIsListed: what the code notes in the audit has a name on the
// page, in every language (that each listed action has one is tested beside
// the messages).
func TestEveryActionIsListed(t *testing.T) {
	t.Parallel()
	call := regexp.MustCompile(`(?:Audit\([^"\n{]*|\.failed\([^"\n{]*|changeClaim\([^"\n{]*|writeTerm\([^"\n{]*|\baudit\(|action(?: :?=|:) )"([a-z-]+)"( ?\+)?`)
	seen := 0
	for _, folder := range []string{"../editorial", "../auth"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%d files, %v", len(files), err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range call.FindAllStringSubmatch(string(source), -1) {
				seen++
				begins := func(a string) bool { return a == m[1] || m[2] != "" && strings.HasPrefix(a, m[1]) }
				if !slices.ContainsFunc(register.Actions(), begins) {
					t.Errorf("%s notes %q, which register.Actions does not list", file, m[1])
				}
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d actions were found in the code", seen)
	}
}

func TestActivityIsFiltered(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	form := termForm(url.Values{"code": {"set-aside"}})
	if a := testkit.Post(t, s, "/fr/desk/vocabularies/standing", form, testkit.As(testkit.Admin)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d", a.Status)
	}
	rows := func(query string) (*testkit.Answer, int) {
		t.Helper()
		a := testkit.Ask(t, s, "/fr/desk/activity"+query, testkit.As(testkit.Analyst))
		if a.Status != http.StatusOK {
			t.Fatalf("%s: status %d", query, a.Status)
		}
		return a, a.Page().Find("tbody tr").Length()
	}
	all, n := rows("")
	if n != 50 || !strings.Contains(all.Text("tbody tr:first-child"), "Terme ajouté") || !strings.Contains(all.Text("tbody tr:first-child"), "set-aside") {
		t.Errorf("%d lines, the first: %s", n, all.Text("tbody tr:first-child"))
	}
	next, more := rows(all.Attr(`a[rel="next"]`, "href"))
	if more == 0 || next.Text("tbody tr:first-child td:first-child") == all.Text("tbody tr:first-child td:first-child") {
		t.Errorf("the next page has %d lines", more)
	}
	if _, n := rows("?action=add-term"); n != 1 {
		t.Errorf("by action: %d lines", n)
	}
	if _, n := rows("?by=" + s.staff[testkit.Admin].ID); n != 1 {
		t.Errorf("by person: %d lines", n)
	}
	if _, n := rows("?by=nobody&record=none"); n != 0 {
		t.Errorf("by nobody: %d lines", n)
	}
	if _, n := rows("?to=2001-01-01"); n != 0 {
		t.Errorf("before all: %d lines", n)
	}
	if _, n := rows("?from=2001-01-01&action=add-term"); n != 1 {
		t.Errorf("since long ago: %d lines", n)
	}
	if a, n := rows("?from=hier"); n != 50 || a.Attr(".error-summary a", "href") != "#from" {
		t.Errorf("a day that is none: %d lines", n)
	}
	one := all.Attr(`tbody a[href*="record="]`, "href")
	if one == "" {
		one = next.Attr(`tbody a[href*="record="]`, "href")
	}
	_, query, _ := strings.Cut(one, "?")
	if _, n := rows("?" + query); n == 0 || n > 20 {
		t.Errorf("of one record: %d lines", n)
	}
}

// TestAnalystsSeeNoAddresses: where somebody signed in from is for admins.
func TestAnalystsSeeNoAddresses(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	_, err := s.db.Desk().Exec(t.Context(), `
		INSERT INTO desk.audit (account_id, action, detail) VALUES ($1, 'sign-in', '{"network": "192.0.2.0/24"}')`, s.staff[testkit.Editor].ID)
	if err != nil {
		t.Fatal(err)
	}
	for email, sees := range map[string]bool{testkit.Analyst: false, testkit.Editor: false, testkit.Admin: true} {
		a := testkit.Ask(t, s, "/en/desk/activity", testkit.As(email))
		if strings.Contains(a.Body, "192.0.2.0/24") != sees || !strings.Contains(a.Text("tbody"), "Sign-in") {
			t.Errorf("%s: sees the network: %t", email, !sees)
		}
	}
}

// TestTheChainIsChecked: intact; then with a line changed by the owner of the
// tables, who alone can; then with the end cut off.
func TestTheChainIsChecked(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Founding(t))
	check := func(want string) {
		t.Helper()
		a := testkit.Post(t, s, "/en/desk/activity", nil, testkit.As(testkit.Analyst))
		if a.Status != http.StatusOK || !strings.Contains(a.Text(".notice"), want) {
			t.Errorf("status %d: %q, want %q", a.Status, a.Text(".notice"), want)
		}
	}
	check("The chain is intact")
	for _, c := range []struct{ sql, want string }{
		{`UPDATE desk.audit SET action = 'nothing' WHERE id = 7`, "broken at line 7:"},
		{`DELETE FROM desk.audit WHERE id = 5`, "broken at line 5:"},
	} {
		_, err := s.db.Owner().Exec(t.Context(), `ALTER TABLE desk.audit DISABLE TRIGGER USER; `+c.sql)
		if err != nil {
			t.Fatal(err)
		}
		check(c.want)
	}
	_, err := s.db.Owner().Exec(t.Context(), `DELETE FROM desk.audit WHERE id >= 5`)
	if err != nil {
		t.Fatal(err)
	}
	check("broken at line 5:")
}

func TestSettingsAreChangedOnAPage(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	const path = "/fr/desk/settings"
	form := url.Values{"stale": {"45"}, "review": {"2"}, "mails": {"14"}, "recheck": {"7"}, "version": {"1"}}
	if a := testkit.Post(t, s, path, form, testkit.As(testkit.Admin)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	if a := testkit.Ask(t, s, path, testkit.As(testkit.Admin)); a.Attr("#stale", "value") != "45" || a.Attr("#mails", "value") != "14" {
		t.Errorf("shown: %s", a.Attr("#stale", "value"))
	}
	if a := testkit.Post(t, s, path, form, testkit.As(testkit.Admin)); a.Status != http.StatusConflict || !strings.Contains(a.Text(".notice"), "45") {
		t.Errorf("a stale version: status %d", a.Status)
	}
	for field, value := range map[string]string{"stale": "0", "review": "soon", "mails": "6", "recheck": "0"} {
		bad := url.Values{"stale": {"30"}, "review": {"3"}, "mails": {"30"}, "recheck": {"14"}, "version": {"2"}}
		bad.Set(field, value)
		a := testkit.Post(t, s, path, bad, testkit.As(testkit.Admin))
		if a.Status != http.StatusUnprocessableEntity || a.Attr(".error-summary a", "href") != "#"+field || a.Attr("#"+field, "value") != value {
			t.Errorf("%s %s: status %d, at %s", field, value, a.Status, a.Attr(".error-summary a", "href"))
		}
	}
}
