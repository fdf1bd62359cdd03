package capture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/capture"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

var update = flag.Bool("update", false, "print the communiqué again")

func TestMain(m *testing.M) {
	testkit.ServeWorker()
	// Nobody listens there: what asks a proxy fails.
	if err := errors.Join(os.Setenv("HTTP_PROXY", "http://127.0.0.1:9/"), os.Setenv("HTTPS_PROXY", "http://127.0.0.1:9/")); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func intake(tb testing.TB) *capture.Intake {
	tb.Helper()
	in, err := capture.New()
	if err != nil {
		tb.Fatal(err)
	}
	return in
}

func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func take(t *testing.T, content []byte, name, declared string) capture.Document {
	t.Helper()
	d, err := intake(t).Intake(t.Context(), bytes.NewReader(content), name, declared)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// problemOf is the key of the problem with a file, without what they share.
func problemOf(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	var problems register.Problems
	if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Field != "file" {
		t.Fatalf("not one problem with the file: %v", err)
	}
	return strings.TrimPrefix(problems[0].Key, "problem.file-")
}

func havePoppler() bool {
	_, err := exec.LookPath("pdftoppm")
	return err == nil
}

// TestArabicCommunique: the committed PDF, whose letters are in visual order
// with ligatures, becomes the text that was printed.
func TestArabicCommunique(t *testing.T) {
	t.Parallel()
	d := take(t, fixture(t, "communique-ar.pdf"), "بلاغ.pdf", "application/pdf")
	if d.Type != register.TypePDF || d.Pages != 2 || d.Scanned || d.Extraction.Language != register.Arabic || d.Name != "بلاغ.pdf" {
		t.Errorf("%+v", d.File)
	}
	want := strings.Split(strings.TrimSuffix(string(fixture(t, "communique-ar.txt")), "\n"), "\n\f\n")
	if !slices.Equal(d.Extraction.Pages, want) {
		t.Errorf("method %s, got\n%s", d.Extraction.Method, strings.Join(d.Extraction.Pages, "\n\f\n"))
	}
	if !slices.Equal(d.Warnings, []string{register.FileTextReversed}) {
		t.Errorf("warnings %q", d.Warnings)
	}
}

// TestPrintedCommunique prints the page by the browser that is installed.
func TestPrintedCommunique(t *testing.T) {
	files := http.NewServeMux()
	files.HandleFunc("/font.woff2", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, "../../views/assets/fonts/sijil-sans-arabic-400.woff2")
	})
	files.HandleFunc("/favicon.ico", http.NotFound)
	files.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(fixture(t, "communique-ar.html"))
	})
	server := httptest.NewServer(files)
	t.Cleanup(server.Close)
	pdf := testkit.Chromium(t).Open(t, server.URL+"/", testkit.Screen{Width: 800, Height: 1100}).PDF()
	if *update {
		if err := os.WriteFile("testdata/communique-ar.pdf", pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d := take(t, pdf, "b.pdf", "")
	want := strings.Split(strings.TrimSuffix(string(fixture(t, "communique-ar.txt")), "\n"), "\n\f\n")
	if !slices.Equal(d.Extraction.Pages, want) {
		t.Errorf("method %s, got\n%s", d.Extraction.Method, strings.Join(d.Extraction.Pages, "\n\f\n"))
	}
}

func TestLatinLetter(t *testing.T) {
	t.Parallel()
	d := take(t, letter(
		"Rabat, le 9 avril 2025", "",
		"Suite \\340 la diffusion de documents attribu\\351s \\340 son syst\\350me d'infor-",
		"mation, le Fonds mod\\350le de s\\351curit\\351 sociale pr\\351cise qu'il a subi une",
		"s\\351rie d'attaques.",
	), "lettre.pdf", "application/pdf")
	want := "Rabat, le 9 avril 2025\n\nSuite à la diffusion de documents attribués à son système d'information, le Fonds modèle de sécurité sociale précise qu'il a subi une série d'attaques."
	if got := d.Extraction.Text(); got != want || d.Extraction.Language != register.French || len(d.Warnings) > 0 {
		t.Errorf("%q\n%+v", got, d.File)
	}
}

func TestWhatIsNotTaken(t *testing.T) {
	t.Parallel()
	good := fixture(t, "communique-ar.pdf")
	for name, test := range map[string]struct {
		content []byte
		want    string
	}{
		"empty":                {nil, "empty"},
		"only spaces":          {[]byte(" \n\n "), "empty"},
		"huge":                 {append([]byte("%PDF-1.7\n"), make([]byte, capture.MaxBytes)...), "too-large"},
		"truncated":            {good[:len(good)/2], "truncated"},
		"truncated by a byte":  {good[:len(good)-6], "truncated"},
		"with a password":      {testkit.EncryptPDF(t, letter("x"), "secret"), "encrypted"},
		"many pages":           {pages(capture.MaxPages + 1), "pages"},
		"HTML":                 {[]byte("<!doctype html><script>alert(1)</script>"), "type"},
		"SVG":                  {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), "type"},
		"a program":            {[]byte("\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "type"},
		"zip":                  {[]byte("PK\x03\x04\x14\x00\x00\x00\x00\x00"), "type"},
		"text not in UTF-8":    {[]byte("D\xe9claration du minist\xe8re"), "type"},
		"text with a NUL":      {[]byte("a\x00b"), "type"},
		"text with an escape":  {[]byte("a\x1b[2Jb"), "type"},
		"text with a C1":       {[]byte("a\u009b2Jb"), "type"},
		"a PDF behind a page":  {append([]byte("<!doctype html><script>alert(1)</script>\n"), good...), "type"},
		"picture that is cut":  {pngOf(t, 20, 20)[:60], "damaged"},
		"picture too large":    {hugePNG(t), "pixels"},
		"picture without size": {[]byte("\x89PNG\r\n\x1a\n"), "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := intake(t).Intake(t.Context(), bytes.NewReader(test.content), "x.pdf", "application/pdf")
			if got := problemOf(t, err); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestHostilePDFs(t *testing.T) {
	t.Parallel()
	in := intake(t)
	for name, trap := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := in.Intake(t.Context(), bytes.NewReader(trap.pdf), "x.pdf", "application/pdf")
			if got := problemOf(t, err); !slices.Contains(strings.Split(trap.want, "|"), got) {
				t.Errorf("%q, want %q", got, trap.want)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		content        []byte
		file, declared string
		want           []string
	}{
		"restricted":     {testkit.EncryptPDF(t, letter("Copying is forbidden, they say."), ""), "x.pdf", "", []string{register.FileRestricted}},
		"scanned":        {pages(2), "x.pdf", "", []string{register.FileNoText}},
		"picture":        {pngOf(t, 20, 20), "x.png", "image/png", []string{register.FileNoText}},
		"another name":   {pngOf(t, 20, 20), "x.pdf", "", []string{register.FileNoText, register.FileNameDiffers}},
		"declared other": {pngOf(t, 20, 20), "x", "application/pdf", []string{register.FileNoText, register.FileNameDiffers}},
		"no claim":       {[]byte("A communiqué."), "x", "application/octet-stream", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if d := take(t, test.content, test.file, test.declared); !slices.Equal(d.Warnings, test.want) {
				t.Errorf("%q, want %q", d.Warnings, test.want)
			}
		})
	}
}

func TestTextFiles(t *testing.T) {
	t.Parallel()
	d := take(t, []byte("\uFEFFالرباط،  في 9 أبريل\r\n\r\n\r\nأكد الصندوق.\r\n"), "b.txt", "text/plain; charset=utf-8")
	if got := d.Extraction.Text(); got != "الرباط، في 9 أبريل\n\nأكد الصندوق." || d.Type != register.TypeText || d.Extraction.Method != register.ExtractedFromText {
		t.Errorf("%q %+v", got, d.File)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	if !havePoppler() {
		if os.Getenv("SIJIL_REQUIRE_BROWSER") == "1" {
			t.Fatal("pdftoppm (Debian: poppler-utils) is not installed")
		}
		t.Skip("pdftoppm (Debian: poppler-utils) is not installed")
	}
	in := intake(t)
	content := fixture(t, "communique-ar.pdf")
	d := take(t, content, "x.pdf", "")
	drawn, err := in.Page(t.Context(), d.File, content, 2)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(drawn))
	if err != nil || picture.Bounds().Dy() < 1000 || picture.Bounds().Dy() > 1300 || isBlank(picture) {
		t.Errorf("%v, %v", picture.Bounds(), err)
	}
	// The program that draws it reads a hostile file: what it says is drawn again.
	if chunks := chunksOf(t, drawn); !slices.Equal(chunks, []string{"IHDR", "IDAT", "IEND"}) {
		t.Errorf("beside its pixels the picture has %q", chunks)
	}
	program := exec.CommandContext(t.Context(), "pdftoppm", "-png", "-r", "20", "-l", "1", "-")
	program.Stdin = bytes.NewReader(content)
	if raw, err := program.Output(); err != nil || !slices.Contains(chunksOf(t, raw), "pHYs") {
		t.Errorf("control: what the program says has %q, %v", chunksOf(t, raw), err)
	}
	for _, n := range []int{0, 3, -1} {
		if _, err := in.Page(t.Context(), d.File, content, n); !errors.Is(err, register.ErrNotFound) {
			t.Errorf("page %d: %v", n, err)
		}
	}
	house := bytes.Replace(letter("x"), []byte("[0 0 595 842]"), []byte("[0 0 9e6 9e6]"), 1)
	if drawn, err = in.Page(t.Context(), register.File{Type: register.TypePDF, Pages: 1}, house, 1); err == nil {
		if c, err := png.DecodeConfig(bytes.NewReader(drawn)); err != nil || c.Width > 2000 {
			t.Errorf("a page as large as a house: %+v, %v", c, err)
		}
	}
}

// chunksOf are the kinds of chunks of a PNG (its specification, 5.3), each once for a run.
func chunksOf(t *testing.T, picture []byte) (kinds []string) {
	t.Helper()
	for rest := bytes.TrimPrefix(picture, []byte("\x89PNG\r\n\x1a\n")); len(rest) >= 12; {
		kinds = append(kinds, string(rest[4:8]))
		rest = rest[min(len(rest), 12+int(binary.BigEndian.Uint32(rest))):]
	}
	return slices.Compact(kinds)
}

func isBlank(picture image.Image) bool {
	first := picture.At(0, 0)
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			if picture.At(x, y) != first {
				return false
			}
		}
	}
	return true
}

// TestPictures: what is shown is drawn again, so that what stood beside the
// pixels is gone.
func TestPictures(t *testing.T) {
	t.Parallel()
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, image.NewGray(image.Rect(0, 0, 30, 20)), nil); err != nil {
		t.Fatal(err)
	}
	content := append(jpg.Bytes(), "<script>alert(1)</script>"...)
	d := take(t, content, "photo.jpg", "image/jpeg")
	shown, err := intake(t).Page(t.Context(), d.File, content, 1)
	if err != nil || bytes.Contains(shown, []byte("script")) || d.Type != register.TypeJPEG {
		t.Errorf("%q, %v", d.Type, err)
	}
	if c, err := png.DecodeConfig(bytes.NewReader(shown)); err != nil || c.Width != 30 || c.Height != 20 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestWebP(t *testing.T) {
	t.Parallel()
	// One pixel, lossless.
	content := []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")
	if d := take(t, content, "x.webp", ""); d.Type != register.TypeWebP || d.Pages != 1 {
		t.Errorf("%+v", d.File)
	}
}

func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// hugePNG says that it is 60 000 pixels wide and high, in a hundred bytes.
func hugePNG(t *testing.T) []byte {
	t.Helper()
	content := pngOf(t, 1, 1)
	copy(content[16:], []byte{0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60})
	copy(content[29:], pngSum(content[12:29]))
	return content
}

func TestReaderThatFails(t *testing.T) {
	t.Parallel()
	broken := io.MultiReader(strings.NewReader("%PDF-"), &failing{})
	if _, err := intake(t).Intake(t.Context(), broken, "x", ""); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, os.ErrClosed }

// TestWorkerThatIsNotThere is a fault of ours, not of the file.
func TestWorkerThatIsNotThere(t *testing.T) {
	t.Parallel()
	in, err := capture.New("/no/such/program")
	if err != nil {
		t.Fatal(err)
	}
	var problems register.Problems
	_, err = in.Intake(t.Context(), bytes.NewReader(letter("x")), "x", "")
	if err == nil || errors.As(err, &problems) {
		t.Errorf("%v", err)
	}
}

// TestParagraphsTakeNoMoreThanTheyMay: what a text costs after it was found, is paid where it
// was found: 200,000 short lines kept the program at work for two minutes.
// It runs before those that run together: it takes the processors from servers whose
// time is counted.
func TestParagraphsTakeNoMoreThanTheyMay(t *testing.T) {
	little := take(t, shortLines(1000), "x.pdf", "") // the control: it is a PDF with a text
	if little.Extraction.Method != register.ExtractedFromGlyphs || little.Extraction.Text() != strings.TrimSpace(strings.Repeat("و ", 1000)) {
		t.Fatalf("%s, %.20q, %q", little.Extraction.Method, little.Extraction.Text(), little.Warnings)
	}
	d := take(t, shortLines(400_000), "x.pdf", "")
	if d.Pages != 1 || d.Extraction.Text() != "" || !slices.Equal(d.Warnings, []string{register.FileTextFailed}) {
		t.Errorf("%d pages, %.20q, %q", d.Pages, d.Extraction.Text(), d.Warnings)
	}
}

// TestATextThatTakesTooLong is refused, and its fault.
func TestATextThatTakesTooLong(t *testing.T) {
	t.Parallel()
	in := capture.WithWorkTime(intake(t), time.Millisecond)
	_, err := in.Intake(t.Context(), strings.NewReader("A text."), "x.txt", "")
	if got := problemOf(t, err); got != "unreadable" {
		t.Errorf("%q", got)
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]register.Lang{
		"أكد الصندوق أن النظام (FNSS) تعرض للهجوم":                                 register.Arabic,
		"Le Fonds confirme que son système d'information a subi des attaques":      register.French,
		"The fund confirms that its information system was attacked several times": register.English,
		"OK": "", "": "", "12 345": "",
	} {
		if got := capture.Language(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestTheWorkerHasNothingOfOurEnvironment, in which secrets may be: here the worker is a
// shell, which says what it knows.
func TestTheWorkerHasNothingOfOurEnvironment(t *testing.T) {
	t.Setenv("SIJIL_SECRET_KEY", "hidden-word")
	in, err := capture.New("sh", "-c", `echo "key: $SIJIL_SECRET_KEY, locale: $LC_ALL" >&2; exit 1`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = in.Page(t.Context(), register.File{Type: register.TypePDF, Pages: 1}, letter("x"), 1)
	if err == nil || !strings.Contains(err.Error(), "key: , locale: C.UTF-8") {
		t.Errorf("it knows: %v", err)
	}
}
