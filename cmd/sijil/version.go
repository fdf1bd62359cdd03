package main

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/sijil/sijil/internal/store"
)

// release is set by the linker (-X main.release=…) where a build has no
// repository to read its version from, as in a container.
var release = ""

// version prints what somebody who reports a fault should copy.
func (p program) version(_ context.Context, args []string) error {
	flags := p.newFlags("version", "[flags]", "Prints which build this is.")
	modules := flags.Bool("modules", false, "print what is built in, as a bill of materials (CycloneDX 1.6, JSON)")
	if _, err := parse(flags, args, 0); err != nil {
		return err
	}
	if *modules {
		return p.billOfMaterials()
	}
	schema, err := store.SchemaVersion()
	if err != nil {
		return err
	}
	say(p.stdout, "sijil %s (schema %d, %s %s/%s)", buildVersion(), schema, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// buildVersion is the release, else what the toolchain noted.
func buildVersion() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
