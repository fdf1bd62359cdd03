package editorial

import (
	"context"
	"reflect"
	"strings"

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
	eachPointer(reflect.ValueOf(noun), "", func(ref register.Ref, to register.RecordType) {
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

// eachPointer calls visit for every reference in a noun with the type of the record
// that it may be to, which the name of its field says: statements and incidents are
// named so wherever they are pointed to, and all else are institutions.
func eachPointer(v reflect.Value, name string, visit func(register.Ref, register.RecordType)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachPointer(v.Elem(), name, visit)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				eachPointer(v.Field(i), f.Name, visit)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachPointer(v.Index(i), name, visit)
		}
	case reflect.String:
		ref, ok := reflect.TypeAssert[register.Ref](v)
		if !ok || ref == "" {
			return
		}
		to := register.TypeInstitution
		switch {
		case strings.HasPrefix(name, "Statement"):
			to = register.TypeStatement
		case strings.HasPrefix(name, "Incident"):
			to = register.TypeIncident
		}
		visit(ref, to)
	default:
		// Nothing else holds a reference.
	}
}
