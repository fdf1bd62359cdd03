package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/config"
	"github.com/sijil/sijil/internal/store"
	"github.com/sijil/sijil/internal/web/desk"
)

// newMachine is this program for the page of operations. Pools that are nil are
// not there.
func newMachine(settings []desk.Setting, witnesses []string, pools map[store.Side]*store.DB) (*desk.Machine, error) {
	schema, err := store.SchemaVersion()
	if err != nil {
		return nil, err
	}
	m := &desk.Machine{Version: buildVersion(), Schema: schema, Since: time.Now(), Settings: settings, Witnesses: witnesses}
	for _, side := range []store.Side{store.DeskSide, store.PublicSide, store.ExportSide, store.TakedownSide} {
		if db := pools[side]; db != nil {
			m.Sides = append(m.Sides, desk.Side{Name: string(side), Pool: db})
		}
	}
	return m, nil
}

// shownSettings are what is on and off, without a value that is secret.
func shownSettings(s config.Config, witnesses []string) []desk.Setting {
	days := ""
	if s.DumpDays > 0 {
		days = fmt.Sprintf("SIJIL_DUMP_DAYS=%d", s.DumpDays)
	}
	return []desk.Setting{
		{Name: "mail", On: s.SendsMail()},
		{Name: "captures", On: s.Captures()},
		{Name: "signing", On: s.LogKeyFile != ""},
		{Name: "witnesses", On: len(witnesses) > 0, Value: strings.Join(witnesses, ", ")},
		{Name: "timestamps", On: s.TimestampURL != ""},
		{Name: "hub", On: s.WebSubHub != ""},
		{Name: "dumps", On: s.DumpDays > 0, Value: days},
		{Name: "takedown", On: s.TakedownDatabaseURL != ""},
		{Name: "bucket", On: strings.HasPrefix(s.Blobs, "s3:")},
		{Name: "metrics", On: s.MetricsAddr != "", Value: s.MetricsAddr},
		{Name: "traces", On: s.Traces(), Value: fmt.Sprintf("SIJIL_TRACES_SHARE=%g", s.TracesShare)}, // the address may hold a password
	}
}

// demoSettingsShown are those of a demonstration.
func demoSettingsShown(s demoSettings) []desk.Setting {
	return []desk.Setting{
		{Name: "mail"},
		{Name: "captures", On: s.captures},
		{Name: "signing", On: true},
		{Name: "witnesses"},
		{Name: "timestamps"},
		{Name: "dumps", On: true},
		{Name: "takedown", On: true},
		{Name: "metrics"},
		{Name: "traces"},
	}
}
