package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
)

// component is a part of a bill of materials (CycloneDX 1.6).
type component struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl,omitempty"`
	// Properties hold the module's hash as go.sum has it, which is none of those
	// that the format knows.
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// billOfMaterials prints what the toolchain noted of the modules that are built
// in: the same build gives the same bytes.
func (p program) billOfMaterials() error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this build does not know what is built in: build it with modules")
	}
	out := json.NewEncoder(p.stdout)
	out.SetIndent("", "  ")
	err := out.Encode(map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
		"metadata":   map[string]any{"component": component{Type: "application", Name: "sijil", Version: buildVersion()}},
		"components": components(info),
	})
	if err != nil {
		return fmt.Errorf("writing the bill of materials: %w", err)
	}
	return nil
}

// components are the modules and Go itself, in the order of their names.
func components(info *debug.BuildInfo) []component {
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	all := []component{{Type: "library", Name: "std", Version: goVersion, PURL: "pkg:golang/std@" + goVersion}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := component{Type: "library", Name: m.Path, Version: m.Version, PURL: "pkg:golang/" + m.Path + "@" + m.Version}
		if m.Sum != "" {
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		all = append(all, c)
	}
	return all
}
