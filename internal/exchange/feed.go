package exchange

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// FeedFormat is a format of a feed, and how its addresses end.
type FeedFormat string

// The formats of feeds: Atom (RFC 4287), and JSON Feed 1.1.
const (
	FeedAtom FeedFormat = "atom"
	FeedJSON FeedFormat = "json"
)

// FeedFormats lists the formats of feeds.
func FeedFormats() []FeedFormat { return []FeedFormat{FeedAtom, FeedJSON} }

// MediaType is that of the format.
func (f FeedFormat) MediaType() string {
	if f == FeedJSON {
		return "application/feed+json"
	}
	return "application/atom+xml"
}

// FeedAbout says what a feed is about, as its address does.
type FeedAbout string

// What feeds are about: the whole register, an incident, an institution, or what
// was brought to one.
const (
	FeedAll         FeedAbout = "all"
	FeedIncident    FeedAbout = "incidents"
	FeedInstitution FeedAbout = "institutions"
	FeedAuthority   FeedAbout = "authorities"
)

// FeedPath is the address of a feed on its site; the slug names the record that it
// is about, and is empty for the whole register.
func FeedPath(lang string, about FeedAbout, slug string, format FeedFormat) string {
	path := "/feeds/" + lang + "/" + string(about)
	if slug != "" {
		path += "/" + url.PathEscape(slug)
	}
	return path + "." + string(format)
}

// TagURI names a thing of a site for ever (RFC 4151), wherever it is read and
// whatever its address becomes. The day is one before there was any register.
func TagURI(origin, name string) string {
	host := origin
	if u, err := url.Parse(origin); err == nil && u.Hostname() != "" {
		host = strings.ReplaceAll(u.Hostname(), ":", "-") // an address of IPv6 is no name
	}
	return "tag:" + host + ",2025-01-01:" + name
}

// Feed is a page of a feed, newest entries first. All addresses are whole.
type Feed struct {
	ID       string
	Title    string
	Subtitle string
	Lang     string
	Updated  time.Time
	Register string // name of the register, its author
	Home     string // page of the register
	Page     string // page of what the feed is about
	Self     string // of this page of the feed
	First    string // of its first page
	Next     string // of the next, older page; empty on the last
	Hub      string // that tells of what is new (WebSub); empty for none
	Icon     string
	Entries  []Item
}

// Item is an entry of a feed.
type Item struct {
	ID                 string
	Title              string
	TitleLang          string // where it is not that of the feed
	Summary            string
	SummaryLang        string
	HTML               string // whole, with its language and direction
	Link               string // page of what it is about
	Content            string // the edition as canonical JSON; empty where there is none
	Published, Updated time.Time
	Categories         []Category
}

// Category is a code with its label in the language of the feed.
type Category struct{ Term, Label string }

// bidiControls turn the direction of all that follows: in a title they would turn
// what a reader's program writes around it.
const bidiControls = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

// plainText is a text for a line of a reader's program.
func plainText(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(bidiControls, r) {
			return -1
		}
		return r
	}, s)
}

// rfc3339 writes a moment as both formats want it.
func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// Encode writes the feed in a format.
func (f *Feed) Encode(format FeedFormat) ([]byte, error) {
	if format == FeedJSON {
		return f.json()
	}
	return f.atom()
}

type (
	atomFeed struct {
		XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang     string      `xml:"xml:lang,attr"`
		ID       string      `xml:"id"`
		Title    atomText    `xml:"title"`
		Subtitle *atomText   `xml:"subtitle"`
		Updated  string      `xml:"updated"`
		Icon     string      `xml:"icon,omitempty"`
		Author   atomPerson  `xml:"author"`
		Links    []atomLink  `xml:"link"`
		Entries  []atomEntry `xml:"entry"`
	}
	atomEntry struct {
		ID         string         `xml:"id"`
		Title      atomText       `xml:"title"`
		Published  string         `xml:"published"`
		Updated    string         `xml:"updated"`
		Links      []atomLink     `xml:"link"`
		Categories []atomCategory `xml:"category"`
		Summary    *atomText      `xml:"summary"`
		Content    atomText       `xml:"content"`
	}
	atomText struct {
		Type string `xml:"type,attr"`
		Lang string `xml:"xml:lang,attr,omitempty"`
		Text string `xml:",chardata"`
	}
	atomPerson struct {
		Name string `xml:"name"`
		URI  string `xml:"uri"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Lang string `xml:"hreflang,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomCategory struct {
		Term  string `xml:"term,attr"`
		Label string `xml:"label,attr"`
	}
)

func textOf(s, lang string) atomText { return atomText{Type: "text", Lang: lang, Text: plainText(s)} }

// atom writes RFC 4287, its pages by RFC 5005 (section 3).
func (f *Feed) atom() ([]byte, error) {
	out := atomFeed{
		Lang: f.Lang, ID: f.ID, Title: textOf(f.Title, ""), Updated: rfc3339(f.Updated), Icon: f.Icon,
		Author: atomPerson{Name: f.Register, URI: f.Home},
	}
	if f.Subtitle != "" {
		subtitle := textOf(f.Subtitle, "")
		out.Subtitle = &subtitle
	}
	atom := FeedAtom.MediaType()
	for _, l := range []atomLink{
		{Rel: "self", Type: atom, Lang: f.Lang, Href: f.Self},
		{Rel: "alternate", Type: "text/html", Lang: f.Lang, Href: f.Page},
		{Rel: "first", Type: atom, Lang: f.Lang, Href: f.First},
		{Rel: "next", Type: atom, Lang: f.Lang, Href: f.Next},
		{Rel: "hub", Href: f.Hub},
	} {
		if l.Href != "" {
			out.Links = append(out.Links, l)
		}
	}
	for i := range f.Entries {
		out.Entries = append(out.Entries, f.Entries[i].atom(f.Lang))
	}
	body, err := xml.MarshalIndent(out, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write feed: %w", err)
	}
	return append([]byte(xml.Header), append(body, '\n')...), nil
}

func (e *Item) atom(lang string) atomEntry {
	out := atomEntry{
		ID: e.ID, Title: textOf(e.Title, e.TitleLang), Published: rfc3339(e.Published), Updated: rfc3339(e.Updated),
		Links:   []atomLink{{Rel: "alternate", Type: "text/html", Lang: lang, Href: e.Link}},
		Content: atomText{Type: "html", Text: plainText(e.HTML)},
	}
	if e.Content != "" {
		out.Links = append(out.Links, atomLink{Rel: "related", Type: "application/json", Href: e.Content})
	}
	if e.Summary != "" {
		summary := textOf(e.Summary, e.SummaryLang)
		out.Summary = &summary
	}
	for _, c := range e.Categories {
		out.Categories = append(out.Categories, atomCategory(c))
	}
	return out
}

type (
	jsonFeed struct {
		Version     string       `json:"version"`
		Title       string       `json:"title"`
		HomePage    string       `json:"home_page_url"`
		FeedURL     string       `json:"feed_url"`
		Description string       `json:"description,omitempty"`
		NextURL     string       `json:"next_url,omitempty"`
		Icon        string       `json:"icon,omitempty"`
		Authors     []jsonAuthor `json:"authors"`
		Language    string       `json:"language"`
		Hubs        []jsonHub    `json:"hubs,omitempty"`
		Items       []jsonItem   `json:"items"`
	}
	jsonAuthor struct {
		Name string `json:"name"`
		URL  string `json:"url"`
	}
	jsonHub struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	}
	jsonItem struct {
		ID        string       `json:"id"`
		URL       string       `json:"url"`
		Title     string       `json:"title"`
		HTML      string       `json:"content_html"`
		Summary   string       `json:"summary,omitempty"`
		Published string       `json:"date_published"`
		Modified  string       `json:"date_modified"`
		Tags      []string     `json:"tags,omitempty"`
		Language  string       `json:"language"`
		Edition   *jsonEdition `json:"_sijil,omitempty"`
	}
	// jsonEdition is the register's own extension: where the exact content is.
	jsonEdition struct {
		About string `json:"about"`
		URL   string `json:"edition_url"`
	}
)

// json writes JSON Feed 1.1.
func (f *Feed) json() ([]byte, error) {
	out := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: plainText(f.Title), HomePage: f.Page, FeedURL: f.Self,
		Description: plainText(f.Subtitle), NextURL: f.Next, Icon: f.Icon, Language: f.Lang,
		Authors: []jsonAuthor{{Name: f.Register, URL: f.Home}}, Items: []jsonItem{},
	}
	if f.Hub != "" {
		out.Hubs = []jsonHub{{Type: "WebSub", URL: f.Hub}}
	}
	for i := range f.Entries {
		e := &f.Entries[i]
		item := jsonItem{
			ID: e.ID, URL: e.Link, Title: plainText(e.Title), HTML: plainText(e.HTML), Summary: plainText(e.Summary),
			Published: rfc3339(e.Published), Modified: rfc3339(e.Updated), Language: f.Lang,
		}
		for _, c := range e.Categories {
			item.Tags = append(item.Tags, c.Label)
		}
		if e.Content != "" {
			item.Edition = &jsonEdition{About: f.Home, URL: e.Content}
		}
		out.Items = append(out.Items, item)
	}
	body, err := json.MarshalIndent(out, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write feed: %w", err)
	}
	return append(body, '\n'), nil
}
