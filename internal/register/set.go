package register

// Set is a number of records with the sources that they cite, as a file brings
// them in. In a set a Ref is the slug of the other record; slugs are unique
// over all types.
type Set struct {
	Sources      []Source      `json:"sources"`
	Institutions []Institution `json:"institutions"`
	Statements   []Statement   `json:"statements"`
	Incidents    []Incident    `json:"incidents"`
}
