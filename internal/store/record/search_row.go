package record

import (
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/sijil/sijil/internal/register"
)

// searchText is a text by which something is found, in its language.
type searchText struct {
	Lang register.Lang `json:"lang,omitempty"`
	Text string        `json:"text"`
}

// searchRow collects the words of one thing that can be found, with their places
// and weights: A for titles and names, B for summaries, C and D for the rest.
type searchRow struct {
	places map[string][]place
	next   int
	texts  []searchText
}

// place is where a word stands, with its weight below: 0 for A to 3 for D.
type place uint16

// Limits of tsvector: places beyond are all the last, and a word has so many.
const (
	lastPlace  = 16383
	mostPlaces = 250
	longestRow = 400 // words of one text are this long at most, in bytes
	// gap keeps a phrase from reaching from one text into the next.
	gap = 10
)

// words adds a text that excerpts do not show.
func (r *searchRow) words(weight, text string) {
	if r.places == nil {
		r.places = map[string][]place{}
	}
	below := place(weight[0] - 'A')
	add := func(word string) {
		if places := r.places[word]; len(word) <= longestRow && len(places) < mostPlaces {
			r.places[word] = append(places, place(min(r.next, lastPlace))<<2|below) //nolint:gosec // 14 bits
		}
	}
	for typed := range strings.FieldsSeq(text) {
		compound := joined(typed)
		for word := range strings.FieldsSeq(Fold(typed)) {
			r.next++
			add(word)
			if bare, ok := withoutArticle(word); ok {
				add(bare)
			}
			if compound != "" {
				add(compound)
				compound = ""
			}
		}
	}
	r.next += gap
}

// add adds a text that an excerpt may show; once, where records repeat it.
func (r *searchRow) add(weight string, lang register.Lang, text string) {
	t := searchText{lang, text}
	if text == "" || slices.Contains(r.texts, t) {
		return
	}
	r.words(weight, text)
	r.texts = append(r.texts, t)
}

// text adds a text in all its languages.
func (r *searchRow) text(weight string, t register.Text) {
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		r.add(weight, lang, t[lang])
	}
}

// title adds a title, which lists show anyway.
func (r *searchRow) title(t register.Text) {
	for _, lang := range slices.Sorted(maps.Keys(t)) {
		r.words("A", t[lang])
	}
}

// names adds all names of an institution, and its officials.
func (r *searchRow) names(weight string, i *register.InstitutionEdition) {
	for _, n := range i.Names {
		r.words(weight, n.Name)
	}
	for _, o := range i.Officials {
		r.official(o)
	}
}

func (r *searchRow) official(o register.Official) {
	for _, lang := range slices.Sorted(maps.Keys(o.Name)) {
		r.words("C", o.Name[lang])
	}
	for _, alias := range o.Aliases {
		r.words("C", alias)
	}
}

// vector is the row as a tsvector: its words in order, each with its places, of which
// none stands twice.
func (r *searchRow) vector() pgtype.TSVector {
	out := pgtype.TSVector{Valid: true, Lexemes: make([]pgtype.TSVectorLexeme, 0, len(r.places))}
	for _, word := range slices.Sorted(maps.Keys(r.places)) {
		places := make([]pgtype.TSVectorPosition, 0, len(r.places[word]))
		for _, p := range r.places[word] {
			at := pgtype.TSVectorPosition{Position: uint16(p >> 2), Weight: pgtype.TSVectorWeight('A' + p&3)}
			if last := len(places) - 1; last >= 0 && places[last].Position == at.Position {
				places[last].Weight = min(places[last].Weight, at.Weight) // A is the most
				continue
			}
			places = append(places, at)
		}
		out.Lexemes = append(out.Lexemes, pgtype.TSVectorLexeme{Word: word, Positions: places})
	}
	return out
}

// find makes a thing findable.
func (p *projection) find(t register.SearchType, key string, row *searchRow) {
	if row.texts == nil {
		row.texts = []searchText{}
	}
	if t == register.FindIncidents {
		p.countWords(slices.Sorted(maps.Keys(row.places)))
	}
	p.put(`
		INSERT INTO record.search_rows (type, reference, key, words, texts)
		VALUES (@type, @reference, @key, @words, @texts)`, `
		ON CONFLICT (type, reference, key) DO UPDATE SET words = EXCLUDED.words, texts = EXCLUDED.texts`,
		pgx.StrictNamedArgs{"type": t, "key": key, "words": row.vector(), "texts": row.texts})
}

// forgetParts takes away the parts of a record that can be found.
func (p *projection) forgetParts(t register.SearchType) {
	if !p.first {
		p.exec(`DELETE FROM record.search_rows WHERE type = @type AND reference = @reference`, pgx.StrictNamedArgs{"type": t})
	}
}

// countWords counts what words the incident has now and did not have, and the
// other way round. Publications go one by one, so that the counts are right.
func (p *projection) countWords(words []string) {
	if p.first {
		for _, word := range words {
			p.counts[word]++
		}
		return
	}
	p.exec(countWordsSQL, pgx.StrictNamedArgs{"words": words})
	p.exec(`DELETE FROM record.search_words WHERE documents <= 0 AND @reference <> ''`, pgx.StrictNamedArgs{})
}

// queueCounts counts the words of incidents that were never public: each word
// once, since one that many of them have would be written as many times.
func queueCounts(batch *pgx.Batch, counts map[string]int) {
	words := slices.Sorted(maps.Keys(counts))
	documents := make([]int, len(words))
	for i, word := range words {
		documents[i] = counts[word]
	}
	batch.Queue(`
		INSERT INTO record.search_words (word, documents, trigrams)
		SELECT fresh.word, fresh.documents, CASE WHEN known.word IS NOT NULL THEN '{}' ELSE ARRAY(
		    SELECT DISTINCT substr('  ' || fresh.word || ' ', at, 3)
		    FROM generate_series(1, length(fresh.word) + 1) AS at) END
		FROM unnest(@words::text[], @documents::integer[]) AS fresh (word, documents)
		LEFT JOIN record.search_words AS known ON known.word = fresh.word
		ON CONFLICT (word) DO UPDATE SET documents = search_words.documents + EXCLUDED.documents`,
		pgx.StrictNamedArgs{"words": words, "documents": documents})
}

const countWordsSQL = `
	WITH fresh AS (
	    SELECT unnest(@words::text[]) AS word
	), old AS (
	    SELECT unnest(tsvector_to_array(words)) AS word
	    FROM record.search_rows
	    WHERE type = 'incident' AND reference = @reference AND key = ''
	), gone AS (
	    UPDATE record.search_words AS w
	    SET documents = w.documents - 1
	    FROM old
	    WHERE w.word = old.word AND NOT EXISTS (SELECT FROM fresh WHERE fresh.word = old.word)
	)
	INSERT INTO record.search_words (word, documents, trigrams)
	SELECT word, 1, ARRAY(
	    SELECT DISTINCT substr('  ' || word || ' ', at, 3)
	    FROM generate_series(1, length(word) + 1) AS at)
	FROM fresh
	WHERE NOT EXISTS (SELECT FROM old WHERE old.word = fresh.word)
	ON CONFLICT (word) DO UPDATE SET documents = search_words.documents + 1`

// findIncident makes an incident findable, by everything that its edition says
// in any language, and its referrals.
func (p *projection) findIncident(e *register.IncidentEdition) {
	row := &searchRow{}
	row.words("A", e.Reference)
	row.title(e.Title)
	affected := map[string]bool{}
	for _, a := range e.Affected {
		affected[string(a.Institution)] = true
	}
	for _, i := range e.Institutions {
		weight := "C"
		if affected[i.Reference] {
			weight = "A"
		}
		row.names(weight, &i)
	}
	row.text("B", e.Summary)
	for _, entry := range register.NewTimeline(e.Incident, e.Statements).Entries {
		row.text("C", entry.Title)
		row.text("D", entry.Body)
	}
	for _, s := range e.Statements {
		if s.Speaker != nil {
			row.official(*s.Speaker)
		}
		for _, c := range s.Claims {
			row.text("D", c.Paraphrase)
			for _, q := range c.Quotes {
				row.add("D", q.Language, q.Text)
			}
		}
	}
	p.find(register.FindIncidents, "", row)
	p.forgetParts(register.FindReferrals)
	for i := range e.Referrals {
		p.findReferral(e, &e.Referrals[i])
	}
}

func (p *projection) findReferral(e *register.IncidentEdition, r *register.Referral) {
	if _, ok := r.Latest(); !ok {
		return // it is in no list
	}
	row := &searchRow{}
	row.title(r.Title)
	by, to := r.Parties(e)
	row.text("B", by)
	row.text("B", to)
	for _, ref := range append([]register.Ref{r.To}, r.By...) {
		if i := e.Institution(ref); i != nil {
			row.names("B", i)
		}
	}
	for _, s := range r.Steps {
		row.text("C", s.Title)
	}
	row.words("C", e.Reference)
	p.find(register.FindReferrals, r.Key, row)
}

// findStatement makes a statement and its claims findable.
func (p *projection) findStatement(s register.StatementEdition, pinned []register.Edition) {
	row := &searchRow{}
	row.words("A", s.Reference)
	row.title(s.Title)
	row.text("B", s.Summary)
	row.text("B", s.IssuerName)
	row.text("C", s.Occasion)
	var issuer *register.InstitutionEdition
	for _, e := range pinned {
		if e.Type == register.TypeInstitution {
			i := register.NewInstitutionEdition(e)
			row.names("B", &i)
			if e.Reference == string(s.Issuer) {
				issuer = &i
			}
		}
	}
	if s.Speaker != nil {
		row.official(*s.Speaker)
	}
	row.add("D", s.OriginalLanguage, s.OriginalText)
	for _, c := range s.Claims {
		row.text("D", c.Paraphrase)
	}
	p.find(register.FindStatements, "", row)
	p.forgetParts(register.FindClaims)
	for i := range s.Claims {
		p.findClaim(s, &s.Claims[i], issuer)
	}
}

func (p *projection) findClaim(s register.StatementEdition, c *register.Claim, issuer *register.InstitutionEdition) {
	row := &searchRow{}
	row.title(c.Paraphrase)
	for _, q := range c.Quotes {
		row.add("B", q.Language, q.Text)
	}
	if issuer != nil {
		row.names("D", issuer)
	}
	if s.Speaker != nil {
		row.official(*s.Speaker)
	}
	p.find(register.FindClaims, c.Key, row)
}

// findInstitution makes an institution findable by all its names.
func (p *projection) findInstitution(i register.InstitutionEdition) {
	row := &searchRow{}
	row.words("A", i.Reference)
	for _, n := range i.Names {
		row.add("A", n.Language, n.Name)
	}
	for _, o := range i.Officials {
		row.official(o)
		row.text("C", o.Office)
	}
	row.text("C", i.Description)
	p.find(register.FindInstitutions, "", row)
}
