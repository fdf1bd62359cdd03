package editorial_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/blob"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// noted are the removals that stand beside the files.
func noted(t *testing.T, blobs blob.Store) []editorial.Removal {
	t.Helper()
	var lines strings.Builder
	must(t, blobs.Notes(t.Context(), func(_ string, text []byte) error { lines.Write(text); return nil }))
	out, err := editorial.ReadRemovals(strings.NewReader(lines.String()))
	must(t, err)
	return out
}

func TestATakedownIsNotedBesideTheFiles(t *testing.T) {
	h, _, r := takedownHouse(t)
	blobs := withFiles(t, h)
	id, err := h.editorial.RequestTakedown(t.Context(), h.admin, editorial.Takedown{Record: r.ID, First: 1, Last: 2, Reason: byLaw})
	must(t, err)
	must(t, h.editorial.Confirm(t.Context(), h.editor, id))
	got := noted(t, blobs)
	if len(got) != 1 || got[0].Decision != id || got[0].Reference != r.Reference || got[0].First != 1 || got[0].Last != 2 ||
		got[0].Reason["ar"] != byLaw["ar"] || got[0].ProposedBy != h.admin.ID || got[0].DecidedBy != h.editor.ID || !slices.Equal(got[0].Files, []string{ownFile}) {
		t.Errorf("noted: %+v", got)
	}
	// One whose note was lost is written at the next start; one that is there
	// stays as it is.
	other := withFiles(t, h)
	must(t, h.editorial.CatchUp(t.Context()))
	must(t, h.editorial.CatchUp(t.Context()))
	if again := noted(t, other); len(again) != 1 || again[0].Decision != id {
		t.Errorf("noted: %+v", again)
	}
}

func TestReadRemovals(t *testing.T) {
	const one = `{"format":"sijil-removal-1","decision":"a"}`
	for text, want := range map[string]int{"": 0, one: 1, one + "\n" + one: 1, one + strings.Replace(one, `"a"`, `"b"`, 1): 2} {
		got, err := editorial.ReadRemovals(strings.NewReader(text))
		if err != nil || len(got) != want {
			t.Errorf("%q: %d, %v", text, len(got), err)
		}
	}
	for _, text := range []string{"{", "[]", `{"format":"other"}`, "x"} {
		if _, err := editorial.ReadRemovals(strings.NewReader(text)); err == nil {
			t.Errorf("%q: accepted", text)
		}
	}
}

// TestReplay does takedowns again in a database that is older than they are.
func TestReplay(t *testing.T) {
	h, files, r := takedownHouse(t)
	removal := editorial.Removal{
		Decision: "11111111-1111-4111-8111-111111111111", Record: r.ID, Reference: r.Reference, First: 1, Last: 2, Reason: byLaw,
		ProposedBy: "22222222-2222-4222-8222-222222222222", ProposedAt: h.clock.Now(), // nobody who is known here
		DecidedBy: "33333333-3333-4333-8333-333333333333", DecidedAt: h.clock.Now(),
	}
	_, err := h.editorial.Replay(t.Context(), removal)
	if err == nil || !strings.Contains(err.Error(), "being restored only") {
		t.Fatalf("in a database that nobody restores: %v", err)
	}
	// What the desk could make is not what the owner makes.
	if _, err := h.db.Desk().Exec(t.Context(), `CREATE TABLE public.sijil_restoring ()`); err == nil {
		t.Error("the desk may say that the database is being restored")
	}
	h.owner(t, `CREATE TABLE public.sijil_restoring ()`)
	// Something else was proposed about it when the backup was made.
	_, err = h.editorial.ProposeWithdrawal(t.Context(), h.editor, editorial.Withdrawal{Record: r.ID, Note: secret, Notice: byLaw})
	must(t, err)
	erased, err := h.editorial.Replay(t.Context(), removal)
	if err != nil || !erased {
		t.Fatalf("erased %v, %v", erased, err)
	}
	if found := h.find(t); len(found) > 0 {
		t.Errorf("still there: %v", found)
	}
	if !slices.Equal(files.removed, []string{ownFile}) {
		t.Errorf("files removed: %v", files.removed)
	}
	_, err = h.public.Statement(t.Context(), "cnss-communique-1")
	wantWithdrawn(t, err, true)
	for _, known := range []editorial.Removal{removal, {Decision: "44444444-4444-4444-8444-444444444444", Record: "55555555-5555-4555-8555-555555555555"}} {
		known.Reason, known.First, known.Last = byLaw, 1, 2
		known.ProposedBy, known.DecidedBy = removal.ProposedBy, removal.DecidedBy
		if erased, err := h.editorial.Replay(t.Context(), known); err != nil || erased {
			t.Errorf("%s: erased %v, %v", known.Decision, erased, err)
		}
	}
}

// TestReplayOfWhatWasADraft takes down what was published only after the backup.
func TestReplayOfWhatWasADraft(t *testing.T) {
	for name, number := range map[string]int{"never published": 1, "published before, without it": 2} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.editorial = h.editorial.WithTakedown(store.Wrap(h.db.Takedown()), &shelf{})
			ref, version := register.Ref(""), 0
			if number == 2 {
				r := h.published(t, "agence")
				ref, version = r.ID, r.Version
			}
			institution := smallInstitution("agence")
			institution.Names[0].Name = "Agence " + secret
			v, err := h.editorial.Save(t.Context(), h.analyst, editorial.Draft{ID: ref, Version: version, Institution: institution})
			must(t, err)
			must(t, h.editorial.Comment(t.Context(), h.analyst, v.ID, secret))
			h.owner(t, `CREATE TABLE public.sijil_restoring ()`)
			erased, err := h.editorial.Replay(t.Context(), editorial.Removal{
				Decision: "11111111-1111-4111-8111-111111111111", Record: v.ID, Reference: "IN-0001", First: number, Last: number, Reason: byLaw,
				ProposedBy: h.admin.ID, ProposedAt: h.clock.Now(), DecidedBy: h.editor.ID, DecidedAt: h.clock.Now(),
			})
			if err != nil || !erased {
				t.Fatalf("erased %v, %v", erased, err)
			}
			if found := h.find(t); len(found) > 0 {
				t.Errorf("still there: %v", found)
			}
			if number == 2 {
				if i, err := h.public.Institution(t.Context(), "agence"); err != nil || i.Edition != 1 {
					t.Errorf("the edition that nobody took down: %v", err)
				}
			}
		})
	}
}
