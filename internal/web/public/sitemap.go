package public

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views/assets"
	"github.com/sijil/sijil/views/texts"
)

// SitemapPath is where the list of all addresses stands.
const SitemapPath = "/sitemap.xml"

// sitemapRecords is how many records one file holds. An incident has two pages
// in three languages, so that no file of records has more than 6,000 addresses;
// the protocol bears 50,000.
const sitemapRecords = 1000

// Sitemap answers the list of all public addresses (sitemaps.org), or, where
// one file does not hold them, the list of its files.
func (p *Pages) Sitemap(ctx context.Context, _ Request) (Answer, error) {
	records, err := p.records.PublicRecords(ctx, sitemapRecords+1)
	if err != nil {
		return Answer{}, err
	}
	if len(records) <= sitemapRecords {
		return p.sitemapFile(append(fixedPages(records), recordPages(records)...))
	}
	parts, err := p.records.PublicParts(ctx)
	if err != nil {
		return Answer{}, err
	}
	return p.sitemapIndex(parts)
}

// sitemapPages is the name of the file with the pages that are no records.
const sitemapPages = "pages"

// SitemapPart answers one file of the list: that of the pages which are no
// records, or that of a part of the records. A part of which nothing is shown,
// whatever may be hidden there, is no file.
func (p *Pages) SitemapPart(ctx context.Context, r Request) (Answer, error) {
	name := r.Params["name"]
	if name == sitemapPages {
		return p.sitemapFile(fixedPages(nil))
	}
	records, err := p.records.PublicPart(ctx, strings.ToUpper(name))
	if err != nil {
		return Answer{}, err
	}
	if len(records) == 0 {
		return Answer{}, register.ErrNotFound
	}
	return p.sitemapFile(recordPages(records))
}

// listed is a page of a sitemap, in all languages.
type listed struct {
	path    string // after the language
	changed time.Time
}

// fixedPages are the pages that are always there; those that show all records
// changed with the last of them.
func fixedPages(records []register.PublicAddress) []listed {
	var last time.Time
	for _, r := range records {
		if r.PublishedAt.After(last) {
			last = r.PublishedAt
		}
	}
	out := []listed{{"/", last}, {"/incidents", last}, {"/statements", last}, {"/institutions", last}, {"/referrals", last}, {"/statistics", last}, {"/log", last}, {"/exports", last}}
	for _, name := range texts.Names() {
		out = append(out, listed{path: "/" + name})
	}
	return out
}

func recordPages(records []register.PublicAddress) []listed {
	var out []listed
	for _, r := range records {
		page := listed{"/" + string(r.Type) + "s/" + r.Slug, r.PublishedAt}
		out = append(out, page)
		if r.Type == register.TypeIncident {
			out = append(out, listed{page.path + "/claims", r.PublishedAt})
		}
	}
	return out
}

// The elements of a sitemap.
type (
	urlset struct {
		XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		XHTML   string       `xml:"xmlns:xhtml,attr"`
		URLs    []sitemapURL `xml:"url"`
	}
	sitemapURL struct {
		Loc        string        `xml:"loc"`
		LastMod    string        `xml:"lastmod,omitempty"`
		Alternates []sitemapLink `xml:"xhtml:link"`
	}
	sitemapLink struct {
		Rel      string `xml:"rel,attr"`
		HrefLang string `xml:"hreflang,attr"`
		Href     string `xml:"href,attr"`
	}
	sitemapindex struct {
		XMLName  xml.Name    `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 sitemapindex"`
		Sitemaps []sitemapOf `xml:"sitemap"`
	}
	sitemapOf struct {
		Loc string `xml:"loc"`
	}
)

// sitemapFile writes pages with one address for each language, each with its
// alternates, as the pages name them themselves.
func (p *Pages) sitemapFile(pages []listed) (Answer, error) {
	set := urlset{XHTML: "http://www.w3.org/1999/xhtml"}
	for _, page := range pages {
		place := Place{Path: page.path}
		neutral := place.bare(i18n.Default)
		if page.path == "/" {
			neutral = "/"
		}
		var links []sitemapLink
		for _, lang := range i18n.Langs() {
			links = append(links, sitemapLink{"alternate", lang, p.site.BaseURL + place.bare(lang)})
		}
		links = append(links, sitemapLink{"alternate", "x-default", p.site.BaseURL + neutral})
		changed := ""
		if !page.changed.IsZero() {
			changed = page.changed.UTC().Format(time.RFC3339)
		}
		for _, lang := range i18n.Langs() {
			set.URLs = append(set.URLs, sitemapURL{Loc: p.site.BaseURL + place.bare(lang), LastMod: changed, Alternates: links})
		}
	}
	return xmlFile(set)
}

func (p *Pages) sitemapIndex(parts []string) (Answer, error) {
	var index sitemapindex
	for _, name := range append([]string{sitemapPages}, parts...) {
		index.Sitemaps = append(index.Sitemaps, sitemapOf{p.site.BaseURL + "/sitemaps/" + strings.ToLower(name)})
	}
	return xmlFile(index)
}

func xmlFile(value any) (Answer, error) {
	var out bytes.Buffer
	out.WriteString(xml.Header)
	if err := xml.NewEncoder(&out).Encode(value); err != nil {
		return Answer{}, fmt.Errorf("write sitemap: %w", err)
	}
	return Answer{File: &File{MediaType: "application/xml; charset=utf-8", Body: out.Bytes()}}, nil
}

// Robots answers robots.txt: everything may be read; the language switch is no
// page, and whole files are for who asks for them.
func (p *Pages) Robots(_ context.Context, _ Request) (Answer, error) {
	body := "User-agent: *\nDisallow: /lang/\nDisallow: /*/exports/\n\nSitemap: " + p.site.BaseURL + SitemapPath + "\n"
	return Answer{File: &File{MediaType: "text/plain; charset=utf-8", Body: []byte(body)}}, nil
}

// Manifest answers what a device shows of the register when a reader keeps it
// beside its programs (Web Application Manifest).
func (p *Pages) Manifest(_ context.Context, _ Request) (Answer, error) {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	loc := p.catalog.Localizer(i18n.Default)
	body, err := json.Marshal(struct {
		Name        string `json:"name"`
		ShortName   string `json:"short_name"`
		Description string `json:"description"`
		Lang        string `json:"lang"`
		Dir         string `json:"dir"`
		StartURL    string `json:"start_url"`
		Scope       string `json:"scope"`
		Display     string `json:"display"`
		Background  string `json:"background_color"`
		Theme       string `json:"theme_color"`
		Icons       []icon `json:"icons"`
	}{
		Name: "Sijil · سجل", ShortName: loc.T("site.name"), Description: loc.T("site.tagline"),
		Lang: loc.Lang(), Dir: "auto", StartURL: "/", Scope: "/", Display: "browser", Background: "#f6f6f1", Theme: "#f6f6f1",
		Icons: []icon{
			{assets.Path(assets.Icon192), "192x192", "image/png", "any maskable"},
			{assets.Path(assets.Icon512), "512x512", "image/png", "any maskable"},
			{assets.Path(assets.Favicon), "any", "image/svg+xml", ""},
		},
	})
	if err != nil {
		return Answer{}, fmt.Errorf("write manifest: %w", err)
	}
	return Answer{File: &File{MediaType: "application/manifest+json", Body: body}}, nil
}
