package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	store "github.com/sijil/sijil/internal/store/desk"
	"github.com/sijil/sijil/internal/web/public"
	views "github.com/sijil/sijil/views/desk"
	"github.com/sijil/sijil/views/ui"
)

// longestRemark is how long a remark, a note or a reason may be, in characters.
const longestRemark = 5000

// reviewForm is what is filled in on the page of a review, right or wrong.
type reviewForm struct {
	values url.Values
	wrong  fieldProblems
	status int
	// restored says that the values are those of another time.
	restored *views.Restored
}

// Review answers the page of a review: what differs, and what to decide.
func (d *Desk) Review(ctx context.Context, r Request) (Answer, error) {
	values, restored, err := d.typed(ctx, r)
	if err != nil {
		return Answer{}, err
	}
	return d.reviewPage(ctx, r, &reviewForm{values: values, restored: restored})
}

// reviewPath is the address of a review, after /{lang}.
func reviewPath(r Request) string { return "/desk/review/" + r.Params["id"] }

func (d *Desk) reviewPage(ctx context.Context, r Request, form *reviewForm) (Answer, error) {
	review, err := d.editorial.Review(ctx, r.Who.Actor, r.Params["id"])
	if err != nil {
		return Answer{}, err
	}
	r.Path = reviewPath(r)
	loc := d.loc(r)
	page := views.ReviewPage{
		Frame: d.frame(r, loc.T("review.page")), Title2: d.titled(r, review.Titles[review.Record]),
		Lead: loc.T("review.lead", "name", review.RequestedBy.Name, "time", d.dayAndTime(r, review.RequestedAt)),
		Note: review.Note, Problems: form.wrong.summary, Refusal: d.refusal(r, &review),
	}
	page.State, page.StateBad = d.reviewState(r, &review)
	for i := range review.Members {
		record := d.reviewRecord(r, &review, i)
		if record.Lookalikes, err = d.reviewLookalikes(ctx, r, &review.Members[i]); err != nil {
			return Answer{}, err
		}
		page.Records = append(page.Records, record)
	}
	page.Carried, page.CarriedCount, page.CarriedMore = d.carriedRows(r, &review), review.Carried.Count(), moreCarried(d.loc(r), review.Carried)
	d.remarksOf(r, &review, form, &page)
	if page.Refusal == "" && review.Open() {
		page.Decide, page.Restored = d.decisionForm(r, &review, form), form.restored
	}
	page.Acts = d.reviewActs(r, &review, page.Refusal == "" || review.ClaimedBy.ID != "")
	return Answer{Status: form.status, Page: views.Review(page)}, nil
}

// refusal says why the person may not decide the review; "" when he may.
func (d *Desk) refusal(r Request, review *editorial.Reviewing) string {
	loc := d.loc(r)
	switch {
	case !review.Open():
		return ""
	case !r.Who.Role.Can(register.MayReview):
		return loc.T("review.refusal.role")
	case len(review.OwnPart) > 0 && !review.Approved:
		title, _, _ := review.Titles[review.OwnPart[0]].In(register.Lang(r.Lang))
		return loc.T("review.refusal.own", "title", title)
	case review.ClaimedBy.ID != "" && review.ClaimedBy.ID != r.Who.ID:
		return loc.T("review.refusal.claimed", "name", review.ClaimedBy.Name)
	case review.Approved && !review.Stands:
		return loc.T("review.refusal.stands")
	}
	return ""
}

// reviewState says what became of a review, or for when it is set.
func (d *Desk) reviewState(r Request, review *editorial.Reviewing) (words string, bad bool) {
	loc, s := d.loc(r), review.Schedule
	switch {
	case review.Outcome == store.BundlePublished:
		return loc.T("review.was.published", "name", review.ClosedBy.Name, "time", d.dayAndTime(r, review.ClosedAt)), false
	case review.Outcome == store.BundleReturned:
		return loc.T("review.was.returned", "name", review.ClosedBy.Name, "reason", review.Reason), true
	case review.Outcome == store.BundleVoided:
		return loc.T("review.was.voided"), true
	case s.ID != "" && s.Outcome == "":
		return loc.T("review.was.scheduled", "name", s.By.Name, "time", d.dayAndTime(r, s.PublishAt)), false
	case s.Outcome == store.ScheduleFailed:
		return loc.T("review.was.failed", "time", d.dayAndTime(r, s.PublishAt)), true
	case review.Approved:
		return loc.T("review.state.approved"), false
	case review.ClaimedBy.ID != "":
		return loc.T("review.state.claimed", "name", review.ClaimedBy.Name), false
	}
	return "", false
}

func (d *Desk) reviewActs(r Request, review *editorial.Reviewing, may bool) []views.ReviewAct {
	loc := d.loc(r)
	var out []views.ReviewAct
	add := func(act string) { out = append(out, views.ReviewAct{Act: act, Label: loc.T("review." + act)}) }
	if !review.Open() || !may || !r.Who.Role.Can(register.MayReview) {
		return nil
	}
	switch {
	case review.ClaimedBy.ID == r.Who.ID:
		add("release")
	case len(review.OwnPart) > 0:
	case review.ClaimedBy.ID != "":
		add("takeover")
	default:
		add("claim")
	}
	if review.Schedule.ID != "" && review.Schedule.Outcome == "" {
		add("unschedule")
	}
	return out
}

// typePath is the part of an address that stands for a type of records.
func typePath(t register.RecordType) string { return string(t) + "s" }

func (d *Desk) reviewRecord(r Request, review *editorial.Reviewing, i int) views.ReviewRecord {
	loc, m := d.loc(r), review.Members[i]
	f := &differ{Differ: public.Differ{
		Loc: loc, Titles: review.Titles, Type: m.Head.Type, Named: public.SourceNames(m.CitedBefore, m.Cited),
	}}
	list := changes(m)
	out := views.ReviewRecord{
		ID: "record-" + strconv.Itoa(i+1), Title: d.titled(r, m.Title), Kind: loc.Label("record-type", string(m.Head.Type)),
		Counts: loc.N("review.changes", len(list)), Record: "/" + r.Lang + "/desk/" + typePath(m.Head.Type) + "/" + string(m.Head.ID),
		Groups: append(f.Groups(list), f.Sources(m.Cited, m.CitedBefore)...),
	}
	switch {
	case !review.Open():
		out.Edition = m.Head.Reference
	case m.Edition == 0:
		out.Edition = loc.T("review.edition.first")
	default:
		out.Edition = loc.T("review.edition", "reference", m.Head.Reference, "from", m.Edition, "to", m.Edition+1)
	}
	return out
}

func (d *Desk) carriedRows(r Request, review *editorial.Reviewing) []views.CarriedRow {
	loc := d.loc(r)
	var out []views.CarriedRow
	for _, c := range review.Carried.Listed {
		row := views.CarriedRow{
			Title: d.titled(r, c.Title), Line: loc.T("review.edition", "reference", c.Reference, "from", c.Number, "to", c.Number+1),
		}
		for _, reference := range c.Shows {
			i := slices.IndexFunc(review.Members, func(m editorial.Reviewed) bool { return m.Head.Reference == reference })
			if i >= 0 {
				row.Shows = append(row.Shows, ui.Link{Href: "#record-" + strconv.Itoa(i+1), Text: d.titled(r, review.Members[i].Title)})
			}
		}
		out = append(out, row)
	}
	return out
}

// moreCarried says how many records there are beside those that are listed.
func moreCarried(loc *i18n.Localizer, list editorial.CarriedList) string {
	switch {
	case list.More == 0:
		return ""
	case list.Most:
		return loc.N("review.carried-most", list.More)
	}
	return loc.N("review.carried-more", list.More)
}

func (d *Desk) remarksOf(r Request, review *editorial.Reviewing, form *reviewForm, page *views.ReviewPage) {
	loc := d.loc(r)
	title := func(id register.Ref) string {
		words, _, _ := review.Titles[id].In(register.Lang(r.Lang))
		return words
	}
	several := len(review.Members) > 1
	for _, c := range review.Comments {
		row := views.CommentRow{By: c.By, At: d.moment(r, c.At), Body: c.Body}
		if several {
			row.About = "· " + title(c.Record)
		}
		page.Comments = append(page.Comments, row)
	}
	page.Comment = ui.Field{
		Name: "comment", Label: loc.T("review.comment"), Type: "textarea", Rows: 3, Value: form.values.Get("comment"),
		Error: form.wrong.at["comment"], Attrs: map[string]any{"dir": "auto"},
	}
	if !several {
		return
	}
	page.About = &ui.Field{Name: "record", Label: loc.T("review.comment.about"), Type: "select", Value: form.values.Get("record")}
	for _, m := range review.Members {
		page.About.Choices = append(page.About.Choices, ui.Choice{Value: string(m.Head.ID), Label: title(m.Head.ID)})
	}
}

func (d *Desk) decisionForm(r Request, review *editorial.Reviewing, form *reviewForm) *views.DecisionForm {
	loc, values := d.loc(r), form.values
	out := &views.DecisionForm{Publish: loc.T("review.publish")}
	for _, item := range register.ReviewChecks() {
		name := "checks." + item
		out.Checks = append(out.Checks, views.CheckRow{
			Name: name, Label: loc.T("review.check." + item), Hint: loc.T("review.check-hint." + item),
			On: values.Get(name) != "" || slices.Contains(review.Checks, item), Error: form.wrong.at[name],
		})
	}
	for _, lang := range register.Langs() {
		f := ui.Field{
			Name: "reason." + string(lang), Label: loc.T("review.reason", "language", loc.Language(string(lang))), Lang: string(lang),
			Value: values.Get("reason." + string(lang)),
		}
		if lang == register.Langs()[0] {
			f.Hint, f.Error = loc.T("review.reason.hint"), form.wrong.at["reason"]
		}
		out.Reasons = append(out.Reasons, f)
	}
	for _, m := range review.Members {
		out.Correction = out.Correction || m.Edition > 0
	}
	out.Material = values.Get("material") != ""
	when := values.Get("when")
	out.When = ui.Field{Name: "when", Label: loc.T("review.when")}
	for _, choice := range []string{"now", "at", "later"} {
		out.When.Choices = append(out.When.Choices, ui.Choice{
			Value: choice, Label: loc.T("review.when." + choice), Selected: when == choice || when == "" && choice == "now",
		})
	}
	out.At = ui.Field{
		Name: "at", Label: loc.T("review.at"), Hint: loc.T("review.at.hint"), Value: values.Get("at"), Error: form.wrong.at["at"],
		Autocomplete: "off", Attrs: map[string]any{"dir": "auto"},
	}
	out.Remarks = ui.Field{
		Name: "remarks", Label: loc.T("review.remarks"), Hint: loc.T("review.remarks.hint"), Type: "textarea",
		Value: values.Get("remarks"), Error: form.wrong.at["remarks"], Attrs: map[string]any{"dir": "auto"},
	}
	return out
}

// DecideReview does what the form of a review asks for.
func (d *Desk) DecideReview(ctx context.Context, r Request) (Answer, error) {
	id, actor := r.Params["id"], r.Who.Actor
	var err error
	done := r.Form.Get("act")
	switch done {
	case "claim", "takeover":
		err = d.editorial.Claim(ctx, actor, id, done == "takeover")
		done = "claim"
	case "release":
		err = d.editorial.Release(ctx, actor, id)
	case "unschedule":
		err = d.editorial.Unschedule(ctx, actor, id)
	case "return":
		remarks := r.Form.Get("remarks")
		if tooLong(remarks) {
			return d.refuseReview(ctx, r, register.Problems{{Field: "remarks", Key: "problem.too-long"}})
		}
		err = d.editorial.ReturnBundle(ctx, actor, id, remarks)
	case "publish":
		return d.publishReview(ctx, r)
	default:
		return Answer{}, register.ErrInvalid
	}
	if err != nil {
		return d.refuseReview(ctx, r, err)
	}
	if r.Form.Get("act") == "return" {
		return goTo("/desk/review", "review-return"), nil
	}
	return goTo(reviewPath(r), "review-"+done), nil
}

func tooLong(s string) bool { return len([]rune(s)) > longestRemark }

// publishReview publishes, sets a time, or only approves.
func (d *Desk) publishReview(ctx context.Context, r Request) (Answer, error) {
	dec := editorial.Decision{Reason: register.Text{}, Material: r.Form.Get("material") != ""}
	for _, item := range register.ReviewChecks() {
		if r.Form.Get("checks."+item) != "" {
			dec.Checks = append(dec.Checks, item)
		}
	}
	for _, lang := range register.Langs() {
		if words := r.Form.Get("reason." + string(lang)); words != "" {
			dec.Reason[lang] = words
		}
		if tooLong(dec.Reason[lang]) {
			return d.refuseReview(ctx, r, register.Problems{{Field: "reason", Key: "problem.too-long"}})
		}
	}
	id, done := r.Params["id"], "review-published"
	var err error
	switch r.Form.Get("when") {
	case "later":
		err, done = d.editorial.ApproveBundle(ctx, r.Who.Actor, id, dec.Checks), "review-approved"
	case "at":
		if dec.At, err = d.setTime(r); err != nil {
			return d.refuseReview(ctx, r, err)
		}
		done = "review-scheduled"
		fallthrough
	default:
		_, err = d.editorial.PublishBundle(ctx, r.Who.Actor, id, dec)
	}
	if err != nil {
		return d.refuseReview(ctx, r, err)
	}
	return goTo(reviewPath(r), done), nil
}

// setTime reads when something is to be published: a day and a time, in words
// or in digits, in any of the languages.
func (d *Desk) setTime(r Request) (time.Time, error) {
	problem := func(key string) error { return register.Problems{{Field: "at", Key: key}} }
	date, _, err := edtf.ParseText(r.Form.Get("at"), edtf.DayOf(d.now()))
	if err != nil || date.IsZero() || date.IsInterval() {
		return time.Time{}, problem("problem.time-not-understood")
	}
	at, ok := date.Earliest()
	if !ok || date.Precision() != edtf.PrecisionMinute {
		return time.Time{}, problem("problem.time-missing")
	}
	return at, nil
}

// refuseReview shows the page of a review again with what is wrong with the
// decision; what collides with somebody else's answers 409.
func (d *Desk) refuseReview(ctx context.Context, r Request, err error) (Answer, error) {
	form := &reviewForm{values: r.Form, status: http.StatusUnprocessableEntity}
	loc := d.loc(r)
	problems, isProblem := errors.AsType[register.Problems](err)
	switch {
	case isProblem:
		var inDrafts register.Problems
		for _, p := range problems {
			words := loc.T(p.Key)
			id := p.Field
			switch {
			case p.Key == "problem.claimed":
				words, id = loc.T("problem.claimed", "name", p.Value), ""
			case p.Key == "problem.unchecked":
				words = loc.T("problem.unchecked", "item", loc.T("review.check."+p.Field[len("checks."):]))
			case p.Field == "reason":
				form.wrong.add("reason.fr", words)
				form.wrong.at["reason"] = words
				continue
			case !slices.Contains([]string{"at", "remarks", "comment"}, p.Field):
				inDrafts = append(inDrafts, p)
				continue
			}
			form.wrong.add(id, words)
		}
		if err := d.addDraftProblems(ctx, r, form, inDrafts); err != nil {
			return Answer{}, err
		}
	case errors.Is(err, register.ErrConflict):
		form.status = http.StatusConflict
		form.wrong.add("", loc.T("review.collided"))
	case errors.Is(err, register.ErrForbidden):
		form.status = http.StatusForbidden
		form.wrong.add("", loc.T("review.forbidden"))
	default:
		return Answer{}, err
	}
	answer, err := d.reviewPage(ctx, r, form)
	if err != nil {
		return answer, fmt.Errorf("show what was refused: %w", err)
	}
	return answer, nil
}

// addDraftProblems adds what is wrong in the records of a review themselves.
func (d *Desk) addDraftProblems(ctx context.Context, r Request, form *reviewForm, problems register.Problems) error {
	if len(problems) == 0 {
		return nil
	}
	review, err := d.editorial.Review(ctx, r.Who.Actor, r.Params["id"])
	if err != nil {
		return err
	}
	heads := make([]store.Record, len(review.Members))
	for i, m := range review.Members {
		heads[i] = m.Head
	}
	lines, err := d.draftProblems(ctx, r, heads, problems)
	form.wrong.summary = append(form.wrong.summary, lines...)
	return err
}

// CommentReview keeps a remark on one of the records of a review.
func (d *Desk) CommentReview(ctx context.Context, r Request) (Answer, error) {
	review, err := d.editorial.Review(ctx, r.Who.Actor, r.Params["id"])
	if err != nil {
		return Answer{}, err
	}
	about := review.Record
	if named := register.Ref(r.Form.Get("record")); named != "" {
		if !slices.ContainsFunc(review.Members, func(m editorial.Reviewed) bool { return m.Head.ID == named }) {
			return Answer{}, register.ErrNotFound // what is said of another record is no remark on this one
		}
		about = named
	}
	if tooLong(r.Form.Get("comment")) {
		return d.refuseReview(ctx, r, register.Problems{{Field: "comment", Key: "problem.too-long"}})
	}
	if err := d.editorial.Comment(ctx, r.Who.Actor, about, r.Form.Get("comment")); err != nil {
		return d.refuseReview(ctx, r, err)
	}
	return goTo(reviewPath(r), "review-comment"), nil
}
