package public

import (
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views/ui"
)

// lookOf is the form of a kind of timeline entries: the class that draws its
// icon in its colour. A new kind is one line here.
func lookOf(k register.EntryKind) string {
	switch k {
	case register.EntryDataPublication:
		return "k-leak"
	case register.EntryStatement:
		return "k-statement"
	case register.EntryVerification:
		return "k-verify"
	case register.EntryMeasure:
		return "k-measure"
	case register.EntryReferralStep:
		return "k-referral"
	case register.EntryContext:
		return "k-context"
	case register.EntryCorrection:
		return "k-correction"
	case register.EntryEvent:
	}
	return "k-event"
}

// lookOfEvent is the form of a kind of events: its own, or that of its entry.
func lookOfEvent(k register.EventKind, entry register.EntryKind) string {
	switch k {
	case register.EventAttack:
		return "k-attack"
	case register.EventDiscovery:
		return "k-discovery"
	case register.EventRestoration:
		return "k-restoration"
	case register.EventAuthorityNotified, register.EventPeopleNotified:
		return "k-notice"
	case register.EventDataPublication, register.EventVerification, register.EventContext,
		register.EventCorrection, register.EventOther:
	}
	return lookOf(entry)
}

// entryKind is a kind of entries as filters and rows name it.
func (c *composer) entryKind(k register.EntryKind) ui.Kind {
	return ui.Kind{Class: lookOf(k), Label: c.loc.Label("entry-kind", string(k))}
}

// kindOf is the kind of one entry: events are named by their own kind, and
// statements say whether they are official.
func (c *composer) kindOf(e *register.Entry) ui.Kind {
	switch {
	case e.Event != nil:
		return ui.Kind{Class: lookOfEvent(e.Event.Kind, e.Kind), Label: c.loc.Label("event-kind", string(e.Event.Kind))}
	case e.Official():
		return ui.Kind{Class: lookOf(e.Kind), Label: c.loc.T("statement.official")}
	case e.Referral != nil && e.Referral.Kind != "":
		return ui.Kind{Class: lookOf(e.Kind), Label: c.loc.Label("referral-kind", string(e.Referral.Kind))}
	}
	return c.entryKind(e.Kind)
}

// shapes of tags, as ui.Tag knows them.
const (
	shapeOK      = "ok"
	shapeClaimed = "claimed"
	shapePress   = "press"
	shapeNone    = "none"
	shapeAccent  = "accent"
	shapePlain   = "plain"
)

// attestationTag says on whose word a fact stands.
func (c *composer) attestationTag(a register.Attestation) ui.Tag {
	shapes := map[register.Attestation]string{
		register.Acknowledged: shapeOK, register.PublicRecord: shapeAccent,
		register.Asserted: shapeClaimed, register.Reported: shapePress,
	}
	return ui.Tag{Shape: shapes[a], Label: c.loc.Label("attestation", string(a))}
}

// levelTag says how well a step of a referral is established.
func (c *composer) levelTag(l register.Level) ui.Tag {
	shape := shapePress
	switch l {
	case register.ConfirmedByAuthority, register.DocumentSeen:
		shape = shapeOK
	case register.AnnouncedByParty:
		shape = shapeClaimed
	case register.PressOnly:
	}
	return ui.Tag{Shape: shape, Label: c.loc.Label("level", string(l))}
}

// claimMark is the mark of a claim against earlier ones.
func (c *composer) claimMark(m register.Mark) ui.Mark {
	type form struct{ class, icon string }
	forms := map[register.Mark]form{
		register.MarkNew: {"new", "m-new"}, register.MarkRepeated: {"same", "m-same"},
		register.MarkConfirmed: {"confirm", "m-confirm"}, register.MarkReworded: {"changed", "m-changed"},
		register.MarkNarrowed: {"narrow", "m-narrow"}, register.MarkWidened: {"narrow", "m-widen"},
		register.MarkContradicted: {"contra", "m-contra"}, register.MarkRetracted: {"contra", "m-retract"},
		register.MarkRelated:      {"changed", "m-changed"},
		register.MarkNotAddressed: {"silent", "m-silent"}, register.MarkTextNotKnown: {"silent", "p-none"},
	}
	return ui.Mark{Class: forms[m].class, Icon: forms[m].icon, Label: c.loc.Label("mark", string(m))}
}

// attestation is on whose word an entry that is not a statement stands. A
// measure carries none of its own: it is asserted where a statement says it,
// and reported where only the press does; a step stands by its level.
func attestation(e *register.Entry) register.Attestation {
	switch {
	case e.Event != nil:
		return e.Event.Attestation
	case e.Measure != nil && len(e.Measure.SaidIn) == 0:
		return register.Reported
	case e.Step != nil && (e.Step.Level == register.ConfirmedByAuthority || e.Step.Level == register.DocumentSeen):
		return register.Acknowledged
	case e.Step != nil && e.Step.Level == register.PressOnly:
		return register.Reported
	}
	return register.Asserted
}
