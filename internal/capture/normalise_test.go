package capture_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/capture"
)

// reversed is a line as it is seen, from the left.
func reversed(s string) string {
	letters := []rune(s)
	for i, j := 0, len(letters)-1; i < j; i, j = i+1, j-1 {
		letters[i], letters[j] = letters[j], letters[i]
	}
	return string(letters)
}

func TestNormalise(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in, want string
		reversed bool
	}{
		"in order":                    {"أكد الصندوق أن النظام تعرض لهجوم", "أكد الصندوق أن النظام تعرض لهجوم", false},
		"reversed letters":            {reversed("أكدت المؤسسة العمومية أن النظام تعرض لهجوم"), "أكدت المؤسسة العمومية أن النظام تعرض لهجوم", true},
		"reversed, a number and name": {"(CNSS) " + reversed("عدد الشركات المعنية") + " 499.881 " + reversed("شركة حسب المؤسسة"), "شركة حسب المؤسسة 499.881 عدد الشركات المعنية (CNSS)", true},
		"presentation forms in order": {"ﺍﻟﺼﻨﺪﻭﻕ ﺍﻟﻮﻃﻨﻲ", "الصندوق الوطني", false},
		"presentation forms reversed": {reversed("ﺍﻟﺼﻨﺪﻭﻕ ﺍﻟﻮﻃﻨﻲ ﻟﻠﻀﻤﺎﻥ"), "الصندوق الوطني للضمان", true},
		"lam-alef as one form":        {reversed("ﺧﻼﻝ ﻳﻮﻡ ﺍﻟﺜﻼﺛﺎﺀ ﺃﺑﺮﻳﻞ"), "خلال يوم الثلاثاء أبريل", true},
		"other ligatures":             {"ﷲ ﷺ", "الله صلى الله عليه وسلم", false},
		"marks":                       {"مُحَمَّد ﹰ", "مُحَمَّد ً", false},
		"French":                      {"Le 9 avril  2025,\tle Fonds", "Le 9 avril 2025, le Fonds", false},
		"ligatures of Latin":          {"oﬃciel ﬁn", "officiel fin", false},
		"invisible characters":        {"a\u202eb\u200fc\u0007d\ufeff", "abcd", false},
		"zero-width non-joiner":       {"می\u200cخواهم", "می\u200cخواهم", false},
		"tatweel":                     {"الصنــدوق 1446 هـ", "الصندوق 1446 هـ", false},
		"composed":                    {"ا\u0654كد e\u0301", "أكد é", false},
		"empty lines":                 {"\n\na\n\n\n\nb\n", "a\n\nb", false},
		"not UTF-8":                   {"a\xffb", "a\uFFFDb", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, was := capture.Normalise(test.in); got != test.want || was != test.reversed {
				t.Errorf("%q %t, want %q %t", got, was, test.want, test.reversed)
			}
		})
	}
}

func TestParagraphs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("mot ", 15) + "fin"
	for name, test := range map[string]struct{ in, want string }{
		"full lines are one":     {long + "\n" + long + "\nfin.", long + " " + long + " fin."},
		"a short line ends":      {"Titre\n" + long + "\n" + long, "Titre\n\n" + long + " " + long},
		"an empty line ends":     {long + "\n\n" + long, long + "\n\n" + long},
		"items":                  {long + "\n- " + long + "\n- " + long, long + "\n\n- " + long + "\n\n- " + long},
		"numbered items":         {long + "\n1. " + long, long + "\n\n1. " + long},
		"a number is no item":    {long + "\n12,5 millions", long + " 12,5 millions"},
		"parted word":            {long + " sys-\ntème " + long, long + " système " + long},
		"a dash is none":         {long + " -\nNon " + long, long + " - Non " + long},
		"a compound in capitals": {long + " Sidi-\nKacem " + long, long + " Sidi- Kacem " + long},
		"soft hyphen":            {long + " sys\u00ad\ntème " + long, long + " système " + long},
		"two lines put together": {long + "\n" + long + " " + long + "\n" + long + "\nfin", long + " " + long + " " + long + " " + long + " fin"},
		"nothing":                {"\n \n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := capture.Paragraphs(test.in); got != test.want {
				t.Errorf("%q\nwant %q", got, test.want)
			}
		})
	}
}

// FuzzNormalise: whatever comes in, what goes out can be stored, shown and
// normalised again without changing.
func FuzzNormalise(f *testing.F) {
	for _, seed := range []string{
		"", "أكد الصندوق (CNSS) 12,5 %", reversed("ﺍﻟﺼﻨﺪﻭﻕ ﺍﻟﻮﻃﻨﻲ"), "ﻼ", "\u202e\u0000\xff", "a-\nb", "ـهـ ـ", "((a) ب )", "1.2/3-4% ب",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out, _ := capture.Normalise(in)
		if !utf8.ValidString(out) {
			t.Fatalf("%q is not UTF-8", out)
		}
		for _, r := range out {
			if r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Fatalf("%q holds %U", out, r)
			}
		}
		if strings.Contains(out, "\n\n\n") || strings.Contains(out, "  ") {
			t.Fatalf("%q is not tidy", out)
		}
		if again := capture.Tidy(out); again != out {
			t.Fatalf("tidied again, %q becomes %q", out, again)
		}
		if p := capture.Paragraphs(out); !utf8.ValidString(p) || strings.Count(strip(p), "") > strings.Count(strip(out), "") {
			t.Fatalf("paragraphs of %q: %q", out, p)
		}
	})
}

func strip(s string) string { return strings.Join(strings.Fields(s), "") }

// FuzzSniff: a content is a PDF by its first bytes alone, and text only if it
// can be shown as text.
func FuzzSniff(f *testing.F) {
	for _, seed := range []string{"%PDF-1.7", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "RIFF....WEBPVP8 ", "plain", "<html>", "\x00", "GIF89a%PDF-", "{}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		got := capture.Sniff(content)
		if (got == "application/pdf") != strings.HasPrefix(string(content), "%PDF-") {
			t.Fatalf("%q is %q", content, got)
		}
		if got == "text/plain" && (!utf8.Valid(content) || strings.ContainsRune(string(content), 0)) {
			t.Fatalf("%q is text", content)
		}
	})
}
