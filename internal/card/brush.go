package card

import (
	"bytes"
	"embed"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// fonts are of the fontsource packages, unchanged, in WOFF 1: the one
// compressed form that typesetting reads.
//
//go:embed fonts/*.woff
var fonts embed.FS

// family is the faces of one look, the first that has a character draws it.
type family []*font.Face

// ResolveFace makes a family a shaping.Fontmap.
func (f family) ResolveFace(r rune) *font.Face {
	for _, face := range f {
		if _, ok := face.NominalGlyph(r); ok {
			return face
		}
	}
	return f[0]
}

// style is how a line looks.
type style struct {
	family family
	size   int // pixels
	colour color.Color
}

// brush holds what drawing needs. It is not for use by several at once.
type brush struct {
	heading, strong, text family
	mark                  []segment
	segmenter             shaping.Segmenter
	shaper                shaping.HarfbuzzShaper
	wrapper               shaping.LineWrapper
}

func newBrush() (*brush, error) {
	b := &brush{}
	for _, f := range []struct {
		to    *family
		files []string
	}{
		{&b.heading, []string{"newsreader-latin-600", "amiri-arabic-700", "newsreader-latin-ext-600"}},
		{&b.strong, []string{"ibm-plex-sans-latin-600", "ibm-plex-sans-arabic-arabic-600", "ibm-plex-sans-latin-ext-400"}},
		{&b.text, []string{"ibm-plex-sans-latin-400", "ibm-plex-sans-arabic-arabic-400", "ibm-plex-sans-latin-ext-400"}},
	} {
		for _, name := range f.files {
			raw, err := fonts.ReadFile("fonts/" + name + "-normal.woff")
			if err != nil {
				return nil, fmt.Errorf("card font: %w", err)
			}
			face, err := font.ParseTTF(bytes.NewReader(raw))
			if err != nil {
				return nil, fmt.Errorf("card font %s: %w", name, err)
			}
			*f.to = append(*f.to, face)
		}
	}
	var err error
	b.mark, err = readMark()
	return b, err
}

// line is a line of text, ready to be drawn, its runs from left to right.
type line struct {
	runs []shaping.Output
	cut  bool // it ends in "…", for more would follow
}

func (l line) width() int {
	var sum fixed.Int26_6
	for _, r := range l.runs {
		sum += r.Advance
	}
	return sum.Ceil()
}

func truncated(lines []line) bool { return len(lines) > 0 && lines[len(lines)-1].cut }

// set shapes a text and breaks it into lines of a width, no more than most.
func (b *brush) set(s string, look style, rtl bool, wide, most int) []line {
	text := []rune(drawn(s))
	if len(text) == 0 {
		return nil
	}
	runs := b.shape(text, look, rtl)
	config := shaping.WrapConfig{
		Direction: direction(rtl), TruncateAfterLines: most,
		Truncator: b.shape([]rune("…"), look, rtl)[0],
	}
	wrapped, left := b.wrapper.WrapParagraph(config, wide, text, shaping.NewSliceIterator(runs))
	out := make([]line, len(wrapped))
	for i, w := range wrapped {
		out[i] = line{runs: slices.Clone(w), cut: left > 0 && i == len(wrapped)-1}
		slices.SortStableFunc(out[i].runs, func(x, y shaping.Output) int { return int(x.VisualIndex - y.VisualIndex) })
	}
	return out
}

// drawn is what of a text can be drawn, on one line: characters that only steer
// others are left out, since the wrapper does not take a line of them.
func drawn(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Cs, unicode.Co) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// shape turns a text into glyphs, run by run of one direction, script and face,
// in the order of the text.
func (b *brush) shape(text []rune, look style, rtl bool) []shaping.Output {
	lang := language.NewLanguage("fr")
	if rtl {
		lang = language.NewLanguage("ar")
	}
	inputs := b.segmenter.Split(shaping.Input{
		Text: text, RunEnd: len(text), Direction: direction(rtl), Size: fixed.I(look.size), Language: lang,
	}, look.family)
	out := make([]shaping.Output, len(inputs))
	for i, in := range inputs {
		out[i] = b.shaper.Shape(in)
	}
	return out
}

// place draws a line on its baseline, at an inset from the left edge, or from
// the right one.
func (b *brush) place(img *image.RGBA, l line, look style, fromRight bool, inset, baseline int) {
	x := float32(inset)
	if fromRight {
		x = float32(Width - inset - l.width())
	}
	for _, run := range l.runs {
		drawRun(img, run, look, x, float32(baseline))
		x += pixels(run.Advance)
	}
}

// drawRun draws the glyphs of one run.
func drawRun(img *image.RGBA, run shaping.Output, look style, x, y float32) {
	scale := float32(look.size) / float32(run.Face.Upem())
	var path []segment
	for _, g := range run.Glyphs {
		if outline, ok := run.Face.GlyphData(g.GlyphID).(font.GlyphOutline); ok {
			path = append(path, outlined(outline, scale, x+pixels(g.XOffset), y-pixels(g.YOffset))...)
		}
		x += pixels(g.Advance)
	}
	paint(img, path, look.colour)
}

// outlined is the outline of a glyph in pixels of the picture.
func outlined(o font.GlyphOutline, scale, x, y float32) []segment {
	out := make([]segment, len(o.Segments))
	for i, s := range o.Segments {
		out[i].op = s.Op
		for j, p := range s.Args {
			out[i].points[j] = point{x + p.X*scale, y - p.Y*scale}
		}
	}
	return out
}

func pixels(v fixed.Int26_6) float32 { return float32(v) / 64 }

type point struct{ x, y float32 }

// segment is a step of an outline.
type segment struct {
	op     opentype.SegmentOp
	points [3]point
}

// paint fills outlines with a colour, smooth at their edges.
func paint(img *image.RGBA, path []segment, c color.Color) {
	if len(path) == 0 {
		return
	}
	area := around(path).Intersect(img.Bounds())
	if area.Empty() {
		return
	}
	r := vector.NewRasterizer(area.Dx(), area.Dy())
	for i, s := range path {
		p := s.points
		for j := range p {
			p[j].x -= float32(area.Min.X)
			p[j].y -= float32(area.Min.Y)
		}
		switch s.op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				r.ClosePath()
			}
			r.MoveTo(p[0].x, p[0].y)
		case opentype.SegmentOpLineTo:
			r.LineTo(p[0].x, p[0].y)
		case opentype.SegmentOpQuadTo:
			r.QuadTo(p[0].x, p[0].y, p[1].x, p[1].y)
		case opentype.SegmentOpCubeTo:
			r.CubeTo(p[0].x, p[0].y, p[1].x, p[1].y, p[2].x, p[2].y)
		}
	}
	r.ClosePath()
	r.Draw(img, area, image.NewUniform(c), image.Point{})
}

// around is the smallest rectangle of pixels that holds a path: what is filled
// costs by its area.
func around(path []segment) image.Rectangle {
	low, high := path[0].points[0], path[0].points[0]
	for _, s := range path {
		for _, p := range s.points[:pointsOf(s.op)] {
			low = point{min(low.x, p.x), min(low.y, p.y)}
			high = point{max(high.x, p.x), max(high.y, p.y)}
		}
	}
	return image.Rect(int(low.x)-1, int(low.y)-1, int(high.x)+2, int(high.y)+2)
}

// pointsOf is how many points a step of an outline has.
func pointsOf(op opentype.SegmentOp) int {
	switch op {
	case opentype.SegmentOpCubeTo:
		return 3
	case opentype.SegmentOpQuadTo:
		return 2
	default:
		return 1
	}
}
