package card

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-text/typesetting/font/opentype"

	"github.com/sijil/sijil/views/assets"
)

// The word-mark stands in the file of icons that pages use: one drawing for
// both. Its view box is 126 wide and 112 high, from (4, 42) on.
const (
	markLeft, markTop     = 4, 42
	markWidth, markHeight = 126, 112
	markRatio             = float32(markWidth) / markHeight
)

var (
	markSymbol = regexp.MustCompile(`<symbol id="wordmark"[^>]*><path d="([^"]+)"`)
	markStep   = regexp.MustCompile(`([A-Za-z])([^A-Za-z]*)`)
)

// readMark reads the outline of the word-mark, which uses M, L, C and Z only,
// all absolute.
func readMark() ([]segment, error) {
	found := markSymbol.FindSubmatch(assets.Content(assets.Icons))
	if found == nil {
		return nil, errors.New("card: the file of icons has no word-mark")
	}
	var out []segment
	for _, step := range markStep.FindAllStringSubmatch(string(found[1]), -1) {
		points, err := readPoints(step[2])
		if err != nil {
			return nil, err
		}
		switch {
		case step[1] == "M" && len(points) == 1:
			out = append(out, segment{opentype.SegmentOpMoveTo, [3]point{points[0]}})
		case step[1] == "L" && len(points) == 1:
			out = append(out, segment{opentype.SegmentOpLineTo, [3]point{points[0]}})
		case step[1] == "C" && len(points) == 3:
			out = append(out, segment{opentype.SegmentOpCubeTo, [3]point(points)})
		case step[1] == "Z" && len(points) == 0:
		default:
			return nil, fmt.Errorf("card: the word-mark has a step %q", step[0])
		}
	}
	return out, nil
}

func readPoints(s string) ([]point, error) {
	numbers := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
	out := make([]point, len(numbers)/2)
	for i, number := range numbers {
		v, err := strconv.ParseFloat(number, 32)
		if err != nil || len(numbers)%2 != 0 {
			return nil, fmt.Errorf("card: the word-mark has points %q", s)
		}
		if i%2 == 0 {
			out[i/2].x = float32(v)
		} else {
			out[i/2].y = float32(v)
		}
	}
	return out, nil
}

// fill draws the word-mark with its upper left corner at a point, as high as
// size.
func fill(img *image.RGBA, mark []segment, c color.Color, x, y, size float32) {
	scale := size / markHeight
	moved := make([]segment, len(mark))
	for i, s := range mark {
		moved[i].op = s.op
		for j, p := range s.points {
			moved[i].points[j] = point{x + (p.x-markLeft)*scale, y + (p.y-markTop)*scale}
		}
	}
	paint(img, moved, c)
}
