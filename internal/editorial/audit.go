package editorial

import (
	"context"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/store/desk"
)

// Audit returns lines of the audit, the newest first, and everybody who did
// anything. From where something was done is for admins only. It returns
// ErrForbidden.
func (e *Editorial) Audit(ctx context.Context, actor register.Actor, f register.AuditFilter) ([]register.AuditLine, []desk.Person, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, nil, register.ErrForbidden
	}
	var lines []register.AuditLine
	var people []desk.Person
	err := e.db.Read(ctx, func(q store.Querier) error {
		d := desk.New(q)
		var err error
		if lines, err = d.AuditLines(ctx, f); err != nil {
			return err
		}
		people, err = d.AuditPeople(ctx)
		return err
	})
	if !actor.Role.Can(register.MayAdminAccounts) {
		for i := range lines {
			lines[i].Network = ""
		}
	}
	return lines, people, err
}

// CheckAudit computes the chain of the audit anew. It returns ErrForbidden.
func (e *Editorial) CheckAudit(ctx context.Context, actor register.Actor) (register.AuditChain, error) {
	if !actor.Role.Can(register.MayDraft) {
		return register.AuditChain{}, register.ErrForbidden
	}
	var chain register.AuditChain
	err := e.db.Read(ctx, func(q store.Querier) error {
		var err error
		chain, err = desk.New(q).CheckAudit(ctx)
		return err
	})
	return chain, err
}
