package exchange_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/i18n"
)

func localizer(tb testing.TB, lang string) *i18n.Localizer {
	tb.Helper()
	catalog, err := i18n.Load(slog.New(slog.NewTextHandler(tb.Output(), nil)))
	if err != nil {
		tb.Fatal(err)
	}
	return catalog.Localizer(lang)
}

func citation() exchange.Citation {
	return exchange.Citation{
		Title: "Fuite de données de la Caisse", TitleLang: "fr", Reference: "SJ-2025-0001", Edition: 3,
		Published: edtf.Day{Year: 2026, Month: 11, Day: 20}, SHA256: strings.Repeat("5fc2c9cc", 8),
		URL: "https://sijil.example/fr/incidents/cnss-2025/editions/3",
	}
}

func partOf(c exchange.Citation) exchange.Citation {
	c.Part, c.Anchor = "Le site est attaqué", "attack"
	c.URL += "#attack"
	return c
}

func TestCitationsAsText(t *testing.T) {
	t.Parallel()
	whole, part := citation(), partOf(citation())
	for _, c := range []struct {
		lang string
		cite exchange.Citation
		want string
	}{
		{"fr", whole, "Sijil. «\u00a0Fuite de données de la Caisse\u00a0». Dossier SJ-2025-0001, édition 3, 20 novembre 2026. " + whole.URL + ". SHA-256\u00a0: " + whole.SHA256 + "."},
		{"fr", part, "Sijil. «\u00a0Le site est attaqué\u00a0». Dans «\u00a0Fuite de données de la Caisse\u00a0», dossier SJ-2025-0001, édition 3, 20 novembre 2026. " + part.URL + ". SHA-256\u00a0: " + whole.SHA256 + "."},
		{"en", whole, "Sijil. “Fuite de données de la Caisse”. Record SJ-2025-0001, edition 3, 20 November 2026. " + whole.URL + ". SHA-256: " + whole.SHA256 + "."},
		{"ar", whole, "سجل. «Fuite de données de la Caisse». الملف SJ-2025-0001، الإصدار 3، 20 نونبر 2026. " + whole.URL + ". SHA-256: " + whole.SHA256 + "."},
	} {
		if got := c.cite.Text(localizer(t, c.lang)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.lang, got, c.want)
		}
	}
}

func TestWhatBibTeXReadsIsWhatWasMeant(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Société & Cie":            `Société \& Cie`,
		"100 % de {tout}":          `100 \% de \textbraceleft{}tout\textbraceright{}`,
		"a_b #1 $5 ~ ^":            `a\_b \#1 \$5 \textasciitilde{} \textasciicircum{}`,
		`C:\new`:                   `C:\textbackslash{}new`,
		"تسريب معطيات الصندوق":     "تسريب معطيات الصندوق",
		"two\nlines\t and\r\nmore": "two lines and more",
		"«\u00a0cité\u00a0»":       "«\u00a0cité\u00a0»",
		"}, note = {forged":        `\textbraceright{}, note = \textbraceleft{}forged`,
		"nul\x00 bell\x07":         "nul bell",
	} {
		if got := exchange.EscapeBibTeX(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestBibTeX(t *testing.T) {
	t.Parallel()
	c := partOf(citation())
	c.Part = "Ministère & {CNSS} 50 %"
	got := string(c.BibTeX(localizer(t, "fr")))
	for _, want := range []string{
		"@misc{sijil-sj-2025-0001-3-attack,\n", "author       = {{Sijil}},", `title        = {{Ministère \& \textbraceleft{}CNSS\textbraceright{} 50 \%}},`,
		"date         = {2026-11-20},", "version      = {3},", "url          = {" + c.URL + "},", "langid       = {french},", c.SHA256,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	balanced(t, got)
}

// balanced checks braces as BibTeX counts them, whatever stands before them.
func balanced(tb testing.TB, s string) {
	tb.Helper()
	depth := 0
	for _, r := range s {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth < 0 {
			break
		}
	}
	if depth != 0 {
		tb.Errorf("braces are not balanced: %q", s)
	}
}

func TestRIS(t *testing.T) {
	t.Parallel()
	c := partOf(citation())
	c.Part = "Une ligne\r\nER  - \r\nTY  - BOOK"
	got := string(c.RIS(localizer(t, "ar")))
	lines := strings.Split(strings.TrimSuffix(got, "\r\n"), "\r\n")
	form := regexp.MustCompile(`^[A-Z][A-Z0-9]  - `)
	for i, line := range lines {
		if !form.MatchString(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line %d is %q", i+1, line)
		}
	}
	if lines[0] != "TY  - ELEC" || lines[len(lines)-1] != "ER  - " || strings.Count(got, "\r\nER  - ") != 1 {
		t.Errorf("it is not one entry:\n%s", got)
	}
	for _, want := range []string{"TI  - Une ligne ER - TY - BOOK", "T2  - Fuite", "DA  - 2026/11/20", "ET  - 3", "UR  - " + c.URL, "LA  - fr"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

// cslSchema is that of the Citation Style Language.
func cslSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", "csl", "csl-data.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("csl.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("csl.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestCSL holds the citations to the schema.
func TestCSL(t *testing.T) {
	t.Parallel()
	schema := cslSchema(t)
	for _, c := range []exchange.Citation{citation(), partOf(citation())} {
		for _, lang := range i18n.Langs() {
			out, err := c.CSL(localizer(t, lang))
			if err != nil {
				t.Fatal(err)
			}
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("%s: %v\n%s", lang, err, out)
			}
		}
	}
	if err := schema.Validate([]any{map[string]any{"type": "nonsense", "id": "x"}}); err == nil {
		t.Error("the schema accepts anything")
	}
}

// FuzzEscapes: what is escaped for BibTeX can be read again and holds no
// command, and a value of RIS stays on its line.
func FuzzEscapes(f *testing.F) {
	for _, s := range []string{"", "{}", `\{`, "a & b_c % #", "تسريب «بيانات»", "é\r\nTY  - X", "~^$", "\u2028x\u0085y", "\xff"} {
		f.Add(s)
	}
	read := strings.NewReplacer(
		`\textbackslash{}`, `\`, `\textbraceleft{}`, `{`, `\textbraceright{}`, `}`, `\textasciitilde{}`, `~`,
		`\textasciicircum{}`, `^`, `\&`, `&`, `\%`, `%`, `\$`, `$`, `\#`, `#`, `\_`, `_`)
	f.Fuzz(func(t *testing.T, s string) {
		line := exchange.EscapeRIS(s)
		if strings.ContainsFunc(line, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }) {
			t.Errorf("%q became %q", s, line)
		}
		escaped := exchange.EscapeBibTeX(s)
		if read.Replace(escaped) != line {
			t.Errorf("%q became %q, which reads %q", s, escaped, read.Replace(escaped))
		}
		balanced(t, escaped)
		if bare := regexp.MustCompile(`(^|[^\\])[&%$#_]`); bare.MatchString(escaped) {
			t.Errorf("%q became %q", s, escaped)
		}
	})
}
