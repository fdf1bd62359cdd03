package register

import (
	"path"
	"strings"
	"unicode"
)

// longestName is the most bytes that a file's name keeps.
const longestName = 120

// CleanFileName makes a name fit to be shown and saved under: the last part of a
// path, without control characters and without those that turn the direction
// of writing, by which "fdp.exe" can be shown as "exe.pdf".
func CleanFileName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.Is(unicode.Zl, r), unicode.Is(unicode.Zp, r), unicode.Is(unicode.Co, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case strings.ContainsRune(`"<>|:*?;%`, r):
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(strings.Join(strings.Fields(name), " "), ". ")
	if len(name) > longestName {
		end := path.Ext(name)
		if len(end) > 10 {
			end = ""
		}
		name = strings.ToValidUTF8(name[:longestName-len(end)], "") + end
	}
	return name
}

// DownloadName is the name under which a document is saved: its own, cleaned,
// with the end that goes with its type, so that no "report.exe" is handed out.
func (d *Document) DownloadName() string {
	end := map[string]string{TypePDF: ".pdf", TypePNG: ".png", TypeJPEG: ".jpg", TypeWebP: ".webp", TypeText: ".txt"}[d.Type]
	name := CleanFileName(d.Name)
	if has := strings.ToLower(path.Ext(name)); end == "" || has == end || has == ".jpeg" && end == ".jpg" {
		if end == "" { // what is not taken any more, or never was
			return strings.TrimSuffix(name, path.Ext(name)) + ".bin"
		}
		return orDocument(strings.TrimSuffix(name, path.Ext(name))) + path.Ext(name)
	}
	return orDocument(name) + end
}

func orDocument(name string) string {
	if name == "" {
		return "document"
	}
	return name
}
