package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/sijil/sijil/internal/editorial"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
)

const attachPath = "/fr/desk/statements/new"

// postFile sends the form of a statement with a file, as a browser does.
func (s *deskSite) postFile(t *testing.T, form url.Values, name string, content []byte) *testkit.Answer {
	t.Helper()
	return s.postFileTo(t, attachPath, form, name, content)
}

func (s *deskSite) postFileTo(t *testing.T, at string, form url.Values, name string, content []byte) *testkit.Answer {
	t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for field, values := range form {
		for _, v := range values {
			if err := parts.WriteField(field, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	file, err := parts.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := parts.Close(); err != nil {
		t.Fatal(err)
	}
	return testkit.Post(t, s, at, nil, testkit.As(testkit.Editor), func(r *http.Request) {
		fresh, err := http.NewRequestWithContext(r.Context(), http.MethodPost, r.URL.String(), &body)
		if err != nil {
			t.Error(err)
			return
		}
		r.Body, r.ContentLength = fresh.Body, fresh.ContentLength
		r.Header.Set("Content-Type", parts.FormDataContentType())
	})
}

// arabicPDF is a communiqué in Arabic as a browser prints it.
func arabicPDF(t *testing.T) []byte {
	t.Helper()
	pdf, err := os.ReadFile("../capture/testdata/communique-ar.pdf")
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

func (s *deskSite) draft(t *testing.T, d editorial.Draft) editorial.Version {
	t.Helper()
	v, err := s.editorial.Save(t.Context(), s.staff[testkit.Analyst], d)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (s *deskSite) institution(t *testing.T, slug, name string) {
	t.Helper()
	s.draft(t, editorial.Draft{Institution: &register.Institution{
		Language: "fr", Slug: slug, Kind: register.InstitutionAgency,
		Names: []register.InstitutionName{{Key: "name-fr", Language: "fr", Kind: register.NameOfficial, Name: name}},
	}})
}

func (s *deskSite) incident(t *testing.T, slug, title string) editorial.Version {
	t.Helper()
	return s.draft(t, editorial.Draft{Incident: &register.Incident{
		Language: "fr", Slug: slug, Title: register.Text{"fr": title}, Standing: "suspected",
	}})
}

// statementOf is the statement to whose page an answer leads.
func (s *deskSite) statementOf(t *testing.T, a *testkit.Answer) (id register.Ref, statement *register.Statement) {
	t.Helper()
	if a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	parts := strings.Split(a.Header.Get("Location"), "/")
	id = register.Ref(parts[4])
	return id, s.load(t, editorial.Version{ID: id}).Statement
}

// TestAttachingTakesSevenInputs counts them.
func TestAttachingTakesSevenInputs(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	page := testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor))
	n := page.Count("#attach [data-input]")
	if page.Status != http.StatusOK || n > 7 {
		t.Errorf("status %d, %d inputs", page.Status, n)
	}
	t.Logf("attaching a communiqué takes %d of 7 inputs before claims", n)
	counted := page.Count("#attach [data-input] :is(input, select, textarea)")
	if all := page.Count("#attach :is(input:not([type=hidden]), select, textarea)"); all != counted {
		t.Errorf("%d fields, of which %d are counted", all, counted)
	}
}

func TestACommuniqueIsAttachedInOneStep(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	s.institution(t, "caisse", "Caisse nationale")
	one, two := s.incident(t, "un", "Attaque de la caisse"), s.incident(t, "deux", "Seconde attaque")
	page := testkit.Ask(t, s, attachPath+"?incident="+string(one.ID), testkit.As(testkit.Editor))
	form := fields(page, "#attach", map[string]string{
		"issuer.find": "caisse nat", "date": "jeudi 10 avril 2025", "title": "بلاغ الصندوق", "incidents.find": "Seconde attaque",
	})
	id, made := s.statementOf(t, s.postFile(t, form, "بلاغ.pdf", arabicPDF(t)))
	if made.Language != "ar" || made.Title["ar"] != "بلاغ الصندوق" || made.Issuer == "" || !made.Official || made.Kind != register.StatementCommunique ||
		made.Dates.Date().String() != "2025-04-10" || made.OriginalLanguage != "ar" || len(made.Documents) != 1 || len(made.Sources) != 1 {
		t.Errorf("saved %+v", made)
	}
	if d := made.Documents[0]; d.Type != register.TypePDF || d.SHA256 != register.HashOf(arabicPDF(t)) || len(d.Sources) != 1 || len(made.Dates[0].Sources) != 1 {
		t.Errorf("document %+v, dates %+v", d, made.Dates)
	}
	for _, v := range []editorial.Version{one, two} {
		draft := s.load(t, v)
		if draft.Version != 2 || len(draft.Incident.Statements) != 1 || draft.Incident.Statements[0] != id {
			t.Errorf("the incident is at version %d with %v", draft.Version, draft.Incident.Statements)
		}
	}

	// The same document again is recognised, and nothing is lost by going on.
	page = testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor))
	form = fields(page, "#attach", map[string]string{"issuer.find": "Caisse nationale", "title": "Encore"})
	same := s.postFile(t, form, "autre-nom.pdf", arabicPDF(t))
	if same.Status != http.StatusUnprocessableEntity || same.Attr("#same a", "href") != "/fr/desk/statements/"+string(id) {
		t.Fatalf("status %d: %s", same.Status, same.Text(".error-summary"))
	}
	form = fields(same, "#attach", map[string]string{"anyway": register.HashOf(arabicPDF(t))})
	again, made := s.statementOf(t, testkit.Post(t, s, attachPath, form, testkit.As(testkit.Editor)))
	if again == id || made.Documents[0].SHA256 != register.HashOf(arabicPDF(t)) || made.Title["fr"] != "Encore" {
		t.Errorf("saved %+v", made)
	}
}

// TestAGoodFileIsKeptWhenAnotherFieldIsWrong sends a file once, and corrects
// the date in a second step.
func TestAGoodFileIsKeptWhenAnotherFieldIsWrong(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	page := testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor))
	form := fields(page, "#attach", map[string]string{"title": "Communiqué", "date": "32 avril 2025", "issuer.new.name": "Agence neuve"})
	refused := s.postFile(t, form, "communique.pdf", arabicPDF(t))
	if refused.Status != http.StatusUnprocessableEntity || refused.Text("#date-error") == "" || refused.Text("[id='issuer.new.kind-error']") == "" {
		t.Fatalf("status %d: %s", refused.Status, refused.Text(".error-summary"))
	}
	if refused.Text(".document h2") != "communique.pdf" || refused.Attr("[name=kept]", "value") != register.HashOf(arabicPDF(t)) {
		t.Error("the file is not kept")
	}
	again := testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor)) // also after a look elsewhere
	form = fields(again, "#attach", map[string]string{"date": "30 avril 2025", "issuer.new.kind": "agency"})
	_, made := s.statementOf(t, testkit.Post(t, s, attachPath, form, testkit.As(testkit.Editor)))
	if len(made.Documents) != 1 || made.Issuer == "" || made.Dates.Date().String() != "2025-04-30" {
		t.Errorf("saved %+v", made)
	}
	issuer := s.load(t, editorial.Version{ID: made.Issuer}).Institution
	if issuer.Names[0].Name != "Agence neuve" || issuer.Kind != register.InstitutionAgency {
		t.Errorf("the new institution is %+v", issuer)
	}
}

func TestOtherPieces(t *testing.T) {
	t.Parallel()
	p := newPress(t)
	s := newDeskSite(t, testkit.Database(t), p.reaches(t, 0))
	s.institution(t, "agence-a", "Agence nationale du nord")
	s.institution(t, "agence-b", "Agence nationale du sud")
	post := func(change map[string]string) *testkit.Answer {
		page := testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor))
		return testkit.Post(t, s, attachPath, fields(page, "#attach", change), testkit.As(testkit.Editor))
	}
	refused := post(map[string]string{"title": "Rien", "issuer.find": "agence nationale"})
	if refused.Status != http.StatusUnprocessableEntity || refused.Count("#issuer input[type=radio]") < 3 || refused.Text("#file-error") == "" {
		t.Fatalf("status %d, %d to choose from: %s", refused.Status, refused.Count("#issuer input[type=radio]"), refused.Text(".error-summary"))
	}
	chosen := refused.Attr("#issuer input[type=radio]", "value")
	_, made := s.statementOf(t, post(map[string]string{"title": "Texte collé", "issuer": chosen, "issuer.find": "agence nationale", "issuer.offered": "agence nationale", "text": "L’agence affirme que des documents sont faux."}))
	if string(made.Issuer) != chosen || made.Documents[0].Type != register.TypeText || made.OriginalLanguage != "fr" {
		t.Errorf("saved %+v", made)
	}
	id, made := s.statementOf(t, post(map[string]string{"title": "Une page du web", "issuer": chosen, "url": p.URL + "/page", "cite": p.URL + "/page"}))
	if len(made.Documents) != 0 || len(made.Sources) != 1 || made.OriginalText != "" {
		t.Errorf("saved %+v", made)
	}
	refused = post(map[string]string{"title": "Une adresse fausse", "issuer": chosen, "url": "agence"})
	if refused.Status != http.StatusUnprocessableEntity || refused.Text("#url-error") == "" {
		t.Errorf("status %d: %s", refused.Status, refused.Text(".error-summary"))
	}
	// Without a document the original text is typed on the page of the text.
	text := testkit.Ask(t, s, "/fr/desk/statements/"+string(id)+"/text", testkit.As(testkit.Editor))
	form := fields(text, "#text-form", map[string]string{"page.1": "Le texte.", "language": "fr"})
	a := testkit.Post(t, s, "/fr/desk/statements/"+string(id)+"/text", form, testkit.As(testkit.Editor))
	if _, made = s.statementOf(t, a); made.OriginalText != "Le texte." || made.OriginalLanguage != "fr" {
		t.Errorf("saved %+v", made)
	}
}

// attachedPDF is a statement with the Arabic communiqué.
func (s *deskSite) attachedPDF(t *testing.T) (id register.Ref, textPath string) {
	t.Helper()
	s.institution(t, "caisse", "Caisse nationale")
	page := testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor))
	form := fields(page, "#attach", map[string]string{"issuer.find": "Caisse nationale", "title": "بلاغ"})
	id, _ = s.statementOf(t, s.postFile(t, form, "بلاغ.pdf", arabicPDF(t)))
	return id, "/fr/desk/statements/" + string(id) + "/text"
}

func TestATextIsConfirmedByAPerson(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	id, path := s.attachedPDF(t)
	page := testkit.Ask(t, s, path, testkit.As(testkit.Editor))
	proposal := page.Text("[name='page.1']")
	if page.Status != http.StatusOK || !strings.Contains(proposal, "الصندوق") || page.Attr("[name='page.1']", "dir") != "rtl" || page.Attr("#language option[selected]", "value") != "ar" {
		t.Fatalf("status %d, proposed %q", page.Status, proposal)
	}
	if images := page.Count(".page-images img"); images == 0 {
		t.Error("no page is shown")
	} else if image := testkit.Ask(t, s, page.Attr(".page-images img", "src"), testkit.As(testkit.Editor)); image.Status != http.StatusOK || image.Header.Get("Content-Type") != "image/png" {
		t.Errorf("the page is not drawn: status %d, %s", image.Status, image.Header.Get("Content-Type"))
	}
	if statement := s.load(t, editorial.Version{ID: id}).Statement; statement.OriginalText != "" {
		t.Error("a proposal is quoted before anybody confirmed it")
	}
	form := page.Fields("#text-form")
	form.Set("page.1", "قال الصندوق إن الوثائق غير صحيحة.")
	for name := range form {
		if strings.HasPrefix(name, "page.") && name != "page.1" {
			form.Set(name, "")
		}
	}
	a := testkit.Post(t, s, path, form, testkit.As(testkit.Editor))
	_, made := s.statementOf(t, a)
	if made.OriginalText != "قال الصندوق إن الوثائق غير صحيحة." || made.OriginalLanguage != "ar" || made.Documents[0].Text != made.OriginalText {
		t.Errorf("saved %+v", made)
	}
	if _, texts, err := s.editorial.File(t.Context(), s.staff[testkit.Editor], made.Documents[0].SHA256); err != nil || len(texts) != 1 || texts[0].Text != made.OriginalText {
		t.Errorf("versions of the text: %v, %v", texts, err)
	}

	// A claim moves with its words when the text is corrected.
	claims := testkit.Ask(t, s, strings.Replace(path, "/text", "/claims", 1), testkit.As(testkit.Editor))
	testkit.Post(t, s, strings.Replace(path, "/text", "/claims", 1), fields(claims, "#claim", map[string]string{
		"passage": "الوثائق غير صحيحة", "topic": "authenticity", "paraphrase.ar": "وثائق غير صحيحة", "do": "save",
	}), testkit.As(testkit.Editor))
	stale := testkit.Ask(t, s, path, testkit.As(testkit.Editor))
	form = fields(stale, "#text-form", map[string]string{"page.1": "وقد قال الصندوق إن الوثائق غير صحيحة."})
	if a = testkit.Post(t, s, path, form, testkit.As(testkit.Editor)); a.Status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", a.Status, a.Text(".error-summary"))
	}
	_, made = s.statementOf(t, a)
	q := made.Claims[0].Quotes[0]
	span, _ := register.ParseRange(q.Position)
	if words, _ := span.In(made.OriginalText); words != "الوثائق غير صحيحة" || q.Text != words {
		t.Errorf("the claim stands at %q: %q", q.Position, words)
	}
	// Somebody who has the old version before him sees both, and chooses.
	confirmed := made.OriginalText
	form.Set("page.1", "نص آخر")
	a = testkit.Post(t, s, path, form, testkit.As(testkit.Analyst))
	if text := a.Text(".conflict-choice"); a.Status != http.StatusConflict || !strings.Contains(text, "آخر") || !strings.Contains(text, "غير صحيحة") {
		t.Fatalf("status %d: %s", a.Status, a.Text("main"))
	}
	for _, take := range []struct{ choice, want string }{{"theirs", confirmed}, {"own", "نص ثالث"}, {"mine", "نص آخر"}} {
		answer := filled(t, a)
		answer.Set("take.file.text", take.choice)
		answer.Set("own.file.text", "نص ثالث")
		if took := testkit.Post(t, s, path, answer, testkit.As(testkit.Analyst)); took.Status != http.StatusSeeOther {
			t.Fatalf("%s: status %d: %s", take.choice, took.Status, took.Text("main"))
		}
		if got := s.load(t, editorial.Version{ID: id}).Statement.OriginalText; got != take.want {
			t.Errorf("%s: the text is %q", take.choice, got)
		}
		// Once more, before the version that there is now.
		a = testkit.Post(t, s, path, form, testkit.As(testkit.Analyst))
		if take.choice != "mine" && a.Status != http.StatusConflict {
			t.Fatalf("status %d: %s", a.Status, a.Text("main"))
		}
	}
}

func TestARelayStaysAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	id, path := s.attachedPDF(t)
	page := testkit.Ask(t, s, path, testkit.As(testkit.Editor))
	form := page.Fields("#text-form")
	for name := range form {
		if strings.HasPrefix(name, "page.") {
			form.Set(name, "")
		}
	}
	form.Set("page.1", "ذكرت الجريدة أن الصندوق نفى ذلك.")
	form.Set("as", "relay")
	if a := testkit.Post(t, s, path, form, testkit.As(testkit.Editor)); a.Status != http.StatusUnprocessableEntity || a.Text("#publisher-error") == "" {
		t.Errorf("without a publisher: status %d", a.Status)
	}
	form.Set("publisher", "الجريدة")
	_, made := s.statementOf(t, testkit.Post(t, s, path, form, testkit.As(testkit.Editor)))
	if !made.OriginalNotSeen || made.OriginalText != "" || len(made.Documents) != 0 || len(made.Renderings) != 1 ||
		made.Renderings[0].Kind != register.RenderingPress || made.Renderings[0].Text != "" || !made.Renderings[0].FullText {
		t.Fatalf("saved %+v", made)
	}
	// Its words can be marked all the same.
	claims := testkit.Ask(t, s, "/fr/desk/statements/"+string(id)+"/claims", testkit.As(testkit.Editor))
	if claims.Text("[data-marker]") != "ذكرت الجريدة أن الصندوق نفى ذلك." {
		t.Fatalf("the text to mark is %q", claims.Text("[data-marker]"))
	}
	a := testkit.Post(t, s, "/fr/desk/statements/"+string(id)+"/claims", fields(claims, "#claim", map[string]string{
		"passage": "الصندوق نفى ذلك", "topic": "scope", "modality": "denies", "do": "save",
	}), testkit.As(testkit.Editor))
	_, made = s.statementOf(t, a)
	if q := made.Claims[0].Quotes[0]; q.Rendering != made.Renderings[0].Key || q.Position == "" || q.Language != "ar" {
		t.Errorf("marked %+v", q)
	}
}

func TestATranslationStandsBesideTheOriginal(t *testing.T) {
	t.Parallel()
	s := newDeskSite(t, testkit.Database(t))
	_, path := s.attachedPDF(t)
	for n, as := range []string{"original", "rendering"} {
		page := testkit.Ask(t, s, path, testkit.As(testkit.Editor))
		form := page.Fields("#text-form")
		for name := range form {
			if strings.HasPrefix(name, "page.") {
				form.Set(name, "")
			}
		}
		form.Set("page.1", "نص "+strconv.Itoa(n))
		form.Set("as", as)
		form.Set("kind", "editorial")
		form.Set("publisher", "Sijil")
		_, made := s.statementOf(t, testkit.Post(t, s, path, form, testkit.As(testkit.Editor)))
		if made.OriginalText != "نص 0" || len(made.Renderings) != n || n == 1 && (made.Renderings[0].Text != "نص 1" || made.Renderings[0].Kind != register.RenderingEditorial) {
			t.Errorf("as %s: saved %+v", as, made)
		}
	}
}

// attachSomething puts an attached document into the hands of the desk.
func attachSomething(t *testing.T, s *deskSite) {
	t.Helper()
	page := testkit.Ask(t, s, attachPath, testkit.As(testkit.Editor))
	form := fields(page, "#attach", map[string]string{"issuer.find": "CNSS", "title": "بلاغ مرفق"})
	s.statementOf(t, s.postFile(t, form, "بلاغ.pdf", arabicPDF(t)))
}
