package register

import "time"

// File is what the desk knows of a file that somebody attached: its content is
// known by its hash, and one file may carry several statements. What a
// statement shows of it is a Document.
type File struct {
	SHA256 string // of the bytes as they came, lower-case hexadecimal
	Size   int64  // bytes
	Type   string // media type by content, one of FileTypes
	Name   string // as it was called by who attached it, cleaned
	Pages  int    // of a PDF; 1 for an image, 0 for text
	// Scanned means pages without any text in them: pictures of pages.
	Scanned bool
	// Warnings are keys of messages, such as FileRestricted.
	Warnings   []string
	Extraction Extraction
	// UploadedBy is the account, and UploadedAt the moment, of the first time
	// that it was attached.
	UploadedBy string
	UploadedAt time.Time
}

// Extraction is the text that a program found in a file: a proposal for a
// person to correct, never to be quoted as it is.
type Extraction struct {
	// Pages holds the text of each page, paragraphs apart by an empty line.
	Pages  []string
	Method ExtractionMethod
	// Language is detected; empty when it is not clear. The direction follows.
	Language Lang
}

// ExtractionMethod says how a text was obtained; empty: there is none.
type ExtractionMethod string

// Key is the key of the message that says so.
func (m ExtractionMethod) Key() string { return "file.method." + string(m) }

// The ways to a text.
const (
	ExtractedFromText    ExtractionMethod = "text"    // it was plain text
	ExtractedByPoppler   ExtractionMethod = "poppler" // by pdftotext
	ExtractedFromGlyphs  ExtractionMethod = "glyphs"  // from the glyphs' places on the page
	ExtractedByBothTools ExtractionMethod = "both"    // page by page, by the better of the two
)

// The media types that are taken.
const (
	TypePDF  = "application/pdf"
	TypePNG  = "image/png"
	TypeJPEG = "image/jpeg"
	TypeWebP = "image/webp"
	TypeText = "text/plain"
)

// FileTypes lists the media types of files that are taken.
func FileTypes() []string { return []string{TypePDF, TypePNG, TypeJPEG, TypeWebP, TypeText} }

// Warnings about a file that is taken all the same; keys of messages.
const (
	FileRestricted   = "file.warning.restricted"    // opens without a password, but forbids copying or printing
	FileIrregular    = "file.warning.irregular"     // not quite as the PDF standard wants it
	FileNoText       = "file.warning.no-text"       // a scanned document: no text in it
	FileTextFailed   = "file.warning.text-failed"   // text could not be extracted within the limits
	FileTextReversed = "file.warning.text-reversed" // Arabic was in visual order and was put into logical order
	FileTextDoubtful = "file.warning.text-doubtful" // letters seem to be missing or torn apart
	FileTextCut      = "file.warning.text-cut"      // the text was longer than is kept
	FileNameDiffers  = "file.warning.name-differs"  // its name or declared type says another type than its content
)

// Text is the whole proposal, pages apart by an empty line.
func (e *Extraction) Text() string { return joinPages(e.Pages) }

func joinPages(pages []string) string {
	var out []byte
	for _, p := range pages {
		if p == "" {
			continue
		}
		if len(out) > 0 {
			out = append(out, "\n\n"...)
		}
		out = append(out, p...)
	}
	return string(out)
}

// FileText is one version of a file's text that a person has confirmed. A new
// version is a new text; what was quoted from an older one stays where it is.
type FileText struct {
	SHA256      string
	Version     int // from 1
	Text        string
	Language    Lang
	ConfirmedBy string // account
	ConfirmedAt time.Time
}
