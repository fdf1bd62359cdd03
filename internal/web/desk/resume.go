package desk

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sijil/sijil/internal/auth"
	views "github.com/sijil/sijil/views/desk"
)

// longestResume bounds what a carried form may hold, unpacked.
const longestResume = 2 << 20

// packForm writes a form's fields for a hidden field: packed, since it is
// sent back and forth once more for each step of a sign-in.
func packForm(form url.Values) string {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		return ""
	}
	_, _ = io.WriteString(w, worth(form).Encode()) // into memory: it cannot fail
	_ = w.Close()
	return base64.RawURLEncoding.EncodeToString(packed.Bytes())
}

// unpackForm reads what packForm wrote; nil for anything else.
func unpackForm(s string) url.Values {
	packed, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(packed) == 0 {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), longestResume+1))
	if err != nil || len(text) > longestResume {
		return nil
	}
	form, err := url.ParseQuery(string(text))
	if err != nil {
		return nil
	}
	for name, values := range form {
		for _, v := range append(values, name) {
			if strings.ToValidUTF8(v, "") != v || strings.Contains(v, "\x00") {
				return nil
			}
		}
	}
	return form
}

// SignInAgain answers a form that came after its session had ended: with the
// page to sign in, which carries along what was typed, and goes on to the
// form's page. typed is false for forms whose content is not kept, such as
// passwords.
func (d *Desk) SignInAgain(r Request, place string, typed bool) Answer {
	page := d.loginPage(r, "", place, carried(r, typed))
	page.Lead = []string{d.loc(r).T("account.session-ended")}
	if len(r.Files) > 0 {
		page.Lead = append(page.Lead, d.loc(r).T("account.files-again"))
	}
	return Answer{Status: http.StatusUnauthorized, Page: views.Entry(page)}
}

// ProveAgain is SignInAgain for a session whose last proof is too old.
func (d *Desk) ProveAgain(r Request, place string, typed bool) Answer {
	page := d.confirmPage(r, place, carried(r, typed))
	if len(r.Files) > 0 {
		page.Lead = append(page.Lead, d.loc(r).T("account.files-again"))
	}
	return Answer{Status: http.StatusUnauthorized, Page: views.Entry(page)}
}

// SendAgain answers a form that could not be looked at: the page carries all that
// was typed, to be sent again to the same address, once, whoever sends it twice.
// Nothing is asked of the database.
func (d *Desk) SendAgain(r Request) Answer {
	r.Who = Who{}
	page := d.entry(r, "again.title", "again.lead", "again.kept")
	page.CSRF, page.Once = r.Form.Get("csrf"), r.Form.Get(OnceField)
	if len(r.Files) > 0 {
		page.Lead = append(page.Lead, d.loc(r).T("account.files-again"))
	}
	for _, name := range slices.Sorted(maps.Keys(r.Form)) {
		if name == "csrf" || name == OnceField {
			continue
		}
		for _, value := range r.Form[name] {
			page.Hidden = append(page.Hidden, views.Pair{Name: name, Value: value})
		}
	}
	page.Submit = d.loc(r).T("again.do")
	page.Scripts = nil
	return Answer{Status: http.StatusServiceUnavailable, Page: views.Entry(page)}
}

func carried(r Request, typed bool) string {
	if !typed || len(r.Form) == 0 {
		return ""
	}
	return packForm(r.Form)
}

// KeepTyped puts what was typed into the worksheet of its page: the form came
// from a page that was drawn for another session of the same browser.
func (d *Desk) KeepTyped(ctx context.Context, r Request) (Answer, error) {
	if _, err := d.editorial.KeepWorksheet(ctx, r.Who.Actor, r.Path, worth(r.Form)); err != nil {
		return Answer{}, err
	}
	return goTo(r.Path, "session-changed"), nil
}

// resume puts a carried form into the worksheet of who has signed in.
func (d *Desk) resume(ctx context.Context, s auth.Session, place, packed string) error {
	form := unpackForm(packed)
	path, _, _ := strings.Cut(place, "?")
	if form == nil || !strings.HasPrefix(path, "/desk/") {
		return nil
	}
	_, err := d.editorial.KeepWorksheet(ctx, s.Actor(), path, form)
	return err
}
