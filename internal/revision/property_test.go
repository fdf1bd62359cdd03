package revision_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
)

func made[N revision.Noun](m *maker) *N {
	var n N
	m.fill(reflect.ValueOf(&n).Elem())
	return &n
}

func changed[N revision.Noun](tb testing.TB, m *maker, n *N, reorder bool) *N {
	tb.Helper()
	out := clone(tb, n)
	m.change(reflect.ValueOf(out).Elem(), 8, reorder)
	return out
}

func merged[N revision.Noun](tb testing.TB, base, mine, theirs *N) (*N, []revision.Conflict) {
	tb.Helper()
	out, conflicts, err := revision.Merge(base, mine, theirs)
	if err != nil {
		tb.Fatal(err)
	}
	return out, conflicts
}

// holds checks what is true of all versions of a noun.
func holds[N revision.Noun](t *testing.T, seed uint64) {
	t.Helper()
	m := newMaker(seed)
	base := made[N](m)
	x, y := changed(t, m, base, true), changed(t, m, base, true)

	plain := func(n *N) string {
		same, _ := merged(t, n, n, n)
		if got := revision.Compare(n, same); len(got) > 0 {
			t.Fatalf("a noun merged with itself differs: %+v", got)
		}
		return encoded(t, same)
	}
	if got := revision.Compare(x, clone(t, x)); len(got) > 0 {
		t.Errorf("a copy differs: %+v", got)
	}
	if differ := plain(base) != plain(x); differ != (len(revision.Compare(base, x)) > 0) {
		t.Errorf("differ: %t, found: %+v", differ, revision.Compare(base, x))
	}
	for name, c := range map[string]struct{ mine, theirs, want *N }{
		"only I changed":    {x, base, x},
		"only they changed": {base, y, y},
		"both did the same": {x, clone(t, x), x},
		"nobody changed":    {base, base, base},
	} {
		got, conflicts := merged(t, base, c.mine, c.theirs)
		if len(conflicts) > 0 || encoded(t, got) != plain(c.want) {
			t.Errorf("%s: %d conflicts, got\n%s\nwant\n%s", name, len(conflicts), encoded(t, got), plain(c.want))
		}
	}
	answersEverything(t, base, x, y)
	symmetric(t, base, changed(t, m, base, false), changed(t, m, base, false))
}

// answersEverything resolves all conflicts by one side, and asks that none is
// left and that what collided is as that side has it.
func answersEverything[N revision.Noun](t *testing.T, base, x, y *N) {
	t.Helper()
	_, conflicts := merged(t, base, x, y)
	for _, take := range []revision.Take{revision.TakeMine, revision.TakeTheirs} {
		choices := map[string]revision.Choice{}
		for _, c := range conflicts {
			choices[c.At.Path] = revision.Choice{Take: take}
		}
		if len(choices) != len(conflicts) {
			t.Errorf("two conflicts share a path: %+v", conflicts)
		}
		got, left, err := revision.Resolve(base, x, y, choices)
		if err != nil || len(left) > 0 {
			t.Errorf("after all answers %d conflicts are left, %v", len(left), err)
		}
		values := map[string]string{}
		for _, f := range revision.Flatten(got) {
			values[f.Path] = f.Value
		}
		for _, c := range conflicts {
			want := c.Mine.Value
			if take == revision.TakeTheirs {
				want = c.Theirs.Value
			}
			// A path with a key that is not the item's own may change with the answers.
			if c.Field() && len(c.At.Items) == 0 && values[c.At.Path] != want {
				t.Errorf("%s: %q after %s, want %q", c.At.Path, values[c.At.Path], take, want)
			}
		}
	}
}

// symmetric asks that it does not matter who saved first, where nothing collides.
func symmetric[N revision.Noun](t *testing.T, base, x, y *N) {
	t.Helper()
	one, conflicts := merged(t, base, x, y)
	other, back := merged(t, base, y, x)
	if len(conflicts) != len(back) {
		t.Errorf("%d conflicts one way, %d the other", len(conflicts), len(back))
	}
	if a, b := said(one), said(other); len(conflicts) == 0 && !slices.Equal(a, b) {
		t.Errorf("it matters who comes first:\n%s\n%s", a, b)
	}
}

// said is what a noun says, whatever the order of its lists. Items that cannot
// be told apart may have been taken for each other.
func said[N revision.Noun](n *N) []string {
	var out []string
	for _, f := range revision.Flatten(n) {
		out = append(out, f.Part()+" "+f.Field+" "+string(f.Lang)+" "+f.Value)
	}
	slices.Sort(out)
	return out
}

func holdsForAll(t *testing.T, seed uint64) {
	t.Helper()
	holds[register.Incident](t, seed)
	holds[register.Statement](t, seed)
	holds[register.Institution](t, seed)
	holds[register.Source](t, seed)
}

func TestWhatHoldsForAllVersions(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		holdsForAll(t, seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func FuzzVersions(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(holdsForAll)
}

func FuzzWords(f *testing.F) {
	f.Add("L’attaque du 8 avril 2025 : 1 996 026 personnes.", "L'attaque des 8 et 9 avril 2025 ; 2 millions de personnes")
	f.Add("نتيجة تحقق رسمي. أي وثائق، وكم عددها", "نتيجة تحقق نقلها الصندوق ثم الحكومة. أي وثائق")
	f.Add("a b a b a b", "b a b a")
	f.Add("\xff\xfe x", "x \xff")
	f.Fuzz(func(t *testing.T, before, after string) {
		var a, b strings.Builder
		changes := 0
		for _, r := range revision.Words(before, after) {
			if r.Text == "" {
				t.Error("an empty run")
			}
			if r.Op != revision.Inserted {
				a.WriteString(r.Text)
			}
			if r.Op != revision.Deleted {
				b.WriteString(r.Text)
			}
			if r.Op != revision.Equal {
				changes++
			}
			if utf8.ValidString(before) && utf8.ValidString(after) && !utf8.ValidString(r.Text) {
				t.Errorf("a rune is cut: %q", r.Text)
			}
		}
		if a.String() != before || b.String() != after {
			t.Errorf("the runs give %q and %q", a.String(), b.String())
		}
		if (changes == 0) != (before == after) {
			t.Errorf("%d changes between %q and %q", changes, before, after)
		}
	})
}
