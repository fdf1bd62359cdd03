package public

import (
	"slices"
	"strconv"

	"github.com/sijil/sijil/internal/register"
	"github.com/sijil/sijil/views"
	"github.com/sijil/sijil/views/ui"
)

// wordingsBeside is how many texts stand beside each other: more would leave a
// column of single words.
const wordingsBeside = 3

// wordings are the texts of the statement: one alone, or tables in which the
// first stands beside the others.
func (c *statementComposer) wordings() []views.Wording {
	list := c.worded
	if len(list) == 0 {
		return nil
	}
	var out []views.Wording
	for first := 1; first == 1 || first < len(list); first += wordingsBeside - 1 {
		beside := []int{0}
		for i := first; i < min(first+wordingsBeside-1, len(list)); i++ {
			beside = append(beside, i)
		}
		out = append(out, c.beside(list, beside))
	}
	return out
}

// beside is one table: some of the wordings, by their places in the list.
func (c *statementComposer) beside(list []register.Wording, chosen []int) views.Wording {
	var out views.Wording
	some := make([]register.Wording, len(chosen))
	for i, n := range chosen {
		some[i] = list[n]
		out.Columns = append(out.Columns, c.wordingColumn(&list[n]))
	}
	noted := map[string]bool{}
	for _, sides := range register.Beside(some) {
		var row views.WordingRow
		for i, side := range sides {
			paragraphs := some[i].Paragraphs[side.From:side.To]
			// A table further down has the first text again: its marks are
			// those of the first table.
			again := chosen[i] == 0 && chosen[len(chosen)-1] >= wordingsBeside
			row.Cells = append(row.Cells, c.markedParagraphs(paragraphs, &some[i], chosen[i], again))
		}
		row.Notes = c.divergences(some, sides, noted)
		out.Rows = append(out.Rows, row)
	}
	return out
}

func (c *statementComposer) wordingColumn(w *register.Wording) views.WordingColumn {
	r := c.view.Rendering(w.Rendering)
	switch {
	case r != nil:
		name := c.loc.T("wording.rendering", "publisher", r.Publisher, "language", c.loc.Language(string(r.Language)))
		return views.WordingColumn{Name: c.plain(name), Kind: c.loc.Label("rendering-kind", string(r.Kind))}
	case w.Language == "":
		return views.WordingColumn{Name: c.plain(c.loc.T("wording.original"))}
	}
	return views.WordingColumn{Name: c.plain(c.loc.T("wording.original-in", "language", c.loc.Language(string(w.Language))))}
}

func (c *statementComposer) markedParagraphs(list []register.WordedParagraph, w *register.Wording, number int, again bool) []views.MarkedParagraph {
	var out []views.MarkedParagraph
	for i := range list {
		words := c.verbatim(w.Language, list[i].Text())
		par := views.MarkedParagraph{Label: list[i].Label, Words: words}
		for _, piece := range list[i].Pieces {
			marked := views.MarkedPiece{
				Text: c.verbatim(w.Language, piece.Text), Marked: len(piece.Covering) > 0, Gap: piece.Gap,
			}
			for _, n := range piece.Ending {
				marked.Ends = append(marked.Ends, c.claimEnd(n, number, again))
			}
			par.Pieces = append(par.Pieces, marked)
		}
		out = append(out, par)
	}
	return out
}

// claimEnd leads from the end of a passage to its claim.
func (c *statementComposer) claimEnd(claim, wording int, again bool) views.ClaimNumber {
	it := &c.view.Claims[claim]
	n := strconv.Itoa(claim + 1)
	out := views.ClaimNumber{
		ID: passageID(wording, it.Key), Href: "#" + it.Key, Number: n,
		Label: c.loc.T("wording.claim", "number", n, "topic", c.loc.Label("topic", string(it.Topic))),
	}
	if again {
		out.ID = ""
	}
	return out
}

// passageID is the fragment of a claim's passage in one of the wordings.
func passageID(wording int, claim string) string { return "_t" + strconv.Itoa(wording) + "-" + claim }

// verbatim is a text exactly as it is, in its language.
func (c *composer) verbatim(lang register.Lang, s string) ui.Text {
	return ui.Text{S: s, Lang: string(lang), Foreign: lang != c.lang}
}

// divergences are the recorded differences that show in a row, each in the first
// row that has its words or, without words, one of its claims.
func (c *statementComposer) divergences(list []register.Wording, sides []register.Side, noted map[string]bool) []ui.Link {
	if len(list) < 2 {
		return nil
	}
	var out []ui.Link
	for i := range c.view.Differences {
		d := &c.view.Differences[i]
		if noted[d.Key] || !c.shows(d, list, sides) {
			continue
		}
		noted[d.Key] = true
		out = append(out, ui.Link{Href: "#" + d.Key, Text: c.text(d.Note)})
	}
	return out
}

// shows reports whether a recorded difference shows in a row.
func (c *statementComposer) shows(d *register.Difference, list []register.Wording, sides []register.Side) bool {
	for i := range list {
		for _, par := range list[i].Paragraphs[sides[i].From:sides[i].To] {
			for _, r := range d.Readings {
				if r.Rendering == list[i].Rendering && len(register.FindPassage(par.Text(), r.Words)) > 0 {
					return true
				}
			}
			for _, n := range par.Claims() {
				if slices.Contains(d.Claims, c.view.Claims[n].Key) {
					return true
				}
			}
		}
	}
	return false
}

// passages lead from a claim to where it stands in the texts above.
func (c *statementComposer) passages(claim int) []ui.Link {
	var out []ui.Link
	for i := range c.worded {
		w := &c.worded[i]
		if w.Ends(claim) {
			name := c.loc.T("wording.original")
			if w.Language != "" {
				name = c.loc.Language(string(w.Language))
			}
			out = append(out, ui.Link{Href: "#" + passageID(i, c.view.Claims[claim].Key), Text: c.plain(name)})
		}
	}
	return out
}
