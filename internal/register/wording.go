package register

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Wording is a statement in the words of the original or of one rendering: its
// whole text, or, where that belongs to somebody else, the passages that claims
// quote of it.
type Wording struct {
	Rendering  string // key; empty for the original
	Language   Lang   // empty when it is not stated
	Paragraphs []WordedParagraph
}

// WordedParagraph is a paragraph of a wording.
type WordedParagraph struct {
	// Label names the paragraph, such as "F3", where only passages of it are
	// shown.
	Label  string
	Pieces []WordedPiece
}

// WordedPiece is a stretch of a paragraph.
type WordedPiece struct {
	Text string
	// Covering are the claims whose passages cover it, Ending those whose
	// passage ends with it, by their place in the statement.
	Covering, Ending []int
	// Gap stands for words that are not shown.
	Gap bool
}

// Claims are those that have a passage in the paragraph.
func (p *WordedParagraph) Claims() []int {
	var out []int
	for _, piece := range p.Pieces {
		for _, n := range piece.Covering {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// Text are the words of the paragraph, without gaps.
func (p *WordedParagraph) Text() string {
	var out strings.Builder
	for _, piece := range p.Pieces {
		out.WriteString(piece.Text)
	}
	return out.String()
}

// Ends reports whether a passage of the claim ends in the wording.
func (w *Wording) Ends(claim int) bool {
	for _, p := range w.Paragraphs {
		if slices.ContainsFunc(p.Pieces, func(piece WordedPiece) bool { return slices.Contains(piece.Ending, claim) }) {
			return true
		}
	}
	return false
}

// Wordings are the whole texts of a statement that may be shown: that of the
// original first. Where there is none, they are the passages that claims quote
// and of which the record says in which paragraph they stand.
func (s *Statement) Wordings() []Wording {
	var out []Wording
	if s.OriginalText != "" {
		out = append(out, s.wording("", s.OriginalLanguage, s.OriginalText))
	}
	for i := range s.Renderings {
		if r := &s.Renderings[i]; r.Text != "" {
			out = append(out, s.wording(r.Key, r.Language, r.Text))
		}
	}
	if len(out) > 0 {
		return out
	}
	for i := range s.Renderings {
		if w := s.quotedFrom(&s.Renderings[i]); len(w.Paragraphs) > 0 {
			out = append(out, w)
		}
	}
	return out
}

// PassageIn is where a claim stands in the text of a rendering, or of the
// original for an empty key: at the place that its quote names, or where its
// words have moved to. ok is false when they are not there.
func (c *Claim) PassageIn(rendering, text string) (span Range, ok bool) {
	for _, q := range c.Quotes {
		if q.Rendering != rendering || q.Translation {
			continue
		}
		span, _ = ParseRange(q.Position)
		if words, there := span.In(text); there && words == q.Text {
			return span, true
		}
		return MovePassage(text, q.Text, span)
	}
	return Range{}, false
}

// wording cuts a whole text into paragraphs, with the passages of its claims.
func (s *Statement) wording(rendering string, lang Lang, text string) Wording {
	spans := make([]Range, len(s.Claims)) // empty where a claim has no passage
	for i := range s.Claims {
		spans[i], _ = s.Claims[i].PassageIn(rendering, text)
	}
	out := Wording{Rendering: rendering, Language: lang}
	runes := []rune(text)
	for _, p := range paragraphs(runes) {
		out.Paragraphs = append(out.Paragraphs, wordedParagraph(runes, p, spans))
	}
	return out
}

// wordedParagraph is the paragraph at a range of a text in which the claims
// stand at the given places.
func wordedParagraph(text []rune, at Range, spans []Range) WordedParagraph {
	inside := make([]Range, len(spans))
	for i, s := range spans {
		inside[i] = Range{max(s.From, at.From) - at.From, min(s.To, at.To) - at.From}
	}
	words := string(text[at.From:at.To])
	var out WordedParagraph
	for _, stretch := range Stretches(words, inside) {
		piece := WordedPiece{Text: string(text[at.From+stretch.From : at.From+stretch.To]), Covering: stretch.Covering}
		for _, n := range stretch.Covering {
			if spans[n].To == at.From+stretch.To {
				piece.Ending = append(piece.Ending, n)
			}
		}
		out.Pieces = append(out.Pieces, piece)
	}
	return out
}

// What divides paragraphs: blank lines or, in a text without any, each line.
var (
	blankLine = regexp.MustCompile(`\n[ \t\r\f\v]*\n\s*`)
	lineEnd   = regexp.MustCompile(`\n`)
)

// paragraphs are the places of the paragraphs of a text, in characters, without
// the white space around them.
func paragraphs(runes []rune) []Range {
	text := string(runes)
	divided := blankLine.FindAllStringIndex(text, -1)
	if divided == nil {
		divided = lineEnd.FindAllStringIndex(text, -1)
	}
	var out []Range
	at, start := 0, 0 // in characters, in bytes
	for _, end := range append(divided, []int{len(text), len(text)}) {
		part := text[start:end[0]]
		length := utf8.RuneCountInString(part)
		from := length - utf8.RuneCountInString(strings.TrimLeftFunc(part, unicode.IsSpace))
		to := utf8.RuneCountInString(strings.TrimRightFunc(part, unicode.IsSpace))
		if from < to {
			out = append(out, Range{at + from, at + to})
		}
		at += length + utf8.RuneCountInString(text[end[0]:end[1]])
		start = end[1]
	}
	return out
}

// inParagraph is how a quote names the paragraph in which it stands.
var inParagraph = regexp.MustCompile(`^[A-Z]{1,3}([0-9]{1,4})$`)

// quotedFrom puts together, paragraph by paragraph, what claims quote of a
// rendering whose text is not shown.
func (s *Statement) quotedFrom(r *Rendering) Wording {
	out := Wording{Rendering: r.Key, Language: r.Language}
	for i := range s.Claims {
		for _, q := range s.Claims[i].Quotes {
			if q.Rendering != r.Key || q.Translation || !inParagraph.MatchString(q.Position) {
				continue
			}
			at := slices.IndexFunc(out.Paragraphs, func(p WordedParagraph) bool { return p.Label == q.Position })
			if at < 0 {
				at = len(out.Paragraphs)
				out.Paragraphs = append(out.Paragraphs, WordedParagraph{Label: q.Position})
			}
			out.Paragraphs[at].quote(q.Text, i)
		}
	}
	slices.SortFunc(out.Paragraphs, func(a, b WordedParagraph) int {
		return cmp.Or(cmp.Compare(paragraphNumber(a.Label), paragraphNumber(b.Label)), cmp.Compare(a.Label, b.Label))
	})
	return out
}

// quote adds a passage to the paragraph. Where it stands among the others is not
// known.
func (p *WordedParagraph) quote(words string, claim int) {
	for i := range p.Pieces {
		if piece := &p.Pieces[i]; piece.Text == words { // two claims in the same words
			piece.Covering = append(piece.Covering, claim)
			piece.Ending = piece.Covering
			return
		}
	}
	if len(p.Pieces) > 0 {
		p.Pieces = append(p.Pieces, WordedPiece{Gap: true})
	}
	p.Pieces = append(p.Pieces, WordedPiece{Text: words, Covering: []int{claim}, Ending: []int{claim}})
}

func paragraphNumber(label string) int {
	n, _ := strconv.Atoi(inParagraph.FindStringSubmatch(label)[1]) // digits, by its form
	return n
}

// Side is the paragraphs of one wording that stand beside those of the others:
// those from From up to To, which is not among them.
type Side = Range

// Beside sets wordings of one statement beside each other. Each row has a side
// for each wording, in their order; together the rows hold all paragraphs. Where
// two wordings have as many paragraphs, the first stands beside the first;
// passages of the same claim stand in one row wherever the order of both allows.
func Beside(list []Wording) [][]Side {
	if len(list) == 0 {
		return nil
	}
	cuts := make([]map[int]int, len(list)) // paragraph of the first → of the other
	cuts[0] = map[int]int{}
	for at := range len(list[0].Paragraphs) + 1 {
		cuts[0][at] = at
	}
	for i := 1; i < len(list); i++ {
		cuts[i] = cutsBetween(&list[0], &list[i])
	}
	var out [][]Side
	before := make([]int, len(list))
	for at := range len(list[0].Paragraphs) + 1 {
		row := make([]Side, len(list))
		common, empty := true, true
		for i := range list {
			to, ok := cuts[i][at]
			common = common && ok
			row[i] = Side{before[i], to}
			empty = empty && before[i] == to
		}
		if !common || empty {
			continue
		}
		for i := range row {
			before[i] = row[i].To
		}
		out = append(out, row)
	}
	return out
}

// cutsBetween are the places at which both wordings can be cut: the numbers of
// the paragraphs that begin there.
func cutsBetween(a, b *Wording) map[int]int {
	cuts := map[int]int{0: 0, len(a.Paragraphs): len(b.Paragraphs)}
	last := [2]int{-1, -1}
	for _, tie := range append(ties(a, b), [2]int{len(a.Paragraphs), len(b.Paragraphs)}) {
		if tie[0] == last[0] || tie[1] == last[1] { // one paragraph beside several
			last = tie
			continue
		}
		cuts[last[0]+1] = last[1] + 1
		cuts[tie[0]] = tie[1]
		for i := 1; tie[0]-last[0] == tie[1]-last[1] && last[0]+i < tie[0]; i++ {
			cuts[last[0]+i] = last[1] + i
		}
		last = tie
	}
	return cuts
}

// ties are the pairs of paragraphs that hold the same claim, as many as are in
// the order of both wordings.
func ties(a, b *Wording) [][2]int {
	in := map[int][]int{} // paragraphs of b, by the claims that they hold
	for j := range b.Paragraphs {
		for _, n := range b.Paragraphs[j].Claims() {
			in[n] = append(in[n], j)
		}
	}
	var all [][2]int
	for i := range a.Paragraphs {
		var beside []int
		for _, n := range a.Paragraphs[i].Claims() {
			beside = append(beside, in[n]...)
		}
		slices.Sort(beside)
		for _, j := range slices.Compact(beside) {
			all = append(all, [2]int{i, j})
		}
	}
	length, before := make([]int, len(all)), make([]int, len(all))
	end := -1
	for i, tie := range all {
		before[i] = -1
		for j := range i {
			if all[j][1] <= tie[1] && length[j] >= length[i] {
				length[i], before[i] = length[j]+1, j
			}
		}
		if end < 0 || length[i] > length[end] {
			end = i
		}
	}
	var out [][2]int
	for ; end >= 0; end = before[end] {
		out = append(out, all[end])
	}
	slices.Reverse(out)
	return out
}
