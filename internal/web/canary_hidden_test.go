package web_test

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

func editorialNow() editorial.Decision {
	return editorial.Decision{Checks: register.ReviewChecks(), Reason: register.Text{"fr": "Contrôle", "ar": "مراقبة", "en": "Control"}}
}

// probe is an address by which what is hidden is asked for, and the same with a
// name that nothing ever had.
type probe struct{ hidden, absent string }

// twin is a name of the same form that nothing has.
func twin(name string) string {
	if regexp.MustCompile(`^[0-9a-f-]{36}$|^[0-9a-f]{64}$`).MatchString(name) {
		return strings.Map(func(r rune) rune {
			if r == '-' {
				return r
			}
			return rune("0123456789abcdef"[15-strings.IndexRune("0123456789abcdef", r)])
		}, name)
	}
	return strings.Replace(name, testkit.Canary, "zqxnowhere"[:len(testkit.Canary)], 1)
}

// forms are the ways to write a name in an address.
func forms(name string) map[string]string {
	escaped := ""
	for _, b := range []byte(name) {
		escaped += fmt.Sprintf("%%%02X", b)
	}
	return map[string]string{
		"as it is": name, "in capitals": strings.ToUpper(name), "escaped": escaped, "escaped twice": strings.ReplaceAll(escaped, "%", "%25"), "as JSON": name + ".json",
	}
}

// handsOut asks for what is published to be saved, which is there byte by byte, and at
// the same routes for every file that is hidden: that is not found, in the words and the
// headers of what never was.
func (a *aviary) handsOut(t *testing.T) {
	t.Helper()
	site, asked := a.fresh(t), 0
	for target, content := range a.given {
		if got := see(t, site, target, nobody); got.status != http.StatusOK || got.body != content {
			t.Errorf("%s: status %d, %d bytes, want %d", target, got.status, len(got.body), len(content))
		}
		route := target[:strings.LastIndexByte(target, '/')+1]
		for _, name := range a.hidden {
			if len(name) != 64 {
				continue
			}
			asked++
			hidden, absent := see(t, site, route+name, nobody), see(t, site, route+twin(name), nobody)
			if hidden.status != http.StatusNotFound {
				t.Errorf("%s: status %d", route+name, hidden.status)
			}
			if d := differs(alike(hidden, name), alike(absent, twin(name))); d != "" {
				t.Errorf("%s: %s", route+name, d)
			}
		}
	}
	if len(a.given) != 2 || asked < 6 {
		t.Errorf("%d files are given, %d hidden ones asked for", len(a.given), asked)
	}
}

// probes are all addresses that could lead to what is hidden.
func (a *aviary) probes() map[string][]probe {
	named := regexp.MustCompile(`\{(slug|name|id|hash)\}`)
	names := slices.Compact(slices.Sorted(slices.Values(a.hidden)))
	out := map[string][]probe{}
	for _, r := range publicPatterns() {
		part := named.FindString(r.Pattern)
		if part == "" {
			continue
		}
		bare := strings.NewReplacer("{lang}", "fr", "{number}", "1").Replace(r.Pattern)
		// In the other forms all names of a length are held against one that nothing has:
		// to ask for another one each time doubles what it takes.
		nowhere := map[int]map[string]string{}
		for _, name := range names {
			isHash := len(name) == 64
			if isHash != (part == "{hash}") && !thorough() {
				continue
			}
			if _, ok := nowhere[len(name)]; !ok || thorough() {
				nowhere[len(name)] = forms(twin(name))
			}
			hidden, absent := forms(name), maps.Clone(nowhere[len(name)])
			absent["as it is"] = twin(name)
			for form := range hidden {
				fill := func(value string) string {
					rest := named.ReplaceAllString(strings.Replace(bare, part, "\x00", 1), "x")
					return strings.Replace(rest, "\x00", value, 1)
				}
				out[form] = append(out[form], probe{fill(hidden[form]), fill(absent[form])})
			}
		}
		for _, param := range r.Params {
			if !slices.Contains([]string{"institution", "after", "authority", "incident", "statement", "q", "sector"}, param) {
				continue
			}
			for _, name := range names[:4] {
				at := strings.NewReplacer("{slug}", "x", "{id}", "jsonl", "{name}", "x").Replace(bare) + "?" + param + "="
				out["asked for"] = append(out["asked for"], probe{at + name, at + twin(name)})
			}
		}
	}
	return out
}

// alike is an answer with the name that was asked for replaced: a page says what
// was looked for.
func alike(got sighting, name string) sighting {
	for _, n := range []string{name, strings.ToUpper(name)} {
		got.body, got.headers = strings.ReplaceAll(got.body, n, "NAME"), strings.ReplaceAll(got.headers, n, "NAME")
	}
	got.headers = regexp.MustCompile(`(?m)^(Etag|ETag): .*$`).ReplaceAllString(got.headers, "")
	return got
}

// asIfItWereNot asks for what is hidden by every name, in every form, as everybody,
// and compares each answer with that to a name that nothing has.
func (a *aviary) asIfItWereNot(t *testing.T) {
	t.Helper()
	site, asked := a.fresh(t), 0
	seen := map[string]sighting{} // of what nothing has, as nobody
	for form, probes := range a.probes() {
		for _, p := range probes {
			for name, change := range a.visitors() {
				if name != "nobody" && !thorough() && (form != "as it is" || name != "an editor") {
					continue
				}
				asked++
				hidden := see(t, site, p.hidden, change)
				absent, known := seen[p.absent]
				if !known || name != "nobody" {
					absent = see(t, site, p.absent, change)
				}
				if name == "nobody" {
					seen[p.absent] = absent
				}
				if d := a.difference(p, hidden, absent); d != "" {
					t.Errorf("%s as %s, %s: %s", p.hidden, name, form, d)
				}
				if form != "asked for" && hidden.status < http.StatusBadRequest {
					t.Errorf("%s as %s: status %d", p.hidden, name, hidden.status)
				}
			}
		}
	}
	t.Logf("%d pairs of answers", asked)
	p := probe{"/fr/incidents/" + testkit.Canary + "0001", "/fr/incidents/" + twin(testkit.Canary+"0001")}
	if a.difference(p, sighting{404, "", "a"}, sighting{404, "", "b"}) == "" {
		t.Error("control: two answers that differ are not noticed")
	}
}

// difference is in what the answers to a probe differ, but for the names.
func (a *aviary) difference(p probe, hidden, absent sighting) string {
	last := func(target string) string {
		for _, name := range a.hidden {
			for _, n := range []string{name, twin(name)} {
				if n != "" && strings.Contains(strings.ToLower(target), n) {
					return n
				}
			}
		}
		return "\x00"
	}
	return differs(alike(hidden, last(p.hidden)), alike(absent, last(p.absent)))
}
