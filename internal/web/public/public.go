// Package public answers readers: it reads the address of a request, asks the
// published record, and gives back one page struct that decides everything.
// It knows nothing of the desk, of cookies or of who is asking: the same
// address gives the same page to everybody.
package public

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"time"

	"github.com/a-h/templ"

	"github.com/sijil/sijil/internal/card"
	"github.com/sijil/sijil/internal/edtf"
	"github.com/sijil/sijil/internal/i18n"
	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
)

// Records is the published record, as pages read it.
type Records interface {
	// Newest returns the newest incidents.
	Newest(ctx context.Context) ([]register.IncidentRow, error)
	// Incidents returns one page of a list; ErrInvalid for a cursor that the
	// register did not write.
	Incidents(ctx context.Context, f register.IncidentFilter) (register.IncidentList, error)
	// Statements, Institutions and Referrals return one page of a list, as
	// Incidents.
	Statements(ctx context.Context, f register.StatementFilter) (register.StatementList, error)
	Institutions(ctx context.Context, f register.InstitutionFilter) (register.InstitutionList, error)
	Referrals(ctx context.Context, f register.ReferralFilter) (register.ReferralList, error)
	// Statistics counts over all that is published, and Figures counts the key figures,
	// too: as of a former moment where that takes longer than a page may, ErrCounting
	// where there was none.
	Statistics(ctx context.Context, f register.StatisticsFilter) (register.Statistics, error)
	Figures(ctx context.Context, f register.StatisticsFilter) (register.Totals, register.Statistics, error)
	// Search returns one page of what a search finds of one kind, as Incidents.
	Search(ctx context.Context, f register.SearchFilter) (register.SearchList, error)
	// Incident returns the current edition; ErrNotFound, ErrWithdrawn, or a
	// *register.MovedError. So do the next two.
	Incident(ctx context.Context, slug string) (*register.IncidentEdition, error)
	Institution(ctx context.Context, slug string) (*register.InstitutionView, error)
	Statement(ctx context.Context, slug string) (*register.StatementView, error)
	// History returns a record with all its editions; errors as Incident, but a
	// record that was merged keeps its own.
	History(ctx context.Context, t register.RecordType, slug string) (*register.History, error)
	// Contents returns some editions of a record that History shows, by number;
	// those that were taken down are absent.
	Contents(ctx context.Context, reference string, numbers []int) (map[int]register.Edition, error)
	// Feed returns one page of the entries of a feed, as Incidents.
	Feed(ctx context.Context, f register.FeedFilter) (register.FeedList, error)
	// Names tells what the public ones among records are called.
	Names(ctx context.Context, refs []register.Ref) (map[register.Ref]register.Named, error)
	// Past returns one edition with its pins as they were; errors as History, and
	// a *WithdrawnError with its number for one that was taken down.
	Past(ctx context.Context, t register.RecordType, slug string, number int) (*register.PastEdition, error)
	// Canonical returns the bytes of an edition as they were hashed, by the
	// reference of its record; errors as Past.
	Canonical(ctx context.Context, reference string, number int) ([]byte, error)
	// Checkpoint returns the newest checkpoint of the public log; ErrNotFound.
	Checkpoint(ctx context.Context) (register.LogCheckpoint, error)
	// Checkpoints returns those of logs smaller than before (0: all), the newest
	// first.
	Checkpoints(ctx context.Context, before int64, limit int) ([]register.LogCheckpoint, error)
	// Cosignatures returns what witnesses signed of checkpoints, by their sizes, and
	// Witnesses the last cosignature of each witness.
	Cosignatures(ctx context.Context, sizes []int64) ([]register.LogCosignature, error)
	Witnesses(ctx context.Context) ([]register.LogCosignature, error)
	// Timestamps returns those of checkpoints, by their sizes, LastTimestamps the
	// newest ones, and Timestamp one as it was answered, with its checkpoint.
	Timestamps(ctx context.Context, sizes []int64) ([]register.LogTimestamp, error)
	LastTimestamps(ctx context.Context, limit int) ([]register.LogTimestamp, error)
	Timestamp(ctx context.Context, size int64) (reply []byte, note string, err error)
	// LogTile returns the first hashes of a tile of the log, as many as the width
	// says, LogEntries entries from a position on; ErrNotFound.
	LogTile(ctx context.Context, level int, index int64, width int) ([]byte, error)
	LogEntries(ctx context.Context, from int64, n int) ([][]byte, error)
	// LogKeys returns the keys that sign the log, or did, the newest first.
	LogKeys(ctx context.Context) ([]register.LogKey, error)
	// EditionProof tells where the leaf of an edition stands; errors as Canonical.
	EditionProof(ctx context.Context, reference string, number int) (register.EditionProof, error)
	// Opening returns what a leaf is about that is not about an edition;
	// ErrNotFound, or a *WithdrawnError.
	Opening(ctx context.Context, position int64) (register.Opening, error)
	// Document returns a document that a current edition names; ErrNotFound.
	Document(ctx context.Context, sha256 string) (register.Document, error)
	// OpenCapture returns the key of the source whose copy readers are given;
	// ErrNotFound.
	OpenCapture(ctx context.Context, sha256 string) (key string, err error)
	// Dumps returns the dumps that are kept, the newest first, and Dump one with its
	// parts; ErrNotFound.
	Dumps(ctx context.Context) ([]register.Dump, error)
	Dump(ctx context.Context, name string) (register.Dump, error)
	// PublicRecords lists the records that are shown, no more than limit;
	// PublicParts names the parts into which they are cut, of a thousand at most
	// each, and PublicPart lists the records of one: none if nothing of it is shown.
	PublicRecords(ctx context.Context, limit int) ([]register.PublicAddress, error)
	PublicParts(ctx context.Context) ([]string, error)
	PublicPart(ctx context.Context, part string) ([]register.PublicAddress, error)
	// Generation tells of what state the record is.
	Generation(ctx context.Context) (register.Generation, error)
	// ChangedAt tells when the record last changed in any way.
	ChangedAt(ctx context.Context) (time.Time, error)
	// Terms returns the vocabularies, and the generation of which they are.
	Terms(ctx context.Context) (int64, *register.Terms, error)
	// Ping tells whether the record can be read now.
	Ping(ctx context.Context) error
}

// Request is what a page may depend on.
type Request struct {
	Lang  string     // a language of the interface
	Path  string     // the address after /{lang}, with its slash
	Slug  string     // of the record, where the address names one
	Query url.Values // only parameters that the page knows, none of them empty
	// Params are the other named parts of the address: "number", "position", "name".
	Params map[string]string
}

// Answer is a page, or a file, or the address to which it has moved.
type Answer struct {
	Page    templ.Component
	File    *File
	MovedTo string
	// Passing means that the next one at the address will say something else: no cache
	// keeps it.
	Passing bool
}

// File is an answer that is not a page: a table, a citation, a picture.
type File struct {
	MediaType string // with its charset, where it has one
	// Name is under which it is saved; empty: it is shown.
	Name string
	Lang string // of its words; empty: none, or several
	Body []byte
	// Shared means that pages of other sites may show it.
	Shared bool
	// Immutable means that what stands at the address never changes.
	Immutable bool
	// ModifiedAt is when it may last have changed; zero where nobody says.
	ModifiedAt time.Time
}

// Pages makes the public pages.
type Pages struct {
	records Records
	blobs   Blobs // nil: no document is handed out
	catalog *i18n.Catalog
	site    Site
	now     func() time.Time
	words   *words
	cards   *card.Painter
	exports Exports
}

// New returns the pages of a record, whose documents are in blobs; nil means
// that there are none.
func New(records Records, blobs Blobs, catalog *i18n.Catalog, site Site, now func() time.Time) *Pages {
	return &Pages{
		records: records, blobs: blobs, catalog: catalog, site: site, now: now,
		words: newWords(records, catalog), cards: card.New(),
	}
}

// Home answers the front page.
func (p *Pages) Home(ctx context.Context, r Request) (Answer, error) {
	known, err := p.words.current(ctx)
	if err != nil {
		return Answer{}, err
	}
	rows, err := p.records.Newest(ctx)
	if err != nil {
		return Answer{}, err
	}
	silent := register.ReferralFilter{Silent: register.ReferralSilences()[0], Sort: register.SortLongestWait, Today: p.today()}
	few := silent
	few.Most = silencesShown
	silences, err := p.records.Referrals(ctx, few)
	if err != nil {
		return Answer{}, err
	}
	totals, stats, err := p.records.Figures(ctx, register.StatisticsFilter{})
	isCounting := errors.Is(err, register.ErrCounting)
	if err != nil && !isCounting {
		return Answer{}, err
	}
	c := &charts{composer: newComposer(known.Localizer(r.Lang), p.site, r.place(nil)), terms: known.Terms, stats: stats}
	page := newHomePage(c, rows)
	at := register.EarliestCount(totals.CountedAt, stats.CountedAt)
	if isCounting {
		page.Counted = c.loc.T("home.counting")
	} else {
		c.figures(&page, totals)
		page.Counted = c.countedAt(at)
	}
	c.unanswered(&page, silences, silent)
	return Answer{Page: views.Home(page), Passing: isCounting || !at.IsZero()}, nil
}

// Failure is the page for a request that failed. It needs no database. The
// request id is shown where the fault is ours.
func (p *Pages) Failure(lang string, status int, requestID string) templ.Component {
	page := newErrorPage(p.catalog.Localizer(lang), p.site, status, requestID, Place{Path: "/"})
	return views.Error(page)
}

// Counting is the page in the place of figures that are being counted.
func (p *Pages) Counting(lang string, status int) templ.Component {
	return views.Error(newCountingPage(p.catalog.Localizer(lang), p.site, status))
}

// Unread is the page in the place of what a form would have led to that cannot be read.
func (p *Pages) Unread(lang string, status int) templ.Component {
	return views.Error(newUnreadPage(p.catalog.Localizer(lang), p.site, status))
}

// Damaged is the page in the place of a file that is not what was stored.
func (p *Pages) Damaged(lang string, status int, requestID string) templ.Component {
	return views.Error(newDamagedPage(p.catalog.Localizer(lang), p.site, status, requestID))
}

// Withdrawn is the page in the place of a record that is shown no more.
func (p *Pages) Withdrawn(lang string, e *register.WithdrawnError) templ.Component {
	return views.Error(newWithdrawnPage(p.catalog.Localizer(lang), p.site, e))
}

// today is the civil day in Morocco, by which silences are counted.
func (p *Pages) today() edtf.Day { return edtf.DayOf(p.now()) }

// place is where the request stands, with the query as the page understood it.
func (r Request) place(understood url.Values) Place {
	return Place{Path: r.Path, Query: understood}
}

// longestSlug is longer than any slug of the register.
const longestSlug = 120

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// IsSlug reports whether s can be a slug: what cannot is not worth a query.
func IsSlug(s string) bool { return len(s) <= longestSlug && slugForm.MatchString(s) }
