package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
)

// misdirected are the problems of what points to a record of another type than it
// may: the database knows only that there is such a record. What points to nothing
// is left to it.
func misdirected(ctx context.Context, d *desk.Queries, noun any) (register.Problems, error) {
	pointed := map[register.Ref]register.RecordType{}
	var ids []register.Ref
	var problems register.Problems
	register.EachPointer(noun, func(ref register.Ref, to register.RecordType) {
		if was, ok := pointed[ref]; !ok {
			ids = append(ids, ref)
		} else if was != to {
			problems = append(problems, register.Problem{Field: "record", Key: "problem.record-unknown", Value: string(ref)})
		}
		pointed[ref] = to
	})
	if len(ids) == 0 {
		return nil, nil
	}
	heads, err := d.Heads(ctx, ids)
	for _, head := range heads {
		if head.Type != pointed[head.ID] {
			problems = append(problems, register.Problem{Field: "record", Key: "problem.record-unknown", Value: string(head.ID)})
		}
	}
	return problems, err
}
