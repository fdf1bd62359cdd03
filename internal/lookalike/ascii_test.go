package lookalike_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/sijil/sijil/internal/lookalike"
)

func TestHostsInLettersBecomeNames(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 64)
	for address, want := range map[string]string{
		// Arabic and French hosts, with what follows them as it was typed.
		"https://مثال.المغرب/بلاغ?س=١#أعلى":       "https://xn--mgbh0fb.xn--mgbc0a9azcg/بلاغ?س=١#أعلى",
		"https://www.Société.example/Communiqué":  "https://www.xn--socit-esab.example/Communiqué",
		"http://sécurité.ma":                      "http://xn--scurit-bvaf.ma",
		"http://sécurité.ma:8080?x=é":             "http://xn--scurit-bvaf.ma:8080?x=é",
		"HTTPS://Évêché.example./":                "HTTPS://xn--vch-9ladd.example./",
		"https://مثال。المغرب/":                    "https://xn--mgbh0fb.xn--mgbc0a9azcg/", // another dot that browsers take
		"https://%D9%85%D8%AB%D8%A7%D9%84.test/x": "https://xn--mgbh0fb.test/x",
		"https://faß.example/":                    "https://xn--fa-hia.example/",
		// Names in ASCII, whatever follows them.
		"https://www.example.org/بلاغ": "", "https://xn--mgbh0fb.xn--mgbc0a9azcg/": "", "https://[2001:db8::1]:8080/é": "", "https://EXAMPLE.org": "",
		// What is no name: empty and too long labels, hyphens, characters that have no place in one.
		"https://مثال..المغرب/": "", "https://.مثال/": "", "https://" + long + ".example/": "", "https://" + strings.Repeat("é.", 130) + "example/": "",
		"https://-é.example/": "", "https://é_à.example/": "", "https://مثال المغرب/": "", "https://é!.example/": "", "https://☃\ufe0f\u200d.example/": "",
		"https://ab--é.example/": "", "https://مثال1a.المغرب/": "", "https://\u0301a.example/": "",
		// What is not what it seems: scripts that are mixed, one that reads as another, widths, controls.
		"https://p\u0430ypal.com/": "", "https://مثالé.المغرب/": "", "https://\u0430\u0440\u0440\u04cf\u0435.com/": "", "https://ｅxample.org/": "", "https://１２７.０.０.１/": "",
		"https://é\u202eg.example/": "", "https://é\u0000.example/": "", "https://é\n.example/": "", "https://é\u200b.example/": "", "https://é\u00ad.example/": "",
		// Who signs in, ports that are none, and no address at all.
		"https://é.example@g.example/": "", "https://user:pass@é.example/": "", "https://é.example:80a/": "", "//é.example/": "", "é.example": "",
		"mailto:é@example.org": "", "https:é.example": "", "https:///é": "", "": "", "é\xff": "",
	} {
		if want == "" {
			want = address
		}
		if got := lookalike.ASCII(address); got != want {
			t.Errorf("%q becomes %q, want %q", address, got, want)
		}
	}
}

// FuzzASCII: whatever is written, what comes out is the same address or one whose
// host is a name in ASCII that stands for the host that was written, and nothing
// else of it changed.
func FuzzASCII(f *testing.F) {
	for _, seed := range []string{
		"https://مثال.المغرب/بلاغ?س=١#أعلى", "http://sécurité.ma:8080?x=é", "https://user@é.example/", "https://%D9%85.test/x", "https://p\u0430ypal.com/",
		"https://é\u202e.example/", "https://[::1]é/", "https://é..a/", "https://É.example:/x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		got := lookalike.ASCII(address)
		if got == address {
			return
		}
		before, err := url.Parse(address)
		if err != nil {
			t.Fatalf("%q, which is no address, became %q", address, got)
		}
		after, err := url.Parse(got)
		if err != nil || strings.ContainsFunc(after.Host, func(r rune) bool { return r > unicode.MaxASCII }) || after.User != nil {
			t.Fatalf("%q became %q: %v", address, got, err)
		}
		if lookalike.ASCII(got) != got {
			t.Fatalf("%q became %q, and that something else", address, got)
		}
		wanted, err := idna.Lookup.ToASCII(before.Hostname())
		if err != nil || after.Hostname() != wanted || after.Port() != before.Port() {
			t.Fatalf("%q became %q, of %q: %v", address, got, wanted, err)
		}
		if after.Scheme != before.Scheme || after.Path != before.Path || after.RawPath != before.RawPath || after.RawQuery != before.RawQuery || after.Fragment != before.Fragment {
			t.Fatalf("%q became %q, which has more that is other", address, got)
		}
	})
}
