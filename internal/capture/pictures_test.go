package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/register"
)

// segment is a marker of a JPEG with what belongs to it.
func segment(marker byte, body ...byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...)
}

// scans is a progressive JPEG whose scans say in a few bytes that there is nothing
// in any of its blocks. Each costs who reads it a walk over all of them.
func scans(width, height uint16, n int) []byte {
	file := []byte{0xff, 0xd8}
	file = append(file, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)...)
	frame := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16([]byte{8}, height), width)
	file = append(file, segment(0xc2, append(frame, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)...)...)
	// One symbol in each table: a difference of nothing, and the end of as many
	// blocks as can be said at once (EOB14).
	one := append([]byte{1}, make([]byte, 15)...)
	file = append(file, segment(0xc4, append(append([]byte{0x00}, one...), 0)...)...)
	file = append(file, segment(0xc4, append(append([]byte{0x10}, one...), 0xe0)...)...)
	blocks := int(width) / 8 * int(height) / 8
	file = append(file, segment(0xda, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0)...)
	file = append(file, make([]byte, blocks*3/8+1)...)
	// A bit of the table, fourteen of the count, and ones to the end of a byte.
	bits := strings.Repeat("0"+strings.Repeat("1", 14), blocks/0x7fff+1) + "1111111"
	nothing := segment(0xda, 1, 1, 0, 1, 63, 0)
	for ; len(bits) >= 8; bits = bits[8:] {
		b, _ := strconv.ParseUint(bits[:8], 2, 8)
		if nothing = append(nothing, byte(b)); b == 0xff {
			nothing = append(nothing, 0) // no marker
		}
	}
	file = append(file, bytes.Repeat(nothing, n)...)
	return append(file, 0xff, 0xd9)
}

// TestAPictureTakesNoMoreThanItMay: what a picture unpacks to takes as much memory
// and time as its maker likes, and the process that reads it ends at its limits.
func TestAPictureTakesNoMoreThanItMay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"few blocks, few scans": {scans(64, 64, 2), ""}, // the control: it is a JPEG
		"600 MB in memory":      {scans(6320, 6320, 1), "unreadable"},
		"two minutes in 6 MB":   {scans(4000, 4000, 200_000), "unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, err := intake(t).Intake(t.Context(), bytes.NewReader(test.content), "x.jpg", register.TypeJPEG)
			if got := problemOf(t, err); got != test.want {
				t.Errorf("%q after %v, want %q", got, time.Since(start), test.want)
			}
			t.Logf("%d bytes, %v", len(test.content), time.Since(start))
		})
	}
}

// TestNoPictureIsReadHere: where the process that reads them cannot be started, no
// picture is examined or drawn.
func TestNoPictureIsReadHere(t *testing.T) {
	t.Parallel()
	in, err := capture.New("/no/such/program")
	if err != nil {
		t.Fatal(err)
	}
	var problems register.Problems
	content := pngOf(t, 20, 20)
	_, err = in.Intake(t.Context(), bytes.NewReader(content), "x.png", "")
	if err == nil || errors.As(err, &problems) {
		t.Errorf("examined: %v", err)
	}
	if _, err := in.Page(t.Context(), register.File{Type: register.TypePNG, Pages: 1}, content, 1); err == nil {
		t.Error("drawn")
	}
}

// TestLargePicturesAreShownSmaller, with what is in them.
func TestLargePicturesAreShownSmaller(t *testing.T) {
	t.Parallel()
	page := image.NewGray(image.Rect(0, 0, 4961, 7016)) // A4 at 600 dots to the inch
	for y := range 7016 {
		for x := range 2480 {
			page.SetGray(x, y, color.Gray{Y: 0xff})
		}
	}
	var scan bytes.Buffer
	if err := jpeg.Encode(&scan, page, nil); err != nil {
		t.Fatal(err)
	}
	d := take(t, scan.Bytes(), "scan.jpg", "image/jpeg")
	shown, err := intake(t).Page(t.Context(), d.File, scan.Bytes(), 1)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(shown))
	if err != nil || picture.Bounds().Size() != image.Pt(1697, 2400) {
		t.Fatalf("%v, %v", picture.Bounds(), err)
	}
	for x, want := range map[int]uint32{100: 0xff, 1600: 0} {
		if r, _, _, _ := picture.At(x, 1200).RGBA(); r>>8 != want {
			t.Errorf("at %d: %d, want %d", x, r>>8, want)
		}
	}
}
