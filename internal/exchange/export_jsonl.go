package exchange

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/sijil/sijil/internal/register"
)

// RegisterFormat names the form of the lossless export. It changes when a line
// changes its meaning.
const RegisterFormat = "sijil-register/1"

// The scopes of a lossless export; only the whole register can be read back.
const (
	scopeRegister = "register"
	scopeChoice   = "choice"
)

// RegisterLine is one line of the lossless export (JSON Lines). Exactly one of its
// parts is set, but for an edition, which comes with its content.
type RegisterLine struct {
	Register   *RegisterHead       `json:"register,omitempty"` // the first line
	Vocabulary *RegisterVocabulary `json:"vocabulary,omitempty"`
	Edition    *RegisterEdition    `json:"edition,omitempty"`
	// Content is the canonical JSON of the edition, byte for byte as it was hashed.
	Content json.RawMessage    `json:"content,omitempty"`
	Gone    *RegisterDeparture `json:"gone,omitempty"`
	End     *RegisterEnd       `json:"end,omitempty"` // the last line
}

// RegisterHead says what an export is of.
type RegisterHead struct {
	Format     string    `json:"format"`
	Base       string    `json:"base"`  // origin of the site that made it
	Scope      string    `json:"scope"` // "register": everything; "choice": some incidents and what they show
	At         time.Time `json:"at"`
	Generation int64     `json:"generation"` // of the published record
	Leaves     int64     `json:"leaves"`     // of the public log
}

// RegisterVocabulary is one vocabulary: without its codes nothing can be read back.
type RegisterVocabulary struct {
	Name  register.Vocabulary `json:"name"`
	Terms []RegisterTerm      `json:"terms"`
}

// RegisterTerm is a code with its labels.
type RegisterTerm struct {
	Code     string         `json:"code"`
	Position int            `json:"position"`
	Label    register.Text  `json:"label"`
	Phase    register.Phase `json:"phase,omitempty"`
	Retired  bool           `json:"retired,omitempty"`
}

// RegisterEdition names an edition, with what proves it besides its content.
type RegisterEdition struct {
	Type      register.RecordType `json:"type"`
	Reference string              `json:"reference"`
	Number    int                 `json:"number"`
	SHA256    string              `json:"sha256"` // of the content
	Leaf      int64               `json:"leaf"`   // position in the public log
	Salt      string              `json:"salt"`   // in base64: SHA-256(salt ‖ content) is what the leaf commits to
}

// RegisterDeparture is a record that is shown no more.
type RegisterDeparture struct {
	Type      register.RecordType `json:"type"`
	Reference string              `json:"reference"`
	State     string              `json:"state"` // merged, withdrawn or removed
	At        time.Time           `json:"at"`
	Into      string              `json:"into,omitempty"` // where it was merged
	Notice    register.Text       `json:"notice,omitempty"`
}

// RegisterEnd tells a whole export from one that broke off.
type RegisterEnd struct {
	Editions int    `json:"editions"`
	SHA256   string `json:"sha256"` // of all lines before this one
}

func jsonLinesFormat() ExportFormat {
	return ExportFormat{
		Name: "jsonl", MediaType: "application/jsonl", Extension: ".jsonl", Dumped: true,
		Begin: func(w io.Writer, about ExportAbout) (Encoder, error) { return beginRegister(w, about) },
	}
}

// registerEncoder writes the lossless export.
type registerEncoder struct {
	w        io.Writer // also into the hash
	sum      hash.Hash
	editions int
	line     bytes.Buffer
}

func beginRegister(w io.Writer, about ExportAbout) (*registerEncoder, error) {
	e := &registerEncoder{sum: sha256.New()}
	e.w = io.MultiWriter(w, e.sum)
	scope := scopeChoice
	if about.Scope.Whole {
		scope = scopeRegister
	}
	err := e.write(RegisterLine{Register: &RegisterHead{
		Format: RegisterFormat, Base: about.Base, Scope: scope, At: about.At.UTC().Truncate(time.Second),
		Generation: about.State.Generation, Leaves: about.State.Leaves,
	}})
	for _, v := range register.Vocabularies() {
		if err != nil {
			return nil, err
		}
		line := &RegisterVocabulary{Name: v, Terms: []RegisterTerm{}}
		for _, t := range about.State.Terms.Of(v) {
			line.Terms = append(line.Terms, RegisterTerm{t.Code, t.Position, t.Label, t.Phase, t.Retired})
		}
		err = e.write(RegisterLine{Vocabulary: line})
	}
	return e, err
}

// Sink implements Encoder.
func (e *registerEncoder) Sink() register.ExportSink {
	return register.ExportSink{Edition: e.edition, Departure: e.departure}
}

// edition writes the content as it is: encoding/json would escape what the
// canonical form does not.
func (e *registerEncoder) edition(x *register.ExportedEdition) error {
	about, err := json.Marshal(RegisterEdition{
		x.Type, x.Reference, x.Number, x.SHA256, x.Leaf, base64.StdEncoding.EncodeToString(x.Salt),
	})
	if err != nil {
		return fmt.Errorf("exchange: edition: %w", err)
	}
	e.editions++
	e.line.Reset()
	e.line.WriteString(`{"edition":`)
	e.line.Write(about)
	e.line.WriteString(`,"content":`)
	e.line.Write(x.Content)
	e.line.WriteString("}\n")
	_, err = e.w.Write(e.line.Bytes())
	return err
}

func (e *registerEncoder) departure(d *register.Departure) error {
	return e.write(RegisterLine{Gone: &RegisterDeparture{d.Type, d.Reference, stateOf(d), d.At.UTC(), d.Into, d.Notice}})
}

// stateOf names why a record is shown no more.
func stateOf(d *register.Departure) string {
	switch {
	case d.Into != "":
		return "merged"
	case d.Removed:
		return "removed"
	}
	return "withdrawn"
}

func (e *registerEncoder) write(line RegisterLine) error {
	body, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("exchange: line: %w", err)
	}
	_, err = e.w.Write(append(body, '\n'))
	return err
}

// Close implements Encoder.
func (e *registerEncoder) Close() error {
	return e.write(RegisterLine{End: &RegisterEnd{e.editions, hex.EncodeToString(e.sum.Sum(nil))}})
}
