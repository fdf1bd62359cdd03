package public

import (
	"net/url"
	"slices"

	"github.com/sijil/sijil/internal/register"
)

// ExportParams are the parameters that choose the incidents of an export: those of
// their list, without its order and its pages.
func ExportParams() []string {
	return slices.DeleteFunc(IncidentParams(), func(name string) bool { return name == "sort" || name == "after" })
}

// ExportFilter reads the filter of an export, as that of the list is read.
func ExportFilter(q url.Values, terms *register.Terms) (register.IncidentFilter, error) {
	return incidentFilter(q, terms)
}
