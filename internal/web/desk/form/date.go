package form

import "github.com/sijil/sijil/internal/edtf"

// DateReader understands what is typed as a date. The error is shown as "not
// understood"; what was typed stays in its field.
type DateReader interface {
	Read(typed string) (edtf.Date, error)
}

// EDTF understands dates in EDTF alone.
type EDTF struct{}

// Read returns the date that is written in EDTF.
func (EDTF) Read(typed string) (edtf.Date, error) { return edtf.Parse(typed) }
