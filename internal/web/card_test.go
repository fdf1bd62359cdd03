package web_test

import (
	"image/png"
	"net/http"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/card"
	"github.com/sijil/sijil/internal/testkit"
)

func TestCards(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, target := range []string{"/ar/incidents/cnss-2025/card.png", "/fr/card.png", "/ar/statements/communique/card.png", "/en/institutions/cnss/card.png"} {
		a := testkit.Ask(t, s, target)
		h := a.Header
		if a.Status != http.StatusOK || h.Get("Content-Type") != "image/png" || h.Get("Content-Language") != target[1:3] || h.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
			t.Fatalf("%s: %d %v", target, a.Status, h)
		}
		img, err := png.DecodeConfig(strings.NewReader(a.Body))
		if err != nil || img.Width != card.Width || img.Height != card.Height {
			t.Errorf("%s: %d × %d, %v", target, img.Width, img.Height, err)
		}
	}
	for target, want := range map[string]int{
		"/fr/incidents/none/card.png": 404, "/fr/incidents/withdrawn/card.png": 410, "/fr/statements/none/card.png": 404, "/ar/institutions/withdrawn/card.png": 410,
	} {
		if a := testkit.Ask(t, s, target); a.Status != want || a.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d %s, want %d", target, a.Status, a.Header.Get("Content-Type"), want)
		}
	}
	a := testkit.Ask(t, s, "/en/incidents/moved/card.png")
	if a.Status != http.StatusMovedPermanently || a.Header.Get("Location") != "/en/incidents/cnss-2025/card.png" {
		t.Errorf("a former slug: %d to %q", a.Status, a.Header.Get("Location"))
	}
}

// TestACardIsDrawnOnce: what costs CPU is kept as pages are.
func TestACardIsDrawnOnce(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	first := testkit.Ask(t, s, "/fr/incidents/cnss-2025/card.png")
	reads := s.records.reads()
	again := testkit.Ask(t, s, "/fr/incidents/cnss-2025/card.png?utm_source=x")
	if s.records.reads() != reads || again.Body != first.Body {
		t.Errorf("the record was read %d times more", s.records.reads()-reads)
	}
}

// TestEveryPageSaysHowItIsShared checks the head of pages of each kind.
func TestEveryPageSaysHowItIsShared(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for target, picture := range map[string]string{
		"/ar/": "/ar/card.png", "/fr/incidents": "/fr/card.png", "/en/incidents/cnss-2025": "/en/incidents/cnss-2025/card.png",
		"/fr/incidents/cnss-2025?order=newest": "/fr/incidents/cnss-2025/card.png", "/fr/institutions/cnss": "/fr/institutions/cnss/card.png",
		"/ar/statements/communique": "/ar/statements/communique/card.png", "/en/privacy": "/en/card.png", "/fr/nothing": "/fr/card.png",
	} {
		a := testkit.Ask(t, s, target)
		meta := func(name string) string { return a.Attr(`meta[property="og:`+name+`"]`, "content") }
		if got := meta("image"); got != "https://sijil.test"+picture {
			t.Errorf("%s: picture %q, want %q", target, got, picture)
		}
		if testkit.Ask(t, s, picture).Status != http.StatusOK {
			t.Errorf("%s: there is no picture at %s", target, picture)
		}
		if !strings.HasPrefix(a.Page().Find("title").Text(), meta("title")+" · ") || a.Attr("meta[name=description]", "content") == "" || a.Attr(`meta[name="twitter:card"]`, "content") != "summary_large_image" {
			t.Errorf("%s: title %q, description %q", target, meta("title"), a.Attr("meta[name=description]", "content"))
		}
		if !strings.HasPrefix(meta("locale"), target[1:3]+"_") {
			t.Errorf("%s: locale %q", target, meta("locale"))
		}
	}
}
