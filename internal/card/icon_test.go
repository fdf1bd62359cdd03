package card

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

const assetsFolder = "../../views/assets"

// icon is the mark on paper. A device may cut off all but a circle, so that the
// mark keeps within four fifths of the width.
func icon(b *brush, size int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	draw.Draw(img, img.Bounds(), image.NewUniform(paper), image.Point{}, draw.Src)
	high := float32(size) * 0.52
	if size <= 32 {
		high = float32(size) * 0.82 // nothing cuts a favicon, and every pixel counts
	}
	fill(img, b.mark, ink, (float32(size)-high*markRatio)/2, (float32(size)-high)/2, high)
	return img
}

// ico wraps one picture in the oldest of the formats for favicons.
func ico(t *testing.T, picture []byte, size byte) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, v := range []any{
		[3]uint16{0, 1, 1}, [4]byte{size, size}, [2]uint16{1, 32}, [2]uint32{uint32(len(picture)), 22}, picture,
	} {
		if err := binary.Write(&out, binary.LittleEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// TestIconsAreUpToDate compares the pictures of the favicon with the word-mark,
// and draws them anew with: go test ./internal/card -run '^TestIconsAreUpToDate$' -update.
func TestIconsAreUpToDate(t *testing.T) {
	t.Parallel()
	b := newTestBrush(t)
	for _, size := range []int{32, 180, 192, 512} {
		raw, err := encode(icon(b, size))
		if err != nil {
			t.Fatal(err)
		}
		compare(t, filepath.Join(assetsFolder, "icons", "icon-"+strconv.Itoa(size)+".png"), raw, 0)
		if size == 32 {
			compare(t, filepath.Join(assetsFolder, "favicon.ico"), ico(t, raw, 32), 22)
		}
	}
}

// compare compares pictures pixel by pixel, since encoders may differ; a picture
// begins after a head.
func compare(t *testing.T, path string, want []byte, head int) {
	t.Helper()
	if *update {
		write(t, path, want)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) < head || !bytes.Equal(got[:min(head, 14)], want[:min(head, 14)]) {
		t.Fatalf("%s has another head", path)
	}
	x, errX := png.Decode(bytes.NewReader(got[head:]))
	y, errY := png.Decode(bytes.NewReader(want[head:]))
	if errX != nil || errY != nil || x.Bounds() != y.Bounds() {
		t.Fatalf("%s: %v, %v", path, errX, errY)
	}
	different := 0
	for at := range y.Bounds().Dx() * y.Bounds().Dy() {
		i, j := at%y.Bounds().Dx(), at/y.Bounds().Dx()
		r1, _, _, _ := x.At(i, j).RGBA()
		if r2, _, _, _ := y.At(i, j).RGBA(); max(r1, r2)-min(r1, r2) > 0x1000 {
			different++
		}
	}
	if different > 0 {
		t.Errorf("%s differs in %d pixels: draw it anew with -update", path, different)
	}
}
