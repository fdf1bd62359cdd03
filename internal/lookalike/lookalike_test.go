package lookalike_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/lookalike"
)

// said writes findings so that they can be compared: kind, word, what it reads as
// and the odd characters with their scripts.
func said(found []lookalike.Finding) []string {
	var out []string
	for _, f := range found {
		line := string(f.Kind) + " " + f.Word
		if f.Reads != "" {
			line += " as " + f.Reads
		}
		for _, l := range f.Letters {
			line += fmt.Sprintf(" |%04X", l.Rune) + l.Script
		}
		out = append(out, line)
	}
	return out
}

func TestWhatIsOddInATextIsFound(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a Cyrillic letter in a Latin name", "La C\u0430isse nationale", []string{"mixed C\u0430isse |0430Cyrillic"}},
		{"several, each once", "\u0421\u0421NSS et \u0421\u0421NSS", []string{"mixed \u0421\u0421NSS |0421Cyrillic"}},
		{"a Cyrillic letter that looks like none", "caisse\u0436", []string{"mixed caisse\u0436 |0436Cyrillic"}},
		{"a Latin letter in a Cyrillic name", "\u041c\u043eskva \u041c\u043e\u0441\u043a\u0432a", []string{"mixed \u041c\u043eskva |041CCyrillic |043ECyrillic", "mixed \u041c\u043e\u0441\u043a\u0432a |0061Latin"}},
		{"behind an apostrophe", "l’\u0430gence", []string{"mixed \u0430gence |0430Cyrillic"}},
		{"a Greek capital", "\u039dational", []string{"mixed \u039dational |039DGreek"}},
		{"a Latin letter in a Greek word", "\u0391\u03b8\u03ae\u03bda", []string{"mixed \u0391\u03b8\u03ae\u03bda |0061Latin"}},
		{"an Armenian letter", "Ca\u0585sse", []string{"mixed Ca\u0585sse |0585Armenian"}},
		{"a letter of Tifinagh", "\u2d54CP", []string{"mixed \u2d54CP |2D54Tifinagh"}},
		{"two scripts without Latin", "\u05d0\u03b2\u03b3", []string{"mixed \u05d0\u03b2\u03b3 |05D0Hebrew"}},
		{"an Arabic letter among Latin ones", "g\u0647ogle", []string{"mixed g\u0647ogle |0647Arabic"}},
		{"a whole word of look-alikes", "Banque \u0421\u041e\u0420", []string{"whole \u0421\u041e\u0420 as COP |0421Cyrillic |041ECyrillic |0420Cyrillic"}},
		{"alone", "\u0421\u0415\u041c", []string{"whole \u0421\u0415\u041c as CEM |0421Cyrillic |0415Cyrillic |041CCyrillic"}},
		{"with an accent", "\u0421\u0430\u0441h\u0451 \u0441\u043e\u0440\u0451", []string{
			"mixed \u0421\u0430\u0441h\u0451 |0068Latin", "whole \u0441\u043e\u0440\u0451 as cope |0441Cyrillic |043ECyrillic |0440Cyrillic |0451Cyrillic",
		}},
		{"turned direction", "rapport\u202efdp.exe", []string{"turning rapport[U+202E]fdp |202E"}},
		{"a mark of direction that may stand", "\u200fCNSS", []string{"turning [U+200F]CNSS |200F"}},
		{"no width", "pay\u200bpal \u2060x", []string{"hidden pay[U+200B]pal |200B", "hidden [U+2060]x |2060"}},
		{"both", "a\u00adb\u200ec", []string{"turning a[U+00AD]b[U+200E]c |200E", "hidden a[U+00AD]b[U+200E]c |00AD"}},
		{"parted in a Latin word", "CN\u200cSS", []string{"hidden CN[U+200C]SS |200C"}},
		{"a filler", "x\u3164", []string{"hidden x[U+3164] |3164"}},
		{"an empty braille cell", "a\u2800b", []string{"hidden a[U+2800]b |2800"}},
		{"a variant of a letter", "a\ufe0fb", []string{"hidden a[U+FE0F]b |FE0F"}},
		{"a tag without its flag", "a\U000e0061", []string{"hidden a[U+E0061] |E0061"}},
		{"a line's end", "a\u2028b", []string{"hidden a[U+2028]b |2028"}},
		{"a control", "a\u0085b", []string{"hidden a[U+0085]b |0085"}},
		{"in an Arabic sentence", "أعلن CNS\u0405 عن", []string{"mixed CNS\u0405 |0405Cyrillic"}},
		{"in a name of a file", "rapport_\u0421NSS-2025.pdf", []string{"mixed \u0421NSS |0421Cyrillic"}},
	} {
		if got := said(lookalike.Text(c.text)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q: %q, want %q", c.name, c.text, got, c.want)
		}
	}
}

func TestWhatIsUsualIsNotOdd(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"ASCII":                         "CNSS <script>alert(1)</script> 100 %",
		"French":                        "L’œuvre : « cœur », naïveté, Ÿ, où, 3ᵉ, n° 4, 12 000 €",
		"no-break spaces":               "12\u202f000\u00a0: «\u00a0x\u00a0»",
		"decomposed":                    "e\u0301te\u0301",
		"an Arabic sentence":            "أعلن الصندوق الوطني للضمان الاجتماعي (CNSS) عن تسرّب البيانات، وقال CNSS إنّ 2025 سنة.",
		"an acronym behind an article":  "الـCNSS وبـCNSS والCNSS",
		"an ending behind an acronym":   "الـSMSات",
		"vowel signs and tatweel":       "مُحَمَّــد",
		"Arabic digits":                 "١٢٣٤ و 1234 و ۱۲۳",
		"the sign of an Arabic number":  "\u0601١٢",
		"Persian ye and kaf":            "کتاب می\u200cخواهم گچپژ ی ک",
		"a joiner behind a heh":         "١٤٤٦ ه\u200d",
		"Tifinagh":                      "ⵜⴰⴳⵍⴷⵉⵜ ⵏ ⵍⵎⵖⵔⵉⴱ ⵔⵏⵔ",
		"Tifinagh beside Latin":         "Tagldit n Lmɣrib, ⵜⴰⵎⴰⵣⵉⵖⵜ",
		"Tamazight in Latin letters":    "ɛ ɣ ḥ ṭ ẓ ṛ ḍ",
		"a Greek letter of a version":   "α-version, β‑bloquants, version-γ, α",
		"units":                         "5 μm, 5 µm, 3 kΩ, ΔT, πr, λx",
		"a Greek sentence":              "Η επίθεση στην Αθήνα",
		"a Russian sentence":            "Атака на СССР и ТАСС",
		"a Russian name beside Latin":   "Kaspersky (Лаборатория Касперского)",
		"Chinese with Latin":            "AI技术 卡拉OK",
		"Japanese":                      "Tシャツを着る",
		"Korean":                        "K팝",
		"emoji":                         "🙂 👨\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3 👩🏽\u200d⚕\ufe0f 🇲🇦 ©\ufe0f",
		"the flag of Scotland":          "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
		"Hindi with a joiner":           "क्\u200dष",
		"a Mongolian variant":           "\u1820\u180b",
		"a variant of a Han character":  "葛\U000e0100",
		"Vietnamese":                    "Đường dây nóng",
		"fractions and other numbers":   "½ Ⅳ ²",
		"a sum of money":                "10 000 د.م. / MAD",
		"an address of ASCII in a text": "https://www.cnss.ma/ar?q=1",
	} {
		if got := said(lookalike.Text(text)); len(got) > 0 {
			t.Errorf("%s: %q: %q", name, text, got)
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address string
		want    []string
	}{
		{"https://www.cnss.ma/ar?q=%D8%A7", nil},
		{"https://xn--ggblabcd2idc.xn--mgbc0a9azcg/x", nil}, // Arabic under .المغرب
		{"https://xn--caf-dma.example/", nil},               // café
		{"https://xn--80ahfrco.xn--p1ai/", nil},             // Cyrillic with letters of its own
		{"https://xn--c1aqf.xn--p1ai/", nil},                // Cyrillic look-alikes under .рф, which is Cyrillic
		{"https://xn--80ak6aa92e.com/", []string{"whole \u0430\u0440\u0440\u04cf\u0435 as appie |0430Cyrillic |0440Cyrillic |04CFCyrillic |0435Cyrillic"}},
		{"https://www.xn--80ak6aa92e.com:8443/login", []string{"whole \u0430\u0440\u0440\u04cf\u0435 as appie |0430Cyrillic |0440Cyrillic |04CFCyrillic |0435Cyrillic"}},
		{"https://xn--pypal-4ve.com/", []string{"mixed p\u0430ypal |0430Cyrillic"}},
		{"https://p\u0430ypal.com/", []string{"mixed p\u0430ypal |0430Cyrillic"}},
		{"https://XN--PYPAL-4VE.com/", []string{"mixed p\u0430ypal |0430Cyrillic"}},
		{"https://a-\u0431.example/", []string{"mixed a-\u0431 |0431Cyrillic"}},
		{"https://\u03bcm.example/", []string{"mixed \u03bcm |03BCGreek"}}, // a unit in a text, and none in a host
		{"https://\u0628\u0646\u0643cih.example/", []string{"mixed \u0628\u0646\u0643cih |0628Arabic |0646Arabic |0643Arabic"}},
		{"https://a\u200bb.example/", []string{"hidden a[U+200B]b |200B"}},
		{"https://cnss.ma/p\u0430ge", []string{"mixed p\u0430ge |0430Cyrillic"}},
		{"https://xn--.ma/", nil},
		{"https://cnss.ma:port/p\u0430ge", []string{"mixed p\u0430ge |0430Cyrillic"}}, // no address, and still a text
	} {
		if got := said(lookalike.Address(c.address)); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.address, got, c.want)
		}
	}
}

func TestNoEndOfFindings(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	for i := range 2000 {
		text.WriteString("c\u0430s" + strings.Repeat("a", i%500) + " ")
	}
	found := lookalike.Text(text.String())
	if len(found) != 50 {
		t.Errorf("%d findings", len(found))
	}
	for _, f := range lookalike.Text("c\u0430" + strings.Repeat("a", 5000)) {
		if n := utf8.RuneCountInString(f.Word); n != 61 || !strings.HasSuffix(f.Word, "…") {
			t.Errorf("a word of %d characters: %q", n, f.Word)
		}
	}
}

// FuzzText: whatever it is given, it ends; what it says can be shown, is about
// characters that stand there, and of ASCII there is nothing to say.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"C\u0430isse", "\u202efdp.exe", "https://xn--80ak6aa92e.com/x", "xn--", "\u200d", "\U000e0061", "الـCNSS", "\xff\u0430a", "🏴\U000e0067\U000e007f",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, found := range [][]lookalike.Finding{lookalike.Text(s), lookalike.Address("https://" + s), lookalike.Host(s)} {
			for _, x := range found {
				check(t, s, x)
			}
		}
		for _, x := range lookalike.Text(s) {
			for _, l := range x.Letters {
				if !strings.ContainsRune(s, l.Rune) {
					t.Errorf("%q holds no %U", s, l.Rune)
				}
			}
		}
		if found := lookalike.Text(plainASCII(s)); len(found) > 0 {
			t.Errorf("ASCII: %+v", found)
		}
		if a, b := said(lookalike.Text(s)), said(lookalike.Text(s)); !slices.Equal(a, b) {
			t.Errorf("%q is judged twice: %q, %q", s, a, b)
		}
	})
}

func check(t *testing.T, s string, f lookalike.Finding) {
	t.Helper()
	if !slices.Contains(lookalike.Kinds(), f.Kind) || f.Word == "" || len(f.Letters) == 0 || (f.Kind == lookalike.Whole) != (f.Reads != "") {
		t.Errorf("%q: %+v", s, f)
	}
	if !utf8.ValidString(f.Word) || !utf8.ValidString(f.Reads) || utf8.RuneCountInString(f.Word) > 61*len("[U+10FFFF]") {
		t.Errorf("%q: the word is %q", s, f.Word)
	}
	if f.Kind == lookalike.Turning || f.Kind == lookalike.Hidden {
		if strings.ContainsFunc(f.Word, func(r rune) bool { return unicode.In(r, unicode.Bidi_Control, unicode.Cc, unicode.Zl) }) {
			t.Errorf("%q: the word %q is not safe to be shown", s, f.Word)
		}
	}
}

func plainASCII(s string) string {
	return strings.Map(func(r rune) rune { return r & 0x7f }, s)
}

// BenchmarkText reads a long Arabic text with acronyms in it.
func BenchmarkText(b *testing.B) {
	text := strings.Repeat("أعلن الصندوق الوطني للضمان الاجتماعي CNSS عن تسرّب البيانات. ", 2000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		lookalike.Text(text)
	}
}
