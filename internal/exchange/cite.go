package exchange

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// Citation is what a citation says of one edition of a record, or of a part of
// it: an entry or a claim. When it was read is left to who reads.
type Citation struct {
	Title string
	// TitleLang is the language of the title, and of the part's.
	TitleLang register.Lang
	// Part is what the cited part is called, Anchor the fragment of its
	// permalink; both are empty for the whole.
	Part, Anchor string
	Reference    string
	Edition      int
	Published    edtf.Day // in the register
	SHA256       string   // of the edition
	URL          string   // permalink of the edition, with the fragment
}

// citedAs is who publishes: citations name it as author, too, since the record
// is the register's and names no person.
const citedAs = "Sijil"

// Key names the citation among others: "sijil-sj-2025-0001-3-attack".
func (c *Citation) Key() string {
	key := strings.ToLower(citedAs + "-" + c.Reference + "-" + strconv.Itoa(c.Edition))
	if c.Anchor != "" {
		key += "-" + c.Anchor
	}
	return key
}

// heading is the title of what is cited.
func (c *Citation) heading() string {
	if c.Part != "" {
		return c.Part
	}
	return c.Title
}

// Text is the citation as a sentence in the reader's language.
func (c *Citation) Text(loc *i18n.Localizer) string {
	key := "cite.whole"
	if c.Part != "" {
		key = "cite.part"
	}
	return loc.T(key, "title", oneLine(c.Title), "part", oneLine(c.Part), "reference", c.Reference, "edition", c.Edition,
		"date", c.Published.Date().Text(loc.Lang(), edtf.Long), "url", c.URL, "hash", c.SHA256)
}

// note says what formats have no field for.
func (c *Citation) note(loc *i18n.Localizer) string {
	if c.Part != "" {
		return loc.T("cite.note-part", "title", oneLine(c.Title), "reference", c.Reference, "edition", c.Edition, "hash", c.SHA256)
	}
	return loc.T("cite.note", "reference", c.Reference, "edition", c.Edition, "hash", c.SHA256)
}

// BibTeX is the citation as an entry of BibTeX that biblatex reads as well. It
// is UTF-8: what LaTeX would take for a command is escaped, letters are not.
func (c *Citation) BibTeX(loc *i18n.Localizer) []byte {
	babel := map[register.Lang]string{register.French: "french", register.Arabic: "arabic", register.English: "english"}
	var out strings.Builder
	fmt.Fprintf(&out, "@misc{%s,\n", c.Key())
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&out, "  %-12s = {%s},\n", name, value)
		}
	}
	field("author", "{"+citedAs+"}")
	field("title", "{"+EscapeBibTeX(c.heading())+"}")
	field("date", c.Published.String())
	field("year", fmt.Sprintf("%04d", c.Published.Year))
	field("month", strconv.Itoa(int(c.Published.Month)))
	field("number", EscapeBibTeX(c.Reference))
	field("version", strconv.Itoa(c.Edition))
	field("url", c.URL) // verbatim: addresses of the register hold no brace
	field("note", EscapeBibTeX(c.note(loc)))
	field("langid", babel[c.TitleLang])
	out.WriteString("}\n")
	return []byte(out.String())
}

// EscapeBibTeX writes text so that BibTeX and LaTeX read it as text. A brace is
// written by its name, since BibTeX counts braces even behind a backslash.
func EscapeBibTeX(s string) string {
	return strings.NewReplacer(
		`\`, `\textbackslash{}`, `{`, `\textbraceleft{}`, `}`, `\textbraceright{}`,
		`~`, `\textasciitilde{}`, `^`, `\textasciicircum{}`,
		`&`, `\&`, `%`, `\%`, `$`, `\$`, `#`, `\#`, `_`, `\_`,
	).Replace(oneLine(s))
}

// RIS is the citation in the format of reference managers: a tag and a value on
// each line, lines ending with CR and LF.
func (c *Citation) RIS(loc *i18n.Localizer) []byte {
	var out strings.Builder
	field := func(tag, value string) {
		if value = EscapeRIS(value); value != "" {
			out.WriteString(tag + "  - " + value + "\r\n")
		}
	}
	field("TY", "ELEC")
	field("ID", c.Key())
	field("AU", citedAs)
	field("TI", c.heading())
	if c.Part != "" {
		field("T2", c.Title)
	}
	field("PB", citedAs)
	field("PY", fmt.Sprintf("%04d", c.Published.Year))
	field("DA", strings.ReplaceAll(c.Published.String(), "-", "/"))
	field("ET", strconv.Itoa(c.Edition))
	field("M1", c.Reference)
	field("UR", c.URL)
	field("LA", string(c.TitleLang))
	field("N1", c.note(loc))
	out.WriteString("ER  - \r\n")
	return []byte(out.String())
}

// EscapeRIS keeps a value on its line: the format has no escapes, and a line
// that begins like a tag would be one.
func EscapeRIS(s string) string { return oneLine(s) }

// oneLine writes a text on one line, without control characters.
func oneLine(s string) string {
	cleaned := strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028' || r == '\u2029', unicode.IsControl(r) && unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.FieldsFunc(cleaned, func(r rune) bool { return r == ' ' }), " ")
}

// cslItem is an item of the Citation Style Language.
type cslItem struct {
	ID             string    `json:"id"`
	Type           string    `json:"type"`
	Title          string    `json:"title"`
	ContainerTitle string    `json:"container-title"`
	Author         []cslName `json:"author"`
	Publisher      string    `json:"publisher"`
	Number         string    `json:"number"`
	Version        string    `json:"version"`
	Issued         cslDate   `json:"issued"`
	URL            string    `json:"URL"`
	Language       string    `json:"language,omitempty"`
	Note           string    `json:"note"`
}

type cslName struct {
	Literal string `json:"literal"`
}

type cslDate struct {
	Parts [][]int `json:"date-parts"`
}

// item is the citation as an item of CSL-JSON.
func (c *Citation) item(loc *i18n.Localizer) cslItem {
	item := cslItem{
		ID: c.Key(), Type: "webpage", Title: oneLine(c.Title), ContainerTitle: citedAs, Author: []cslName{{citedAs}}, Publisher: citedAs,
		Number: c.Reference, Version: strconv.Itoa(c.Edition), URL: c.URL, Language: string(c.TitleLang), Note: c.note(loc),
		Issued: cslDate{[][]int{{c.Published.Year, int(c.Published.Month), c.Published.Day}}},
	}
	if c.Part != "" {
		item.Type, item.Title, item.ContainerTitle = "entry", oneLine(c.Part), oneLine(c.Title)
	}
	return item
}

// CSL is the citation as CSL-JSON: a list of one item.
func (c *Citation) CSL(loc *i18n.Localizer) ([]byte, error) {
	out, err := json.MarshalIndent([]cslItem{c.item(loc)}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write CSL-JSON: %w", err)
	}
	return append(out, '\n'), nil
}
