package capture_test

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/sijil/sijil/internal/testkit"
)

// document is a PDF of one page; extra goes into its catalog, and more objects
// begin with number 6.
func document(extra, content string, more ...string) []byte {
	return testkit.WritePDF(append([]string{
		"<</Type/Catalog/Pages 2 0 R" + extra + ">>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>",
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
		testkit.PDFStream("", content),
	}, more...)...)
}

// letter is a page with some lines of text.
func letter(lines ...string) []byte {
	var content strings.Builder
	content.WriteString("BT /F 12 Tf 14 TL 72 770 Td\n")
	for _, line := range lines {
		fmt.Fprintf(&content, "(%s) Tj T*\n", line)
	}
	content.WriteString("ET")
	return document("", content.String())
}

func pages(n int) []byte {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", ""}
	var kids strings.Builder
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", i+3)
		objects = append(objects, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>")
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids.String(), n)
	return testkit.WritePDF(objects...)
}

// hostile are PDFs that no honest program writes, and what is said of them.
func hostile() map[string]struct {
	pdf  []byte
	want string // problem; empty: taken, as it does no harm
} {
	type trap = struct {
		pdf  []byte
		want string
	}
	text := "BT /F 12 Tf 72 770 Td (Read me) Tj ET"
	return map[string]trap{
		"javascript on opening": {document("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", text), "active"},
		"javascript by another spelling": {
			document("/OpenAction<</S/J#61v#61Script/J#53(app.alert\\(1\\))>>", text), "active",
		},
		"javascript behind names":                        {document("/Names<</JavaScript 6 0 R>>", text, "<</Names[(a) 7 0 R]>>", "<</S/JavaScript/JS(x)>>"), "active"},
		"javascript in an object that nothing points to": {document("", text, "<</S/JavaScript/JS(x)>>"), "active"},
		"starts a program":                               {document("/OpenAction<</S/Launch/F(cmd.exe)>>", text), "active"},
		"carries a file":                                 {document("/Names<</EmbeddedFiles<</Names[(a) 6 0 R]>>>>", text, "<</Type/Filespec/F(a.exe)/EF<</F 7 0 R>>>>", testkit.PDFStream("/Type/EmbeddedFile", "MZ")), "active"},
		"sends a form":                                   {document("/OpenAction<</S/SubmitForm/F(http://x.example)>>", text), "active"},
		"opens another file":                             {document("/OpenAction<</S/GoToE/T<<>>>>", text), "active"},
		"calls a server on opening":                      {document("/OpenAction<</S/URI/URI(http://x.example/read)>>", text), "active"},
		"calls a server behind an action that is harmless": {
			document("/OpenAction 6 0 R", text, "<</S/GoTo/D[3 0 R/Fit]/Next[<</S/Named/N/NextPage/Next 7 0 R>>]>>", "<</S/U#52I/URI(http://x.example/read)>>"), "active",
		},
		"calls a server when a page is shown": {document("/AA 6 0 R", text, "<</O 7 0 R>>", "<</S/URI/URI(http://x.example/read)>>"), "active"},
		"actions in a circle":                 {document("/OpenAction 6 0 R", text, "<</S/GoTo/D[3 0 R/Fit]/Next 6 0 R>>"), "active"},
		"a stream that is elsewhere":          {document("", text, testkit.PDFStream("/F<</FS/URL/F(http://x.example/read)>>", "")), "active"},
		"opens at a place, and has a link": {
			document("/OpenAction[3 0 R/Fit]/AA<</WC<</S/GoTo/D[3 0 R/Fit]>>>>", text, "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://x.example/)>>>>"), "",
		},
		"opens by an action at a place": {document("/OpenAction<</S/GoTo/D[3 0 R/Fit]>>", text), ""},
		"form of XFA":                   {document("/AcroForm<</XFA 6 0 R/Fields[]>>", text, testkit.PDFStream("", "<xdp/>")), "active"},
		"deep nesting":                  {document("/X "+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000), text), "unreadable|damaged|active"},
		"deep dictionaries":             {document("/X "+strings.Repeat("<</X ", 5000)+"1"+strings.Repeat(">>", 5000), text), "unreadable|damaged|active"},
		"table that points to itself": {
			[]byte("%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 2/Root 1 0 R/Prev 44>>\nstartxref\n44\n%%EOF\n"),
			"unreadable|damaged",
		},
		"pages that are their own parents": {
			testkit.WritePDF("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>"), "unreadable|damaged",
		},
		"a million pages, it says": {testkit.WritePDF("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 1000000>>"), "unreadable|damaged|pages"},
		"giant stream as objects": {
			testkit.WritePDF("<</Type/Catalog/Pages 2 0 R>>", strings.Replace(testkit.PDFBomb(3<<29), "<<", "<</Type/ObjStm/N 1/First 4", 1)), "unreadable|damaged",
		},
		"giant stream as a page": {
			testkit.WritePDF("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
				"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R>>", testkit.PDFBomb(3<<29)),
			"unreadable|",
		},
		"two types at once":      {append([]byte("GIF89a"), letter("x")...), "type"},
		"not at the first byte":  {append([]byte("\n"), letter("x")...), "type"},
		"nothing after the mark": {[]byte("%PDF-1.7\n"), "truncated"},
		"only the ends":          {[]byte("%PDF-1.7\n%%EOF"), "damaged|unreadable"},
	}
}

// pngSum is the check sum of a chunk of a PNG.
func pngSum(chunk []byte) []byte {
	return binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(chunk))
}

// shortLines is a PDF whose one letter its font calls many lines of one letter each, in
// Arabic, for which the way by glyphs is chosen.
func shortLines(n int) []byte {
	table := "1 beginbfchar\n<61> <" + strings.Repeat("0648000a", n) + ">\nendbfchar"
	return testkit.WritePDF(
		"<</Type/Catalog/Pages 2 0 R>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>",
		"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 6 0 R>>",
		testkit.PDFStream("", "BT /F 12 Tf 72 770 Td (a) Tj ET"),
		testkit.PDFStream("", table),
	)
}
