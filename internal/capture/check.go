package capture

import (
	"bytes"
	"errors"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/sijil/sijil/internal/register"
)

// check reads a PDF as a whole and says whether it is taken. It runs in the
// worker: what it reads may be made to break it.
func check(pdf []byte) report {
	if !bytes.Contains(pdf[max(0, len(pdf)-4096):], []byte("%%EOF")) {
		return report{Problem: "truncated"}
	}
	api.DisableConfigDir()
	settings := model.NewDefaultConfiguration()
	settings.ValidationMode = model.ValidationRelaxed
	settings.Offline = true
	settings.ValidateLinks = false
	document, err := api.ReadContext(bytes.NewReader(pdf), settings)
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
	if err := api.ValidateContext(document); err != nil {
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

// deepest is how far objects may lie in each other.
const deepest = 60

// isActive looks at every object of the document, also at those that nothing
// points to: a reader that repairs a file may find them.
func isActive(document *model.Context) bool {
	names := activeNames()
	for _, entry := range document.Table {
		if entry != nil && !entry.Free && objectIsActive(entry.Object, names, 0) {
			return true
		}
	}
	return false
}

func objectIsActive(object types.Object, names []string, depth int) bool {
	if depth > deepest {
		return true // no honest document does that
	}
	switch x := object.(type) {
	case types.Dict:
		return dictIsActive(x, names, depth)
	case types.StreamDict:
		return dictIsActive(x.Dict, names, depth)
	case *types.StreamDict:
		return x != nil && dictIsActive(x.Dict, names, depth)
	case types.ObjectStreamDict:
		return dictIsActive(x.Dict, names, depth)
	case *types.ObjectStreamDict:
		return x != nil && dictIsActive(x.Dict, names, depth)
	case types.Array:
		return slices.ContainsFunc(x, func(o types.Object) bool { return objectIsActive(o, names, depth+1) })
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
