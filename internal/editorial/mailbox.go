package editorial

import (
	"context"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store/desk"
)

// Mails returns the newest mails of the outbox before the moment and identifier
// of the last one seen; a zero moment begins at the newest. They may hold links
// that let somebody in: only the demonstration, where nothing is sent and
// everybody has one password, shows them. It returns ErrForbidden.
func (e *Editorial) Mails(ctx context.Context, actor register.Actor, before time.Time, id string, limit int) ([]desk.MailRow, error) {
	if !actor.Role.Can(register.MayDraft) {
		return nil, register.ErrForbidden
	}
	return desk.New(e.db.Querier()).Mails(ctx, before, id, limit)
}
