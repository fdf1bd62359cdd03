package taxii

import (
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
)

const (
	// defaultLimit and mostObjects bound what one answer lists.
	defaultLimit = 100
	mostObjects  = 500
	// batch is how many records are read at once, and mostRecords how many for one
	// answer: who asks for a rare type gets what was found until then, and goes on.
	batch       = 50
	mostRecords = 1000
)

// Params are the parameters of the lists.
func Params() []string {
	return []string{"added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]"}
}

// filter is what a client chooses (section 3.4).
type filter struct {
	after    time.Time
	limit    int
	ids      []string // nil: all
	types    []string // nil: all
	versions []string // nil: the last
	specs    []string // nil: the newest
	from     place
}

// place is where a page begins: an object of a record.
type place struct {
	register.ChangePlace
	Object int
}

// entry is an object with its place in the collection.
type entry struct {
	place
	object exchange.STIXObject
}

// page is a part of the collection.
type page struct {
	entries []entry
	next    string // empty on the last
	// exists reports whether there is an object of the identifiers that were asked
	// for, be it left out by what else was.
	exists bool
}

func readFilter(q url.Values) (filter, error) {
	f := filter{limit: defaultLimit}
	for name, values := range q {
		if len(values) > 1 {
			return f, &ParameterError{name} // section 3.4: only once
		}
	}
	var err error
	if v := q.Get("added_after"); v != "" {
		if f.after, err = time.Parse(time.RFC3339Nano, v); err != nil {
			return f, &ParameterError{"added_after"}
		}
	}
	if v := q.Get("limit"); v != "" {
		if f.limit, err = strconv.Atoi(v); err != nil || f.limit < 1 {
			return f, &ParameterError{"limit"}
		}
		f.limit = min(f.limit, mostObjects)
	}
	if v := q.Get("next"); v != "" {
		if f.from, err = readPlace(v); err != nil {
			return f, &ParameterError{"next"}
		}
	}
	f.ids, f.types = listed(q, "match[id]"), listed(q, "match[type]")
	f.versions, f.specs = listed(q, "match[version]"), listed(q, "match[spec_version]")
	for _, v := range f.versions {
		if _, err := time.Parse(time.RFC3339Nano, v); err != nil && v != "first" && v != "last" && v != "all" {
			return f, &ParameterError{"match[version]"}
		}
	}
	return f, nil
}

// listed are the values of a parameter, of which any may fit.
func listed(q url.Values, name string) []string {
	if v := q.Get(name); v != "" {
		return strings.Split(v, ",")
	}
	return nil
}

// takes reports whether an object is chosen by what does not depend on its record.
func (f *filter) takes(o *exchange.STIXObject) bool {
	return (f.types == nil || slices.Contains(f.types, o.Type)) && f.takesVersion(o.Version) &&
		(f.specs == nil || slices.Contains(f.specs, "2.1"))
}

// takesVersion reports whether a version is chosen. There is one of each object: it
// is the first as well as the last.
func (f *filter) takesVersion(version time.Time) bool {
	return f.versions == nil || slices.ContainsFunc(f.versions, func(v string) bool {
		at, err := time.Parse(time.RFC3339Nano, v)
		return err != nil || at.Equal(version)
	})
}

// recordTypes are the types of records in which an object that is asked for can be.
func (f *filter) recordTypes() []register.RecordType {
	wanted := f.types
	if f.ids != nil {
		wanted = nil
		for _, id := range f.ids {
			kind, _, _ := strings.Cut(id, "--")
			if f.types == nil || slices.Contains(f.types, kind) {
				wanted = append(wanted, kind)
			}
		}
	} else if f.types == nil {
		return register.RecordTypes()
	}
	return slices.DeleteFunc(register.RecordTypes(), func(t register.RecordType) bool {
		return !slices.ContainsFunc(exchange.STIXTypes(t), func(kind string) bool { return slices.Contains(wanted, kind) })
	})
}

// page reads a part of the collection.
func (s *Server) page(ctx context.Context, f filter) (page, error) {
	w := &walk{Server: s, filter: f}
	if err := w.common(); err != nil {
		return page{}, err
	}
	if f.ids != nil {
		return w.page, w.named(ctx)
	}
	if w.from.Reference == "" { // among the common ones, which stand before all records
		w.from = place{}
	}
	for read := 0; !w.full(); read += batch {
		if read >= mostRecords {
			w.next = writePlace(w.from)
			break
		}
		changes, err := s.records.AllChanged(ctx, register.ChangeFilter{
			Types: f.recordTypes(), Since: f.after, From: w.from.ChangePlace, Most: batch,
		})
		if err != nil {
			return page{}, err
		}
		if err := w.records(changes); err != nil {
			return page{}, err
		}
		if len(changes) < batch {
			break
		}
	}
	return w.page, nil
}

// walk gathers a page.
type walk struct {
	*Server
	filter
	page
}

func (w *walk) full() bool { return w.next != "" }

// add adds an object, or, where the page has all that it may have, the place at which
// the next one begins.
func (w *walk) add(at place, o exchange.STIXObject) {
	if w.ids != nil {
		if !slices.Contains(w.ids, o.ID) {
			return
		}
		w.exists = true
	}
	switch {
	case w.full() || !at.At.After(w.after) || !w.takes(&o):
	case len(w.entries) == w.limit:
		w.next = writePlace(at)
	default:
		w.entries = append(w.entries, entry{at, o})
	}
}

// common adds the objects to which all others point. They were there before any
// record: they stand at the beginning.
func (w *walk) common() error {
	objects, err := w.stix.Common()
	if err != nil {
		return err
	}
	for i, o := range objects {
		at := place{register.ChangePlace{At: exchange.STIXSince()}, i}
		if w.from.Reference == "" && i >= w.from.Object {
			w.add(at, o)
		} else if w.ids != nil && slices.Contains(w.ids, o.ID) {
			w.exists = true
		}
	}
	return nil
}

// records adds the objects of records, and remembers where the next ones begin.
func (w *walk) records(changes []register.Change) error {
	for i := range changes {
		c := &changes[i]
		at := place{ChangePlace: register.ChangePlace{At: c.At, Reference: c.Reference}}
		first := 0
		if at.Reference == w.from.Reference && at.At.Equal(w.from.At) {
			first = w.from.Object
		}
		objects, err := w.objects(c)
		if err != nil {
			return err
		}
		for n := first; n < len(objects) && !w.full(); n++ {
			at.Object = n
			w.add(at, objects[n])
		}
		if w.full() {
			return nil
		}
		w.from = place{at.ChangePlace, len(objects)}
	}
	return nil
}

// objects are those of a record; of one that is gone, its own, revoked.
func (w *walk) objects(c *register.Change) ([]exchange.STIXObject, error) {
	if c.Gone != nil {
		o, err := w.stix.Revoked(*c.Gone, c.FirstPublishedAt)
		return []exchange.STIXObject{o}, err
	}
	return w.stix.Objects(*c.Published)
}

// named reads the records to which the identifiers that are asked for lead.
func (w *walk) named(ctx context.Context) error {
	types := w.recordTypes()
	if len(types) == 0 || w.full() {
		return nil
	}
	var references []string
	err := w.Server.records.EachReference(ctx, types, func(t register.RecordType, reference string) {
		if w.stix.MayHold(t, reference, w.ids) {
			references = append(references, reference)
		}
	})
	if err != nil || len(references) == 0 {
		return err
	}
	changes, err := w.Server.records.ChangesOf(ctx, references)
	if err != nil {
		return err
	}
	if w.from.Reference != "" {
		changes = slices.DeleteFunc(changes, func(c register.Change) bool {
			return c.At.Before(w.from.At) || c.At.Equal(w.from.At) && c.Reference < w.from.Reference
		})
	}
	return w.records(changes)
}

// writePlace writes a place as a cursor.
func writePlace(p place) string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.At.UTC().Format(time.RFC3339Nano) + " " + strconv.Itoa(p.Object) + " " + p.Reference))
}

func readPlace(cursor string) (place, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.SplitN(string(raw), " ", 3)
	if err != nil || len(parts) != 3 {
		return place{}, register.ErrInvalid
	}
	var p place
	p.Reference = parts[2]
	if p.At, err = time.Parse(time.RFC3339Nano, parts[0]); err != nil {
		return place{}, register.ErrInvalid
	}
	if p.Object, err = strconv.Atoi(parts[1]); err != nil || p.Object < 0 || strings.ContainsFunc(p.Reference, func(r rune) bool { return r < ' ' || r > '~' }) {
		return place{}, register.ErrInvalid
	}
	return p, nil
}
