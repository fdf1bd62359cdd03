package lookalike

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// Address finds what is odd in the address of a page: in its host, which may be
// written in its form of ASCII, and in what follows it.
func Address(address string) []Finding {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return Text(address)
	}
	_, rest, _ := strings.Cut(address, "//")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return append(Host(u.Hostname()), Text(rest[i:])...)
	}
	return Host(u.Hostname())
}

// Host finds what is odd in the name of a host, label by label: letters of several
// scripts, and a label of another script that reads as a Latin one under a domain
// that is not of that script.
func Host(host string) []Finding {
	f := &finder{seen: map[string]bool{}}
	labels := strings.FieldsFunc(strings.ToLower(host), func(r rune) bool {
		return strings.ContainsRune(".\u3002\uff0e\uff61", r) // what browsers take for dots
	})
	for i, l := range labels {
		labels[i] = decoded(l)
	}
	for i, l := range labels {
		if !ascii(l) {
			f.label(l, scriptsOf(lettersOf(labels[len(labels)-1])), i == len(labels)-1)
		}
	}
	return f.found
}

// label judges one label; top are the scripts of the last one.
func (f *finder) label(l string, top []string, last bool) {
	w := word{runes: []rune(l)}
	for i, r := range w.runes {
		if unseen(r) && !atHome(w.runes, i) {
			w.odd = append(w.odd, r)
		}
	}
	f.hidden(w)
	letters := w.letters()
	scripts := scriptsOf(letters)
	if len(scripts) > 1 && !together(scripts) {
		main := mainScript(letters, scripts)
		f.add(Finding{Kind: Mixed, Word: w.shown(), Letters: named(slices.DeleteFunc(letters, func(r rune) bool { return scriptOf(r) == main }))})
		return
	}
	script, reads := whole(letters)
	if reads != "" && (last || !slices.Contains(top, script)) {
		f.add(Finding{Kind: Whole, Word: w.shown(), Reads: reads, Letters: named(letters)})
	}
}

func lettersOf(s string) []rune { return word{runes: []rune(s)}.letters() }

// decoded is a label as it is shown; one that cannot be decoded is as it was.
func decoded(label string) string {
	if !strings.HasPrefix(label, "xn--") {
		return label
	}
	shown, err := idna.Punycode.ToUnicode(label)
	if err != nil {
		return label
	}
	return shown
}
