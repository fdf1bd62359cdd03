package capture

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // a format that is taken
	"image/png"

	_ "golang.org/x/image/webp" // a format that is taken
)

// maxPixels bounds a picture in memory to 160 MB: a page of A3 at 400 dots to
// the inch has 31 million. A file of some bytes can claim any size.
const maxPixels = 40_000_000

// Picture draws a picture again: what comes out is pixels and nothing else,
// whatever stood beside them in the file. It returns problems for one that is
// too large in pixels or broken.
func Picture(content []byte) ([]byte, error) {
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, problem("damaged")
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
		return nil, problem("pixels")
	}
	decoded, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, problem("damaged")
	}
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, decoded); err != nil {
		return nil, fmt.Errorf("capture: picture: %w", err)
	}
	return out.Bytes(), nil
}
