package register_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/register"
)

func TestCleanFileName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"بلاغ صحفي.pdf":                    "بلاغ صحفي.pdf",
		"/etc/passwd":                      "passwd",
		`C:\Users\x\Communiqué n° 4.pdf`:   "Communiqué n° 4.pdf",
		"../..":                            "",
		"invoice\u202efdp.exe":             "invoicefdp.exe",
		"a\u0000b\r\nc.pdf":                "abc.pdf",
		`a"b;c.pdf`:                        "a_b_c.pdf",
		" . .pdf. ":                        "pdf",
		strings.Repeat("é", 200) + ".pdf":  strings.Repeat("é", 58) + ".pdf",
		"x." + strings.Repeat("long", 100): "x." + strings.Repeat("long", 29) + "lo",
		"a\u2066b\u200bc.pdf":              "abc.pdf",
	} {
		if got := register.CleanFileName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// FuzzCleanFileName: no name leaves its folder, turns the direction of writing or
// breaks a header.
func FuzzCleanFileName(f *testing.F) {
	for _, seed := range []string{"a.pdf", "../x", "\u202efdp", "a\r\nb", strings.Repeat("ب", 100) + ".pdf", "...", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := register.CleanFileName(name)
		if !utf8.ValidString(got) || len(got) > 120 || strings.ContainsAny(got, "/\\\"\r\n\x00;") || strings.HasPrefix(got, ".") {
			t.Fatalf("%q becomes %q", name, got)
		}
		for _, r := range got {
			if unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%q holds %U", got, r)
			}
		}
	})
}

func TestDownloadName(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, mediaType, want string }{
		{"بلاغ.pdf", register.TypePDF, "بلاغ.pdf"},
		{"بلاغ", register.TypePDF, "بلاغ.pdf"},
		{"invoice.exe", register.TypePDF, "invoice.exe.pdf"},
		{"A.PDF", register.TypePDF, "A.PDF"},
		{"a.jpeg", register.TypeJPEG, "a.jpeg"},
		{"", register.TypePNG, "document.png"},
		{"../../x.html", "text/html", "x.bin"},
		{".pdf", register.TypePDF, "pdf.pdf"},
	} {
		d := register.Document{Name: test.name, Type: test.mediaType}
		if got := d.DownloadName(); got != test.want {
			t.Errorf("%q %s: %q, want %q", test.name, test.mediaType, got, test.want)
		}
	}
}
