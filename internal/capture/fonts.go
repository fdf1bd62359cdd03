package capture

import (
	"encoding/hex"
	"io"
	"math"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
)

// font is a font with what places and reads its glyphs.
type font struct {
	codeBytes int
	widths    map[int]float64
	missing   float64 // the width of what is not in widths
	encoder   pdf.TextEncoding
	texts     map[string]string // by code
}

func (p *painter) font(name string) *font {
	if f, ok := p.fonts[name]; ok {
		return f
	}
	source := p.page.Font(name)
	f := &font{codeBytes: 1, widths: map[int]float64{}, encoder: source.Encoder(), texts: toUnicode(source.V.Key("ToUnicode"))}
	if source.V.Key("Subtype").Name() == "Type0" {
		f.codeBytes = 2
		f.composite(source.V.Key("DescendantFonts").Index(0))
	} else {
		first := int(source.V.Key("FirstChar").Int64())
		for i, w := range source.Widths() {
			f.widths[first+i] = w
		}
	}
	p.fonts[name] = f
	return f
}

// composite reads the widths of a font with codes of two bytes: "first [w w
// …]" or "first last w".
func (f *font) composite(descendant pdf.Value) {
	f.missing = 1000
	if dw := descendant.Key("DW"); !dw.IsNull() {
		f.missing = dw.Float64()
	}
	w := descendant.Key("W")
	for i := 0; i+1 < w.Len(); {
		first := int(w.Index(i).Int64())
		if list := w.Index(i + 1); list.Kind() == pdf.Array {
			for n := range list.Len() {
				f.widths[first+n] = list.Index(n).Float64()
			}
			i += 2
			continue
		}
		for code := first; code <= min(int(w.Index(i+1).Int64()), math.MaxUint16); code++ {
			f.widths[code] = w.Index(i + 2).Float64()
		}
		i += 3
	}
}

func (f *font) width(code string) float64 {
	n := 0
	for _, b := range []byte(code) {
		n = n<<8 | int(b)
	}
	if w, ok := f.widths[n]; ok {
		return w
	}
	return f.missing
}

func (f *font) decode(code string) string {
	text, ok := f.texts[code]
	if !ok {
		text = f.encoder.Decode(code)
		if !utf8.ValidString(text) {
			text = "\uFFFD"
		}
		f.texts[code] = text
	}
	return text
}

// largestTable bounds a table of a font, decoded.
const largestTable = 4 << 20

// toUnicode reads the table of a font that says which text each code stands
// for. It is believed before any encoding, as poppler does.
func toUnicode(table pdf.Value) map[string]string {
	texts := map[string]string{}
	if table.Kind() != pdf.Stream {
		return texts
	}
	reader := table.Reader()
	defer reader.Close() //nolint:errcheck // it was only read
	raw, err := io.ReadAll(io.LimitReader(reader, largestTable))
	if err != nil {
		return texts
	}
	rest := string(raw)
	for {
		var kind, section string
		if kind, section, rest = nextSection(rest); kind == "" {
			return texts
		}
		words := hexWords(section)
		if kind == "bfchar" {
			for ; len(words) >= 2; words = words[2:] {
				texts[words[0]] = utf16Text(words[1])
			}
			continue
		}
		for len(words) >= 3 {
			words = words[addRange(texts, words):]
		}
	}
}

// nextSection finds the next list of single codes or of ranges.
func nextSection(table string) (kind, section, rest string) {
	at := strings.Index(table, "beginbf")
	if at < 0 {
		return "", "", ""
	}
	table = table[at+len("begin"):]
	for _, kind := range []string{"bfchar", "bfrange"} {
		if inner, ok := strings.CutPrefix(table, kind); ok {
			section, rest, _ = strings.Cut(inner, "end"+kind)
			return kind, section, rest
		}
	}
	return "", "", ""
}

// hexWords are the strings of a section, decoded, and its brackets.
func hexWords(section string) []string {
	var words []string
	for section != "" {
		c := section[0]
		section = section[1:]
		switch c {
		case '[', ']':
			words = append(words, string(c))
		case '<':
			var digits string
			digits, section, _ = strings.Cut(section, ">")
			raw, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
			if err != nil {
				return words
			}
			words = append(words, string(raw))
		}
	}
	return words
}

// addRange adds the codes of "first last text" or "first last [text …]", which
// differ in their last byte only, and returns how many words that was.
func addRange(texts map[string]string, words []string) (read int) {
	first, last := words[0], words[1]
	listed := words[2] == "["
	if listed {
		read = 3
	} else {
		read = 2
	}
	count := 0
	if first != "" && len(first) == len(last) {
		count = int(last[len(last)-1]) - int(first[len(first)-1]) + 1
	}
	for i := range max(count, 0) {
		code := first[:len(first)-1] + string([]byte{first[len(first)-1] + byte(i)})
		if listed {
			if read >= len(words) || words[read] == "]" {
				break
			}
			texts[code] = utf16Text(words[read])
			read++
			continue
		}
		if text := []rune(utf16Text(words[2])); len(text) > 0 {
			text[len(text)-1] += rune(i)
			texts[code] = string(text)
		}
	}
	return min(read+1, len(words))
}

// utf16Text decodes UTF-16, most significant byte first.
func utf16Text(s string) string {
	units := make([]uint16, len(s)/2)
	for i := range units {
		units[i] = uint16(s[2*i])<<8 | uint16(s[2*i+1])
	}
	return string(utf16.Decode(units))
}
