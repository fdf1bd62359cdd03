package form

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sijil/sijil/internal/i18n"
)

// Label says what the field at a path is called, with the items of the lists
// in which it stands: "Figure 2, Unit". "" for a path that leads nowhere.
func (f *Form) Label(loc *i18n.Localizer, values url.Values, path string) string {
	var parts []string
	p := &painter{Drawing: Drawing{Loc: loc}}
	fields, at := f.Fields, ""
	steps := strings.Split(path, ".")
	for i := 0; i < len(steps); i++ {
		n := slices.IndexFunc(fields, func(x Field) bool { return x.Name == steps[i] })
		if n < 0 {
			break
		}
		field := &fields[n]
		at = join(at, steps[i])
		if field.Kind == List && i+1 < len(steps) {
			i++
			number := slices.Index(values[at], steps[i]) + 1
			at = join(at, steps[i])
			parts = append(parts, loc.T("form.item."+strings.ReplaceAll(field.Name, "_", "-"), "n", strconv.Itoa(number)))
		} else {
			parts = append(parts, loc.T("form.field."+p.message("form.field.", field)))
		}
		if field.Kind == Text && i+1 < len(steps) {
			parts = append(parts, i18n.SelfName(steps[i+1]))
		}
		fields = field.Fields
	}
	return loc.Series(parts)
}

// Has reports whether the form has a field of one of the kinds, at any depth.
func (f *Form) Has(kinds ...Kind) bool { return has(f.Fields, kinds) }

func has(fields []Field, kinds []Kind) bool {
	return slices.ContainsFunc(fields, func(f Field) bool {
		return slices.Contains(kinds, f.Kind) || has(f.Fields, kinds)
	})
}
