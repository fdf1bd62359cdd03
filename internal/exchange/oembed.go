package exchange

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
)

// OEmbed says how a page of the register is shown elsewhere (oEmbed 1.0), as a
// frame.
type OEmbed struct {
	XMLName         xml.Name `json:"-" xml:"oembed"`
	Type            string   `json:"type" xml:"type"`
	Version         string   `json:"version" xml:"version"`
	Title           string   `json:"title" xml:"title"`
	ProviderName    string   `json:"provider_name" xml:"provider_name"`
	ProviderURL     string   `json:"provider_url" xml:"provider_url"`
	CacheAge        int      `json:"cache_age" xml:"cache_age"`
	HTML            string   `json:"html" xml:"html"`
	Width           int      `json:"width" xml:"width"`
	Height          int      `json:"height" xml:"height"`
	ThumbnailURL    string   `json:"thumbnail_url,omitempty" xml:"thumbnail_url,omitempty"`
	ThumbnailWidth  int      `json:"thumbnail_width,omitempty" xml:"thumbnail_width,omitempty"`
	ThumbnailHeight int      `json:"thumbnail_height,omitempty" xml:"thumbnail_height,omitempty"`
}

// NewOEmbed is a frame of a size, which consumers may keep for an hour.
func NewOEmbed(title, html string, width, height int) OEmbed {
	const hour = 3600
	return OEmbed{Type: "rich", Version: "1.0", Title: plainText(title), HTML: html, Width: width, Height: height, CacheAge: hour}
}

// JSON writes it as JSON.
func (o *OEmbed) JSON() ([]byte, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("write oEmbed: %w", err)
	}
	return body, nil
}

// XML writes it as XML.
func (o *OEmbed) XML() ([]byte, error) {
	body, err := xml.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("write oEmbed: %w", err)
	}
	return append([]byte(`<?xml version="1.0" encoding="utf-8" standalone="yes"?>`+"\n"), body...), nil
}
