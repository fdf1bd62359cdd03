package desk

import (
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/revision"
	"github.com/sijil/sijil/internal/web/public"
)

// differ writes the differences between versions as they are written for
// readers of editions, and what collides.
type differ struct {
	public.Differ
	budget revision.Budget // of the texts that are compared on one page
}

// changes are the differences of one record, and those of the sources that it
// cites.
func changes(m editorial.Reviewed) []revision.Change {
	switch m.Head.Type {
	case register.TypeIncident:
		return revision.Compare(m.Before.Incident, m.After.Incident)
	case register.TypeStatement:
		return revision.Compare(m.Before.Statement, m.After.Statement)
	case register.TypeInstitution:
	}
	return revision.Compare(m.Before.Institution, m.After.Institution)
}
