package public

import (
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views/ui"
)

// firstSources is how many sources are shown before the others are folded.
const firstSources = 8

// sourceList is the numbered list of the sources of the page; a few more than
// first are not worth folding.
func (c *composer) sourceList(first int) ui.Sources {
	const spare = 2
	out := make([]ui.Source, len(c.sources))
	for i := range c.sources {
		out[i] = c.source(i+1, &c.sources[i])
	}
	if len(out) <= first+spare {
		return ui.Sources{First: out}
	}
	return ui.Sources{First: out[:first], Rest: out[first:]}
}

func (c *composer) source(number int, s *register.Source) ui.Source {
	out := ui.Source{
		Number: number, Publisher: s.Publisher, Title: c.in(s.Language, s.Title),
		Author: c.in(s.Language, s.Author), Details: c.sourceDetails(s), Gist: c.text(s.Gist),
	}
	if s.Language == "" {
		out.Title.Lang, out.Title.Foreign = "", s.Title != ""
	}
	c.sourceCapture(&out, s)
	if !s.URLWithheld {
		out.Href = readable(s.URL)
	}
	if out.Title.IsZero() && out.Href != "" {
		out.Title = ui.Text{S: hostOf(out.Href), Lang: c.loc.Lang()}
	}
	return out
}

// sourceCapture says what was saved of a source, when, and what its page says
// since; it leads to the copy where that may be given.
func (c *composer) sourceCapture(out *ui.Source, s *register.Source) {
	if s.Capture == nil {
		return
	}
	day := func(key string, d edtf.Date) string {
		if d.IsZero() {
			return ""
		}
		return c.loc.T(key, "date", d.Text(c.loc.Lang(), edtf.Short))
	}
	out.Hash, out.Kept = s.Capture.SHA256, day("source.kept", s.Capture.CapturedAt)
	if s.Capture.Now != "" {
		out.Now, out.NowSince = s.Capture.Now, day("source.since", s.Capture.NowSince)
	}
	if open := s.OpenWARC(); open != "" {
		out.Copy = "/captures/" + open
	}
}

// sourceDetails says what a source is, in which language and of when.
func (c *composer) sourceDetails(s *register.Source) string {
	parts := []string{c.loc.Label("source-kind", string(s.Kind))}
	if s.Language != "" {
		parts = append(parts, c.loc.Language(string(s.Language)))
	}
	date := c.loc.T("source.no-date")
	if !s.Published.IsZero() {
		date = s.Published.Text(c.loc.Lang(), edtf.Long)
		if s.PublishedBasis == register.BasisInferred || s.PublishedBasis == register.BasisFromURL {
			date += " (" + c.loc.Label("date-basis", string(s.PublishedBasis)) + ")"
		}
	}
	parts = append(parts, date)
	if c.past != nil && c.past.Source(s.Key) == edtf.Possibly {
		parts = append(parts, c.loc.T("asof.possibly"))
	}
	if s.Capture != nil {
		if s.Capture.State == register.CaptureGone {
			parts = append(parts, c.loc.T("source.gone"))
		}
		if s.Capture.State == register.CaptureMoved {
			parts = append(parts, c.loc.T("source.moved"))
		}
		if s.Capture.ChangedSince {
			parts = append(parts, c.loc.T("source.changed"))
		}
	}
	if s.URLWithheld {
		parts = append(parts, c.loc.T("source.withheld"))
	}
	return c.loc.Series(parts)
}

// readable writes the letters of other scripts in an address as themselves: an
// Arabic title that is escaped cannot be read, least of all in print, and takes
// three times the room. It is the same address.
func readable(address string) string {
	return escapedLetters.ReplaceAllStringFunc(address, func(run string) string {
		bytes, err := hex.DecodeString(strings.ReplaceAll(run, "%", ""))
		if err != nil || !utf8.Valid(bytes) {
			return run
		}
		for _, r := range string(bytes) {
			if !unicode.In(r, unicode.L, unicode.M, unicode.Nd) {
				return run
			}
		}
		return string(bytes)
	})
}

// escapedLetters are runs of escaped bytes outside ASCII.
var escapedLetters = regexp.MustCompile(`(?:%[89A-Fa-f][0-9A-Fa-f])+`)

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}
