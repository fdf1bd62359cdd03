package ui_test

import (
	"context"
	"strings"
	"testing"

	"github.com/sijil/sijil/views/ui"
)

func TestTextIsolatesTheOtherDirection(t *testing.T) {
	tests := []struct{ lang, text, want string }{
		{"fr", "La CNSS parle", "La CNSS parle"},
		{"fr", "a & <b>", "a &amp; &lt;b&gt;"},
		{"ar", "بلاغ CNSS الأول", "بلاغ <bdi>CNSS</bdi> الأول"},
		{"ar", "الملف SJ-2025-0001، الإصدار 2", "الملف <bdi>SJ-2025-0001</bdi>، الإصدار 2"},
		{"ar", "حسب Le360 يوم 9", "حسب <bdi>Le360</bdi> يوم 9"},
		{"ar", "وكالة Express TV وقناة Télé Maroc", "وكالة <bdi>Express TV</bdi> وقناة <bdi>Télé Maroc</bdi>"},
		{"ar", "في 10 أبريل 2025", "في 10 أبريل 2025"},
		{"en", "called سجل here", "called <bdi>سجل</bdi> here"},
		{"en", "called «سجل الحوادث» here", "called «<bdi>سجل الحوادث</bdi>» here"},
		{"ar", "المصدر Lakome, via Maghress هنا", "المصدر <bdi>Lakome, via Maghress</bdi> هنا"},
		{"ar", "", ""},
	}
	for _, tt := range tests {
		var b strings.Builder
		if err := (ui.Text{S: tt.text, Lang: tt.lang}).Render(context.Background(), &b); err != nil {
			t.Fatal(err)
		}
		if b.String() != tt.want {
			t.Errorf("%s: %q\ngot  %q\nwant %q", tt.lang, tt.text, b.String(), tt.want)
		}
	}
}

func TestTextAttrs(t *testing.T) {
	if a := (ui.Text{S: "x", Lang: "fr"}).Attrs(); a != nil {
		t.Errorf("a text of the page's language carries %v", a)
	}
	a := (ui.Text{S: "س", Lang: "ar", Foreign: true}).Attrs()
	if a["lang"] != "ar" || a["dir"] != "rtl" {
		t.Errorf("a foreign text carries %v", a)
	}
	if a := (ui.Text{S: "x", Foreign: true}).Attrs(); a["dir"] != "auto" {
		t.Errorf("a text of unknown language carries %v", a)
	}
}

func TestParagraphs(t *testing.T) {
	parts := ui.Text{S: "one\n\n two", Lang: "en", Foreign: true}.Paragraphs()
	if len(parts) != 2 || parts[1].S != "two" || !parts[1].Foreign {
		t.Errorf("%+v", parts)
	}
}

func TestMarkedKeepsRunsOfTheOtherDirectionWhole(t *testing.T) {
	m := ui.Marked{Text: ui.Text{S: "Baptist Health: تصيد <ا>", Lang: "ar"}, Hits: []ui.Span{{From: 0, To: 7}, {From: 16, To: 24}}}
	var b strings.Builder
	if err := m.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	const want = "<bdi><mark>Baptist</mark> Health</bdi>: <mark>تصيد</mark> &lt;ا&gt;"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
}
