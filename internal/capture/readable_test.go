package capture_test

import (
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/capture"
)

const long = "Le Fonds modèle de sécurité sociale précise que les premières vérifications menées sur les documents diffusés ont montré que " +
	"nombre d’entre eux sont inexacts ou tronqués, et qu’une enquête administrative interne a été ouverte sans délai par ses services."

func TestReadable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		page, contentType, title, text string
	}{
		"main part": {
			`<!doctype html><title> Un
			communiqué </title><header>Le site</header><nav>Menu</nav><main><h1>Communiqué</h1><p>` + long + `</p></main><footer>©</footer>`,
			"text/html; charset=utf-8", "Un communiqué", "Communiqué\n" + long,
		},
		"article with its own header": {
			`<body><header>Le site</header><article><header><h1>Titre</h1></header><p>` + long + `<br>Fin</p></article>Ailleurs`,
			"text/html; charset=utf-8", "", "Titre\n" + long + "\nFin",
		},
		"short article among others": {
			`<body><article>Un</article><article>Deux</article><p>Trois`, "text/html", "", "Un\nDeux\nTrois",
		},
		"hidden things": {
			`<p hidden>a<p aria-hidden="true">b<p>c<script>d()</script><style>e{}</style><template>f</template><noscript>g</noscript>`,
			"text/html", "", "c",
		},
		"inline elements": {`<p>Le <b>Fonds</b>, <i>dit</i>-<a href=x>il</a>.<ul><li>un<li>deux</ul>`, "text/html", "", "Le Fonds, dit-il.\nun\ndeux"},
		"another alphabet's code": {
			"<meta charset=windows-1256><p>\xc7\xe1\xd1\xc8\xc7\xd8", "text/html", "", "الرباط",
		},
		"title of a picture": {`<svg><title>icon</title></svg><p>a`, "text/html", "", "a"},
		"nothing":            {"", "text/html", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			title, text := capture.Readable([]byte(test.page), test.contentType)
			if title != test.title || text != test.text {
				t.Errorf("%q\n%q\nwant\n%q\n%q", title, text, test.title, test.text)
			}
		})
	}
}

// TestReadableOfADeepPage neither breaks nor takes long.
func TestReadableOfADeepPage(t *testing.T) {
	t.Parallel()
	for _, element := range []string{"<div>", "<b>", "<header>", "<table><tr><td>"} {
		capture.Readable([]byte(strings.Repeat(element, 20000)+"x"), "text/html")
	}
}

func FuzzReadable(f *testing.F) {
	f.Add([]byte("<main><p>a<br>b</main>"), "text/html")
	f.Add([]byte("\xff\xfe<"), "text/html; charset=utf-16")
	f.Fuzz(func(t *testing.T, page []byte, contentType string) {
		_, text := capture.Readable(page, contentType)
		for line := range strings.SplitSeq(text, "\n") {
			if strings.ContainsAny(line, "\r\t") || len(line) != len(strings.TrimSpace(line)) {
				t.Fatalf("%q", line)
			}
		}
	})
}
