// Package card draws the pictures by which links to the register are shown
// elsewhere: 1200 × 630 pixels in the register's look, in the language and the
// direction of the page. It draws what it is given, and knows no record.
package card

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"

	"github.com/go-text/typesetting/di"
)

// The size of a card: what networks ask for.
const (
	Width  = 1200
	Height = 630
)

// Card is what a card says. Each text may hold words of either direction of
// writing.
type Card struct {
	// RTL means that the page is read from right to left.
	RTL       bool
	Reference string // of the record; may be empty
	Kicker    string // one line above the title: who is concerned
	Title     string // up to four lines; what does not fit ends in "…"
	Facts     string // one line below: date, numbers
	Site      string // where the register is
}

// Painter draws cards, one at a time: each costs a tenth of a second of CPU and
// more, and the fonts are not made for use by several at once.
type Painter struct {
	turn  chan struct{}
	brush *brush // nil until the first card: a server may never draw one
}

// New returns a painter.
func New() *Painter {
	p := &Painter{turn: make(chan struct{}, 1)}
	p.turn <- struct{}{}
	return p
}

// PNG draws a card. It waits for its turn, and returns the error of ctx when
// that comes too late.
func (p *Painter) PNG(ctx context.Context, c Card) ([]byte, error) {
	select {
	case <-p.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { p.turn <- struct{}{} }()
	if p.brush == nil {
		b, err := newBrush()
		if err != nil {
			return nil, err
		}
		p.brush = b
	}
	return encode(p.brush.card(c))
}

func encode(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("encode card: %w", err)
	}
	return out.Bytes(), nil
}

// The colours of the light theme (views/assets/sijil.css).
var (
	paper  = color.RGBA{0xf6, 0xf6, 0xf1, 0xff}
	ink    = color.RGBA{0x14, 0x17, 0x1f, 0xff}
	ink2   = color.RGBA{0x50, 0x54, 0x5d, 0xff}
	accent = color.RGBA{0x1b, 0x3c, 0x94, 0xff}
)

// The places of the parts, from above.
const (
	margin    = 72
	bar       = 14  // ink at the upper edge
	headLine  = 104 // baseline of the name
	headRule  = 138 // double
	kickLine  = 204
	titleTop  = 232
	titleEnd  = 508
	factsRule = 532
	factsLine = 584
)

// card draws everything onto a new picture.
func (b *brush) card(c Card) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, Width, Height))
	draw.Draw(img, img.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	box(img, 0, 0, Width, bar, ink)
	box(img, margin, headRule, Width-margin, headRule+2, ink)
	box(img, margin, headRule+5, Width-margin, headRule+7, ink)
	box(img, margin, factsRule, Width-margin, factsRule+1, ink)
	b.head(img, c)
	const wide = Width - 2*margin
	b.line(img, c.Kicker, style{b.strong, 28, ink2}, c.RTL, margin, kickLine, wide)
	b.title(img, c)
	site := b.set(c.Site, style{b.text, 24, ink2}, false, wide, 1)
	taken := 0
	if len(site) > 0 {
		taken = site[0].width() + 2*margin/3
		b.place(img, site[0], style{b.text, 24, ink2}, !c.RTL, margin, factsLine)
	}
	b.line(img, c.Facts, style{b.text, 28, ink}, c.RTL, margin, factsLine, wide-taken)
	return img
}

// head draws the mark and the name of the register at the start of the first
// line, and the reference at its end.
func (b *brush) head(img *image.RGBA, c Card) {
	const size, gap = 62, 84
	x := float32(margin)
	if c.RTL {
		x = Width - margin - size*markRatio
	}
	fill(img, b.mark, ink, x, headLine-size+14, size)
	b.line(img, "Sijil", style{b.heading, 46, ink}, c.RTL, margin+gap, headLine, Width)
	b.line(img, c.Reference, style{b.strong, 30, accent}, !c.RTL, margin, headLine, Width/2)
}

// title draws the title as large as fits into its place, in the middle of it.
func (b *brush) title(img *image.RGBA, c Card) {
	leading := 1.16
	if c.RTL {
		leading = 1.32 // marks above and below the letters
	}
	for _, size := range []int{72, 62, 52, 44} {
		height := int(math.Round(float64(size) * leading))
		room := (titleEnd - titleTop) / height
		look := style{b.heading, size, ink}
		lines := b.set(c.Title, look, c.RTL, Width-2*margin, room)
		if size != 44 && (len(lines) > 3 || truncated(lines)) {
			continue
		}
		top := titleTop + (titleEnd-titleTop-len(lines)*height)/2
		for i, l := range lines {
			b.place(img, l, look, c.RTL, margin, top+i*height+size)
		}
		return
	}
}

// line draws one line of text, cut to a width, at the start of the card's
// direction, or at its end where fromRight says so.
func (b *brush) line(img *image.RGBA, s string, look style, fromRight bool, inset, baseline, wide int) {
	for _, l := range b.set(s, look, fromRight, wide, 1) {
		b.place(img, l, look, fromRight, inset, baseline)
	}
}

func box(img *image.RGBA, x0, y0, x1, y1 int, c color.Color) {
	draw.Draw(img, image.Rect(x0, y0, x1, y1), image.NewUniform(c), image.Point{}, draw.Src)
}

func direction(rtl bool) di.Direction {
	if rtl {
		return di.DirectionRTL
	}
	return di.DirectionLTR
}
