package web_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sijil/sijil/internal/auth"
	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/exchange"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/views/assets"
)

const (
	// hushed stands in every text of what is for staff only, said in what is published.
	hushed, said = "zqxhushed", "Dit"
	baseSource   = "states-source"
)

// nowhere are names that nothing ever had.
var nowhere = thing{
	"id": "11111111-2222-4333-8444-555555555555", "slug": "never-was", "reference": "SJ-2099-9999", "version": "1", "number": "99", "position": "999999",
	"part": "sources", "key": "never-was", "hash": strings.Repeat("ab", 32), "token": strings.Repeat("A", 43), "code": "never-was", "name": "never-was",
	"account": "11111111-2222-4333-8444-555555555555", "decision": "11111111-2222-4333-8444-555555555555", "run": "11111111-2222-4333-8444-555555555555",
}

// with returns the same names with other values: pairs of a name and a value.
func (x thing) with(pairs ...string) thing {
	out := thing{}
	maps.Copy(out, x)
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// families are what can be asked for: each makes a thing of a kind in a state, for
// somebody who will ask for it.
func families() map[string]func(w *world, kind, state, asker string) thing {
	return map[string]func(w *world, kind, state, asker string) thing{
		"record": (*world).record, "review": (*world).review, "decision": (*world).decision, "source": (*world).source, "file": (*world).file,
		"account": (*world).account, "link": (*world).link, "term": (*world).term, "import": (*world).imported, "token": (*world).token,
		"fixed": (*world).fixed,
	}
}

// noun is the least of a record of a kind that can be published, in words.
func (w *world) noun(kind, slug, words string) any {
	fact := func(key string) register.Fact { return register.Fact{Key: key, Sources: []string{baseSource}} }
	text := inWords(words, words, words)
	switch kind {
	case "incidents":
		return &register.Incident{
			Language: register.French, Slug: slug, Standing: "suspected", Country: "MA", Title: text, Summary: text,
			Kinds:    []string{"information-content-security/data-leak"},
			Affected: []register.AffectedInstitution{{Fact: fact("target"), Institution: w.institution, Roles: []register.Role{register.RoleTarget}}},
			Events: []register.Event{
				{Fact: fact("attack"), Kind: register.EventAttack, Attestation: register.Reported, Title: text},
				{Fact: fact("leak"), Kind: register.EventDataPublication, Attestation: register.Reported, Title: text},
			},
			Referrals: []register.Referral{{
				Fact: fact("referral"), Kind: register.ReferralJudicial, Title: text, ByName: text, ToName: text,
				Steps: []register.Step{{Fact: fact("announced"), Step: "announced", Level: register.PressOnly, Title: text}},
			}},
			Sources: []string{baseSource},
		}
	case "statements":
		return &register.Statement{
			Language: register.French, Slug: slug, Kind: register.StatementCommunique, Title: text, Summary: text, Issuer: w.institution,
			OriginalLanguage: register.French, OriginalText: words, Sources: []string{baseSource},
			Claims: []register.Claim{
				{Fact: fact("said"), Topic: register.TopicNature, Paraphrase: text, Quantifier: register.QuantifierUnstated, Modality: register.ModalityAsserts},
				{Fact: fact("said-too"), Topic: register.TopicScope, Paraphrase: text, Quantifier: register.QuantifierUnstated, Modality: register.ModalityAsserts},
			},
		}
	}
	return &register.Institution{
		Language: register.French, Slug: slug, Kind: register.InstitutionOther, Sector: "other", Country: "MA", Description: text,
		Names: []register.InstitutionName{
			{Key: "official", Language: register.French, Kind: register.NameOfficial, Name: words + " " + slug, Sources: []string{baseSource}},
			{Key: "acronym", Language: register.French, Kind: register.NameAcronym, Name: strings.ToUpper(slug), Sources: []string{baseSource}},
		},
	}
}

// keyOf is that of an item of a noun of a kind, and the part in which it stands.
func keyOf(kind string) (part, key string) {
	switch kind {
	case "incidents":
		return "events", "attack"
	case "statements":
		return "claims", "said"
	}
	return "names", "acronym"
}

func draftOf(noun any) editorial.Draft {
	switch noun := noun.(type) {
	case *register.Incident:
		return editorial.Draft{Incident: noun}
	case *register.Statement:
		return editorial.Draft{Statement: noun}
	case *register.Institution:
		return editorial.Draft{Institution: noun}
	}
	return editorial.Draft{}
}

// saveAs saves a noun as somebody: a new record, or the next version of one.
func (w *world) saveAs(email string, v editorial.Version, noun any) editorial.Version {
	w.t.Helper()
	d := draftOf(noun)
	d.ID, d.Version = v.ID, v.Version
	v, err := w.editorial.Save(w.t.Context(), w.staff[email], d)
	w.must(err)
	return v
}

func (w *world) sent(v editorial.Version) string {
	w.t.Helper()
	bundle, err := w.editorial.SendBundle(w.t.Context(), w.staff[author], v, nil, "")
	w.must(err)
	return bundle
}

func (w *world) published(v editorial.Version) {
	w.t.Helper()
	_, err := w.editorial.PublishBundle(w.t.Context(), w.staff[reviewer], w.sent(v), editorialNow())
	w.must(err)
}

// publishBase publishes what is pointed to.
func (w *world) publishBase() {
	w.t.Helper()
	w.must(w.editorial.SaveSources(w.t.Context(), w.staff[author], []register.Source{{
		Key: baseSource, Kind: register.SourcePressReport, Publisher: "La presse", Title: "Article", URL: "https://press.example/states",
	}}))
	w.institution = w.base("institutions") // the others point to it
	w.incident, w.statement = w.base("incidents"), w.base("statements")
}

func (w *world) base(kind string) register.Ref {
	w.t.Helper()
	v := w.saveAs(author, editorial.Version{}, w.noun(kind, "base-"+strings.TrimSuffix(kind, "s"), said))
	w.published(v)
	return v.ID
}

// baseOf is the published record of a kind.
func (w *world) baseOf(kind string) register.Ref {
	return map[string]register.Ref{"incidents": w.incident, "statements": w.statement, "institutions": w.institution}[kind]
}

// record makes a record of a kind in a state.
func (w *world) record(kind, state, who string) thing {
	w.t.Helper()
	if state == "never was" {
		return nowhere.with("part", "sources")
	}
	if state == "of another type" {
		other := map[string]string{"incidents": "statements", "statements": "institutions", "institutions": "incidents"}[kind]
		return w.record(other, "published", who)
	}
	slug, by, words := w.slug(kind), author, hushed
	if state == "draft of one’s own" && w.asks[who].email != "" {
		by = w.asks[who].email
	}
	isPublic := !strings.HasPrefix(state, "draft") && state != "in review" && state != "approved" && state != "discarded"
	if isPublic {
		words = said
	}
	v := w.saveAs(by, editorial.Version{}, w.noun(kind, slug, words))
	if isPublic {
		w.published(v)
	}
	x := nowhere.with("id", string(v.ID), "slug", slug, "number", "1")
	w.bring(kind, state, slug, v)
	head, err := w.editorial.Head(w.t.Context(), w.staff[author], v.ID)
	w.must(err)
	x["version"] = fmt.Sprint(head.Version)
	if head.Reference != "" {
		x["reference"] = head.Reference
	}
	_, x["key"] = keyOf(kind)
	return x
}

// bring brings a record that was saved or published into a state.
func (w *world) bring(kind, state, slug string, v editorial.Version) {
	w.t.Helper()
	ctx := w.t.Context()
	reason := inWords("Décision", "قرار", "Decision")
	confirm := func(id string, err error) {
		w.t.Helper()
		w.must(err)
		w.must(w.editorial.Confirm(ctx, w.staff[reviewer], id))
	}
	switch state {
	case "draft", "draft of one’s own", "published":
	case "in review":
		w.sent(v)
	case "approved":
		w.must(w.editorial.ApproveBundle(ctx, w.staff[reviewer], w.sent(v), register.ReviewChecks()))
	case "discarded":
		w.must(w.editorial.Discard(ctx, w.staff[author], v))
	case "published, a draft begun":
		w.saveAs(author, v, w.noun(kind, slug, hushed))
	case "published, the next in review":
		w.sent(w.saveAs(author, v, w.noun(kind, slug, hushed)))
	case "published twice":
		w.published(w.saveAs(author, v, w.noun(kind, slug, said+" encore")))
	case "renamed":
		w.published(w.saveAs(author, v, w.noun(kind, slug+"-new", said)))
	case "withdrawn":
		confirm(w.editorial.ProposeWithdrawal(ctx, w.staff[second], editorial.Withdrawal{Record: v.ID, Notice: reason}))
	case "merged":
		confirm(w.editorial.ProposeMerge(ctx, w.staff[second], editorial.Merge{Record: v.ID, Target: w.baseOf(kind), Reason: reason}))
	case "taken down":
		confirm(w.editorial.RequestTakedown(ctx, w.staff[second], editorial.Takedown{Record: v.ID, First: 1, Last: 1, Reason: reason}))
	case "taken down, written anew":
		confirm(w.editorial.RequestTakedown(ctx, w.staff[second], editorial.Takedown{Record: v.ID, First: 1, Last: 1, Reason: reason}))
		w.published(w.saveAs(author, v, w.noun(kind, slug, said)))
	default:
		w.t.Fatalf("nobody knows how to make %s %s", kind, state)
	}
}

// review makes what was sent for review, in a state.
func (w *world) review(_, state, who string) thing {
	w.t.Helper()
	if state == "never was" {
		return nowhere
	}
	ctx, me := w.t.Context(), w.asks[who].email
	slug := w.slug("institutions")
	v := w.saveAs(author, editorial.Version{}, w.noun("institutions", slug, said))
	if state == "changed by who asks" && me != "" {
		v = w.saveAs(me, v, w.noun("institutions", slug, said+" encore"))
	}
	bundle := w.sent(v)
	later := editorialNow()
	switch state {
	case "open", "changed by who asks":
	case "of a record":
		bundle = string(v.ID)
	case "taken by another":
		w.must(w.editorial.Claim(ctx, w.staff[reviewer], bundle, false))
	case "taken by who asks":
		if w.staff[me].Role.Can(register.MayReview) {
			w.must(w.editorial.Claim(ctx, w.staff[me], bundle, false))
		}
	case "approved":
		w.must(w.editorial.ApproveBundle(ctx, w.staff[reviewer], bundle, register.ReviewChecks()))
	case "set for a time":
		later.At = w.clock.Now().Add(1000 * time.Hour)
		_, err := w.editorial.PublishBundle(ctx, w.staff[reviewer], bundle, later)
		w.must(err)
	case "published":
		_, err := w.editorial.PublishBundle(ctx, w.staff[reviewer], bundle, later)
		w.must(err)
	case "returned":
		w.must(w.editorial.ReturnBundle(ctx, w.staff[reviewer], bundle, "Il manque une source."))
	case "void by an edit":
		w.saveAs(author, v, w.noun("institutions", slug, said+" encore"))
	default:
		w.t.Fatalf("nobody knows how to make a review %s", state)
	}
	return nowhere.with("id", bundle)
}

// decision makes what waits for a second person, or waited.
func (w *world) decision(_, state, who string) thing {
	w.t.Helper()
	if state == "never was" {
		return nowhere
	}
	ctx, by := w.t.Context(), second
	kind, whose, _ := strings.Cut(state, ", ")
	if whose == "one’s own" && w.staff[w.asks[who].email].Role.Can(register.MayMerge) {
		by = w.asks[who].email
	}
	record := register.Ref(w.record("institutions", "published", who)["id"])
	reason := inWords("Décision", "قرار", "Decision")
	var id string
	var err error
	switch kind {
	case "merge":
		id, err = w.editorial.ProposeMerge(ctx, w.staff[by], editorial.Merge{Record: record, Target: w.institution, Reason: reason})
	case "withdrawal":
		id, err = w.editorial.ProposeWithdrawal(ctx, w.staff[by], editorial.Withdrawal{Record: record, Notice: reason})
	case "takedown":
		if !w.staff[by].Role.Can(register.MayTakeDown) {
			by = second
		}
		id, err = w.editorial.RequestTakedown(ctx, w.staff[by], editorial.Takedown{Record: record, First: 1, Last: 1, Reason: reason})
	default:
		w.t.Fatalf("nobody knows how to make a decision %s", state)
	}
	w.must(err)
	switch whose {
	case "confirmed":
		w.must(w.editorial.Confirm(ctx, w.staff[reviewer], id))
	case "refused":
		w.must(w.editorial.Refuse(ctx, w.staff[reviewer], id, "Non."))
	}
	return nowhere.with("decision", id)
}

// source makes a source, with copies of its page where the state says so.
func (w *world) source(_, state, _ string) thing {
	w.t.Helper()
	ctx := w.t.Context()
	key := fmt.Sprintf("src-states-%d", w.next())
	x := nowhere.with("key", key, "number", "1")
	if state == "never was" {
		return nowhere
	}
	warc, title := []byte(hushed+key), hushed
	if state == "cited in public" {
		title = said
	}
	s := register.Source{Key: key, Kind: register.SourcePressReport, Publisher: "La presse", Title: title, URL: "https://press.example/" + key}
	w.must(w.editorial.WithCaptures().SaveSources(ctx, w.staff[author], []register.Source{s}))
	if state == "no copy" {
		return x
	}
	target, _, err := w.editorial.CaptureOf(ctx, w.staff[author], key)
	w.must(err)
	for i := range 2 {
		text := fmt.Sprintf("%s %s %d", hushed, key, i)
		_, err = w.editorial.KeepCapture(ctx, target.ID, register.KeptCapture{
			TakenAt: w.clock.Now().Add(time.Duration(i) * time.Hour), Final: s.URL, HTTPStatus: 200, Type: "text/html",
			SHA256: register.HashOf([]byte(text)), Size: int64(len(text)), Text: text, Hops: []register.CaptureHop{{URL: s.URL, Status: 200}},
		}, append(warc, byte('0'+i)))
		w.must(err)
	}
	x["number"] = "2"
	if state == "a copy that is not there" {
		x["number"] = "3"
	}
	cites := func() editorial.Version {
		n := w.noun("institutions", w.slug("institutions"), said).(*register.Institution)
		n.Sources = []string{key}
		return w.saveAs(author, editorial.Version{}, n)
	}
	switch state {
	case "kept", "a copy that is not there":
	case "cited in review":
		w.sent(cites())
	case "cited in public":
		w.published(cites())
	default:
		w.t.Fatalf("nobody knows how to make a source %s", state)
	}
	return x
}

// file makes a file, attached to a statement in a state or to nothing; or the copy
// of a source.
func (w *world) file(kind, state, who string) thing {
	w.t.Helper()
	ctx := w.t.Context()
	if state == "never was" {
		return nowhere.with("number", "1")
	}
	content := fmt.Appendf(nil, "%s pièce %d", hushed, w.next())
	file := register.File{Name: "piece.txt", Type: register.TypeText, SHA256: register.HashOf(content), Size: int64(len(content))}
	if state == "with pages" {
		examined, err := w.intake.Intake(ctx, bytes.NewReader(w.pdf()), "piece.pdf", register.TypePDF)
		w.must(err)
		file, content = examined.File, examined.Content
	}
	_, err := w.editorial.AttachFile(ctx, w.staff[author], file, content)
	w.must(err)
	x := nowhere.with("hash", file.SHA256, "number", "1")
	if state == "attached to nothing" || state == "with pages" {
		return x
	}
	slug, key := w.slug("statements"), fmt.Sprintf("src-states-%d", w.next())
	if kind == "captures" {
		w.must(w.editorial.SaveSources(ctx, w.staff[author], []register.Source{{
			Key: key, Kind: register.SourcePressReport, Publisher: "La presse", Title: "Article", URL: "https://press.example/" + key, CaptureOpen: state != "published, rights reserved",
			Capture: &register.Capture{SHA256: file.SHA256, Size: file.Size, Type: file.Type, HTTPStatus: 200, WARC: file.SHA256},
		}}))
	}
	noun := func() *register.Statement {
		n := w.noun("statements", slug, said).(*register.Statement)
		n.Sources = []string{key}
		if kind == "documents" {
			n.Sources = []string{baseSource}
			n.Documents = []register.Document{{Fact: register.Fact{Key: "paper", Sources: []string{baseSource}}, Name: file.Name, Type: file.Type, SHA256: file.SHA256, Size: file.Size}}
		}
		return n
	}
	v := w.saveAs(author, editorial.Version{}, noun())
	switch state {
	case "draft":
	case "published, rights reserved":
		w.published(v)
	case "in review":
		w.sent(v)
	case "of the edition before":
		w.published(v)
		n := noun()
		n.Documents, n.Sources = nil, []string{baseSource}
		w.published(w.saveAs(author, v, n))
	default:
		w.published(v)
		w.bring("statements", state, slug, v)
	}
	return x
}

// pdf is a file of which pages can be drawn.
func (w *world) pdf() []byte {
	w.t.Helper()
	content, err := os.ReadFile("../capture/testdata/communique-ar.pdf")
	w.must(err)
	return content
}

// fixed are what has no states, or none that can be made here: it is there, or it
// never was. Its kind is the pattern of the address.
func (w *world) fixed(kind, state, _ string) thing {
	w.t.Helper()
	if state == "never was" {
		return nowhere.with("*", "none")
	}
	switch {
	case strings.HasPrefix(kind, "/taxii2/"):
		found := w.listed("/taxii2/record/collections/", `"id": ?"([0-9a-f-]{36})"`)
		x := nowhere.with("name", found)
		if strings.Contains(kind, "{id}") {
			x["id"] = w.listed("/taxii2/record/collections/"+found+"/objects/?limit=1", `"id": ?"([a-z-]+--[0-9a-f-]{36})"`)
		}
		return x
	case state == "no number":
		return nowhere.with("number", "0", "position", "-1")
	case strings.Contains(kind, "/openings/"):
		w.file("documents", "published", "")
		var position string
		w.must(w.db.Owner().QueryRow(w.t.Context(), `SELECT max(position)::text FROM record.log_openings`).Scan(&position))
		return nowhere.with("position", position)
	case kind == "/exports/{id}":
		w.dump() // what was withdrawn meanwhile took all of them along
		dumps, err := w.records.Dumps(w.t.Context())
		w.must(err)
		return nowhere.with("id", dumps[0].Name)
	}
	return map[string]thing{
		"/{lang}/exports/{id}":                {"id": exchange.ExportFormats()[0].Name},
		"/{lang}/statistics/{name}/table.csv": {"name": "years"},
		"/sitemaps/{name}":                    {"name": "pages"},
		"/log/tile/*":                         {"*": "0/000.p/1"},
		"/assets/*":                           {"*": strings.TrimPrefix(assets.Path("sijil.css"), assets.Prefix)},
	}[kind]
}

// listed is the first of what an address names.
func (w *world) listed(target, pattern string) string {
	w.t.Helper()
	a := testkit.Ask(w.t, w.Handler, target, with("Accept", "application/taxii+json;version=2.1"))
	found := regexp.MustCompile(pattern).FindStringSubmatch(a.Body)
	if found == nil {
		w.t.Fatalf("%s: status %d: %s", target, a.Status, a.Body)
	}
	return found[1]
}

// account makes somebody who works here.
func (w *world) account(_, state, who string) thing {
	w.t.Helper()
	ctx := w.t.Context()
	email := fmt.Sprintf("staff-%d@example.org", w.next())
	invite := auth.Invitation{Email: email, Name: email, Role: register.RoleAnalyst, Lang: register.French}
	switch state {
	case "never was":
		return nowhere
	case "no identifier":
		return nowhere.with("account", "x")
	case "who asks":
		if me, ok := w.staff[w.asks[who].email]; ok {
			return nowhere.with("account", me.ID)
		}
		return nowhere.with("account", w.staff[author].ID)
	case "invited":
		_, err := w.auth.Invite(ctx, w.staff[second], invite)
		w.must(err)
	case "at work", "deactivated":
		w.must(w.auth.EnsureStaff(ctx, invite, rightPassword))
	default:
		w.t.Fatalf("nobody knows how to make an account %s", state)
	}
	staff, err := w.auth.AccountByEmail(ctx, w.staff[second], email)
	w.must(err)
	if state == "deactivated" {
		w.must(w.auth.Deactivate(ctx, w.staff[second], staff.ID))
	}
	return nowhere.with("account", staff.ID)
}

// link makes a link that lets somebody in.
func (w *world) link(kind, state, who string) thing {
	w.t.Helper()
	ctx := w.t.Context()
	if state == "never was" {
		return nowhere
	}
	account := "at work"
	if kind == "invitation" {
		account = "invited"
	}
	id := w.account("", account, who)["account"]
	var link auth.Link
	var err error
	if kind == "email" {
		staff, e := w.auth.Account(ctx, w.staff[second], id)
		w.must(e)
		at := auth.From{Addr: netip.AddrFrom4([4]byte{198, 51, byte(w.next()), 1})} // nobody's guesses count here
		s, e := w.auth.SignIn(ctx, staff.Email, rightPassword, at, "")
		w.must(e)
		link, err = w.auth.AskEmail(ctx, s, fmt.Sprintf("new-%d@example.org", w.next()), rightPassword, at)
	} else {
		link, err = w.auth.SendLink(ctx, w.staff[second], id)
	}
	w.must(err)
	switch state {
	case "good":
	case "of who was deactivated":
		w.must(w.auth.Deactivate(ctx, w.staff[second], id))
	case "sent again":
		_, err := w.auth.SendLink(ctx, w.staff[second], id)
		w.must(err)
	default:
		w.t.Fatalf("nobody knows how to make a link %s", state)
	}
	return nowhere.with("token", link.Path[strings.LastIndexByte(link.Path, '/')+1:])
}

// term makes a word of a vocabulary.
func (w *world) term(_, state, _ string) thing {
	w.t.Helper()
	code := "term-" + strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(w.next()))
	x := nowhere.with("name", "standing", "code", code, "version", "1")
	switch state {
	case "vocabulary that never was":
		return x.with("name", "never-was")
	case "never was":
		return x
	case "of another vocabulary":
		return x.with("code", "announced")
	}
	term := register.Term{Vocabulary: register.VocabularyStanding, Code: code, Position: 50, Label: inWords(code, code, code)}
	w.must(w.editorial.AddTerm(w.t.Context(), w.staff[second], term))
	if state == "retired" {
		term.Version, term.Retired = 1, true
		w.must(w.editorial.ChangeTerm(w.t.Context(), w.staff[second], term))
		x["version"] = "2"
	}
	return x
}

// imported makes an import.
func (w *world) imported(_, state, who string) thing {
	w.t.Helper()
	ctx, by := w.t.Context(), author
	if state == "never was" {
		return nowhere
	}
	if me := w.asks[who].email; state == "one’s own, not confirmed" && me != "" {
		by = me
	}
	csv := strings.ReplaceAll(tableExample(w.t, "incidents.csv"), "Office des essais", fmt.Sprintf("Office %d", w.next()))
	id, err := w.editorial.KeepUpload(ctx, w.staff[by], editorial.Upload{
		ImportRun: register.ImportRun{Name: "incidents.csv", Format: register.ImportCSV}, Content: []byte(csv), Mapping: tableExample(w.t, "incidents.yaml"),
	})
	w.must(err)
	if state == "confirmed" {
		w.must(w.editorial.ConfirmUpload(ctx, w.staff[by], id, false))
	}
	return nowhere.with("run", id)
}

// token makes a program's token.
func (w *world) token(_, state, who string) thing {
	w.t.Helper()
	if state == "never was" {
		return nowhere.with("token", nowhere["id"])
	}
	by := author
	if me := w.asks[who].email; state == "one’s own" && me != "" {
		by = me
	}
	w.clock.Advance(time.Second)
	before := w.tokenIDs(by)
	w.tokenOf(by, register.ScopeRead)
	id := ""
	for _, now := range w.tokenIDs(by) {
		if !slices.Contains(before, now) {
			id = now
		}
	}
	if state == "revoked" {
		w.must(w.auth.RevokeToken(w.t.Context(), w.staff[by], id))
	}
	return nowhere.with("token", id)
}
