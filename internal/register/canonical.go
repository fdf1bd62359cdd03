package register

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// CanonicalJSON rewrites a JSON text by the JSON Canonicalization Scheme (RFC
// 8785): no white space, object members sorted by the UTF-16 code units of
// their names, strings with the shortest escapes. The register writes whole
// numbers only; a number with a fraction, an exponent, or beyond the 53 bits
// that every reader keeps exactly is an error.
func CanonicalJSON(raw []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("canonical JSON: text after the value")
	}
	var out bytes.Buffer
	if err := writeCanonical(&out, v); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func writeCanonical(out *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case nil:
		out.WriteString("null")
	case bool:
		out.WriteString(strconv.FormatBool(v))
	case json.Number:
		return writeInteger(out, v)
	case string:
		writeString(out, v)
	case []any:
		return writeArray(out, v)
	case map[string]any:
		return writeObject(out, v)
	}
	return nil
}

func writeInteger(out *bytes.Buffer, n json.Number) error {
	i, err := strconv.ParseInt(n.String(), 10, 64)
	const exact = 1 << 53
	if err != nil || i > exact || i < -exact {
		return fmt.Errorf("canonical JSON: number %s is not a whole number of 53 bits", n)
	}
	out.WriteString(strconv.FormatInt(i, 10))
	return nil
}

func writeArray(out *bytes.Buffer, items []any) error {
	out.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := writeCanonical(out, item); err != nil {
			return err
		}
	}
	out.WriteByte(']')
	return nil
}

func writeObject(out *bytes.Buffer, members map[string]any) error {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.SortFunc(names, compareUTF16)
	out.WriteByte('{')
	for i, name := range names {
		if i > 0 {
			out.WriteByte(',')
		}
		writeString(out, name)
		out.WriteByte(':')
		if err := writeCanonical(out, members[name]); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}

// compareUTF16 compares as RFC 8785 section 3.2.3 wants: by UTF-16 code units,
// which differs from bytes beyond the basic plane.
func compareUTF16(a, b string) int {
	if isASCII(a) && isASCII(b) {
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func writeString(out *bytes.Buffer, s string) {
	const short = "\b\t\n\f\r\"\\"
	const names = `btnfr"\`
	out.WriteByte('"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		out.WriteString(s[start:i])
		if at := strings.IndexByte(short, c); at >= 0 {
			out.WriteByte('\\')
			out.WriteByte(names[at])
		} else {
			fmt.Fprintf(out, `\u%04x`, c)
		}
		start = i + 1
	}
	out.WriteString(s[start:])
	out.WriteByte('"')
}
