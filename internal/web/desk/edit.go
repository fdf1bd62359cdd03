package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/internal/web/desk/form"
)

// EditPart answers the form of a part of a record, or of one item of it, filled
// with what the person last typed or else with what is saved.
func (d *Desk) EditPart(ctx context.Context, r Request) (Answer, error) {
	e, err := d.openItem(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	values, restored, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	if restored == nil {
		values = e.form().Values(e.item(nounOf(e.draft)))
	}
	s := &submission{values: values}
	if r.Query.Get("check") != "" {
		s.problems = e.missing()
	}
	page, err := e.page(ctx, s, "")
	page.Restored, page.Lookalikes = restored, e.lookalikesHere()
	return show(e.view(page)), err
}

// missing are the problems of the part as it is saved, which do not keep a
// draft from being saved.
func (e *editing) missing() register.Problems {
	here, _ := e.sort(nounOf(e.draft), validate(e.draft))
	return here
}

// SavePart saves the form of a part of a record, or of one item; or changes a
// list of it and shows the form again. What is refused is shown again as it was
// typed: Problems as 422, what somebody else changed meanwhile as 409.
func (d *Desk) SavePart(ctx context.Context, r Request) (Answer, error) {
	e, err := d.open(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	values := worth(r.Form)
	operation := values.Get(form.Operation)
	delete(values, form.Operation)
	if after, focus, ok := e.form().Change(values, operation); ok {
		return e.changed(ctx, after, focus)
	}
	for try := 1; ; try++ {
		s, err := e.submit(ctx, values)
		if err != nil {
			return Answer{}, err
		}
		if operation == "look" { // searched, not yet saved
			return e.changed(ctx, s.values, "")
		}
		answer, err := e.save(ctx, s)
		if !errors.Is(err, register.ErrConflict) || try == saveTries {
			return answer, err
		}
		// Somebody saved between our reading and our writing: once more, with
		// what he has made of it.
		if e, err = d.open(ctx, r); err != nil {
			return Answer{}, err
		}
	}
}

// saveTries is how often a form is put together with what others save at the
// same moment.
const saveTries = 3

// changed shows the form again after a list was changed, and keeps it as what
// the person typed and did not save.
func (e *editing) changed(ctx context.Context, values url.Values, focus string) (Answer, error) {
	if _, err := e.desk.editorial.KeepWorksheet(ctx, e.r.Who.Actor, e.r.Path, values); err != nil {
		return Answer{}, err
	}
	page, err := e.page(ctx, &submission{values: values}, focus)
	return show(e.view(page)), err
}

// save reads a form into the record and writes it.
func (e *editing) save(ctx context.Context, s *submission) (Answer, error) {
	draft, conflicts, err := e.read(ctx, s)
	switch {
	case err != nil:
		return Answer{}, err
	case len(s.problems) > 0:
		return e.refused(ctx, s)
	case len(conflicts) > 0:
		return e.collided(ctx, s, conflicts)
	}
	s.edit.Draft = draft
	made, err := e.desk.editorial.SaveEdit(ctx, e.r.Who.Actor, s.edit)
	if problems, ok := errors.AsType[register.Problems](err); ok {
		here, elsewhere := e.sort(nounOf(draft), problems)
		s.problems = append(here, elsewhere...)
		return e.refused(ctx, s)
	}
	if err != nil {
		return Answer{}, err
	}
	answer := savedTo(e.path(), "saved", editorial.Version{ID: draft.ID, Version: seen(s.values)}, made)
	answer.RedirectTo += "#" + e.part.Name
	return answer, nil
}

func (e *editing) refused(ctx context.Context, s *submission) (Answer, error) {
	page, err := e.page(ctx, s, "")
	return refuse(e.view(page)), err
}

// read reads the form into the record as its author saw it, and merges that
// with what others have made of it since. The problems are in s.
func (e *editing) read(ctx context.Context, s *submission) (editorial.Draft, []revision.Conflict, error) {
	draft, version := e.draft, seen(s.values)
	base, err := e.asSeen(ctx, version)
	if err != nil {
		return draft, nil, err
	}
	before, err := copyOf(base)
	if err != nil {
		return draft, nil, err
	}
	if err := e.fill(s, base); err != nil {
		return draft, nil, err
	}
	if version == draft.Version {
		e.judge(s, before, base)
		return base, nil, nil
	}
	merged, conflicts, err := merge(before, base, draft, answers(s.values))
	if err == nil && len(conflicts) == 0 {
		e.judge(s, draft, merged)
	}
	return merged, conflicts, err
}

// asSeen is the record as it was at a version. It returns ErrConflict for one
// that nobody can have seen.
func (e *editing) asSeen(ctx context.Context, version int) (editorial.Draft, error) {
	if version == e.draft.Version {
		return copyOf(e.draft)
	}
	was, err := e.desk.editorial.Revision(ctx, e.r.Who.Actor, editorial.Version{ID: e.draft.ID, Version: version})
	if errors.Is(err, register.ErrNotFound) {
		err = register.ErrConflict
	}
	return was, err
}

// fill reads the form into the part or the item of a record.
func (e *editing) fill(s *submission, draft editorial.Draft) error {
	noun := nounOf(draft)
	item := e.item(noun)
	if item == nil { // the version that was seen did not have it, or has it no more
		return register.ErrConflict
	}
	problems := e.form().Read(item, s.reading, form.Reading{Noun: noun, Today: e.desk.today()})
	for _, p := range problems {
		switch {
		case len(s.found[p.Field])+len(s.foundIn[p.Field]) > 0:
			p.Key = form.ProblemChoose
		case s.later[p.Field]:
			p.Key = problemLater
		}
		s.problems = append(s.problems, p)
	}
	s.problems = append(s.problems, e.selfish(s)...)
	if e.key == newItem && e.part.Item != nil {
		e.part.Add(noun, item)
	}
	return nil
}

// selfish finds where a record, or a claim, points to itself.
func (e *editing) selfish(s *submission) register.Problems {
	var out register.Problems
	for _, m := range e.form().Mentions(s.reading) {
		field := e.form().Find(m.Path)
		claim := field.Kind == form.Claim && e.part.Item != nil && m.Claim == e.key
		if m.Value == string(e.head.ID) && (claim || field.Kind == form.Ref || field.Kind == form.Refs) {
			out = append(out, register.Problem{Field: m.Path, Key: "problem.self"})
		}
	}
	return out
}

// judge adds what the change makes wrong so that it cannot be kept. What is
// only missing keeps nobody from saving a draft.
func (e *editing) judge(s *submission, before, after editorial.Draft) {
	known, at := map[register.Problem]bool{}, map[string]bool{}
	for _, p := range validate(before) {
		known[p] = true
	}
	var bad register.Problems
	for _, p := range validate(after) {
		if p.Unkeepable() && !known[p] {
			bad = append(bad, p)
		}
	}
	for _, p := range s.problems {
		at[p.Field] = true
	}
	here, elsewhere := e.sort(nounOf(after), bad)
	for _, p := range here {
		if !at[p.Field] {
			at[p.Field] = true
			s.problems = append(s.problems, p)
		}
	}
	s.problems = append(s.problems, elsewhere...)
}

// sort parts the problems of a record into those of this form, at the paths of
// its fields, and the others.
func (e *editing) sort(noun any, problems register.Problems) (here, elsewhere register.Problems) {
	index := form.NewIndex(e.parts(), noun)
	keys := []string{}
	if e.part.Item != nil {
		keys = e.part.Keys(noun)
	}
	for _, p := range problems {
		at := index.Locate(p)
		mine := at.Item == e.key || e.key == newItem && len(keys) > 0 && at.Item == keys[len(keys)-1]
		if at.Part == e.part.Name && mine {
			p.Field = at.Path
			here = append(here, p)
			continue
		}
		p.Field = ""
		elsewhere = append(elsewhere, p)
	}
	return here, elsewhere
}

// copyOf is a copy that shares nothing with the draft.
func copyOf(d editorial.Draft) (editorial.Draft, error) {
	out := editorial.Draft{ID: d.ID, Version: d.Version}
	var err error
	switch d.Type() {
	case register.TypeIncident:
		out.Incident, err = clone(d.Incident)
	case register.TypeStatement:
		out.Statement, err = clone(d.Statement)
	case register.TypeInstitution:
		out.Institution, err = clone(d.Institution)
	}
	return out, err
}

// clone copies a noun by way of its JSON, which holds all of it.
func clone[N revision.Noun](noun *N) (*N, error) {
	raw, err := json.Marshal(noun)
	if err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	out := new(N)
	if err := json.Unmarshal(raw, out); err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	return out, nil
}

// merge puts together what the author of the form and others made of a record.
func merge(base, mine, theirs editorial.Draft, answers map[string]revision.Choice) (editorial.Draft, []revision.Conflict, error) {
	out := editorial.Draft{ID: theirs.ID, Version: theirs.Version}
	var conflicts []revision.Conflict
	var err error
	switch theirs.Type() {
	case register.TypeIncident:
		out.Incident, conflicts, err = revision.Resolve(base.Incident, mine.Incident, theirs.Incident, answers)
	case register.TypeStatement:
		out.Statement, conflicts, err = revision.Resolve(base.Statement, mine.Statement, theirs.Statement, answers)
	case register.TypeInstitution:
		out.Institution, conflicts, err = revision.Resolve(base.Institution, mine.Institution, theirs.Institution, answers)
	}
	return out, conflicts, err
}

// collided shows what somebody else changed in the same places, beside what was
// typed.
func (e *editing) collided(ctx context.Context, s *submission, conflicts []revision.Conflict) (Answer, error) {
	c, err := e.call(ctx, e.form().Mentions(s.values))
	if err != nil {
		return Answer{}, err
	}
	return e.desk.collided(ctx, e.r, collision{
		record: e.recordLink(), typ: e.head.Type, heading: e.heading(c), part: e.desk.loc(e.r).T("form.part." + e.partKey(e.part.Name)),
		values: s.values, conflicts: conflicts,
	})
}
