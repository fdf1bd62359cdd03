package desk

import (
	"net/url"
	"strconv"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	views "github.com/sijil/sijil/views/desk"
)

// drawOperations decides all that the page of operations shows.
func (d *Desk) drawOperations(r Request, o operations) views.OperationsPage {
	loc := d.loc(r)
	page := views.OperationsPage{
		Frame: d.frame(r, loc.T("operations.title")), CopiesHint: loc.T("operations.backup-hint"),
		SettingsHint: loc.T("operations.settings-hint"), EventsName: loc.N("operations.security", editorial.SecurityDays),
	}
	page.Alarms = operationsAlarms(loc, o)
	page.Program = d.programFacts(r, o)
	page.Publication = d.publicationFacts(r, o)
	page.Copies = d.copyFacts(r, o)
	for _, s := range o.machine.Settings {
		text := loc.T("operations.off")
		switch {
		case s.On && s.Value != "":
			text = loc.T("operations.on-value", "value", s.Value)
		case s.On:
			text = loc.T("operations.on")
		}
		page.Settings = append(page.Settings, views.OperationsFact{Term: loc.T("operations.setting." + s.Name), Text: text})
	}
	page.Work = d.workFacts(r, o)
	page.Sides, page.Queues, page.Events = d.sideTable(r, o), queueTable(loc, o.Jobs), d.eventTable(r, o)
	for _, j := range o.Troubled {
		page.Jobs = append(page.Jobs, d.troubledJob(r, j))
	}
	return page
}

// operationsAlarms are what somebody has to look at, the worst first.
func operationsAlarms(loc *i18n.Localizer, o operations) []views.OperationsAlarm {
	var out []views.OperationsAlarm
	for _, a := range []struct {
		on         bool
		text, part string
	}{
		{o.anyDown(), loc.T("operations.alarm.database"), "databases"},
		{o.older(o.Overdue, longOverdue), loc.T("operations.alarm.overdue"), "publication"},
		{o.older(o.OldestJob, oldJob), loc.T("operations.alarm.queue"), "jobs"},
		{o.count("discarded") > 0, loc.N("operations.alarm.jobs", o.count("discarded")), "jobs"},
		{o.older(o.Log.UnsignedSince, oldUnsigned), loc.T("operations.alarm.unsigned"), "publication"},
		{o.anyBehind(), loc.T("operations.alarm.replica"), "copies"},
		{o.Archive.Failing(), loc.T("operations.alarm.archive"), "copies"},
		{o.Backup.IsZero() || o.older(o.Backup, oldBackup), loc.T("operations.alarm.backup"), "copies"},
		{o.cache != nil && o.cache.Stale > 0, loc.T("operations.alarm.stale"), "program"},
		{o.Mails.Failed > 0, loc.N("operations.alarm.mails", o.Mails.Failed), "jobs"},
		{o.locked() > 0, loc.N("operations.alarm.locked", o.locked()), "security"},
	} {
		if a.on {
			out = append(out, views.OperationsAlarm{Text: a.text, Part: a.part})
		}
	}
	return out
}

func (d *Desk) programFacts(r Request, o operations) []views.OperationsFact {
	loc := d.loc(r)
	facts := []views.OperationsFact{}
	add := func(key, text string, bad bool) {
		facts = append(facts, views.OperationsFact{Term: loc.T("operations." + key), Text: text, Bad: bad})
	}
	if o.machine.Version != "" {
		add("version", o.machine.Version, false)
		add("since", d.aged(r, o.machine.Since), false)
		add("schema", strconv.FormatUint(uint64(o.machine.Schema), 10), false)
	}
	add("generation", loc.Number(o.Generation), false)
	if c := o.cache; c != nil {
		all := c.Hits + c.Made
		add("cache", loc.T("operations.cache-text", "pages", loc.N("operations.pages", c.Pages), "bytes", bytesText(loc, c.Bytes)), false)
		add("hits", loc.T("operations.hits-text", "hits", loc.Number(c.Hits), "all", loc.Number(all),
			"share", strconv.FormatInt(100*c.Hits/max(1, all), 10)), false)
		add("stale", loc.Number(c.Stale), c.Stale > 0)
	}
	add("sessions", loc.T("operations.sessions-text", "sessions", loc.N("operations.session-count", o.Sessions),
		"people", loc.N("operations.people", o.Present)), false)
	return facts
}

func (d *Desk) publicationFacts(r Request, o operations) []views.OperationsFact {
	loc, log := d.loc(r), o.Log
	facts := []views.OperationsFact{
		{Term: loc.T("operations.published"), Text: d.aged(r, o.Published)},
		{Term: loc.T("operations.leaves"), Text: loc.Number(log.Leaves)},
		{Term: loc.T("operations.signed"), Text: d.aged(r, log.SignedAt)},
		{Term: loc.T("operations.unsigned"), Text: loc.Number(log.Unsigned()), Bad: o.older(log.UnsignedSince, oldUnsigned)},
	}
	attested := func(key string, all []register.Attested) {
		for _, a := range all {
			missing := int(max(0, log.Signed-a.Size))
			text := loc.T("operations.attested-all", "at", d.aged(r, a.At))
			if missing > 0 {
				text = loc.N("operations.attested", missing, "at", d.aged(r, a.At))
			}
			facts = append(facts, views.OperationsFact{Term: loc.T(key, "name", a.By), Text: text})
		}
	}
	attested("operations.witness", log.Witnesses)
	attested("operations.authority", log.Timestamps)
	return facts
}

func (d *Desk) copyFacts(r Request, o operations) []views.OperationsFact {
	loc := d.loc(r)
	backup, archive := loc.T("operations.backup-none"), loc.T("operations.archive-off")
	if !o.Backup.IsZero() {
		backup = d.aged(r, o.Backup)
	}
	switch {
	case o.Archive.Failing():
		archive = loc.T("operations.archive-failing", "at", d.aged(r, o.Archive.Failed))
	case o.Archive.On:
		archive = d.aged(r, o.Archive.Last)
	}
	facts := []views.OperationsFact{
		{Term: loc.T("operations.backup"), Text: backup, Bad: o.Backup.IsZero() || o.older(o.Backup, oldBackup)},
		{Term: loc.T("operations.archive"), Text: archive, Bad: o.Archive.Failing()},
	}
	facts = append(facts, replicaFacts(loc, o)...)
	amount := func(key string, n, bytes int64) {
		facts = append(facts, views.OperationsFact{
			Term: loc.T("operations." + key),
			Text: loc.T("operations.amount", "n", loc.N("operations.file-count", int(n)), "bytes", bytesText(loc, bytes)),
		})
	}
	amount("files", o.Storage.Files, o.Storage.Bytes)
	amount("documents", o.Storage.Documents, o.Storage.Published)
	amount("dumps", o.Storage.Dumps, o.Storage.DumpBytes)
	return facts
}

// replicaFacts are the replicas as the primary sees them, and as this program
// reads from them.
func replicaFacts(loc *i18n.Localizer, o operations) []views.OperationsFact {
	var facts []views.OperationsFact
	for _, f := range o.Followers {
		facts = append(facts, views.OperationsFact{
			Term: loc.T("operations.follower", "name", f.Name), Bad: f.Lag > farBehind,
			Text: loc.T("operations.follower-text", "lag", seconds(f.Lag), "bytes", bytesText(loc, f.Bytes)),
		})
	}
	if len(o.Followers) == 0 {
		facts = append(facts, views.OperationsFact{Term: loc.T("operations.followers"), Text: loc.T("operations.followers-none")})
	}
	for _, x := range o.replicas {
		key := "operations.replica-text"
		if !x.Usable {
			key = "operations.replica-unused"
		}
		facts = append(facts, views.OperationsFact{
			Term: loc.T("operations.replica", "name", x.Name), Text: loc.T(key, "lag", seconds(x.Lag)), Bad: x.Lag > farBehind,
		})
	}
	return facts
}

func (d *Desk) workFacts(r Request, o operations) []views.OperationsFact {
	loc := d.loc(r)
	oldest := loc.T("operations.no-jobs")
	if !o.OldestJob.IsZero() {
		oldest = d.aged(r, o.OldestJob)
	}
	return []views.OperationsFact{
		{Term: loc.T("operations.oldest-job"), Text: oldest, Bad: o.older(o.OldestJob, oldJob)},
		{Term: loc.T("operations.mails"), Text: loc.Number(int64(o.Mails.Waiting))},
		{Term: loc.T("operations.mails-failed"), Text: loc.Number(int64(o.Mails.Failed)), Bad: o.Mails.Failed > 0},
	}
}

func (d *Desk) sideTable(r Request, o operations) views.OperationsTable {
	loc := d.loc(r)
	t := views.OperationsTable{Head: []string{
		loc.T("operations.side"), loc.T("operations.server"), loc.T("operations.since"), loc.T("operations.connections"), loc.T("operations.waits"),
	}}
	for _, s := range o.sides {
		server, since := s.Server.Version, d.aged(r, s.Server.Since)
		switch {
		case s.Down:
			server, since = loc.T("operations.server-down"), "–"
		case s.Server.Replica:
			server = loc.T("operations.server-replica", "version", server)
		}
		t.Rows = append(t.Rows, views.OperationsRow{Name: loc.T("operations.side." + s.Name), Cells: []string{
			server, since,
			loc.T("operations.connections-text", "used", loc.Number(int64(s.Stat.InUse)), "most", loc.Number(int64(s.Stat.Most))),
			loc.Number(s.Stat.Waited),
		}})
	}
	return t
}

// jobStates are the states of a job in the order of the table.
func jobStates() []string {
	return []string{"available", "running", "scheduled", "retryable", "discarded", "cancelled"}
}

func queueTable(loc *i18n.Localizer, jobs []register.JobCount) views.OperationsTable {
	t := views.OperationsTable{Head: []string{loc.T("operations.queue")}, Empty: loc.T("operations.no-jobs")}
	for _, state := range jobStates() {
		t.Head = append(t.Head, loc.T("operations.state."+state))
	}
	for _, queue := range []string{"default", register.QueueAttest, register.QueueDumps} {
		row, some := views.OperationsRow{Name: loc.T("operations.queue." + queue)}, false
		for _, state := range jobStates() {
			n := 0
			for _, j := range jobs {
				if j.Queue == queue && j.State == state {
					n += j.Count
				}
			}
			some = some || n > 0
			row.Cells = append(row.Cells, loc.Number(int64(n)))
		}
		if some {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func (d *Desk) eventTable(r Request, o operations) views.OperationsTable {
	loc := d.loc(r)
	t := views.OperationsTable{
		Head:  []string{loc.T("operations.event"), loc.T("operations.count"), loc.T("operations.event-last")},
		Empty: loc.T("operations.no-events"),
	}
	for _, e := range o.Security {
		t.Rows = append(t.Rows, views.OperationsRow{
			Name: loc.Label("action", e.Action), Href: "/" + r.Lang + activityPath + "?action=" + url.QueryEscape(e.Action),
			Cells: []string{loc.Number(int64(e.Count)), d.aged(r, e.Last)},
		})
	}
	return t
}

func (d *Desk) troubledJob(r Request, j register.JobRow) views.OperationsJob {
	loc := d.loc(r)
	kind, id := j.Kind, strconv.FormatInt(j.ID, 10)
	if loc.Has("operations.kind." + j.Kind) {
		kind = loc.T("operations.kind." + j.Kind)
	}
	next := loc.T("operations.given-up")
	if !j.Again.IsZero() {
		next = loc.T("operations.again-at", "time", d.moment(r, j.Again))
	}
	return views.OperationsJob{
		ID: id, Kind: kind, Attempts: loc.T("operations.attempts-text", "n", j.Attempt, "most", j.MaxAttempts),
		Last: d.aged(r, j.At), Cause: shortened(j.Cause), Next: next,
		Retry: loc.T("operations.retry"), What: loc.T("operations.retry-what", "job", kind, "id", id),
	}
}

// shortened is the begin of a text that may be as long as a stack.
func shortened(s string) string {
	const most = 300
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// aged is a moment with how long ago it was.
func (d *Desk) aged(r Request, at time.Time) string {
	loc := d.loc(r)
	if at.IsZero() {
		return loc.T("operations.never")
	}
	age := d.now().Sub(at)
	moment := d.moment(r, at)
	switch {
	case age < time.Minute:
		return moment
	case age < time.Hour:
		return loc.T("operations.aged", "at", moment, "age", loc.N("operations.minutes", int(age/time.Minute)))
	case age < 48*time.Hour:
		return loc.T("operations.aged", "at", moment, "age", loc.N("operations.hours", int(age/time.Hour)))
	}
	return loc.T("operations.aged", "at", moment, "age", loc.N("operations.days", int(age/(24*time.Hour))))
}

// bytesText is a number of bytes in the unit that fits.
func bytesText(loc *i18n.Localizer, n int64) string {
	unit := "b"
	for _, next := range []string{"k", "m", "g"} {
		if n < 10_000 {
			break
		}
		n, unit = n/1000, next
	}
	return loc.T("operations.bytes."+unit, "n", loc.Number(n))
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) }
