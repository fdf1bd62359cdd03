package web_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/testkit"
	"github.com/sijil/sijil/internal/web"
)

// fake is a record whose answers a test decides. What pages hold is tested on
// the real one; here it is only how requests are answered.
type fake struct {
	mu         sync.Mutex
	generation int64
	err        error // of every method
	asked      []register.IncidentFilter
	slugs      []string
	public     []register.PublicAddress // in the order of their references
}

func (f *fake) note(slug string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slugs = append(f.slugs, slug)
	switch {
	case f.err != nil:
		return f.err
	case slug == "moved":
		return &register.MovedError{Slug: "cnss-2025"}
	case slug == "withdrawn":
		return register.ErrWithdrawn
	case slug == "panics":
		panic("a secret")
	case slug != "" && slug != "cnss-2025" && slug != "cnss" && slug != "communique":
		return register.ErrNotFound
	}
	return nil
}

// fail makes every method return the error.
func (f *fake) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// reads is how often the record was asked for a page.
func (f *fake) reads() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.slugs)
}

func everywhere(s string) register.Text {
	return register.Text{register.French: s, register.Arabic: s, register.English: s}
}

func (f *fake) Newest(context.Context) ([]register.IncidentRow, error) { return nil, f.note("") }

func (f *fake) Figures(context.Context, register.StatisticsFilter) (register.Totals, register.Statistics, error) {
	return register.Totals{Incidents: 1}, register.Statistics{}, f.note("")
}

func (f *fake) Incidents(_ context.Context, filter register.IncidentFilter) (register.IncidentList, error) {
	if err := f.note(""); err != nil {
		return register.IncidentList{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, filter)
	if filter.After == "nonsense" {
		return register.IncidentList{}, register.ErrInvalid
	}
	return register.IncidentList{}, nil
}

func (f *fake) Statements(context.Context, register.StatementFilter) (register.StatementList, error) {
	return register.StatementList{}, f.note("")
}

func (f *fake) Statistics(context.Context, register.StatisticsFilter) (register.Statistics, error) {
	return register.Statistics{}, f.note("")
}

func (f *fake) Institutions(context.Context, register.InstitutionFilter) (register.InstitutionList, error) {
	return register.InstitutionList{}, f.note("")
}

func (f *fake) Referrals(context.Context, register.ReferralFilter) (register.ReferralList, error) {
	return register.ReferralList{}, f.note("")
}

func (f *fake) Search(context.Context, register.SearchFilter) (register.SearchList, error) {
	return register.SearchList{}, f.note("")
}

func (f *fake) Incident(_ context.Context, slug string) (*register.IncidentEdition, error) {
	if err := f.note(slug); err != nil {
		return nil, err
	}
	return &register.IncidentEdition{
		Reference: "SJ-2025-0001", Edition: 1,
		Incident: &register.Incident{Slug: slug, Title: everywhere("An incident"), Standing: "confirmed"},
	}, nil
}

func (f *fake) Institution(_ context.Context, slug string) (*register.InstitutionView, error) {
	if err := f.note(slug); err != nil {
		return nil, err
	}
	return &register.InstitutionView{InstitutionEdition: register.InstitutionEdition{
		Reference: "IN-0001", Edition: 1, Institution: &register.Institution{Slug: slug, Kind: register.InstitutionSocialFund},
	}}, nil
}

func (f *fake) Statement(_ context.Context, slug string) (*register.StatementView, error) {
	if err := f.note(slug); err != nil {
		return nil, err
	}
	return &register.StatementView{StatementEdition: register.StatementEdition{
		Reference: "ST-2025-0001", Edition: 1,
		Statement: &register.Statement{
			Slug: slug, Title: everywhere("A statement"), Kind: register.StatementCommunique,
			Documents: []register.Document{
				{Name: "communique.pdf", Type: register.TypePDF, SHA256: register.HashOf([]byte(paper)), Size: 2048},
				{Name: "perdu.txt", Type: register.TypeText, SHA256: register.HashOf([]byte("lost")), Size: 10},
			},
		},
	}}, nil
}

func (f *fake) History(_ context.Context, t register.RecordType, slug string) (*register.History, error) {
	if err := f.note(slug); err != nil {
		return nil, err
	}
	return &register.History{Type: t, Reference: "SJ-2025-0001", Slug: slug, Editions: []register.EditionMark{{Number: 1, PublishedAt: testkit.FoundingDay()}}}, nil
}

func (f *fake) Feed(context.Context, register.FeedFilter) (register.FeedList, error) {
	return register.FeedList{}, f.note("")
}

func (f *fake) Contents(context.Context, string, []int) (map[int]register.Edition, error) {
	return nil, f.note("")
}

func (f *fake) Names(context.Context, []register.Ref) (map[register.Ref]register.Named, error) {
	return nil, f.note("")
}

func (f *fake) Past(_ context.Context, t register.RecordType, slug string, number int) (*register.PastEdition, error) {
	if err := f.note(slug); err != nil {
		return nil, err
	}
	if number != 1 || t != register.TypeIncident {
		return nil, register.ErrNotFound
	}
	return &register.PastEdition{Slug: slug, Current: 1, Edition: register.Edition{Content: register.Content{
		Type: t, Reference: "SJ-2025-0001", Number: number, PublishedAt: testkit.FoundingDay(),
		Incident: &register.Incident{Slug: slug, Title: everywhere("An incident"), Standing: "confirmed"},
	}}}, nil
}

func (*fake) Opening(context.Context, int64) (register.Opening, error) {
	return register.Opening{}, register.ErrNotFound
}

func (f *fake) Canonical(_ context.Context, reference string, number int) ([]byte, error) {
	if err := f.note(""); err != nil {
		return nil, err
	}
	if reference != "SJ-2025-0001" || number != 1 {
		return nil, register.ErrNotFound
	}
	return []byte(`{}`), nil
}

func (f *fake) OpenCapture(context.Context, string) (string, error) { return "", register.ErrNotFound }

func (f *fake) Document(_ context.Context, sha256 string) (register.Document, error) {
	if err := f.note(""); err != nil {
		return register.Document{}, err
	}
	if sha256 != register.HashOf([]byte(paper)) {
		return register.Document{}, register.ErrNotFound
	}
	return register.Document{Name: "بلاغ \u202ex\".html", Type: register.TypePDF, SHA256: sha256, Size: int64(len(paper))}, nil
}

func (f *fake) Terms(context.Context) (int64, *register.Terms, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.generation, nil, nil
}

func (f *fake) PublicRecords(_ context.Context, limit int) ([]register.PublicAddress, error) {
	if err := f.note(""); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.public[:min(limit, len(f.public))], nil
}

func (f *fake) PublicParts(_ context.Context) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []string
	for _, r := range f.public {
		out = append(out, thousandOf(r.Reference))
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (f *fake) PublicPart(_ context.Context, part string) ([]register.PublicAddress, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []register.PublicAddress
	for _, r := range f.public {
		if thousandOf(r.Reference) == part {
			out = append(out, r)
		}
	}
	return out, nil
}

func thousandOf(reference string) string { return reference[:len(reference)-3] }

func (f *fake) ChangedAt(context.Context) (time.Time, error) { return time.Time{}, f.err }

func (f *fake) Generation(context.Context) (register.Generation, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return register.Generation{}, f.err
	}
	return register.Generation{Record: f.generation}, nil
}

func (f *fake) Dumps(context.Context) ([]register.Dump, error) { return nil, f.note("") }

func (f *fake) Dump(context.Context, string) (register.Dump, error) {
	return register.Dump{}, register.ErrNotFound
}

func (f *fake) Ping(context.Context) error { return f.note("") }

// stage is a site over a fake record, with its log.
type stage struct {
	http.Handler
	records *fake
	clock   *testkit.Clock
	log     *lockedBuffer
}

func newStage(tb testing.TB, change ...func(*web.Config)) *stage {
	tb.Helper()
	s := &stage{records: &fake{generation: 1}, clock: testkit.NewClock(testkit.FoundingDay()), log: &lockedBuffer{}}
	cfg := web.Config{
		BaseURL: "https://sijil.test", Records: s.records, Now: s.clock.Now,
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&cfg)
	}
	handler, err := web.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	s.Handler = handler
	return s
}

// wait lets the cache learn that something has changed.
func (s *stage) wait() { s.clock.Advance(2 * time.Second) }

type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lockedBuffer) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// with sets a header of a request.
func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// by sets the method of a request.
func by(method string) func(*http.Request) { return func(r *http.Request) { r.Method = method } }
