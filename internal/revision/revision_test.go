package revision_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
)

// maker makes random nouns, and random changes of them, of whatever types the
// register has.
type maker struct {
	*rand.Rand
	keys int
}

func newMaker(seed uint64) *maker { return &maker{Rand: rand.New(rand.NewPCG(seed, 1))} }

func pick[T any](m *maker, from ...T) T { return from[m.IntN(len(from))] }

func (m *maker) words() string {
	out := make([]string, 1+m.IntN(6))
	for i := range out {
		out[i] = pick(m, "l’attaque", "الصندوق", "رسمي", "du 8 avril", "1 996 026", "was", "published", "،", "نتيجة", "«cité»")
	}
	return strings.Join(out, " ")
}

// fill makes a value at random.
func (m *maker) fill(v reflect.Value) {
	switch v.Interface().(type) {
	case edtf.Date:
		date, err := edtf.Parse(pick(m, "2025-04-08", "2025-04", "2025~", "2025-04-09/2025-04-12", "2024"))
		if err != nil {
			panic(err)
		}
		v.Set(reflect.ValueOf(date))
		return
	case register.Text:
		t := register.Text{}
		for _, l := range register.Langs() {
			if m.IntN(3) > 0 {
				t[l] = m.words()
			}
		}
		v.Set(reflect.ValueOf(t))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(pick(m, "", "a", "b", "c-1", m.words()))
	case reflect.Bool:
		v.SetBool(m.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(m.Int64N(100))
	case reflect.Pointer:
		if m.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			m.fill(v.Elem())
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 3))
		for range m.IntN(4) {
			m.add(v)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			m.fill(field)
		}
	default: // nothing else is meant here
	}
}

// add puts a new item with a key of its own into a list.
func (m *maker) add(v reflect.Value) {
	item := reflect.New(v.Type().Elem()).Elem()
	m.fill(item)
	if item.Kind() == reflect.Struct {
		if key := item.FieldByName("Key"); key.IsValid() {
			m.keys++
			key.SetString("k" + strconv.Itoa(m.keys) + "-" + strconv.Itoa(m.IntN(1e6)))
		}
	}
	at := m.IntN(v.Len() + 1)
	out := reflect.MakeSlice(v.Type(), 0, v.Len()+1)
	out = reflect.AppendSlice(out, v.Slice(0, at))
	out = reflect.Append(out, item)
	v.Set(reflect.AppendSlice(out, v.Slice(at, v.Len())))
}

// change changes some places of a noun: values, added and removed items, and
// the order of lists where reorder says so.
func (m *maker) change(v reflect.Value, chance int, reorder bool) {
	if m.IntN(chance) == 0 && v.Kind() != reflect.Struct && v.Kind() != reflect.Slice {
		m.fill(v)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		if _, ok := reflect.TypeAssert[edtf.Date](v); ok {
			if m.IntN(chance) == 0 {
				m.fill(v)
			}
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).Name != "Key" {
				m.change(v.Field(i), chance, reorder)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			m.change(v.Elem(), chance, reorder)
		}
	case reflect.Slice:
		m.changeList(v, chance, reorder)
	default: // nothing else is meant here
	}
}

func (m *maker) changeList(v reflect.Value, chance int, reorder bool) {
	for i := range v.Len() {
		m.change(v.Index(i), chance, reorder)
	}
	if v.Len() > 0 && m.IntN(chance) == 0 {
		i := m.IntN(v.Len())
		v.Set(reflect.AppendSlice(v.Slice3(0, i, i), v.Slice(i+1, v.Len())))
	}
	if m.IntN(chance) == 0 {
		m.add(v)
	}
	if reorder && v.Len() > 1 && m.IntN(chance) == 0 {
		m.Shuffle(v.Len(), reflect.Swapper(v.Interface()))
	}
}

func clone[N revision.Noun](tb testing.TB, n *N) *N {
	tb.Helper()
	raw, err := json.Marshal(n)
	if err != nil {
		tb.Fatal(err)
	}
	var out N
	if err := json.Unmarshal(raw, &out); err != nil {
		tb.Fatal(err)
	}
	return &out
}

// encoded is a noun as JSON, where a list that is empty is as one that is not there.
func encoded[N revision.Noun](tb testing.TB, n *N) string {
	tb.Helper()
	raw, err := json.Marshal(n)
	if err != nil {
		tb.Fatal(err)
	}
	return strings.NewReplacer(":null", ":[]").Replace(string(raw))
}
