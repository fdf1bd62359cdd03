package markup_test

import (
	"html"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/markup"
)

const sample = `# Le titre

Une phrase
qui ouvre.

## Une *partie* {#one}

Du texte & [un lien](/fr/) avec ` + "`code<1>`" + `.

### Plus bas

- un
- deux
`

func TestParse(t *testing.T) {
	t.Parallel()
	d, err := markup.Parse(sample, html.EscapeString)
	if err != nil {
		t.Fatal(err)
	}
	if d.Title != "Le titre" || d.Lead != "Une phrase qui ouvre." || len(d.Sections) != 1 || d.Sections[0] != (markup.Section{ID: "one", Title: "Une partie"}) {
		t.Errorf("%+v", d)
	}
	for _, part := range []string{
		`<h2 id="one">Une <em>partie</em></h2>`, `Du texte &amp; <a href="/fr/">un lien</a> avec <code dir="ltr">code&lt;1&gt;</code>.`,
		`<h3>Plus bas</h3>`, `<li>deux</li>`,
	} {
		if !strings.Contains(string(d.Body), part) {
			t.Errorf("%q is not in\n%s", part, d.Body)
		}
	}
}

func TestRunsAreHandedOver(t *testing.T) {
	t.Parallel()
	d, err := markup.Parse("# a\n\nb\n\nx *y* z", func(s string) string { return "[" + s + "]" })
	if err != nil || string(d.Body) != "<p>[x ]<em>[y]</em>[ z]</p>\n" {
		t.Errorf("%q, %v", d.Body, err)
	}
}

func TestNothingDangerousComesOut(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		`<script>alert(1)</script>`, `<b onclick="x()">bold</b>`, `[a](javascript:alert(1))`, `![a](javascript:alert(1))`,
		`[a](data:text/html,x)`, "[a](java\nscript:alert(1))", `<javascript:alert(1)>`, `[a](vbscript:x "t")`,
		`[x]("onmouseover="alert(1))`, `&lt;script&gt;`, "`<script>`", "```\n<script>\n```", "```\"onmouseover=\"alert(1)\n```", "```\"><script>\n```",
	} {
		d, err := markup.Parse("# a\n\nb\n\n"+source, html.EscapeString)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<script", "href=\"javascript:", "src=\"javascript:", "href=\"data:", "href=\"vbscript:", "<b ", "\"onmouseover="} {
			if strings.Contains(string(d.Body), bad) {
				t.Errorf("%q gives %q", source, d.Body)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, source := range []string{"", "no title\n\na\n\nb", "# only a title", "# a\n\nlead", "# a\n\nlead\n\n## without an id\n\nb"} {
		if _, err := markup.Parse(source, html.EscapeString); err == nil {
			t.Errorf("%q is taken", source)
		}
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	got, err := markup.Fill("{days} jours, {days-2}, {#id}", map[string]string{"days": "3", "days-2": "x"})
	if err != nil || got != "3 jours, x, {#id}" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := markup.Fill("{a} {b}", map[string]string{"a": ""}); err == nil || !strings.Contains(err.Error(), "{b}") {
		t.Errorf("a missing value: %v", err)
	}
}

func TestEscapedTextSaysItself(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"SARL *Dupont* & fils", "[a](javascript:x)", "1. rue d’_Ici_ #3", "<b>", `a\b`, "{x}", "line\n\n# head", "`a`", "&amp;", "deux\u00a0: mots"} {
		d, err := markup.Parse("# a\n\nb\n\n"+markup.Escape(s), html.EscapeString)
		want := "<p>" + html.EscapeString(strings.ReplaceAll(strings.ReplaceAll(s, "\n\n", " "), "\n", " ")) + "</p>\n"
		if err != nil || string(d.Body) != want {
			t.Errorf("%q gives %q, want %q (%v)", s, d.Body, want, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Fuzz(func(t *testing.T, s string) {
		d, err := markup.Parse("# a\n\nb\n\n"+markup.Escape(s)+"x", html.EscapeString)
		if err != nil {
			return
		}
		if strings.Contains(string(d.Body), "<a") || strings.Contains(string(d.Body), "<img") {
			t.Errorf("%q gives %q", s, d.Body)
		}
	})
}

func TestCodeIsReadFromLeftToRight(t *testing.T) {
	t.Parallel()
	doc, err := markup.Parse("# T\n\nLead.\n\n```sh\nif a < b && c; then\n  \"d\"\nfi\n```\n", func(s string) string { return s })
	want := "<pre class=\"prewrap\" dir=\"ltr\"><code class=\"language-sh\">if a &lt; b &amp;&amp; c; then\n  &quot;d&quot;\nfi\n</code></pre>\n"
	if err != nil || string(doc.Body) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, doc.Body, want)
	}
}
