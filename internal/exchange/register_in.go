package exchange

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/sijil/sijil/internal/register"
)

// longestLine is longer than any line of a lossless export: an edition of a million
// characters takes some megabytes.
const longestLine = 64 << 20

// LineError is a line of a lossless export that cannot be read.
type LineError struct {
	Line int
	Why  string
}

// Error says so.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

// RegisterReader reads a lossless export of a whole register, a line at a time.
type RegisterReader struct {
	Head RegisterHead
	// Terms are the codes that it uses; Gone are the records that are shown no more,
	// known when everything is read.
	Terms []RegisterVocabulary
	Gone  []RegisterDeparture

	lines    *bufio.Reader
	line     int
	sum      hash.Hash
	editions int
	waiting  *RegisterLine // the first that is about no code
}

// NewRegisterReader reads up to the first edition. It returns a *LineError for what is
// no export of a whole register.
func NewRegisterReader(r io.Reader) (*RegisterReader, error) {
	out := &RegisterReader{lines: bufio.NewReaderSize(r, 1<<20), sum: sha256.New()}
	first, err := out.read()
	switch {
	case err != nil:
		return nil, err
	case first.Register == nil || first.Register.Format != RegisterFormat:
		return nil, &LineError{1, "this is no export in JSON Lines of a register (" + RegisterFormat + ")"}
	case first.Register.Scope != scopeRegister:
		return nil, &LineError{1, "this export is of some incidents; only that of a whole register can be read back"}
	}
	out.Head = *first.Register
	for {
		line, err := out.read()
		if err != nil {
			return nil, err
		}
		if line.Vocabulary == nil {
			out.waiting = line
			return out, nil
		}
		out.Terms = append(out.Terms, *line.Vocabulary)
	}
}

// Next returns the next edition; nil behind the last, when it is certain that the file
// is whole and as it was written.
func (r *RegisterReader) Next() (*register.ExportedEdition, error) {
	for {
		line, err := r.waiting, error(nil)
		if r.waiting = nil; line == nil {
			line, err = r.read()
		}
		switch {
		case err != nil:
			return nil, err
		case line.Edition != nil:
			return r.edition(line)
		case line.Gone != nil:
			r.Gone = append(r.Gone, *line.Gone)
		case line.End != nil:
			return nil, r.end(line.End)
		default:
			return nil, r.fault("nothing is known of such a line")
		}
	}
}

func (r *RegisterReader) edition(line *RegisterLine) (*register.ExportedEdition, error) {
	x := line.Edition
	salt, err := base64.StdEncoding.DecodeString(x.Salt)
	if err != nil || register.HashOf(line.Content) != x.SHA256 {
		return nil, r.fault("the content of " + x.Reference + " is not what its hash says")
	}
	r.editions++
	return &register.ExportedEdition{
		Type: x.Type, Reference: x.Reference, Number: x.Number, SHA256: x.SHA256, Content: line.Content, Salt: salt, Leaf: x.Leaf,
	}, nil
}

func (r *RegisterReader) end(end *RegisterEnd) error {
	if end.Editions != r.editions || end.SHA256 != hex.EncodeToString(r.sum.Sum(nil)) {
		return r.fault("the file is not as it was written: something before this line was changed or left out")
	}
	if _, err := r.lines.ReadByte(); err != io.EOF {
		return r.fault("something stands behind the end")
	}
	return nil
}

func (r *RegisterReader) fault(why string) error { return &LineError{r.line, why} }

// read reads a line; the sum is of all lines before the last.
func (r *RegisterReader) read() (*RegisterLine, error) {
	r.line++
	var raw []byte
	for {
		part, err := r.lines.ReadSlice('\n')
		raw = append(raw, part...)
		switch {
		case err == nil:
		case errors.Is(err, bufio.ErrBufferFull) && len(raw) < longestLine:
			continue
		case errors.Is(err, bufio.ErrBufferFull):
			return nil, r.fault("it is too long")
		case errors.Is(err, io.EOF):
			return nil, r.fault("the file ends before its end: it broke off")
		default:
			return nil, err
		}
		break
	}
	var line RegisterLine
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&line); err != nil {
		return nil, r.fault("this is no line of such an export")
	}
	if line.End == nil {
		r.sum.Write(raw)
	}
	return &line, nil
}
