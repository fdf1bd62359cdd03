package testkit

import (
	"net/url"

	"github.com/PuerkitoBio/goquery"
)

// Count is how many elements a selector finds.
func (a *Answer) Count(selector string) int {
	a.tb.Helper()
	return a.Page().Find(selector).Length()
}

// Fields are what a browser would send of the form that a selector finds, as
// the page shows it, without its buttons and files.
func (a *Answer) Fields(selector string) url.Values {
	a.tb.Helper()
	form := a.Page().Find(selector)
	if form.Length() != 1 || !form.Is("form") {
		a.tb.Fatalf("testkit: %s: %d elements are %s, want one form", a.Target, form.Length(), selector)
	}
	out := url.Values{}
	form.Find("input[name], textarea[name], select[name]").Each(func(_ int, s *goquery.Selection) {
		name := s.AttrOr("name", "")
		if _, disabled := s.Attr("disabled"); disabled {
			return
		}
		switch {
		case s.Is("textarea"):
			out.Add(name, s.Text())
		case s.Is("select"):
			chosen := s.Find("option[selected]").Last()
			if chosen.Length() == 0 {
				chosen = s.Find("option").First()
			}
			out.Add(name, chosen.AttrOr("value", chosen.Text()))
		case s.Is("[type=checkbox], [type=radio]"):
			if s.Is("[checked]") {
				out.Add(name, s.AttrOr("value", "on"))
			}
		case !s.Is("[type=file], [type=submit], [type=button]"):
			out.Add(name, s.AttrOr("value", ""))
		}
	})
	return out
}
