package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // a format that is taken
	"image/png"
	"io"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // a format that is taken
)

const (
	// maxPixels bounds what is begun at all: a page of A3 at 400 dots to the inch
	// has 31 million. A file of some bytes can claim any size. What a claim below
	// it costs is bounded by the limits of the process that reads the picture: a
	// progressive JPEG takes 15 bytes for each pixel, and time for each of as many
	// scans as it likes.
	maxPixels = 40_000_000
	// longestPicture is the longest side of a picture that is shown, in pixels:
	// A3 at some 150 dots to the inch.
	longestPicture = 2400
)

// picture reads a picture as a whole, and returns the problem with one that is
// not taken.
func (in *Intake) picture(ctx context.Context, content []byte) error {
	var found report
	raw, err := in.worker.run(ctx, taskPicture, content)
	if err == nil {
		err = json.Unmarshal(raw, &found)
	} else if !errors.Is(err, ErrUnreadable) {
		return err
	}
	switch {
	case err != nil:
		return problem("unreadable")
	case found.Problem != "":
		return problem(found.Problem)
	}
	return nil
}

// drawn draws a picture again: what comes out is pixels and nothing else,
// whatever stood beside them in the file, and no larger than can be looked at.
func (in *Intake) drawn(ctx context.Context, content []byte) ([]byte, error) {
	return in.worker.run(ctx, taskRedraw, content)
}

// decode reads a picture; its problem says why there is none. It runs in the
// worker.
func decode(content []byte) (found image.Image, problem string) {
	config, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, "damaged"
	}
	if config.Width <= 0 || config.Height <= 0 || config.Width > maxPixels/config.Height {
		return nil, "pixels"
	}
	found, _, err = image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, "damaged"
	}
	return found, ""
}

// checkPicture is the worker's side of picture.
func checkPicture(content []byte) report {
	_, problem := decode(content)
	return report{Problem: problem, Pages: 1}
}

// redraw is the worker's side of drawn.
func redraw(content []byte, stdout io.Writer) error {
	decoded, problem := decode(content)
	if problem != "" {
		return errors.New(problem)
	}
	size := decoded.Bounds().Size()
	if longest := max(size.X, size.Y); longest > longestPicture {
		small := image.NewRGBA(image.Rect(0, 0, max(1, size.X*longestPicture/longest), max(1, size.Y*longestPicture/longest)))
		draw.ApproxBiLinear.Scale(small, small.Bounds(), decoded, decoded.Bounds(), draw.Src, nil)
		decoded = small
	}
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(stdout, decoded); err != nil {
		return fmt.Errorf("capture: picture: %w", err)
	}
	return nil
}
