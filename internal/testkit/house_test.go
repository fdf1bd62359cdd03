package testkit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// The house: who may import whom. The linter skips generated files, so a
// template that imports the store would pass it unseen; this test sees what
// the compiler sees. What a room may import is what stands here; to change it
// is to change the architecture.

const module = "github.com/sijil/sijil/"

// room is a package, or a tree of packages, with what it may import of ours.
type room struct {
	path   string   // "x" is the package, "x/..." also everything below it
	may    []string // rooms, in the same form
	reason string   // why not the rest
}

// everything stands for any package of ours but testkit.
const everything = "..."

func house() []room {
	language := []string{"internal/register", "internal/edtf"}
	stores := []string{"internal/store/...", "db"}
	pages := append([]string{"internal/i18n", "internal/markup", "views/..."}, language...)
	return []room{
		{"cmd/...", []string{everything}, ""},
		{"internal/bench", []string{everything}, ""},
		{"db", nil, "the database's files have no logic"},
		{"internal/edtf", nil, "dates know nothing of the domain"},
		{"internal/register", []string{"internal/edtf"}, "the language of the domain stands on nothing but dates"},
		{
			"internal/editorial", slices.Concat(language, stores, []string{"internal/blob", "internal/tlog", "internal/revision", "internal/lookalike"}),
			"use cases speak neither HTTP nor HTML",
		},
		{
			"internal/intake", append([]string{"internal/editorial", "internal/exchange"}, language...),
			"files of others come in by editorial, whoever brings them",
		},
		{
			"internal/founding", slices.Concat(language, stores, []string{"internal/editorial", "internal/exchange", "internal/intake"}),
			"the founding record comes in by the way that editors take",
		},
		{
			"internal/synthetic", slices.Concat(language, stores, []string{"internal/editorial", "internal/founding"}),
			"what is made up for measurements is written as what is published, with no way of its own",
		},
		{"internal/store/bulk", append([]string{"internal/store"}, language...), "copying rows knows no noun: what they mean is said where they are written"},
		{"internal/store", append([]string{"db"}, language...), "the store never decides who may, and never renders"},
		{
			"internal/store/desk", append([]string{"internal/store", "internal/store/record", "db"}, language...),
			"the store never decides who may, and never renders",
		},
		{
			"internal/store/record", append([]string{"internal/store", "db"}, language...),
			"the published record must not know the desk: a draft cannot leak where it cannot be read",
		},
		{"internal/observe", []string{"internal/register", "internal/edtf", "internal/store", "internal/outbound"}, "what is counted names no page, and nobody"},
		{"internal/outbound", nil, "it reaches whom the operator names, and knows nobody"},
		{"internal/blob", []string{"internal/outbound"}, "files know no noun"},
		{"internal/tlog", nil, "the log knows no noun"},
		{"internal/attest", []string{"internal/tlog", "internal/outbound"}, "who attests sees what everybody sees of the log"},
		{
			"internal/verify", append([]string{"internal/tlog", "internal/attest", "internal/outbound", "internal/i18n"}, language...),
			"who verifies believes nothing that is not handed out to everybody",
		},
		{"internal/capture", []string{"internal/register", "internal/edtf", "internal/blob"}, "evidence is brought in, not judged"},
		{
			"internal/exchange", append([]string{"internal/i18n", "internal/markup", "internal/lookalike"}, language...),
			"formats neither query nor know who asks",
		},
		{
			"internal/web", append([]string{"internal/web/...", "internal/observe"}, pages...),
			"the server routes; pages are made in web/public and web/desk, and SQL is the store's",
		},
		{"internal/web/pagecache", nil, "the cache knows no page"},
		{
			"internal/web/public", slices.Concat(pages, []string{"internal/store/record", "internal/exchange", "internal/tlog", "internal/blob", "internal/revision", "internal/card"}),
			"public pages never reach the desk: a draft cannot leak where it cannot be read",
		},
		{
			"internal/web/api", append([]string{"internal/exchange", "internal/i18n"}, language...),
			"the API reads what pages read, and never reaches the desk",
		},
		{
			"internal/web/taxii", append([]string{"internal/exchange"}, language...),
			"TAXII reads what pages read, and never reaches the desk",
		},
		{
			"internal/web/drafts", slices.Concat(language, []string{
				"internal/web/api", "internal/editorial", "internal/auth", "internal/store/desk", "internal/exchange", "internal/i18n",
			}),
			"programs of staff act through editorial, as the desk does",
		},
		{"internal/web/desk/...", slices.Concat(pages, stores, []string{
			"internal/exchange", "internal/intake", "internal/tlog", "internal/blob", "internal/editorial", "internal/auth", "internal/capture",
			"internal/revision", "internal/mail", "internal/web/desk/...", "internal/web/public", "internal/observe", "internal/lookalike",
		}), "the desk acts through editorial"},
		{"internal/memory", nil, "how memory is spent has to do with no noun"},
		{"internal/lookalike", nil, "letters know no noun: what looks like what is the same wherever it stands"},
		{"internal/revision", language, "versions are compared by what they say, wherever they are kept"},
		{"internal/auth", append([]string{"internal/store/..."}, language...), "cookies are the web's"},
		{"internal/jobs", slices.Concat(pages, stores, []string{
			"internal/editorial", "internal/blob", "internal/tlog", "internal/attest", "internal/capture", "internal/exchange", "internal/auth",
			"internal/intake", "internal/mail", "internal/card", "internal/outbound",
		}), "jobs serve no requests"},
		{"internal/backup", slices.Concat(stores, []string{"internal/blob", "internal/tlog"}), "a backup knows no noun"},
		{"internal/card", pages, "an image is drawn of what it is given"},
		{"internal/mail", append([]string{"internal/outbound"}, pages...), "a mail is drawn of what it is given"},
		{"internal/i18n", nil, "messages know no noun of the domain"},
		{"internal/markup", nil, "the only maker of raw HTML trusts nobody"},
		{"internal/config", nil, "configuration is read once, in cmd"},
		{"internal/bench/scale", nil, "what measures is all tests"},
		{"internal/scan", nil, "what attacks the site is all tests"},
		{"internal/localpg", nil, "it starts a database and knows nothing of what is in it"},
		{"internal/testkit", []string{everything}, ""},
		{"views", pages, "a template shows what it is given: it neither fetches nor decides"},
		{"views/desk", pages, "a template shows what it is given: it neither fetches nor decides"},
		{"views/ui", []string{"internal/i18n", "internal/markup", "views/assets"}, "components know no noun of the domain"},
		{"views/assets", nil, "files for the browser"},
		{"views/texts", nil, "texts have no logic"},
	}
}

// outsider is a foreign package with the rooms that may use it.
type outsider struct {
	path   string // and everything below it
	rooms  []string
	reason string
}

func outsiders() []outsider {
	return []outsider{
		{
			"github.com/jackc/pgx",
			[]string{"internal/store/...", "internal/jobs", "internal/localpg", "internal/backup", "internal/testkit"},
			"every SQL statement is the store's",
		},
		{"github.com/riverqueue/river", []string{"internal/store", "internal/jobs"}, "jobs are asked for by values of the register"},
		{"github.com/wneessen/go-mail", []string{"internal/mail"}, "mails are sent by one room"},
		{
			"database/sql",
			[]string{"internal/store/...", "internal/localpg", "internal/backup", "internal/testkit"},
			"every SQL statement is the store's",
		},
		{"github.com/golang-migrate/migrate", []string{"internal/store/..."}, "migrations are the store's"},
		{"github.com/labstack/echo", []string{"internal/web"}, "Echo v4 ends in December 2026: one package is to change, not all"},
		{"github.com/KimMachineGun/automemlimit", []string{"internal/memory"}, "one room says how much may be taken"},
		{"github.com/prometheus", []string{"internal/observe"}, "others say what happened, and not how it is counted"},
		{"go.opentelemetry.io", []string{"internal/observe", "internal/store", "internal/testkit"}, "others say what happened, and not how it is traced"},
		{"github.com/exaring/otelpgx", []string{"internal/store"}, "every SQL statement is the store's"},
		{"github.com/a-h/templ", []string{"views/...", "internal/web/...", "internal/mail"}, "HTML is made in views"},
		{"net/http", []string{
			"internal/web/...", "internal/observe", "views/assets", "internal/auth", "internal/capture", "internal/localpg", "internal/blob", "internal/jobs",
			"internal/verify", "internal/attest", "internal/outbound", "internal/testkit", "internal/bench", "cmd/...",
		}, "HTTP ends at the web"},
		{"os", []string{
			"cmd/...", "internal/config", "internal/localpg", "internal/blob", "internal/backup", "internal/testkit", "internal/capture", "internal/tlog",
			"internal/web/pagecache", "internal/bench",
		}, "the environment is read in cmd, and files where they are the matter"},
		{"github.com/landlock-lsm/go-landlock", []string{"internal/capture"}, "what reads the files of others confines itself"},
		{"github.com/chromedp", []string{"internal/testkit"}, "browsers are for tests"},
		{"github.com/PuerkitoBio/goquery", []string{"internal/testkit"}, "pages are taken apart in tests"},
		{"testing", []string{"internal/testkit"}, "what is shipped does not test itself"},
	}
}

// onlyStandard are the rooms that reach the standard library only.
func onlyStandard() []string { return []string{"internal/edtf", "internal/register", "db"} }

// goPackage is what go list tells of a package.
type goPackage struct {
	ImportPath string
	Doc        string
	GoFiles    []string
	Imports    []string
}

func ownPackages(t *testing.T) []goPackage {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Doc,GoFiles,Imports", module+"...")
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []goPackage
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			all = append(all, p)
		}
	}
}

// within reports whether a package is one of the rooms.
func within(rooms []string, pkg string) bool {
	return slices.ContainsFunc(rooms, func(r string) bool {
		tree, whole := strings.CutSuffix(r, "...")
		tree = strings.TrimSuffix(tree, "/")
		return tree == pkg || whole && (tree == "" || strings.HasPrefix(pkg, tree+"/"))
	})
}

// roomOf returns the room of a package; the most exact one where several fit.
func roomOf(pkg string) (room, bool) {
	var found room
	for _, r := range house() {
		if within([]string{r.path}, pkg) && len(r.path) > len(found.path) {
			found = r
		}
	}
	return found, found.path != ""
}

func TestEveryPackageKeepsToItsRoom(t *testing.T) {
	t.Parallel()
	for _, p := range ownPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		home, ok := roomOf(name)
		if !ok {
			t.Errorf("%s stands in no room of the house: give it one in ARCHITECTURE.md and in this table, or put it where it belongs", name)
			continue
		}
		for _, imported := range p.Imports {
			ours, own := strings.CutPrefix(imported, module)
			switch {
			case own && ours == "internal/testkit":
				t.Errorf("%s imports internal/testkit: what is shipped never imports what tests it", name)
			case own && ours == "internal/config" && !within([]string{"cmd/..."}, name):
				t.Errorf("%s imports internal/config: configuration is read once, in cmd, and handed on as values", name)
			case own && ours == "internal/localpg" && !within([]string{"cmd/...", "internal/testkit", "internal/bench"}, name):
				t.Errorf("%s imports internal/localpg: a private PostgreSQL is for the demo, for tests and for measurements", name)
			case own && !within(home.may, ours):
				t.Errorf("%s imports %s; it may import %v of ours, because %s", name, ours, home.may, home.reason)
			case !own && within(onlyStandard(), name) && strings.Contains(strings.Split(imported, "/")[0], "."):
				t.Errorf("%s imports %s: it reaches the standard library only", name, imported)
			}
		}
	}
}

func TestOutsidersStayWhereTheyBelong(t *testing.T) {
	t.Parallel()
	for _, p := range ownPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		for _, imported := range p.Imports {
			for _, o := range outsiders() {
				if within([]string{path.Join(o.path, "...")}, imported) && imported != "os/exec" && !within(o.rooms, name) {
					t.Errorf("%s imports %s, which is only for %v: %s", name, imported, o.rooms, o.reason)
				}
			}
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	for _, p := range ownPackages(t) {
		if p.Doc == "" {
			t.Errorf("%s has no sentence that says what it is for: write a package comment", p.ImportPath)
		}
	}
}

// TestTheTableIsReadAsItIsWritten checks the checker.
func TestTheTableIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pkg, imported string
		may           bool
	}{
		{"internal/store/record", "internal/store/desk", false},
		{"internal/store/record", "internal/store", true},
		{"internal/web/public", "internal/store/desk", false},
		{"internal/web/public", "internal/editorial", false},
		{"internal/web/public", "views/ui", true},
		{"internal/web/desk", "internal/store/desk", true},
		{"internal/register", "internal/store", false},
		{"views/ui", "internal/register", false},
		{"cmd/sijil", "internal/web", true},
	} {
		home, ok := roomOf(c.pkg)
		if !ok || within(home.may, c.imported) != c.may {
			t.Errorf("%s → %s: allowed %t, want %t", c.pkg, c.imported, !c.may, c.may)
		}
	}
}
