// Package assets holds what pages load besides themselves: the stylesheet, the
// fonts, one file of icons and the favicon. Each is served under a name that
// carries the hash of its content, so that it can be kept for ever and is new
// when it changes. No page needs a script: those of the desk only help.
package assets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

//go:embed sijil.css desk.css embed.css icons.svg favicon.svg favicon.ico icons/*.png fonts/*.woff2 desk/*.js head/*.js public/*.js
var files embed.FS

// Prefix is the path under which Handler serves.
const Prefix = "/assets/"

// Names of the files that pages refer to.
const (
	Stylesheet     = "sijil.css"
	DeskStylesheet = "desk.css"
	// EmbedStylesheet is of what other sites show in a frame.
	EmbedStylesheet = "embed.css"
	Icons           = "icons.svg"
	Favicon         = "favicon.svg"
	// Pictures of the favicon, for what reads no SVG; internal/card draws them.
	FaviconICO = "favicon.ico"
	Icon32     = "icons/icon-32.png"
	Icon180    = "icons/icon-180.png"
	Icon192    = "icons/icon-192.png"
	Icon512    = "icons/icon-512.png"
	// SiteScript helps on each page, and TimelineScript where there is a timeline.
	SiteScript     = "public/site.js"
	TimelineScript = "public/timeline.js"
)

// Path returns the address of a file by its plain name, such as "sijil.css"; ""
// when there is no such file.
func Path(name string) string { return ready().paths[name] }

// Fonts returns the addresses of the fonts that every page of a language shows
// text in; Arabic has the letters and digits of French among its own. Named in the head, they come with the style sheet instead of after the
// first layout, so that text seldom changes its shape while it is read; what only
// some pages need is left to the style sheet.
func Fonts(lang string) []string {
	names := []string{"sijil-sans-400", "sijil-sans-600", "sijil-serif-600"}
	if lang == "ar" {
		names = []string{"sijil-sans-arabic-400", "sijil-sans-arabic-600", "sijil-amiri-700", "sijil-serif-600", "sijil-sans-400", "sijil-naskh-400"}
	}
	for i, name := range names {
		names[i] = Path("fonts/" + name + ".woff2")
	}
	return names
}

// ThemeScript returns the text of the one script that stands in the pages
// themselves, in their head, with its tags.
func ThemeScript() string { return "<script>" + ready().theme + "</script>" }

// ThemeSource returns what a content security policy must name for ThemeScript to
// run: the hash of its text (CSP level 3, section 2.3.1).
func ThemeSource() string {
	sum := sha256.Sum256([]byte(ready().theme))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// Content returns the bytes of a file by its plain name; nil when there is no
// such file. They are not to be changed.
func Content(name string) []byte {
	if f := ready().files[Path(name)]; f != nil {
		return f.plain
	}
	return nil
}

// Has reports whether a file is served at an address.
func Has(address string) bool { return ready().files[address] != nil }

// Handler serves the files under Prefix, compressed where the client takes
// gzip, to be kept for ever; anything else is not found.
func Handler() http.Handler { return ready() }

// ready reads, rewrites and names the files once. The files are embedded: what fails
// here fails in the first test.
var ready = sync.OnceValue(func() *set {
	s, err := load()
	if err != nil {
		panic(err)
	}
	return s
})

// set is all files by their address.
type set struct {
	paths map[string]string // plain name → address
	files map[string]*file  // address → file
	theme string            // what ThemeScript shows
}

type file struct {
	mediaType string
	plain     []byte
	// gzipped compresses it, once somebody takes it so: at the start it would keep all
	// waiting, and each process that does something else. Nil where that does not pay.
	gzipped func() []byte
	etag    string
}

func load() (*set, error) {
	s := &set{paths: map[string]string{}, files: map[string]*file{}}
	theme, err := files.ReadFile("head/theme.js")
	if err != nil {
		return nil, fmt.Errorf("read asset: %w", err)
	}
	s.theme = string(jsRemark.ReplaceAll(theme, nil))
	names := []string{Icons, Favicon, FaviconICO}
	for _, folder := range []string{"fonts", "icons", "desk", "public"} {
		entries, err := files.ReadDir(folder)
		if err != nil {
			return nil, fmt.Errorf("list assets: %w", err)
		}
		for _, e := range entries {
			names = append(names, folder+"/"+e.Name())
		}
	}
	for _, name := range append(names, Stylesheet, DeskStylesheet, EmbedStylesheet) { // stylesheets last: they name the others
		if err := s.add(name); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *set) add(name string) error {
	content, err := files.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read asset: %w", err)
	}
	if path.Ext(name) == ".css" {
		if content, err = s.rewriteURLs(cssRemark.ReplaceAll(content, []byte("$1"))); err != nil {
			return err
		}
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:4])
	stem, ext := strings.TrimSuffix(path.Base(name), path.Ext(name)), path.Ext(name)
	address := Prefix + stem + "." + hash + ext
	if ext == ".woff2" {
		address = Prefix + hash + ext // every page names several of them
	}
	f := &file{mediaType: mediaType(ext), plain: content, etag: `"` + hash + `"`}
	if ext != ".woff2" && ext != ".png" && ext != ".ico" { // which are compressed
		f.gzipped = sync.OnceValue(func() []byte { return compress(content) })
	}
	s.paths[name], s.files[address] = address, f
	return nil
}

// cssRemark is a remark, with its line where it stands alone, or the end of a
// line that says nothing: readers of the file need them, browsers do not.
var cssRemark = regexp.MustCompile(`(?s)/\*.*?\*/\n?|(?m:([{};,])\n)`)

// jsRemark is a line of remarks, or the space around a line.
var jsRemark = regexp.MustCompile(`(?m:^\s*//.*$)|(?m:^\s+)|\n`)

var cssURL = regexp.MustCompile(`url\(([^)#]+)(#[^)]*)?\)`)

// rewriteURLs puts the hashed names in place of the plain ones.
func (s *set) rewriteURLs(css []byte) ([]byte, error) {
	var missing string
	out := cssURL.ReplaceAllFunc(css, func(match []byte) []byte {
		parts := cssURL.FindSubmatch(match)
		name := string(parts[1])
		if s.paths[name] == "" {
			missing = name
		}
		return []byte("url(" + path.Base(s.paths[name]) + string(parts[2]) + ")")
	})
	if missing != "" {
		return nil, fmt.Errorf("the stylesheet names a file that is not there: %s", missing)
	}
	return out, nil
}

func mediaType(ext string) string {
	switch ext {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".ico":
		return "image/x-icon"
	case ".woff2":
		return "font/woff2"
	}
	return "application/octet-stream"
}

// compress returns the content compressed.
func compress(content []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // there is such a level, and memory takes everything
	}
	return b.Bytes()
}

// ServeHTTP answers GET and HEAD for the address of a file.
func (s *set) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, found := s.files[r.URL.Path]
	switch {
	case !found:
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
	default:
		f.serve(w, r)
	}
}

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Etag", f.etag)
	if f.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.plain
	if f.gzipped != nil && AcceptsGzip(r.Header["Accept-Encoding"]) {
		h.Set("Content-Encoding", "gzip")
		body = f.gzipped()
	}
	h.Set("Content-Type", f.mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the client may be gone; nothing else can be done
	}
}
