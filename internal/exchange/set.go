package exchange

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"

	"github.com/sijil/sijil/internal/register"
)

// ReadSet reads a set of records from the YAML files in a folder, such as the
// founding record: each file holds some of the keys sources, institutions,
// statements and incident. A key that the register does not know is an error,
// so that a slip of the pen is not lost in silence.
func ReadSet(folder fs.FS) (register.Set, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return register.Set{}, fmt.Errorf("read set: %w", err)
	}
	var set register.Set
	for _, name := range names {
		file, err := readSetFile(folder, name)
		if err != nil {
			return register.Set{}, fmt.Errorf("read set: %s: %w", name, err)
		}
		set.Sources = append(set.Sources, file.Sources...)
		set.Institutions = append(set.Institutions, file.Institutions...)
		set.Statements = append(set.Statements, file.Statements...)
		if file.Incident != nil {
			set.Incidents = append(set.Incidents, *file.Incident)
		}
	}
	return set, nil
}

type setFile struct {
	Sources      []register.Source      `json:"sources"`
	Institutions []register.Institution `json:"institutions"`
	Statements   []register.Statement   `json:"statements"`
	Incident     *register.Incident     `json:"incident"`
}

func readSetFile(folder fs.FS, name string) (setFile, error) {
	var file setFile
	raw, err := fs.ReadFile(folder, name)
	if err != nil {
		return file, err
	}
	asJSON, err := yaml.YAMLToJSON(raw)
	if err != nil {
		return file, err
	}
	decoder := json.NewDecoder(bytes.NewReader(asJSON))
	decoder.DisallowUnknownFields()
	return file, decoder.Decode(&file)
}
