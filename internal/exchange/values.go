package exchange

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"
)

// longestValue is far longer than any record of a database of incidents.
const longestValue = 1 << 20

// jsonValue is one JSON object of a file.
type jsonValue struct {
	line int    // on which it begins
	raw  []byte // nil for what cannot be read
}

// jsonValues reads the objects of a file one by one: one a line, the members of one
// array, or one alone. It keeps one in memory, of bounded length. What cannot be
// read is passed over, and the rest is read.
type jsonValues struct {
	in    *bufio.Reader
	line  int
	lines bool // one object a line
	begun bool
	done  bool
}

func newJSONValues(r io.Reader) *jsonValues {
	return &jsonValues{in: bufio.NewReaderSize(r, 64<<10), line: 1}
}

// next returns the next object; io.EOF behind the last.
func (v *jsonValues) next() (jsonValue, error) {
	if !v.begun {
		if err := v.begin(); err != nil {
			return jsonValue{}, err
		}
	}
	if v.lines {
		return v.nextLine()
	}
	return v.nextMember()
}

// begin finds out how the file holds its objects.
func (v *jsonValues) begin() error {
	v.begun = true
	if mark, err := v.in.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = v.in.Discard(3) // just looked at
	}
	first, err := v.skipBlank()
	if err != nil {
		return err
	}
	if first == '[' {
		_, err = v.in.Discard(1)
		return err
	}
	ahead, err := v.in.Peek(v.in.Size())
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	v.lines = !startsOpenObject(ahead)
	return nil
}

// startsOpenObject reports whether a text begins with an object that goes on on
// further lines. Where each line begins with a brace, each is an object, whether it
// can be read or not.
func startsOpenObject(text []byte) bool {
	line, rest, more := bytes.Cut(text, []byte("\n"))
	if !more || len(line) == 0 || line[0] != '{' || json.Valid(line) {
		return false
	}
	return !bytes.HasPrefix(rest, []byte("{"))
}

// skipBlank passes over white space and returns what comes then.
func (v *jsonValues) skipBlank() (byte, error) {
	for {
		next, err := v.in.Peek(1)
		if err != nil {
			return 0, err
		}
		switch next[0] {
		case '\n':
			v.line++
		case ' ', '\t', '\r':
		default:
			return next[0], nil
		}
		_, _ = v.in.Discard(1) // just looked at
	}
}

// nextLine reads a line of bounded length; what is longer is passed over.
func (v *jsonValues) nextLine() (jsonValue, error) {
	for {
		var line []byte
		tooLong := false
		at := v.line
		for {
			part, err := v.in.ReadSlice('\n')
			if tooLong = tooLong || len(line)+len(part) > longestValue; tooLong {
				line = nil
			} else {
				line = append(line, part...)
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0 && !tooLong) {
				return jsonValue{}, err
			}
			break
		}
		v.line++
		if line = bytes.TrimSpace(line); tooLong || len(line) > 0 {
			return readable(at, line), nil
		}
	}
}

// readable is a value, or one that cannot be read.
func readable(line int, raw []byte) jsonValue {
	if len(raw) == 0 || raw[0] != '{' || !utf8.Valid(raw) || !json.Valid(raw) {
		raw = nil
	}
	return jsonValue{line: line, raw: raw}
}

// nextMember reads a member of an array, or the one object.
func (v *jsonValues) nextMember() (jsonValue, error) {
	if v.done {
		return jsonValue{}, io.EOF
	}
	for {
		next, err := v.skipBlank()
		if err != nil {
			return jsonValue{}, err
		}
		if next == ']' {
			v.done = true
			return jsonValue{}, io.EOF
		}
		if next != ',' {
			return v.member()
		}
		_, _ = v.in.Discard(1) // just looked at
	}
}

// member reads up to the comma or bracket that ends the member, or the end of the
// file, counting brackets outside of strings.
func (v *jsonValues) member() (jsonValue, error) {
	at, depth := v.line, 0
	var raw []byte
	tooLong, inString, escaped := false, false, false
	for {
		b, err := v.in.ReadByte()
		if errors.Is(err, io.EOF) {
			v.done = true
			return readable(at, bytes.TrimSpace(raw)), nil
		}
		if err != nil {
			return jsonValue{}, err
		}
		if b == '\n' {
			v.line++
		}
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped = b == '\\'
			inString = b != '"'
		case b == '"':
			inString = true
		case b == '{' || b == '[':
			depth++
		case depth == 0 && (b == ',' || b == ']'):
			v.done = b == ']'
			return readable(at, bytes.TrimSpace(raw)), nil
		case b == '}' || b == ']':
			depth--
		}
		if tooLong = tooLong || len(raw) >= longestValue; tooLong {
			raw = nil
			continue
		}
		raw = append(raw, b)
	}
}
