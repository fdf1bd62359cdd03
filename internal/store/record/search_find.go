package record

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/internal/store"
)

// planAnew has PostgreSQL plan a search for its words and choices: a plan that it
// keeps takes all of them to be alike.
const planAnew = pgx.QueryExecModeCacheDescribe

// smallRegister is how many incidents a register has in which the index is always soon
// enough.
const smallRegister = 1000

// frequency is in what share of so many incidents the words of a search stand; newest of
// them are kept in the order of the list, which may be the whole of them.
type frequency struct {
	share, total, newest float64
	whole                bool
}

// walks reports whether so many finds come sooner along the list than by the index:
// from a share of sqrt(rows/N) on, where both ways cost the same.
func (f frequency) walks(rows int) bool {
	return f.large() && f.share >= math.Sqrt(float64(rows)/f.total)
}

// large reports whether it matters how words are looked for.
func (f frequency) large() bool { return f.total > smallRegister }

// frequency is how common the words are. They are taken to be independent, and
// where there are several, looked for among the first of the list.
func (q question) frequency(ctx context.Context, db store.Querier) (f frequency, err error) {
	if q.String() == "" {
		return f, nil
	}
	var from, to []string
	for _, p := range q.parts {
		if p.not {
			continue
		}
		for _, w := range p.words {
			root := latinRoot(w)
			if root == "" || p.exact {
				from, to = append(from, w), append(to, w+" ")
				continue
			}
			from, to = append(from, root), append(to, root+"\uffff")
		}
	}
	err = db.QueryRow(ctx, `
		SELECT coalesce(exp(sum(ln(greatest(least(known.documents / greatest(n.total, 1), 1), 1e-9)))), 1), n.total, n.newest, n.whole
		FROM (SELECT i.reltuples::float8 AS total,
		             CASE WHEN since.occurred_order IS NULL THEN 0 ELSE greatest(k.reltuples, 1) END AS newest,
		             coalesce(since.occurred_order = '-infinity' AND since.reference = '', false) AS whole
		      FROM pg_catalog.pg_class AS i
		      JOIN pg_catalog.pg_class AS k ON k.oid = 'record.search_newest'::regclass
		      LEFT JOIN record.search_newest_since AS since ON true
		      WHERE i.oid = 'record.incidents'::regclass) AS n
		LEFT JOIN LATERAL (
		    SELECT coalesce((SELECT sum(w.documents) FROM record.search_words AS w WHERE w.word ~>=~ x.low AND w.word ~<~ x.high), 0) AS documents
		    FROM unnest(@from::text[], @to::text[]) AS x (low, high)
		) AS known ON true -- all have what a search asks that names no word
		GROUP BY n.total, n.newest, n.whole`, pgx.StrictNamedArgs{"from": from, "to": to}).Scan(&f.share, &f.total, &f.newest, &f.whole)
	if err != nil || len(q.parts) == 1 && len(from) == 1 {
		return f, ignoreNoRows(err)
	}
	ahead := 1.0
	switch {
	case f.walksNewest(register.PageSize):
		ahead, err = q.shareOfNewest(ctx, db)
	case f.walks(register.PageSize):
		ahead, err = q.shareAhead(ctx, db)
	}
	f.share = min(f.share, ahead)
	return f, err
}

// mostForms is how many words with one beginning are looked for one by one.
const mostForms = 64

// spelledOut is the question with the words that the incidents have in the place of
// beginnings, which finds the same incidents: the register counts every word that they
// have. For a beginning PostgreSQL's index gathers all that stands under each of its words;
// of words that are whole it skips what a rarer one beside them does not have. Of one
// word nothing can be skipped, and PostgreSQL would take many forms of a rare one for a
// common one.
func (q question) spelledOut(ctx context.Context, db store.Querier) (question, error) {
	beginnings := q.beginnings()
	if len(beginnings) == 0 || len(q.parts) < 2 {
		return q, nil
	}
	rows, err := db.Query(ctx, `
		SELECT b.beginning, f.words
		FROM unnest(@beginnings::text[]) AS b (beginning)
		CROSS JOIN LATERAL (
		    SELECT array_agg(w.word) AS words
		    FROM (SELECT word FROM record.search_words WHERE word ~>=~ b.beginning AND word ~<~ (b.beginning || @end) LIMIT @most + 1) AS w) AS f
		WHERE cardinality(f.words) <= @most`, pgx.StrictNamedArgs{"beginnings": beginnings, "end": "\uffff", "most": mostForms})
	if err != nil {
		return q, store.Map(err)
	}
	q.spelled = map[string][]string{}
	var beginning string
	var words []string
	_, err = pgx.ForEachRow(rows, []any{&beginning, &words}, func() error {
		q.spelled[beginning], words = words, nil
		return nil
	})
	return q, store.Map(err)
}

// shareAhead looks at the first incidents of the list, since words are not
// independent: those of a phrase may all be common, and stand together nowhere.
func (q question) shareAhead(ctx context.Context, db store.Querier) (float64, error) {
	const first = 400
	var found int
	err := db.QueryRow(ctx, `
		SELECT count(*)
		FROM (SELECT reference FROM record.incidents ORDER BY occurred_order DESC, reference DESC LIMIT @first) AS i
		`+lookedUp, pgx.StrictNamedArgs{"first": first, "query": q.String()}).Scan(&found)
	return float64(found) / first, store.Map(err)
}

// shareOfNewest is shareAhead where the newest incidents are kept in the order of the list.
// Words that stand together in none of those that are looked at may do so further on.
func (q question) shareOfNewest(ctx context.Context, db store.Querier) (float64, error) {
	var found, seen int
	err := db.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE words @@ @query::tsquery), count(*)
		FROM (SELECT words FROM record.search_newest ORDER BY occurred_order DESC, reference DESC LIMIT @first) AS n`,
		pgx.StrictNamedArgs{"first": newestWalked, "query": q.String()}).Scan(&found, &seen)
	return (float64(found) + 0.5) / float64(max(seen, 1)), store.Map(err)
}

// ignoreNoRows maps an error; that nothing was asked for is none.
func ignoreNoRows(err error) error {
	if err == pgx.ErrNoRows { //nolint:errorlint // QueryRow returns it as it is
		return nil
	}
	return store.Map(err)
}

// countFinds counts what a search finds besides incidents, each kind up to a limit.
func countFinds(ctx context.Context, q store.Querier, asked question) (map[register.SearchType]int, error) {
	rows, err := q.Query(ctx, countOf(register.FindStatements)+" UNION ALL "+countOf(register.FindClaims)+" UNION ALL "+
		countOf(register.FindInstitutions)+" UNION ALL "+countOf(register.FindReferrals),
		planAnew, pgx.NamedArgs{"query": asked.String(), "most": register.MostCounted})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[register.SearchType]int{}
	var t register.SearchType
	var n int
	_, err = pgx.ForEachRow(rows, []any{&t, &n}, func() error { out[t] = n; return nil })
	return out, store.Map(err)
}

// countOf counts one kind by the index of its own.
func countOf(t register.SearchType) string {
	return `
		SELECT '` + foundType(t) + `', count(*)
		FROM (SELECT FROM record.search_rows WHERE type = '` + foundType(t) + `' AND words @@ @query::tsquery LIMIT @most) AS found`
}

// findKey names something that can be found.
type findKey struct{ reference, key string }

// excerpts finds the words of a search in the texts of what is shown: the first
// text of the reader's language that has one, else of any.
func excerpts(ctx context.Context, q store.Querier, asked question, t register.SearchType, references []string, lang register.Lang) (map[findKey]register.Excerpt, error) {
	rows, err := q.Query(ctx, `
		SELECT reference, key, texts FROM record.search_rows WHERE type = @type AND reference = ANY (@references)`,
		pgx.StrictNamedArgs{"type": t, "references": references})
	if err != nil {
		return nil, store.Map(err)
	}
	out := map[findKey]register.Excerpt{}
	var k findKey
	var texts []searchText
	_, err = pgx.ForEachRow(rows, []any{&k.reference, &k.key, jsonColumn{&texts}}, func() error {
		if x, ok := asked.excerpt(texts, lang); ok {
			out[k] = x
		}
		texts = nil
		return nil
	})
	return out, store.Map(err)
}

// suggest returns the search with words that the register has in the place of
// those that it does not: the one that shares most trigrams with it. Empty when
// there is none that is like it.
func suggest(ctx context.Context, db store.Querier, typed string, asked question) (string, error) {
	out, changed := typed, false
	for _, word := range asked.words {
		if utf8.RuneCountInString(word) < shortestRoot || isParticle(word) {
			continue
		}
		better, err := nearest(ctx, db, word)
		if err != nil {
			return "", err
		}
		if better == "" || better == word {
			continue
		}
		if better, err = spelling(ctx, db, better); err != nil {
			return "", err
		}
		out, changed = replaceWord(out, word, better), true
	}
	if !changed || out == typed {
		return "", nil
	}
	var found bool
	err := db.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM record.search_rows WHERE type = 'incident' AND words @@ @query::tsquery)`,
		pgx.StrictNamedArgs{"query": newQuestion(out).String()}).Scan(&found)
	if !found {
		out = ""
	}
	return out, store.Map(err)
}

// nearest is the word of the register that is most like a word; the word itself
// where the register has it.
func nearest(ctx context.Context, db store.Querier, word string) (string, error) {
	var out string
	err := db.QueryRow(ctx, `
		SELECT word
		FROM (
		    SELECT w.word, w.documents,
		           (SELECT count(*) FROM unnest(w.trigrams) AS t WHERE t = ANY (@trigrams::text[]))::float8 AS common,
		           cardinality(w.trigrams) + cardinality(@trigrams::text[]) AS all_of_them
		    FROM record.search_words AS w
		    WHERE w.trigrams && @trigrams::text[] AND length(w.word) BETWEEN @length::integer - 2 AND @length::integer + 2
		) AS w
		WHERE word = @word OR common / (all_of_them - common) >= 0.3
		ORDER BY word = @word DESC, common / (all_of_them - common) DESC, documents DESC, word
		LIMIT 1`,
		planAnew, pgx.StrictNamedArgs{"word": word, "trigrams": trigrams(word), "length": utf8.RuneCountInString(word)}).Scan(&out)
	return out, ignoreNoRows(err)
}

// spelling is a folded word as a text of the register writes it; the word itself
// where none does.
func spelling(ctx context.Context, db store.Querier, word string) (string, error) {
	var title register.Text
	var texts []searchText
	err := db.QueryRow(ctx, `
		SELECT i.title, d.texts
		FROM record.search_rows AS d
		JOIN record.incidents AS i USING (reference)
		WHERE d.type = 'incident' AND d.words @@ @query::tsquery
		LIMIT 1`, pgx.StrictNamedArgs{"query": lexeme(word)}).Scan(&title, jsonColumn{&texts})
	if err != nil {
		return word, ignoreNoRows(err)
	}
	for _, lang := range slices.Sorted(maps.Keys(title)) {
		texts = append(texts, searchText{lang, title[lang]})
	}
	for _, t := range texts {
		for _, p := range cutUp(t.Text) {
			if p.word && Fold(p.text) == word {
				return p.text, nil
			}
		}
	}
	return word, nil
}

// trigrams are those of a word, as the table of words has them.
func trigrams(word string) []string {
	runes := []rune("  " + word + " ")
	var out []string
	for i := 0; i+3 <= len(runes); i++ {
		if t := string(runes[i : i+3]); !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// replaceWord puts a word in the place of one that folds to another.
func replaceWord(typed, folded, by string) string {
	fields := strings.Fields(typed)
	for i, f := range fields {
		if Fold(f) == folded {
			fields[i] = by
		}
	}
	return strings.Join(fields, " ")
}

// Search returns one page of what a search finds of one kind, best first. A
// cursor that this list did not give is ErrInvalid.
func (s *Store) Search(ctx context.Context, f register.SearchFilter) (register.SearchList, error) {
	var list register.SearchList
	if err := f.Validate(); err != nil {
		return list, err
	}
	keys, err := cursorKeys(f.After, 3)
	if err != nil {
		return list, err
	}
	if _, err := strconv.ParseInt(keys[0], 10, 64); err != nil && f.After != "" {
		return list, register.ErrInvalid
	}
	asked := newQuestion(f.Query)
	if asked.String() == "" {
		list.Counts = map[register.SearchType]int{}
		return list, nil
	}
	err = s.db.Read(ctx, func(q store.Querier) error {
		if list.Counts, err = countFinds(ctx, q, asked); err != nil {
			return err
		}
		if list.Counts[register.FindIncidents], err = countIncidentFinds(ctx, q, f.Query, asked); err != nil {
			return err
		}
		if list.Hits, list.Next, err = findHits(ctx, q, f, asked, keys); err != nil {
			return err
		}
		if len(list.Hits) == 0 && f.After == "" {
			list.Suggestion, err = suggest(ctx, q, f.Query, asked)
		}
		return err
	})
	return list, err
}

// countIncidentFinds counts the incidents that a search finds, up to a limit.
func countIncidentFinds(ctx context.Context, q store.Querier, query string, asked question) (int, error) {
	l := incidentListing{question: asked, filter: register.IncidentFilter{Query: query, Most: 1}}
	l.q, l.size, l.args = q, l.filter.Most, incidentArgs(l.filter)
	if err := l.choose(ctx); err != nil {
		return 0, err
	}
	err := l.readLatest(ctx)
	return min(len(l.latest), register.MostCounted), err
}

// spoken is who made a statement, as lists name it, and when.
const spoken = `LEFT JOIN record.institutions AS o ON o.reference = s.issuer_reference
	CROSS JOIN LATERAL (SELECT
	    CASE WHEN o.reference IS NULL THEN s.issuer_name WHEN o.short = '{}' THEN o.name ELSE o.short END AS who,
	    o.reference IS NOT NULL AND s.kind = '` + string(register.StatementWrittenQuestion) + `' AS member,
	    s.said AS at, s.said_disputed AS disputed) AS w`

// timeless stands for that of what nobody says.
const timeless = `CROSS JOIN (VALUES ('{}'::jsonb, false, '', false)) AS w (who, member, at, disputed)`

// shownFinds are the finds of each kind with what a list shows of them: slug,
// fragment and title, who said it and when.
func shownFinds(t register.SearchType) string {
	switch t {
	case register.FindStatements:
		return `JOIN record.statements AS s ON s.reference = d.reference ` + spoken + `
			CROSS JOIN LATERAL (SELECT s.slug, '' AS fragment, s.title) AS v`
	case register.FindClaims:
		return `JOIN record.statements AS s ON s.reference = d.reference
			JOIN record.claims AS c ON c.statement_reference = d.reference AND c.key = d.key
			` + spoken + `
			CROSS JOIN LATERAL (SELECT s.slug, d.key AS fragment, c.paraphrase AS title) AS v`
	case register.FindInstitutions:
		return `JOIN record.institutions AS s ON s.reference = d.reference ` + timeless + `
			CROSS JOIN LATERAL (SELECT s.slug, '' AS fragment, s.name AS title) AS v`
	case register.FindReferrals:
		return `JOIN record.incidents AS s ON s.reference = d.reference
			JOIN record.referrals AS c ON c.incident_reference = d.reference AND c.key = d.key
			CROSS JOIN LATERAL (SELECT c.by_name AS who, false AS member, c.stepped AS at, false AS disputed) AS w
			CROSS JOIN LATERAL (SELECT s.slug, c.anchor AS fragment, c.title) AS v`
	case register.FindIncidents:
	}
	return `JOIN record.incidents AS s ON s.reference = d.reference ` + timeless + `
		CROSS JOIN LATERAL (SELECT s.slug, '' AS fragment, s.title) AS v`
}

// foundType is a kind of finds as it may stand in a statement: one of the five.
func foundType(t register.SearchType) string {
	switch t {
	case register.FindStatements:
		return string(register.FindStatements)
	case register.FindClaims:
		return string(register.FindClaims)
	case register.FindInstitutions:
		return string(register.FindInstitutions)
	case register.FindReferrals:
		return string(register.FindReferrals)
	case register.FindIncidents:
	}
	return string(register.FindIncidents)
}

// findHits reads a page of finds of one kind, the best of the latest first, and
// the cursor of the next.
func findHits(ctx context.Context, q store.Querier, f register.SearchFilter, asked question, keys []string) ([]register.SearchHit, string, error) {
	rows, err := q.Query(ctx, `
		SELECT d.reference, v.slug, v.fragment, v.title, w.who, w.member, w.at, w.disputed, d.key, d.rank
		FROM (
		    SELECT d.type, d.reference, d.key, `+rank+` AS rank
		    FROM record.search_rows AS d
		    WHERE d.type = '`+foundType(f.Type)+`' AND d.words @@ @query::tsquery
		    ORDER BY d.reference DESC, d.key DESC
		    LIMIT @most
		) AS d
		`+shownFinds(f.Type)+`
		WHERE @after = '' OR (d.rank, d.reference, d.key) < (nullif(@after, '')::bigint, @after_reference, @after_key)
		ORDER BY d.rank DESC, d.reference DESC, d.key DESC
		LIMIT @limit`, planAnew, pgx.NamedArgs{
		"query": asked.String(), "exact": asked.exactly(), "most": register.MostCounted, "limit": register.PageSize + 1,
		"after": keys[0], "after_reference": keys[1], "after_key": keys[2],
	})
	if err != nil {
		return nil, "", store.Map(err)
	}
	var ranks []string
	var found []findKey
	hits, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (register.SearchHit, error) {
		h := register.SearchHit{Type: f.Type}
		var rank int64
		var key string
		err := row.Scan(&h.Reference, &h.Slug, &h.Key, &h.Title, &h.Who, &h.Member, store.DateColumn(&h.When), &h.Disputed, &key, &rank)
		h.Part = key
		ranks, found = append(ranks, strconv.FormatInt(rank, 10)), append(found, findKey{h.Reference, key})
		return h, err
	})
	if err != nil {
		return nil, "", store.Map(err)
	}
	next := ""
	if len(hits) > register.PageSize {
		last := register.PageSize - 1
		next = cursorOf(ranks[last], found[last].reference, found[last].key)
		hits = hits[:register.PageSize]
	}
	return hits, next, addExcerpts(ctx, q, f, asked, hits, found)
}

func addExcerpts(ctx context.Context, q store.Querier, f register.SearchFilter, asked question, hits []register.SearchHit, keys []findKey) error {
	references := make([]string, len(hits))
	for i, h := range hits {
		references[i] = h.Reference
	}
	known, err := excerpts(ctx, q, asked, f.Type, references, f.Lang)
	for i := range hits {
		if x, ok := known[keys[i]]; ok {
			hits[i].Excerpt = &x
		}
	}
	return err
}
