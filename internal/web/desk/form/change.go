package form

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Operation is the name of the submit buttons that change a list: their values
// are "add:figures", "remove:figures.1", "up:figures.1" and "down:figures.1".
const Operation = "op"

// Change does what the button of a list says, and returns the values after it;
// all that was typed is in them. focus is the path of the list or the item that
// the person now looks at. ok is false for what is no operation on a list of
// the form.
func (f *Form) Change(values url.Values, operation string) (after url.Values, focus string, ok bool) {
	verb, path, _ := strings.Cut(operation, ":")
	list, id := path, ""
	if verb != "add" {
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return values, "", false
		}
		list, id = path[:i], path[i+1:]
	}
	if field := f.Find(list); field == nil || field.Kind != List || !strings.HasSuffix("."+list, "."+field.Name) {
		return values, "", false
	}
	ids, _ := itemIDs(values, list)
	after = maps.Clone(values)
	at := slices.Index(ids, id)
	switch {
	case verb == "add" && len(ids) < maxItems:
		id = unused(ids)
		ids = append(ids, id)
		path = join(list, id)
		forget(after, path)
	case at < 0:
		return values, "", false
	case verb == "remove":
		ids = slices.Delete(ids, at, at+1)
		forget(after, path)
		path = list
	case verb == "up" && at > 0:
		ids[at-1], ids[at] = ids[at], ids[at-1]
	case verb == "down" && at < len(ids)-1:
		ids[at+1], ids[at] = ids[at], ids[at+1]
	}
	after[list] = ids
	return after, path, true
}

// unused is a number that no item has.
func unused(ids []string) string {
	for n := len(ids); ; n++ {
		if id := strconv.Itoa(n); !slices.Contains(ids, id) {
			return id
		}
	}
}

// forget takes out everything below a path.
func forget(values url.Values, path string) {
	maps.DeleteFunc(values, func(name string, _ []string) bool { return strings.HasPrefix(name, path+".") })
}
