package register

// ReviewChecks lists what whoever publishes confirms, item by item, in the
// order in which it is asked.
func ReviewChecks() []string {
	return []string{"sourced", "private-persons", "leaked-data", "languages"}
}
