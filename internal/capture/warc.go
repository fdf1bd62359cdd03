package capture

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// The types of records of a WARC file that are written here (ISO 28500:2017,
// section 6).
const (
	WARCInfo     = "warcinfo"
	WARCRequest  = "request"
	WARCResponse = "response"
	WARCMetadata = "metadata"
)

const (
	warcVersion   = "WARC/1.1"
	warcFields    = "application/warc-fields"
	warcRequest   = "application/http; msgtype=request"
	warcResponse  = "application/http; msgtype=response"
	digestPrefix  = "sha256:"
	recordEnd     = "\r\n\r\n"
	mostWARCHead  = 256 << 10
	mostWARCBlock = maxWire + maxHead
)

// ErrWARC means that something is not a WARC file as one is written here, or
// was changed since.
var ErrWARC = errors.New("capture: not a sound WARC file")

// Record is one record of a WARC file.
type Record struct {
	Type string
	ID   string // an absolute URI without its angle brackets
	Date time.Time
	// Fields are the other named fields, in order, as name and value.
	Fields [][2]string
	Block  []byte
}

// Field returns the value of a named field; "" when the record has none.
func (r *Record) Field(name string) string {
	for _, f := range r.Fields {
		if strings.EqualFold(f[0], name) {
			return f[1]
		}
	}
	return ""
}

// WriteRecord adds a record to a WARC 1.1 file, as a member of gzip of its own,
// so that readers may begin at any record (Annex D).
func WriteRecord(w io.Writer, r *Record) error {
	var head bytes.Buffer
	head.WriteString(warcVersion + "\r\n")
	field := func(name, value string) { fmt.Fprintf(&head, "%s: %s\r\n", name, value) }
	field("WARC-Type", r.Type)
	field("WARC-Record-ID", "<"+r.ID+">")
	field("WARC-Date", r.Date.UTC().Format(time.RFC3339))
	for _, f := range r.Fields {
		if strings.ContainsAny(f[0]+f[1], "\r\n") {
			return fmt.Errorf("%w: a line break in %s", ErrWARC, f[0])
		}
		field(f[0], f[1])
	}
	field("WARC-Block-Digest", digestOf(r.Block))
	field("Content-Length", strconv.Itoa(len(r.Block)))
	head.WriteString("\r\n")
	member := gzip.NewWriter(w)
	for _, part := range [][]byte{head.Bytes(), r.Block, []byte(recordEnd)} {
		if _, err := member.Write(part); err != nil {
			return fmt.Errorf("capture: write WARC: %w", err)
		}
	}
	if err := member.Close(); err != nil {
		return fmt.Errorf("capture: write WARC: %w", err)
	}
	return nil
}

func digestOf(content []byte) string {
	sum := sha256.Sum256(content)
	return digestPrefix + hex.EncodeToString(sum[:])
}

// ReadWARC reads a whole WARC file as WriteRecord writes it, and checks each
// record: one to a member, with the length and the digest that it says it has.
// Anything else is ErrWARC.
func ReadWARC(r io.Reader) ([]Record, error) {
	file := bufio.NewReader(r)
	member, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrWARC, err)
	}
	var out []Record
	for {
		member.Multistream(false)
		record, err := readRecord(member)
		if err != nil {
			return nil, fmt.Errorf("%w: record %d: %w", ErrWARC, len(out)+1, err)
		}
		out = append(out, record)
		switch err := member.Reset(file); {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("%w: after record %d: %w", ErrWARC, len(out), err)
		}
	}
}

func readRecord(member io.Reader) (Record, error) {
	raw, err := io.ReadAll(io.LimitReader(member, mostWARCHead+mostWARCBlock+1))
	if err != nil {
		return Record{}, err
	}
	head, rest, ok := bytes.Cut(raw, []byte("\r\n\r\n"))
	if !ok || len(head) > mostWARCHead {
		return Record{}, errors.New("its head has no end")
	}
	version, fields, _ := strings.Cut(string(head), "\r\n")
	if version != warcVersion {
		return Record{}, errors.New("its version is another")
	}
	record, length, digest, err := readFields(fields)
	if err != nil {
		return Record{}, err
	}
	block, ok := bytes.CutSuffix(rest, []byte(recordEnd))
	switch {
	case !ok || len(block) != length:
		return Record{}, errors.New("its length is another")
	case digestOf(block) != digest:
		return Record{}, errors.New("its digest is another")
	}
	record.Block = block
	return record, nil
}

// readFields takes the head of a record apart.
func readFields(text string) (r Record, length int, digest string, err error) {
	length = -1
	for line := range strings.SplitSeq(text, "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		value = textproto.TrimString(value)
		if !ok || name == "" {
			return r, 0, "", errors.New("a line of its head names no field")
		}
		switch name {
		case "WARC-Type":
			r.Type = value
		case "WARC-Record-ID":
			r.ID = strings.TrimSuffix(strings.TrimPrefix(value, "<"), ">")
		case "WARC-Date":
			r.Date, err = time.Parse(time.RFC3339, value)
		case "WARC-Block-Digest":
			digest = value
		case "Content-Length":
			length, err = strconv.Atoi(value)
		default:
			r.Fields = append(r.Fields, [2]string{name, value})
		}
		if err != nil {
			return r, 0, "", err
		}
	}
	if r.Type == "" || r.ID == "" || r.Date.IsZero() || length < 0 {
		return r, 0, "", errors.New("a field of its head is missing")
	}
	return r, length, digest, nil
}
