package public

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/tlog"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/texts"
	"github.com/sijil/sijil/views/ui"
)

// proofAnchor is where the page of an edition tells of its proof.
const proofAnchor = "#_proof"

// LogParams are the parameters of the page of the log.
func LogParams() []string { return []string{"before"} }

// checkpointsAtOnce is how many checkpoints one page lists.
const checkpointsAtOnce = 50

// ShowLog answers the public log, for people.
func (p *Pages) ShowLog(ctx context.Context, r Request) (Answer, error) {
	before, err := number(r.Query, "before")
	if err != nil {
		return Answer{}, err
	}
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	c := &logComposer{composer: newComposer(known.Localizer(r.Lang), p.site, r.place(r.Query)), before: int64(before)}
	if c.newest, err = p.records.Checkpoint(ctx); err != nil && !errors.Is(err, register.ErrNotFound) {
		return Answer{}, err
	}
	if c.keys, err = p.records.LogKeys(ctx); err != nil {
		return Answer{}, err
	}
	// One more tells whether there are older ones.
	if c.checkpoints, err = p.records.Checkpoints(ctx, c.before, checkpointsAtOnce+1); err != nil {
		return Answer{}, err
	}
	if err := c.attest(ctx, p.records); err != nil {
		return Answer{}, err
	}
	return Answer{Page: views.Log(c.page())}, nil
}

// loggedEdition is where an edition stands in the public log.
type loggedEdition struct {
	reference string
	number    int
	position  int64
	signed    int64  // how many entries the newest checkpoint has
	key       string // that signs now; empty while none does
}

// logged finds an edition in the public log; nil for one that is not in it.
func (p *Pages) logged(ctx context.Context, reference string, number int) (*loggedEdition, error) {
	proof, err := p.records.EditionProof(ctx, reference, number)
	if errors.Is(err, register.ErrNotFound) {
		return nil, nil //nolint:nilnil // it is in no log
	}
	if err != nil {
		return nil, err
	}
	out := &loggedEdition{reference: reference, number: number, position: proof.Position}
	newest, err := p.records.Checkpoint(ctx)
	if errors.Is(err, register.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	keys, err := p.records.LogKeys(ctx)
	if err == nil && len(keys) > 0 {
		out.signed, out.key = newest.Size, keys[0].Key
	}
	return out, err
}

// logComposer composes the page of the public log.
type logComposer struct {
	*composer
	newest      register.LogCheckpoint // of size 0 when nothing was signed yet
	keys        []register.LogKey
	checkpoints []register.LogCheckpoint
	before      int64 // 0: from the newest on
	attested    attested
}

func (c *logComposer) page() views.LogPage {
	title := c.loc.T("public-log.heading")
	p := views.LogPage{
		Frame: c.frame(heading{
			title: title, description: c.loc.T("public-log.lead"), crumbs: []ui.Link{{Text: c.plain(title)}},
		}),
		Heading: title, Lead: c.loc.T("public-log.lead"),
		State: c.state(), Steps: c.steps(),
		How: ui.Link{Href: c.textAddress(texts.Verification, "check"), Text: c.plain(c.loc.T("public-log.how"))},
	}
	if c.newest.Size > 0 {
		p.Files = []ui.Link{
			{Href: "/log/checkpoint", Text: c.plain(c.loc.T("public-log.file-checkpoint"))},
			{Href: "/log/keys", Text: c.plain(c.loc.T("public-log.file-keys"))},
		}
	}
	if len(c.attested.stamped) > 0 {
		p.Files = append(p.Files, ui.Link{Href: "/log/timestamps", Text: c.plain(c.loc.T("public-log.file-timestamps"))})
	}
	for i, k := range c.keys {
		state := "public-log.key-former"
		if i == 0 {
			state = "public-log.key-current"
		}
		p.Keys = append(p.Keys, views.LogKey{
			Key: k.Key, State: c.loc.T(state), Since: c.moment(k.Since), Entry: c.loc.Number(k.Position),
		})
	}
	p.Witnesses = c.witnesses()
	c.list(&p)
	p.NoIndex = c.before > 0
	return p
}

// list adds the checkpoints, and where to go on.
func (c *logComposer) list(p *views.LogPage) {
	own := c.place.bare(c.loc.Lang())
	shown := c.checkpoints
	if len(shown) > checkpointsAtOnce {
		shown = shown[:checkpointsAtOnce]
		last := strconv.FormatInt(shown[len(shown)-1].Size, 10)
		p.Next = withQuery(own, url.Values{"before": {last}})
	}
	if c.before > 0 {
		p.First = own
	}
	for _, x := range shown {
		attested := c.attestations(x.Size)
		p.Attested = p.Attested || len(attested) > 0
		p.Checkpoints = append(p.Checkpoints, views.LogCheckpoint{
			Size: c.loc.Number(x.Size), Signed: c.moment(x.SignedAt), Root: rootText(x.Root), Attested: attested,
		})
	}
}

// rootText writes a root as checkpoints do.
func rootText(root []byte) string { return base64.StdEncoding.EncodeToString(root) }

// state is the newest checkpoint; nil when nothing was signed yet.
func (c *logComposer) state() []ui.Labelled {
	head, err := tlog.PeekCheckpoint([]byte(c.newest.Note))
	if err != nil {
		return nil
	}
	labelled := func(key, value string) ui.Labelled {
		return ui.Labelled{Label: c.loc.T(key), Text: c.plain(value)}
	}
	return []ui.Labelled{
		labelled("public-log.name", head.Origin),
		labelled("public-log.size", c.loc.Number(head.Size)),
		labelled("public-log.root", head.Root.String()),
		labelled("public-log.signed", c.moment(c.newest.SignedAt).Text),
	}
}

// steps are how anybody checks the log.
func (c *logComposer) steps() []views.Command {
	verify := "sijil verify " + c.site.BaseURL
	const file = "sijil.checkpoint"
	lang := " --lang " + c.loc.Lang()
	out := []views.Command{
		{Does: c.loc.T("public-log.step-first"), Line: verify + " --save " + file + lang},
		{Does: c.loc.T("public-log.step-later"), Line: verify + " --since " + file + lang},
	}
	if line := c.witnessFlags(); line != "" {
		out = append(out, views.Command{Does: c.loc.T("public-log.step-witness"), Line: verify + line + lang})
	}
	if len(c.attested.stamped) > 0 {
		out = append(out, views.Command{Does: c.loc.T("public-log.step-stamp"), Line: verify + " --tsa-ca authority.pem" + lang})
	}
	return out
}

// moment is a time of the clock in Morocco.
func (c *composer) moment(t time.Time) ui.Date {
	at := t.In(edtf.Location())
	return ui.Date{
		Text:     c.loc.T("editions.when", "date", edtf.DayOf(at).Date().Text(c.loc.Lang(), edtf.Long), "time", at.Format("15:04")),
		DateTime: at.Format("2006-01-02T15:04:05-07:00"),
	}
}

// proof says where an edition stands in the public log; nil for one that does
// not.
func (c *composer) proof(e *loggedEdition) *views.LogProof {
	if e == nil {
		return nil
	}
	log := ui.Link{Href: address(c.loc.Lang(), "log"), Text: c.plain(c.loc.T("public-log.heading"))}
	how := ui.Link{Href: c.textAddress(texts.Verification, "check"), Text: c.plain(c.loc.T("public-log.how"))}
	if e.position >= e.signed {
		return &views.LogProof{
			Text: c.loc.T("public-log.unsigned", "position", c.loc.Number(e.position)), Links: []ui.Link{log, how},
		}
	}
	file := strings.TrimSuffix(jsonAddress(e.reference, e.number), ".json")
	name := strconv.Itoa(e.number)
	return &views.LogProof{
		Text: c.loc.T("public-log.stands", "position", c.loc.Number(e.position), "size", c.loc.Number(e.signed)),
		Links: []ui.Link{
			{Href: file + ".proof", Text: c.plain(c.loc.T("public-log.proof-file", "file", name+".proof"))}, log, how,
		},
		Command: fmt.Sprintf("sijil verify %s.json %s.proof --key %s --lang %s", name, name, e.key, c.loc.Lang()),
	}
}
