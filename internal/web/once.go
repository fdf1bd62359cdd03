package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/web/desk"
)

// work does what a route of the desk is for. A form that is sent twice does
// its work once; the second sending is shown what came of the first, or, where its
// process died before it said so, that it was done.
func (a *app) work(ctx context.Context, route *compiled, r desk.Request) (desk.Answer, error) {
	if route.Method != http.MethodPost || r.Who.IsZero() || r.Form.Get(desk.OnceField) == "" || isProof(r) {
		return route.desk(a.desk, ctx, r)
	}
	var answer desk.Answer
	target, again, err := a.desk.Once(ctx, r, sent(r), func(ctx context.Context) (string, error) {
		var err error
		answer, err = route.desk(a.desk, ctx, r)
		return answer.RedirectTo, err
	})
	switch {
	case err != nil:
		return desk.Answer{}, err
	case again && target == "":
		return desk.DoneBefore(a.routes.pageOf(route.Pattern, r.Path)), nil
	case again:
		return desk.Answer{RedirectTo: target}, nil
	}
	return answer, nil
}

// pageOf is the address, after /{lang}, of the page on which somebody sees what came of
// a form that was sent to a path of the pattern: the form's own, or the nearest above it. A part of a
// record may be gone with the form: the record shows that.
func (t table) pageOf(pattern, path string) string {
	for strings.Contains(pattern, "/{part}") || !t.hasPage(pattern) {
		pattern = pattern[:strings.LastIndex(pattern, "/")]
		path = path[:strings.LastIndex(path, "/")]
	}
	return path
}

// hasPage reports whether the desk has a page at the addresses of a pattern.
func (t table) hasPage(pattern string) bool {
	return slices.ContainsFunc(t, func(c compiled) bool {
		return c.IsDesk() && c.Method == http.MethodGet && c.Pattern == pattern
	})
}

// sent is everything that a form sent, its files by their hash, but for what
// differs from one session to the next.
func sent(r desk.Request) url.Values {
	out := maps.Clone(r.Form)
	out.Del("csrf")
	out.Set(":path", r.Path)
	for name, files := range r.Files {
		for _, f := range files {
			sum := sha256.Sum256(f.Data)
			out.Add(":file "+name, f.Name+" "+hex.EncodeToString(sum[:]))
		}
	}
	return out
}

// isProof tells a form that proves who somebody is. Not even a hash of it is
// kept, which could be guessed at quickly; and each of them works once anyway.
func isProof(r desk.Request) bool {
	return r.Form.Has("password") || r.Form.Has("code") || r.Form.Has("answer")
}
