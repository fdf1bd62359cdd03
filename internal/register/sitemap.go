package register

import "time"

// PublicAddress is where a record stands in public, for lists of all addresses.
type PublicAddress struct {
	Type      RecordType
	Reference string
	Slug      string
	// PublishedAt is when the edition that is shown appeared.
	PublishedAt time.Time
}
