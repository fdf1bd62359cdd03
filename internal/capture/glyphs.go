package capture

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ledongthuc/pdf"
)

// glyph is what one code of a font draws. Its text may be of several letters:
// a ligature has them in the order of reading, whatever the order of glyphs on
// the line. To put a line in order by glyphs, not by letters, is what keeps
// lam-alef whole.
type glyph struct {
	text          string
	x, y          float64 // of its origin
	width, height float64
}

// glyphTime bounds the reading by glyphs, so that the other way's text is not
// lost with it.
const glyphTime = 8 * time.Second

// glyphTextInTime is glyphText, or nothing when it takes too long. It is for
// the worker, which ends soon after, and all that it does with it.
func glyphTextInTime(content []byte) []string {
	done := make(chan []string, 1)
	go func() {
		defer func() { // a fault here must not take the other way's text along
			if recover() != nil {
				done <- nil
			}
		}()
		done <- glyphText(content)
	}()
	select {
	case pages := <-done:
		return pages
	case <-time.After(glyphTime):
		return nil
	}
}

// glyphText reads the text of each page from the places of its glyphs;
// nothing for a page that cannot be read so.
func glyphText(content []byte) (pages []string) {
	reader, err := pdf.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil
	}
	total := 0
	for n := 1; n <= min(reader.NumPage(), MaxPages) && total < 4*maxText; n++ {
		text := pageText(reader.Page(n))
		total += len(text)
		pages = append(pages, text)
	}
	return pages
}

func pageText(page pdf.Page) (text string) {
	defer func() {
		if recover() != nil { // the library's way to say that a page is malformed
			text = ""
		}
	}()
	if isCyclic(page) {
		return "" // the library would look for what a page inherits for ever
	}
	p := &painter{page: page, fonts: map[string]*font{}, now: state{scale: 1, ctm: identity}}
	if contents := page.V.Key("Contents"); !contents.IsNull() {
		pdf.Interpret(contents, p.do)
	}
	return linesOf(p.glyphs)
}

// isCyclic reports whether a page has more forebears than an honest one.
func isCyclic(page pdf.Page) bool {
	at := page.V
	for range deepest {
		if at = at.Key("Parent"); at.IsNull() {
			return false
		}
	}
	return true
}

// transform is the matrix [a b c d e f] of PDF.
type transform [6]float64

var identity = transform{1, 0, 0, 1, 0, 0} //nolint:gochecknoglobals // a constant, as far as Go has them

func (m transform) times(n transform) transform {
	return transform{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// state is what of the graphics state places text.
type state struct {
	font                       *font
	size, scale, leading, rise float64
	charSpace, wordSpace       float64
	ctm, text, line            transform
}

// painter follows the operators of a page and notes each glyph.
type painter struct {
	page   pdf.Page
	fonts  map[string]*font
	now    state
	kept   []state
	glyphs []glyph
}

// mostGlyphs bounds a page.
const mostGlyphs = 200_000

func (p *painter) do(stack *pdf.Stack, op string) {
	args := make([]pdf.Value, stack.Len())
	for i := len(args) - 1; i >= 0; i-- {
		args[i] = stack.Pop()
	}
	number := func(i int) float64 {
		if i >= len(args) {
			return 0
		}
		return args[i].Float64()
	}
	s := &p.now
	switch op {
	case "q":
		if len(p.kept) < deepest {
			p.kept = append(p.kept, *s)
		}
	case "Q":
		if last := len(p.kept) - 1; last >= 0 {
			*s, p.kept = p.kept[last], p.kept[:last]
		}
	case "cm":
		s.ctm = transform{number(0), number(1), number(2), number(3), number(4), number(5)}.times(s.ctm)
	case "BT":
		s.text, s.line = identity, identity
	case "Tf":
		if len(args) == 2 {
			s.font, s.size = p.font(args[0].Name()), number(1)
		}
	case "Tc":
		s.charSpace = number(0)
	case "Tw":
		s.wordSpace = number(0)
	case "Tz":
		s.scale = number(0) / 100
	case "TL":
		s.leading = number(0)
	case "Ts":
		s.rise = number(0)
	default:
		p.place(op, args, number)
	}
}

// place handles the operators that move and show text.
func (p *painter) place(op string, args []pdf.Value, number func(int) float64) {
	s := &p.now
	move := func(x, y float64) {
		s.line = transform{1, 0, 0, 1, x, y}.times(s.line)
		s.text = s.line
	}
	switch op {
	case "Td":
		move(number(0), number(1))
	case "TD":
		s.leading = -number(1)
		move(number(0), number(1))
	case "Tm":
		s.line = transform{number(0), number(1), number(2), number(3), number(4), number(5)}
		s.text = s.line
	case "T*":
		move(0, -s.leading)
	case "Tj":
		p.show(args[0].RawString())
	case "'":
		move(0, -s.leading)
		p.show(args[0].RawString())
	case `"`:
		s.wordSpace, s.charSpace = number(0), number(1)
		move(0, -s.leading)
		p.show(args[2].RawString())
	case "TJ":
		for i := range args[0].Len() {
			if item := args[0].Index(i); item.Kind() == pdf.String {
				p.show(item.RawString())
			} else {
				p.advance(-item.Float64() / 1000 * s.size)
			}
		}
	}
}

func (p *painter) advance(x float64) {
	p.now.text = transform{1, 0, 0, 1, x * p.now.scale, 0}.times(p.now.text)
}

// show notes the glyphs of a string.
func (p *painter) show(codes string) {
	s := &p.now
	if s.font == nil {
		return
	}
	for len(codes) >= s.font.codeBytes && len(p.glyphs) < mostGlyphs {
		code := codes[:s.font.codeBytes]
		codes = codes[s.font.codeBytes:]
		width := s.font.width(code) / 1000 * s.size
		at := transform{1, 0, 0, 1, 0, s.rise}.times(s.text).times(s.ctm)
		p.glyphs = append(p.glyphs, glyph{
			text: s.font.decode(code), x: at[4], y: at[5],
			width: width * s.scale * math.Hypot(at[0], at[1]), height: s.size * math.Hypot(at[2], at[3]),
		})
		if code == " " {
			width += s.wordSpace
		}
		p.advance(width + s.charSpace)
	}
}

// column stands for a gap so wide that what is beyond it is another column or
// the other half of a letterhead.
const column = "\t"

// linesOf puts glyphs into lines from top to bottom, each in logical order.
func linesOf(glyphs []glyph) string {
	lines := linesByPlace(glyphs)
	units := make([][]string, len(lines))
	left, right := 0, 0
	for i, line := range lines {
		units[i] = unitsOf(line)
		l, r := direction(units[i])
		left, right = left+l, right+r
	}
	var out strings.Builder
	lastY, lastHeight := 0.0, 0.0
	for i, line := range lines {
		y, height := line[0].y, line[0].height
		for _, g := range line {
			height = max(height, g.height)
		}
		if i > 0 && lastY-y > 2.2*max(height, lastHeight) {
			out.WriteByte('\n') // more room than between lines: a paragraph
		}
		lastY, lastHeight = y, height
		out.WriteString(logicalLine(units[i], left >= right))
		out.WriteByte('\n')
	}
	return out.String()
}

// logicalLine is a line whose parts stand in the order of reading.
func logicalLine(units []string, pageToLeft bool) string {
	var parts []string
	for len(units) > 0 {
		end := slices.Index(units, column)
		if end < 0 {
			end = len(units)
		}
		parts = append(parts, logicalUnits(units[:end], pageToLeft))
		units = units[min(end+1, len(units)):]
	}
	if pageToLeft {
		slices.Reverse(parts)
	}
	return strings.Join(parts, column)
}

func linesByPlace(glyphs []glyph) [][]glyph {
	glyphs = slices.DeleteFunc(slices.Clone(glyphs), func(g glyph) bool { return g.text == "" || !finite(g.x, g.y, g.width, g.height) })
	slices.SortStableFunc(glyphs, func(a, b glyph) int { return cmp.Compare(b.y, a.y) })
	var lines [][]glyph
	for _, g := range glyphs {
		last := len(lines) - 1
		if last < 0 || lines[last][0].y-g.y > 0.35*max(g.height, lines[last][0].height, 1) {
			lines = append(lines, nil)
			last++
		}
		lines[last] = append(lines[last], g)
	}
	for _, line := range lines {
		slices.SortStableFunc(line, func(a, b glyph) int { return cmp.Compare(a.x, b.x) })
	}
	return lines
}

func finite(numbers ...float64) bool {
	return !slices.ContainsFunc(numbers, func(n float64) bool { return math.IsNaN(n) || math.IsInf(n, 0) })
}

// unitsOf are the texts of a line's glyphs from left to right: a mark goes to
// the letter that it stands over, and a gap is a space.
func unitsOf(line []glyph) []string {
	var units []string
	var base glyph
	for i, g := range line {
		if i > 0 && isMark(g.text) && g.x < base.x+base.width {
			units[len(units)-1] += g.text
			continue
		}
		if i > 0 {
			switch gap := (g.x - (base.x + base.width)) / max(g.height, base.height); {
			case gap > 2.5:
				units = append(units, column)
			case gap > 0.2 && units[len(units)-1] != " " && g.text != " ":
				units = append(units, " ")
			}
		}
		units = append(units, g.text)
		base = g
	}
	return units
}

func isMark(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.Is(unicode.Mn, r) })
}
