package verify

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
)

// Write tells in plain words what is proved, what is not, and what is wrong.
func (r *Report) Write(out io.Writer, loc *i18n.Localizer) error {
	w := &words{loc: loc}
	w.line(loc.T("verify.heading", "address", r.Address))
	if r.Signed != nil {
		w.line(loc.N("verify.log", int(r.Checkpoint.Size), "origin", r.Checkpoint.Origin, "root", r.Checkpoint.Root.String()))
	}
	for _, key := range r.Keys {
		w.line(loc.T("verify.key."+string(r.Trust), "key", key))
	}
	if r.Verdict() != Broken && r.Signed != nil {
		w.proved(r)
		w.unproved(r)
	}
	w.problems(loc.T("verify.wrong"), r.Problems, false)
	w.problems(loc.T("verify.unsure"), r.Problems, true)
	if more := r.BrokenCount + r.UnsureCount - len(r.Problems); more > 0 {
		w.item(loc.N("verify.more", more))
	}
	w.line("")
	if r.BrokenCount+r.UnsureCount == 0 && unseen(r.Witnesses) {
		w.line(loc.T("verify.unwitnessed"))
	} else {
		w.line(loc.T("verify.result." + string(r.Verdict())))
	}
	_, err := io.WriteString(out, w.b.String())
	return err
}

// words is a text in the making.
type words struct {
	loc *i18n.Localizer
	b   strings.Builder
}

func (w *words) line(s string) { w.b.WriteString(s + "\n") }

func (w *words) item(s string) { w.b.WriteString("  - " + s + "\n") }

func (w *words) section(title string) { w.b.WriteString("\n" + title + "\n") }

// proved says what was computed again. It is called where nothing is wrong.
func (w *words) proved(r *Report) {
	w.section(w.loc.T("verify.proved"))
	if r.UnsureCount == 0 {
		w.item(w.loc.N("verify.proved.tree", int(r.Checkpoint.Size)))
	}
	if r.Kept != nil && r.UnsureCount == 0 {
		w.item(w.loc.N("verify.proved.grew", int(r.Kept.Size)))
	}
	w.witnessed(r.Witnesses)
	w.stamped(r.Stamps)
	w.counted("verify.proved.editions", r.Editions)
	w.counted("verify.proved.documents", r.Documents)
	w.counted("verify.proved.withdrawn", r.Withdrawn)
	w.counted("verify.proved.removed", r.Leaves[register.LeafTakedown])
	for _, x := range r.Removals {
		w.b.WriteString("      " + w.removal(x) + "\n")
	}
	if more := r.Leaves[register.LeafTakedown] - len(r.Removals); len(r.Removals) > 0 && more > 0 {
		w.item(w.loc.N("verify.more", more))
	}
}

// counted is an item about how many; none is not worth a line.
func (w *words) counted(key string, n int) {
	if n > 0 {
		w.item(w.loc.N(key, n))
	}
}

func (w *words) removal(x Removal) string {
	reason, _, _ := x.Reason.In(register.Lang(w.loc.Lang()))
	return w.loc.T("verify.removal", "reference", x.Reference, "edition", x.Edition,
		"date", w.day(x.At), "reason", printable(reason))
}

func (w *words) day(t time.Time) string { return edtf.DayOf(t).Date().Text(w.loc.Lang(), edtf.Long) }

// unproved says what nobody should read out of the rest.
func (w *words) unproved(r *Report) {
	w.section(w.loc.T("verify.unproved"))
	if r.Trust == TrustFirst {
		w.item(w.loc.T("verify.unproved.first"))
	}
	if r.Kept == nil {
		w.item(w.loc.T("verify.unproved.since"))
	}
	if r.Withdrawn+r.Removed > 0 {
		w.item(w.loc.T("verify.unproved.gone"))
	}
	w.counted("verify.unproved.documents", r.NotHandedOut)
	w.view(r.Witnesses, r.Cosigners)
	w.item(w.loc.T("verify.unproved.pages"))
	w.counted("verify.unproved.timestamps", r.Unstamped)
	if len(r.Stamps) > 0 {
		w.item(w.loc.T("verify.unproved.stamped"))
	} else {
		w.item(w.loc.T("verify.unproved.time"))
	}
	w.item(w.loc.T("verify.unproved.truth"))
}

// witnessed tells which witnesses have cosigned the checkpoint.
func (w *words) witnessed(all []Witnessed) {
	for _, x := range all {
		if !x.At.IsZero() {
			w.item(w.loc.T("verify.proved.witness", "name", printable(x.Name), "date", w.day(x.At), "time", x.At.In(edtf.Location()).Format("15:04")))
		}
	}
}

// stamped tells by when entries were there: the newest timestamp says it of most
// of them, the oldest the earliest.
func (w *words) stamped(all []Stamp) {
	for i, x := range all {
		if i == 0 || i == len(all)-1 {
			w.item(w.loc.N("verify.proved.stamp", int(x.Size), "authority", printable(x.Authority),
				"date", w.day(x.At), "time", x.At.In(edtf.Location()).Format("15:04")))
		}
	}
	if len(all) > 2 {
		w.item(w.loc.N("verify.proved.stamps", len(all)-2))
	}
}

// view tells what is not proved of what others are shown: it depends on who has
// cosigned the checkpoint.
func (w *words) view(all []Witnessed, others []string) {
	key := "verify.unproved.view"
	for _, x := range all {
		if x.At.IsZero() {
			w.item(w.loc.T("verify.unproved.witness", "name", printable(x.Name)))
		} else {
			key = "verify.unproved.witnessed"
		}
	}
	if len(others) > 0 {
		w.item(w.loc.T("verify.unproved.cosigned", "names", printable(strings.Join(others, ", "))))
	}
	w.item(w.loc.T(key))
}

// problems lists problems: those that mean that something is wrong, or those
// that mean that something could not be checked.
func (w *words) problems(title string, all []Problem, unsure bool) {
	for _, p := range all {
		if p.Kind.unsure() != unsure {
			continue
		}
		if title != "" {
			w.section(title)
			title = ""
		}
		w.problem(p)
	}
}

func (w *words) problem(p Problem) {
	said := w.loc.T("verify.problem." + string(p.Kind))
	if p.Subject != "" {
		said = w.loc.T("verify.about", "subject", p.Subject, "problem", said)
	}
	w.item(said)
	if p.Cause != nil {
		w.b.WriteString("      " + w.loc.T("verify.cause", "cause", printable(p.Cause.Error())) + "\n")
	}
}

// printable keeps what a hostile site says from speaking to the terminal.
func printable(s string) string {
	const most = 300
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '?'
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// Write tells in plain words what is proved of an edition by its proof alone.
func (s *Single) Write(out io.Writer, loc *i18n.Localizer) error {
	w := &words{loc: loc}
	if s.Leaf.Reference != "" {
		w.line(loc.T("verify.single.heading", "reference", s.Leaf.Reference, "edition", s.Leaf.Edition))
	}
	switch {
	case s.Problem == nil:
		w.section(loc.T("verify.proved"))
		w.item(loc.T("verify.single.proved", "position", int(s.Position), "origin", s.Checkpoint.Origin, "size", int(s.Checkpoint.Size),
			"date", w.day(s.Leaf.Time)))
		w.witnessed(s.Witnesses)
		w.section(loc.T("verify.unproved"))
		w.item(loc.T("verify.single.current"))
		w.view(s.Witnesses, s.Cosigners)
		w.item(loc.T("verify.unproved.time"))
		w.item(loc.T("verify.unproved.truth"))
	case s.Problem.Kind.unsure():
		w.problems(loc.T("verify.unsure"), []Problem{*s.Problem}, true)
	default:
		w.problems(loc.T("verify.wrong"), []Problem{*s.Problem}, false)
	}
	w.line("")
	if s.Problem == nil && unseen(s.Witnesses) {
		w.line(loc.T("verify.unwitnessed"))
	} else {
		w.line(loc.T("verify.single.result." + string(s.Verdict())))
	}
	if _, err := io.WriteString(out, w.b.String()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}
