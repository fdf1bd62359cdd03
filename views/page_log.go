package views

import "github.com/sijil/sijil/views/ui"

// LogPage is the public log: its newest checkpoint, how to check it, its keys,
// and the checkpoints before.
type LogPage struct {
	Frame
	Heading, Lead string
	// State are name, size and root of the log; empty when nothing was signed yet.
	State []ui.Labelled
	Files []ui.Link // for programs
	// Steps are what to run, each with what it does.
	Steps []Command
	How   ui.Link // the text that explains it
	Keys  []LogKey
	// Witnesses have cosigned checkpoints, the one that did so last first.
	Witnesses []LogWitness
	// Checkpoints are the signed heads, the newest first. Attested means that
	// others have attested one that is shown.
	Checkpoints []LogCheckpoint
	Attested    bool
	First, Next string
}

// Command is what to type, and what it does.
type Command struct {
	Does, Line string
}

// LogKey is a key that signs the log, or did.
type LogKey struct {
	Key   string
	State string // of a former key, and of the current one
	Since ui.Date
	Entry string // number of its entry in the log
}

// LogCheckpoint is a signed head of the log.
type LogCheckpoint struct {
	Size   string
	Signed ui.Date
	Root   string
	// Attested tells who else has attested it, and when.
	Attested []LogAttestation
}

// LogAttestation is that somebody else has seen a checkpoint.
type LogAttestation struct {
	By   string // a name
	At   ui.Date
	File ui.Link // where it can be checked by itself; none: it stands below the checkpoint
}

// LogWitness is a witness who has cosigned checkpoints.
type LogWitness struct {
	Key  string
	Last ui.Date
	Size string // of the last checkpoint that he cosigned
}

// LogProof says where an edition stands in the public log, and how to check it.
type LogProof struct {
	Text    string
	Links   []ui.Link
	Command string // empty while no checkpoint tells of the edition
}
