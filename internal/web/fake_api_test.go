package web_test

import (
	"context"
	"time"

	"github.com/sijil/sijil/internal/register"
)

// The API is tested on the real record: of the fake one it asks what fails.

func (f *fake) ChangedIncidents(context.Context, register.IncidentFilter, time.Time) (register.Changes, error) {
	return register.Changes{}, f.note("")
}

func (f *fake) ChangedStatements(context.Context, register.StatementFilter, time.Time) (register.Changes, error) {
	return register.Changes{}, f.note("")
}

func (f *fake) ChangedInstitutions(context.Context, register.InstitutionFilter, time.Time) (register.Changes, error) {
	return register.Changes{}, f.note("")
}

func (f *fake) ChangedReferrals(context.Context, register.ReferralFilter, time.Time) (register.PartList, error) {
	return register.PartList{}, f.note("")
}

func (f *fake) Claims(context.Context, register.ClaimFilter) (register.PartList, error) {
	return register.PartList{}, f.note("")
}

func (f *fake) Sources(context.Context, register.SourceFilter) (register.PartList, error) {
	return register.PartList{}, f.note("")
}

func (f *fake) Citing(context.Context, []string) (map[string]register.Citing, error) {
	return nil, f.note("")
}

func (f *fake) Editions(context.Context, register.EditionFilter) (register.EditionList, error) {
	return register.EditionList{}, f.note("")
}

func (f *fake) EditionAt(context.Context, string, int) (register.EditionRow, error) {
	return register.EditionRow{}, register.ErrNotFound
}

func (f *fake) PublishedAt(_ context.Context, _ register.RecordType, reference string) (register.Published, error) {
	if err := f.note(""); err != nil {
		return register.Published{}, err
	}
	if reference == "SJ-2025-0009" {
		panic("a secret")
	}
	return register.Published{}, register.ErrNotFound
}

func (f *fake) Published(context.Context, []string) ([]register.Published, error) {
	return nil, f.note("")
}

func (f *fake) IncidentRows(context.Context, []string) (map[string]register.IncidentRow, error) {
	return nil, f.note("")
}

func (f *fake) Concerned(context.Context, []string) (map[string][]string, error) {
	return nil, f.note("")
}

func (f *fake) AllChanged(context.Context, register.ChangeFilter) ([]register.Change, error) {
	return nil, f.note("")
}

func (f *fake) ChangesOf(context.Context, []string) ([]register.Change, error) {
	return nil, f.note("")
}

func (f *fake) EachReference(context.Context, []register.RecordType, func(register.RecordType, string)) error {
	return f.note("")
}
