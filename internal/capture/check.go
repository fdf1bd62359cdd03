package capture

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/validate"

	"github.com/sijil/sijil/internal/register"
)

// check reads a PDF as a whole and says whether it is taken. It runs in the
// worker: what it reads may be made to break it.
func check(pdf []byte) report {
	if !bytes.Contains(pdf[max(0, len(pdf)-4096):], []byte("%%EOF")) {
		return report{Problem: "truncated"}
	}
	model.ConfigPath = "disable" // it reads and writes no settings of its own
	settings := model.NewDefaultConfiguration()
	settings.ValidationMode = model.ValidationRelaxed
	settings.Offline = true
	settings.ValidateLinks = false
	document, err := read(pdf, settings)
	switch {
	case errors.Is(err, pdfcpu.ErrWrongPassword):
		return report{Problem: "encrypted"}
	case err != nil:
		return report{Problem: "damaged"}
	}
	if isActive(document) {
		return report{Problem: "active"}
	}
	var found report
	if document.Encrypt != nil {
		found.Warnings = append(found.Warnings, register.FileRestricted)
	}
	if err := validate.XRefTable(document); err != nil {
		found.Warnings = append(found.Warnings, register.FileIrregular)
	}
	if err := document.EnsurePageCount(); err != nil || document.PageCount < 1 {
		return report{Problem: "damaged"}
	}
	if document.PageCount > MaxPages {
		return report{Problem: "pages"}
	}
	if last, _, _, err := document.PageDict(document.PageCount, false); err != nil || last["Kids"] != nil {
		return report{Problem: "damaged"} // it counts pages that it does not have
	}
	found.Pages = document.PageCount
	return found
}

// read is what pdfcpu's package api does, which takes half of the time of a start for what
// it has besides: an error where the reader panics, which is of malformed files.
func read(pdf []byte, settings *model.Configuration) (document *model.Context, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("read PDF: panic: %v", v)
		}
	}()
	return pdfcpu.Read(bytes.NewReader(pdf), settings)
}

// activeNames are names whose presence as a key, a type or a kind of action
// means that a document does something, or carries another file: programs,
// forms that send, other files, films. Links to pages on the web are not among
// them.
//
// Such documents are refused, not accepted with a warning: what the register
// takes, it hands to everybody under its own name. The person who attaches
// prints the document to a new PDF, which leaves all this out, and the
// statement says where the original is.
func activeNames() []string {
	return []string{
		"JavaScript", "JS", "Launch", "EmbeddedFile", "EmbeddedFiles", "EF", "XFA", "RichMedia", "RichMediaContent",
		"SubmitForm", "ImportData", "GoToE", "GoToR", "Movie", "Sound", "Rendition", "3D", "Collection",
	}
}

// harmlessActions are the kinds of actions that may follow without a click: they
// show another place of the document, or the same otherwise.
func harmlessActions() []string {
	return []string{"GoTo", "Named", "Hide", "SetOCGState", "Trans", "ResetForm"}
}

// deepest is how far objects may lie in each other.
const deepest = 60

// isActive looks at every object of the document, also at those that nothing
// points to: a reader that repairs a file may find them.
func isActive(document *model.Context) bool {
	names := activeNames()
	for _, entry := range document.Table {
		if entry == nil || entry.Free {
			continue
		}
		if objectIsActive(entry.Object, names, 0) || actsByItself(document, entry.Object, 0) {
			return true
		}
	}
	return false
}

// actsByItself looks for what happens without a click: when the document or a page
// of it is opened, and the like. A link to the web harms nobody who clicks on it; one
// that is followed by itself tells a server who reads.
func actsByItself(document *model.Context, object types.Object, depth int) bool {
	if depth > deepest {
		return true
	}
	if list, ok := object.(types.Array); ok {
		return slices.ContainsFunc(list, func(o types.Object) bool { return actsByItself(document, o, depth+1) })
	}
	for key, value := range dictOf(object) {
		switch plainName(key) {
		case "OpenAction": // or a place
			if isHarmful(document, value, 0) {
				return true
			}
		case "AA":
			occasions, err := document.Dereference(value)
			if err != nil {
				return true
			}
			for _, action := range dictOf(occasions) {
				if isHarmful(document, action, 0) {
					return true
				}
			}
		}
		if actsByItself(document, value, depth+1) {
			return true
		}
	}
	return false
}

// isHarmful reports whether an action, or one that follows it, is none of the
// harmless ones.
func isHarmful(document *model.Context, object types.Object, depth int) bool {
	object, err := document.Dereference(object)
	if err != nil || depth > deepest {
		return true
	}
	for key, value := range dictOf(object) {
		switch plainName(key) {
		case "S":
			kind, err := document.Dereference(value)
			name, ok := kind.(types.Name)
			if err != nil || !ok || !slices.Contains(harmlessActions(), plainName(string(name))) {
				return true
			}
		case "Next":
			next, err := document.Dereference(value)
			list, ok := next.(types.Array)
			if !ok {
				list = types.Array{next}
			}
			if err != nil || slices.ContainsFunc(list, func(o types.Object) bool { return isHarmful(document, o, depth+1) }) {
				return true
			}
		}
	}
	return false
}

// dictOf returns the dictionary that an object is or has; nil for one that has none.
func dictOf(object types.Object) types.Dict {
	switch x := object.(type) {
	case types.Dict:
		return x
	case types.StreamDict:
		return x.Dict
	case *types.StreamDict:
		if x != nil {
			return x.Dict
		}
	case types.ObjectStreamDict:
		return x.Dict
	case *types.ObjectStreamDict:
		if x != nil {
			return x.Dict
		}
	}
	return nil
}

func objectIsActive(object types.Object, names []string, depth int) bool {
	if depth > deepest {
		return true // no honest document does that
	}
	if list, ok := object.(types.Array); ok {
		return slices.ContainsFunc(list, func(o types.Object) bool { return objectIsActive(o, names, depth+1) })
	}
	dict := dictOf(object)
	if _, plain := object.(types.Dict); !plain && isElsewhere(dict) {
		return true
	}
	return dictIsActive(dict, names, depth)
}

// isElsewhere tells the stream whose content stands in another file, or at an
// address.
func isElsewhere(stream types.Dict) bool {
	for key := range stream {
		if plainName(key) == "F" {
			return true
		}
	}
	return false
}

func dictIsActive(dict types.Dict, names []string, depth int) bool {
	for key, value := range dict {
		if slices.Contains(names, plainName(key)) {
			return true
		}
		if key = plainName(key); key == "S" || key == "Type" || key == "Subtype" {
			if name, ok := value.(types.Name); ok && slices.Contains(names, plainName(string(name))) {
				return true
			}
		}
		if objectIsActive(value, names, depth+1) {
			return true
		}
	}
	return false
}

// plainName writes a name without its #xx.
func plainName(name string) string {
	if plain, err := types.DecodeName(name); err == nil {
		return plain
	}
	return name
}
