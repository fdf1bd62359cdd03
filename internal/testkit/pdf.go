package testkit

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// WritePDF writes a PDF of objects, numbered from 1, the first the catalog.
func WritePDF(objects ...string) []byte {
	var out bytes.Buffer
	out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	offsets := make([]int, len(objects))
	for i, object := range objects {
		offsets[i] = out.Len()
		fmt.Fprintf(&out, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := out.Len()
	fmt.Fprintf(&out, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&out, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&out, "trailer\n<</Size %d/Root 1 0 R/ID[<00><00>]>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, table)
	return out.Bytes()
}

// PDFStream is an object that holds bytes; dict is what else is said of them.
func PDFStream(dict, content string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", dict, len(content), content)
}

// PDFBomb is a stream of many bytes in few.
func PDFBomb(size int) string {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	blanks := bytes.Repeat([]byte{' '}, 1<<20)
	for range size >> 20 {
		_, _ = w.Write(blanks) // a buffer takes everything
	}
	_ = w.Close()
	return PDFStream("/Filter/FlateDecode", out.String())
}

// EncryptPDF makes a PDF ask for a password; with none it only forbids.
func EncryptPDF(tb testing.TB, pdf []byte, password string) []byte {
	tb.Helper()
	api.DisableConfigDir()
	var out bytes.Buffer
	if err := api.Encrypt(bytes.NewReader(pdf), &out, model.NewAESConfiguration(password, "owner", 256)); err != nil {
		tb.Fatalf("testkit: encrypt: %v", err)
	}
	return out.Bytes()
}
