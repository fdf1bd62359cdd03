package exchange

import (
	"reflect"
	"time"

	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/register"
)

// The lines of the tables. What is not a field of one of these types is in no
// table. Codes are those of the vocabularies, dates are EDTF, and an empty cell is
// not stated.

type incidentRow struct {
	Reference        string        `csv:"reference" doc:"Reference of the incident; never changes." key:"1"`
	Slug             string        `csv:"slug" doc:"Readable end of the address of its page; may change."`
	Page             string        `csv:"page" doc:"Address of its page."`
	Title            register.Text `csv:"title" doc:"Title, in the words of the register."`
	Summary          register.Text `csv:"summary" doc:"Summary, in the words of the register."`
	Language         register.Lang `csv:"language" doc:"Language in which the register wrote its texts; the others are its translations."`
	Kinds            []string      `csv:"kinds" doc:"Classes of the Reference Security Incident Taxonomy."`
	Standing         string        `csv:"standing" doc:"A code of the vocabulary standing."`
	Country          string        `csv:"country" doc:"ISO 3166-1 alpha-2."`
	Occurred         edtf.Date     `csv:"occurred" doc:"Date of the first public trace, EDTF; all assertions are in the table dates."`
	OccurredDisputed bool          `csv:"occurred_disputed" doc:"Whether several assertions of that date disagree."`
	Edition          int           `csv:"edition" doc:"Number of the current edition."`
	SHA256           string        `csv:"sha256" doc:"Hash of its canonical JSON."`
	FirstPublished   time.Time     `csv:"first_published_at" doc:"When the first edition was published."`
	Published        time.Time     `csv:"published_at" doc:"When the current edition was published."`
}

type affectedRow struct {
	Incident    string          `csv:"incident" doc:"Reference of the incident." key:"1"`
	Key         string          `csv:"key" doc:"Names the part inside its record; stable over editions." key:"1"`
	Institution string          `csv:"institution" doc:"Reference of the institution."`
	Roles       []register.Role `csv:"roles" doc:"Its roles in the incident."`
	DataExposed register.Text   `csv:"data_exposed" doc:"What of its data is said to be exposed, and by whom."`
	Note        register.Text   `csv:"note" doc:"What else is to be said."`
}

type systemRow struct {
	Incident    string              `csv:"incident" doc:"Reference of the incident." key:"1"`
	Key         string              `csv:"key" doc:"Names the system inside its record." key:"1"`
	Position    int                 `csv:"position" doc:"Number of the name, from 1: parties may call one thing by different names." key:"1"`
	Institution string              `csv:"institution" doc:"Reference of the institution whose system it is."`
	Kind        register.SystemKind `csv:"kind" doc:"What kind of system this party says it is."`
	Name        register.Text       `csv:"name" doc:"What the party calls it."`
	By          register.Text       `csv:"by" doc:"Who calls it so."`
	SaidIn      string              `csv:"said_in" doc:"Statement, or claim, in which it is called so."`
	Sources     []string            `csv:"sources" doc:"Keys of the sources for it."`
}

type measureRow struct {
	Incident     string         `csv:"incident" doc:"Reference of the incident." key:"1"`
	Key          string         `csv:"key" doc:"Names the measure inside its record." key:"1"`
	Title        register.Text  `csv:"title" doc:"The measure."`
	Body         register.Text  `csv:"body" doc:"What is said of it."`
	Institutions []register.Ref `csv:"institutions" doc:"References of those who are said to have taken it."`
	ReportedBy   register.Text  `csv:"reported_by" doc:"Who says so."`
	DatesTaken   bool           `csv:"dates_taken" doc:"Whether its dates say when it was taken, and not when it was reported."`
}

type exposureRow struct {
	Incident    string        `csv:"incident" doc:"Reference of the incident." key:"1"`
	Key         string        `csv:"key" doc:"Names the exposure inside its record." key:"1"`
	Title       register.Text `csv:"title" doc:"Data said to have got out."`
	Institution string        `csv:"institution" doc:"Reference of the institution whose data it is said to be."`
	DataClasses []string      `csv:"data_classes" doc:"Classes of the data."`
	Place       string        `csv:"place" doc:"Kind of place where it was published; never an address."`
	Period      register.Text `csv:"period" doc:"Time from which the data is said to be."`
}

type figureRow struct {
	Incident string            `csv:"incident" doc:"Reference of the incident." key:"1"`
	Exposure string            `csv:"exposure" doc:"Key of the exposure." key:"1"`
	Key      string            `csv:"key" doc:"Names the figure inside its record." key:"1"`
	Value    int64             `csv:"value" doc:"The number that somebody gave."`
	Bound    string            `csv:"bound" doc:"about, over or under; empty: as given."`
	Unit     register.Unit     `csv:"unit" doc:"What it counts; figures in different units are never added."`
	Claimant register.Claimant `csv:"claimant" doc:"Kind of party that gives it; figures by different claimants are never added."`
	What     register.Text     `csv:"what" doc:"What it is said to count, where the unit does not say it."`
}

type positionRow struct {
	Incident    string             `csv:"incident" doc:"Reference of the incident." key:"1"`
	Exposure    string             `csv:"exposure" doc:"Key of the exposure." key:"1"`
	Key         string             `csv:"key" doc:"Names the position inside its record." key:"1"`
	Party       register.Text      `csv:"party" doc:"Who takes it."`
	Institution string             `csv:"institution" doc:"Reference of that party, where it is an institution."`
	Findings    []register.Finding `csv:"findings" doc:"What the party says of the authenticity of the data."`
	Note        register.Text      `csv:"note" doc:"What else is to be said."`
}

type eventRow struct {
	Incident     string               `csv:"incident" doc:"Reference of the incident." key:"1"`
	Key          string               `csv:"key" doc:"Names the event inside its record." key:"1"`
	Kind         register.EventKind   `csv:"kind" doc:"What kind of event it is."`
	Attestation  register.Attestation `csv:"attestation" doc:"On whose word it stands."`
	Title        register.Text        `csv:"title" doc:"The event."`
	Body         register.Text        `csv:"body" doc:"What is said of it."`
	Institutions []register.Ref       `csv:"institutions" doc:"References of those that it touches."`
}

type referralRow struct {
	Incident   string                `csv:"incident" doc:"Reference of the incident." key:"1"`
	Key        string                `csv:"key" doc:"Names the referral inside its record." key:"1"`
	Kind       register.ReferralKind `csv:"kind" doc:"judicial or regulatory."`
	Title      register.Text         `csv:"title" doc:"The matter."`
	By         []register.Ref        `csv:"by" doc:"References of who referred it."`
	ByName     register.Text         `csv:"by_name" doc:"Who did, where it is not named."`
	To         string                `csv:"to" doc:"Reference of the authority."`
	ToName     register.Text         `csv:"to_name" doc:"To whom, where it is not named."`
	LegalBasis register.Text         `csv:"legal_basis" doc:"Legal basis."`
	CaseNumber string                `csv:"case_number" doc:"Number of the case."`
	Against    register.Text         `csv:"against" doc:"Against whom."`
	Note       register.Text         `csv:"note" doc:"What else is to be said."`
}

type stepRow struct {
	Incident string         `csv:"incident" doc:"Reference of the incident." key:"1"`
	Referral string         `csv:"referral" doc:"Key of the referral." key:"1"`
	Key      string         `csv:"key" doc:"Names the step inside its record." key:"1"`
	Step     string         `csv:"step" doc:"A code of the vocabulary referral-step."`
	Phase    register.Phase `csv:"phase" doc:"The phase to which it belongs."`
	Level    register.Level `csv:"level" doc:"How well it is established; a code of the vocabulary level."`
	Title    register.Text  `csv:"title" doc:"The step."`
	Body     register.Text  `csv:"body" doc:"What is said of it."`
}

type concernRow struct {
	Incident  string `csv:"incident" doc:"Reference of the incident." key:"1"`
	Statement string `csv:"statement" doc:"Reference of a statement that concerns it." key:"1"`
	Edition   int    `csv:"edition" doc:"Number of the edition of the statement that the incident shows."`
}

type kinRow struct {
	Incident string        `csv:"incident" doc:"Reference of the incident." key:"1"`
	Kind     string        `csv:"kind" doc:"same-campaign, recurrence or follow-up." key:"1"`
	To       string        `csv:"to" doc:"Reference of the other incident." key:"1"`
	Note     register.Text `csv:"note" doc:"What else is to be said."`
}

type institutionRow struct {
	Reference   string                   `csv:"reference" doc:"Reference of the institution; never changes." key:"1"`
	Slug        string                   `csv:"slug" doc:"Readable end of the address of its page; may change."`
	Page        string                   `csv:"page" doc:"Address of its page."`
	Name        register.Text            `csv:"name" doc:"Official name now; all names are in the table institution_names."`
	Kind        register.InstitutionKind `csv:"kind" doc:"Kind of institution."`
	Sector      string                   `csv:"sector" doc:"Sector."`
	Country     string                   `csv:"country" doc:"ISO 3166-1 alpha-2."`
	Website     string                   `csv:"website" doc:"Its own address."`
	Parent      string                   `csv:"parent" doc:"Reference of the institution of which it is a part."`
	Description register.Text            `csv:"description" doc:"What it is, in the words of the register."`
	Edition     int                      `csv:"edition" doc:"Number of the current edition."`
	SHA256      string                   `csv:"sha256" doc:"Hash of its canonical JSON."`
}

type nameRow struct {
	Institution string            `csv:"institution" doc:"Reference of the institution." key:"1"`
	Key         string            `csv:"key" doc:"Names the name inside its record." key:"1"`
	Language    register.Lang     `csv:"language" doc:"Its language."`
	Script      string            `csv:"script" doc:"ISO 15924, where the language does not say it."`
	Kind        register.NameKind `csv:"kind" doc:"official, short, acronym or alias."`
	Name        string            `csv:"name" doc:"The name."`
	From        edtf.Date         `csv:"from" doc:"Since when it was in use, EDTF."`
	Until       edtf.Date         `csv:"until" doc:"Until when, EDTF; empty: now, or not stated."`
}

type successionRow struct {
	Institution string        `csv:"institution" doc:"Reference of the institution." key:"1"`
	Kind        string        `csv:"kind" doc:"predecessor or successor." key:"1"`
	To          string        `csv:"to" doc:"Reference of the other institution." key:"1"`
	On          edtf.Date     `csv:"on" doc:"When, EDTF."`
	Note        register.Text `csv:"note" doc:"What else is to be said."`
}

type statementRow struct {
	Reference        string                 `csv:"reference" doc:"Reference of the statement; never changes." key:"1"`
	Slug             string                 `csv:"slug" doc:"Readable end of the address of its page; may change."`
	Page             string                 `csv:"page" doc:"Address of its page."`
	Title            register.Text          `csv:"title" doc:"Title, in the words of the register."`
	Summary          register.Text          `csv:"summary" doc:"Summary, in the words of the register."`
	Kind             register.StatementKind `csv:"kind" doc:"Kind of speech act."`
	Official         bool                   `csv:"official" doc:"Whether it is official."`
	Issuer           string                 `csv:"issuer" doc:"Reference of the institution that speaks."`
	IssuerName       register.Text          `csv:"issuer_name" doc:"Who speaks, where it is no institution of the register."`
	OnBehalfOf       []register.Ref         `csv:"on_behalf_of" doc:"References of those for whom it speaks."`
	Speaker          register.Text          `csv:"speaker" doc:"The official who spoke, named only for what was said in office."`
	Office           register.Text          `csv:"office" doc:"That office."`
	Occasion         register.Text          `csv:"occasion" doc:"Occasion."`
	Channel          register.Text          `csv:"channel" doc:"Channel."`
	Said             edtf.Date              `csv:"said" doc:"When it was said, EDTF; all assertions are in the table dates."`
	SaidDisputed     bool                   `csv:"said_disputed" doc:"Whether several assertions of that date disagree."`
	OriginalLanguage register.Lang          `csv:"original_language" doc:"Language in which it was said; empty: not stated."`
	OriginalNotSeen  bool                   `csv:"original_not_seen" doc:"Whether it is known only through others."`
	OriginalText     string                 `csv:"original_text" doc:"The text as it was said, where it may be shown."`
	Edition          int                    `csv:"edition" doc:"Number of the current edition."`
	SHA256           string                 `csv:"sha256" doc:"Hash of its canonical JSON."`
}

type renderingRow struct {
	Statement string                 `csv:"statement" doc:"Reference of the statement." key:"1"`
	Key       string                 `csv:"key" doc:"Names the rendering inside its record." key:"1"`
	Language  register.Lang          `csv:"language" doc:"Its language."`
	Kind      register.RenderingKind `csv:"kind" doc:"official, editorial, press or machine."`
	Publisher string                 `csv:"publisher" doc:"Who gave it."`
	FullText  bool                   `csv:"full_text" doc:"Whether the whole of it was read."`
	Text      string                 `csv:"text" doc:"Its words, where they may be shown."`
	Note      register.Text          `csv:"note" doc:"What else is to be said."`
}

type documentRow struct {
	Statement string        `csv:"statement" doc:"Reference of the statement." key:"1"`
	Key       string        `csv:"key" doc:"Names the document inside its record." key:"1"`
	Name      string        `csv:"name" doc:"Name of the file."`
	Type      string        `csv:"type" doc:"Media type."`
	SHA256    string        `csv:"sha256" doc:"Hash of the file; it can be had at /documents/ and this hash."`
	Size      int64         `csv:"size" doc:"Bytes."`
	Language  register.Lang `csv:"language" doc:"Language of its text."`
}

type responseRow struct {
	Statement string        `csv:"statement" doc:"Reference of the statement." key:"1"`
	Kind      string        `csv:"kind" doc:"version-of, amends, withdraws or replies-to." key:"1"`
	To        string        `csv:"to" doc:"Reference of the other statement." key:"1"`
	Note      register.Text `csv:"note" doc:"What else is to be said."`
}

type claimRow struct {
	Statement    string              `csv:"statement" doc:"Reference of the statement." key:"1"`
	Key          string              `csv:"key" doc:"Names the claim inside its record." key:"1"`
	Topic        register.Topic      `csv:"topic" doc:"A code of the vocabulary claim-topic."`
	Modality     register.Modality   `csv:"modality" doc:"asserts, denies, alleges or promises."`
	Quantifier   register.Quantifier `csv:"quantifier" doc:"How much of a thing it covers."`
	Paraphrase   register.Text       `csv:"paraphrase" doc:"What is claimed, in the words of the register."`
	Value        *int64              `csv:"value" doc:"The number that is claimed."`
	Bound        string              `csv:"bound" doc:"about, over or under; empty: as given."`
	Unit         register.Unit       `csv:"unit" doc:"What it counts."`
	ReportedFrom register.Text       `csv:"reported_from" doc:"Who says it, where the speaker says that somebody else does."`
}

type quoteRow struct {
	Statement   string        `csv:"statement" doc:"Reference of the statement." key:"1"`
	Claim       string        `csv:"claim" doc:"Key of the claim." key:"1"`
	Position    int           `csv:"position" doc:"Number of the passage, from 1." key:"1"`
	Language    register.Lang `csv:"language" doc:"Its language."`
	Text        string        `csv:"text" doc:"The passage."`
	Rendering   string        `csv:"rendering" doc:"Key of the rendering that has it; empty: the original."`
	Place       string        `csv:"place" doc:"Where it stands: a paragraph such as F3, or a range of characters."`
	Indirect    bool          `csv:"indirect" doc:"Whether the text gives the words as reported speech."`
	Translation bool          `csv:"translation" doc:"Whether the words are the register’s own translation."`
}

type claimRelationRow struct {
	Statement string                     `csv:"statement" doc:"Reference of the statement." key:"1"`
	Claim     string                     `csv:"claim" doc:"Key of the claim." key:"1"`
	Kind      register.ClaimRelationKind `csv:"kind" doc:"A code of the vocabulary claim-relation." key:"1"`
	To        string                     `csv:"to" doc:"The earlier claim: reference of its statement and key, with a dot between." key:"1"`
	Note      register.Text              `csv:"note" doc:"What else is to be said."`
}

type dateRow struct {
	Record    string             `csv:"record" doc:"Reference of the record." key:"1"`
	Key       string             `csv:"key" doc:"Key of the part that it dates; empty: of the statement itself, when it was said." key:"1"`
	Position  int                `csv:"position" doc:"Number of the assertion, from 1: several may disagree." key:"1"`
	EDTF      edtf.Date          `csv:"edtf" doc:"The date, EDTF (ISO 8601-2); empty: there are only words for it."`
	Wording   register.Text      `csv:"wording" doc:"What is said of it where EDTF cannot hold it."`
	Basis     register.DateBasis `csv:"basis" doc:"How it is known; a code of the vocabulary date-basis."`
	Preferred bool               `csv:"preferred" doc:"Whether it is the one among several by which the part is ordered."`
	Reason    register.Text      `csv:"reason" doc:"Why it is preferred."`
	Sources   []string           `csv:"sources" doc:"Keys of the sources that give it."`
}

type backingRow struct {
	Record string `csv:"record" doc:"Reference of the record." key:"1"`
	Key    string `csv:"key" doc:"Key of the part that is backed." key:"1"`
	Kind   string `csv:"kind" doc:"source, or statement." key:"1"`
	By     string `csv:"by" doc:"Key of the source; or statement, or claim in it, on which the part rests." key:"1"`
}

type sourceRow struct {
	Record      string              `csv:"record" doc:"Reference of the record that cites it: each shows it as it was known when that was published." key:"1"`
	Key         string              `csv:"key" doc:"Names the source in every record; never used again." key:"1"`
	Kind        register.SourceKind `csv:"kind" doc:"What it is."`
	Publisher   string              `csv:"publisher" doc:"Who published it."`
	Title       string              `csv:"title" doc:"Its title."`
	Author      string              `csv:"author" doc:"Its author."`
	URL         string              `csv:"url" doc:"Its address; empty where it is withheld, since it names a private person."`
	URLWithheld bool                `csv:"url_withheld" doc:"Whether its address is withheld."`
	Language    register.Lang       `csv:"language" doc:"Its language."`
	Published   edtf.Date           `csv:"published" doc:"When it appeared, EDTF."`
	Accessed    edtf.Date           `csv:"accessed" doc:"When the register read it, EDTF."`
	Gist        register.Text       `csv:"gist" doc:"What it carries, in the words of the register."`
	Capture     string              `csv:"capture_sha256" doc:"Hash of what the register saved of it."`
	CapturedAt  edtf.Date           `csv:"captured_at" doc:"When that was saved."`
}

// tableSpecs are the tables, incidents first: that one is written as it comes.
func tableSpecs() []tableSpec {
	return []tableSpec{
		{"incidents", "Incidents: current editions.", reflect.TypeFor[incidentRow](), ""},
		{"incident_institutions", "The part that institutions have in incidents.", reflect.TypeFor[affectedRow](), "incidents"},
		{"systems", "What was attacked, as each party calls it.", reflect.TypeFor[systemRow](), "incidents"},
		{"measures", "What is said to have been done.", reflect.TypeFor[measureRow](), "incidents"},
		{"exposures", "Data said to have got out.", reflect.TypeFor[exposureRow](), "incidents"},
		{"figures", "Numbers that were given of exposed data.", reflect.TypeFor[figureRow](), "incidents"},
		{"authenticity", "What parties say of the authenticity of exposed data.", reflect.TypeFor[positionRow](), "incidents"},
		{"events", "Whatever else has a date.", reflect.TypeFor[eventRow](), "incidents"},
		{"referrals", "Matters brought to authorities.", reflect.TypeFor[referralRow](), "incidents"},
		{"steps", "Steps of referrals.", reflect.TypeFor[stepRow](), "incidents"},
		{"incident_statements", "Which statements concern which incidents.", reflect.TypeFor[concernRow](), "incidents"},
		{"incident_relations", "How incidents stand to each other.", reflect.TypeFor[kinRow](), "incidents"},
		{"institutions", "Institutions: current editions.", reflect.TypeFor[institutionRow](), ""},
		{"institution_names", "All names of institutions, over time.", reflect.TypeFor[nameRow](), "institutions"},
		{"institution_relations", "Predecessors and successors.", reflect.TypeFor[successionRow](), "institutions"},
		{"statements", "Statements: current editions.", reflect.TypeFor[statementRow](), ""},
		{"renderings", "Statements in other languages or versions.", reflect.TypeFor[renderingRow](), "statements"},
		{"documents", "Files that carry statements.", reflect.TypeFor[documentRow](), "statements"},
		{"statement_relations", "How statements stand to each other.", reflect.TypeFor[responseRow](), "statements"},
		{"claims", "What is asserted inside statements.", reflect.TypeFor[claimRow](), "statements"},
		{"quotes", "The passages of claims.", reflect.TypeFor[quoteRow](), "statements"},
		{"claim_relations", "How claims stand to earlier ones.", reflect.TypeFor[claimRelationRow](), "statements"},
		{"dates", "All assertions of dates.", reflect.TypeFor[dateRow](), ""},
		{"backings", "On which sources and statements each part rests.", reflect.TypeFor[backingRow](), ""},
		{"sources", "Sources, by the records that cite them.", reflect.TypeFor[sourceRow](), ""},
	}
}
